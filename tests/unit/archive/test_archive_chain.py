"""The chain notices what was changed, dropped, inserted or put in another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from conformity.archive.store.chain import (
    INDEX,
    check_chain,
    entries_of,
    head_of,
    index_bytes,
    line_of,
    lines_of,
)
from conformity.archive.sums import SUMS
from conformity.errors import IntegrityError, PathError
from conformity.model.base import sha256_of
from tests.support.archives import entry, pack_digests, read_index


def chain(count: int) -> list[bytes]:
    """Return the lines of an archive of two systems in turn."""
    made: list[bytes] = []
    last: dict[str, str] = {}
    for number in range(count):
        system = ("scorer", "ranker")[number % 2]
        digest = sha256_of(f"{number}".encode())
        made.append(
            line_of(
                entry(
                    sequence=number + 1,
                    system=system,
                    version=f"1.{number}.0",
                    pack_sha256=digest,
                    previous_entry=sha256_of(made[-1]) if made else None,
                    previous_version=last.get(system),
                )
            )
        )
        last[system] = digest
    return made


LINES = chain(6)


def test_a_whole_chain_has_no_fault() -> None:
    assert check_chain(LINES) == ()
    assert check_chain([]) == ()
    assert check_chain(LINES, head=head_of(LINES)) == ()
    assert [one.sequence for one in entries_of(b"".join(line + b"\n" for line in LINES))] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


@pytest.mark.parametrize("at", range(5))
def test_a_line_that_is_dropped_is_noticed(at: int) -> None:
    assert check_chain(LINES[:at] + LINES[at + 1 :]) != ()


@pytest.mark.parametrize("at", range(5))
def test_lines_in_another_order_are_noticed(at: int) -> None:
    assert check_chain([*LINES[:at], LINES[at + 1], LINES[at], *LINES[at + 2 :]]) != ()


@pytest.mark.parametrize("at", range(7))
def test_a_line_that_is_inserted_is_noticed(at: int) -> None:
    fitting = {"sequence": at + 1, "previous_entry": sha256_of(LINES[at - 1]) if at else None}
    stranger = line_of(entry(system="other", **fitting))
    assert (check_chain([*LINES[:at], stranger, *LINES[at:]]) == ()) == (at == len(LINES))


def test_lines_dropped_at_the_end_are_noticed_with_a_head_that_is_kept_elsewhere() -> None:
    assert check_chain(LINES[:-1]) == ()
    (fault,) = check_chain(LINES[:-1], head=head_of(LINES))
    assert (fault.line, "the head of the chain is not" in fault.text) == (5, True)
    (empty,) = check_chain([], head=head_of(LINES))
    assert empty.line == 0


@given(at=st.integers(0, len(LINES) - 1), data=st.data())
def test_any_byte_that_is_changed_is_noticed_with_the_head(at: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(LINES[at]) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(LINES[at])
    changed[place] ^= 1 << bit
    assert check_chain([*LINES[:at], bytes(changed), *LINES[at + 1 :]], head=head_of(LINES)) != ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"sequence": 8}, "its number is 8"),
        ({"previous_entry": "sha256:" + "0" * 64}, "the line before is not the one"),
        ({"previous_version": None}, "does not follow the version before of scorer"),
        ({"version": "1.3.0"}, "does not come after 1.4.0"),
    ],
    ids=["number", "line before", "version before", "earlier version"],
)
def test_what_does_not_follow_is_told(changes: dict[str, Any], says: str) -> None:
    last = entries_of(b"".join(line + b"\n" for line in LINES))[4]
    fields = {
        "sequence": 7,
        "version": "1.6.0",
        "previous_entry": sha256_of(LINES[-1]),
        "previous_version": last.pack_sha256,
    }
    assert check_chain([*LINES, line_of(entry(**fields))]) == ()
    (fault,) = check_chain([*LINES, line_of(entry(**{**fields, **changes}))])
    assert fault.line == 7
    assert says in fault.text


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, b" " + LINES[0], LINES[0].replace(b'"kept"', b'"gone"')],
    ids=["nothing", "empty", "list", "no text", "deep", "blank", "vocabulary"],
)
def test_a_line_that_is_no_entry_is_told(line: bytes) -> None:
    assert "no entry" in check_chain([line])[0].text


def test_an_entry_lies_where_it_says() -> None:
    with pytest.raises(ValidationError, match="is not systems/<system>/<version>"):
        entry(path="systems/other/1.0.0")


@pytest.mark.parametrize("version", ["1.0", "01.0.0", "1.0.0-rc1", "1.0.1٣"])
def test_a_version_is_written_in_one_way(version: str) -> None:
    with pytest.raises(ValidationError):
        entry(version=version)


def _archive(folder: Path, lines: list[bytes]) -> Path:
    """Write an index, and a list of digests for each of its entries."""
    (folder / INDEX).write_bytes(b"".join(line + b"\n" for line in lines))
    for one in entries_of((folder / INDEX).read_bytes()):
        (folder / one.path).mkdir(parents=True)
        (folder / one.path / SUMS).write_bytes(str(one.sequence - 1).encode())
    return folder


def test_packs_are_held_against_their_lines(tmp_path: Path) -> None:
    archive = _archive(tmp_path, LINES)
    entries = read_index(archive)
    assert check_chain(LINES, pack_digests(archive, entries)) == ()
    (archive / entries[1].path / SUMS).write_bytes(b"other")
    (archive / entries[2].path / SUMS).unlink()
    (archive / entries[3].path / SUMS).unlink()
    (archive / entries[3].path / SUMS).symlink_to(archive / entries[4].path / SUMS)
    (archive / entries[4].path / SUMS).unlink()
    (archive / entries[4].path / SUMS).mkdir()
    faults = check_chain(LINES, pack_digests(archive, entries))
    assert [fault.line for fault in faults] == [2, 3, 4, 5]
    assert "is not the one that was archived" in faults[0].text
    assert f"there is no {SUMS}" in faults[1].text


def test_an_index_that_was_cut_short_or_does_not_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="cut short"):
        lines_of(LINES[0])
    (tmp_path / INDEX).write_bytes(LINES[1] + b"\n")
    with pytest.raises(IntegrityError, match=r"line 1: its number is 2.*\(2 faults in all\)"):
        read_index(tmp_path)


@pytest.mark.parametrize("what", ["nothing", "folder", "link"])
def test_a_folder_without_an_index_is_told(tmp_path: Path, what: str) -> None:
    if what == "folder":
        (tmp_path / INDEX).mkdir()
    elif what == "link":
        (tmp_path / "real").write_bytes(b"")
        (tmp_path / INDEX).symlink_to(tmp_path / "real")
    with pytest.raises(PathError, match="name the folder of an archive"):
        index_bytes(tmp_path)

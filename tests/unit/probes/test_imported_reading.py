"""Records of other programs are read within limits, and tell where they come from."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.subject import ImportedRecordSubject, PromptLogSubject
from conformity.probes.interface import NotMeasurableError, Target
from conformity.probes.shared.imported import zipped
from conformity.probes.shared.imported.origin import Origin, day_of, imported, notes_of, told, version_of
from conformity.probes.shared.imported.reading import (
    inner,
    listed,
    number,
    objects,
    parsed,
    printable,
    read_bytes,
    whole,
)
from conformity.probes.shared.imported.zipped import member
from tests.support.imports import DATA, record

EVAL = DATA / "inspect" / "sums.eval"


def test_a_file_that_is_missing_or_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_bytes(tmp_path / "none")
    (tmp_path / "long").write_bytes(b"123456")
    assert read_bytes(tmp_path / "long", 6) == b"123456"
    with pytest.raises(DataError, match="larger than 5 bytes"):
        read_bytes(tmp_path / "long", 5)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b'{"a": 1, "a": 2}', b"[" * 100_000, b"9" * 5000, b'[{"b": {"c": 1, "c": 1}}]'],
)
def test_what_is_no_plain_json_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError, match="f is not JSON in which each key stands once"):
        parsed(raw, "f")


def test_numbers_are_taken_only_where_they_are_numbers() -> None:
    values = parsed(b'[1, 2.5, NaN, Infinity, -Infinity, true, null, "3", 1e999, 12.0, -1]', "f")
    assert [number(one) for one in values] == [1, 2.5, *[None] * 7, 12.0, -1.0]
    assert [whole(one) for one in values] == [1, *[None] * 8, 12, None]
    assert number(10**400) is None
    assert whole(2**53) is None


def test_parts_of_another_kind_are_nothing() -> None:
    assert inner({"a": {"b": 3}}, "a", "b") == 3
    assert inner({"a": 3}, "a", "b") is None
    assert objects([{"a": 1}, 3, [], {}]) == [{"a": 1}, {}]
    assert objects({"a": 1}) == []


def test_names_are_cut_to_what_may_be_printed() -> None:
    assert printable("a\n\x1b[31mb\u202e") == "a [31mb"
    assert printable("é" * 200) == "é" * 79 + "…"
    assert printable("\x00") == "(no name)"
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert listed(["a"]) == "a"


def test_the_origin_is_told_and_what_the_provider_adds_is_marked(tmp_path: Path) -> None:
    plain = record(tmp_path / "f", "giskard").subject
    stated = record(tmp_path / "f", "giskard", written_version="2.19", produced_on="2026-10-02").subject
    assert imported(record(tmp_path / "f", "giskard"), "giskard") == plain
    full = Origin("Giskard", "2.18", "2026-10-01")
    begin = "Measured by another program and not by this tool: Giskard; version: "
    first = f"{begin}2.18; day of its run: 2026-10-01."
    assert notes_of(full, stated) == (first,)  # type: ignore[arg-type] # it is a record
    assert notes_of(Origin("Giskard"), plain) == (f"{begin}not stated; day of its run: not stated.",)
    assert notes_of(Origin("Giskard", None, "2026-10-01"), stated) == (  # type: ignore[arg-type] # likewise
        told(Origin("Giskard", "2.19", "2026-10-01")),
        "What the file itself does not say of version or day is the provider's word.",
    )


def test_a_run_is_not_dated_later_than_it_was(tmp_path: Path) -> None:
    """A bound fixed after the run would count as fixed before it; a day more is another time zone."""
    declared = record(tmp_path / "f", "giskard", produced_on="2026-11-03").subject
    assert isinstance(declared, ImportedRecordSubject)
    with pytest.raises(NotMeasurableError, match="its run was earlier than `produced_on`"):
        notes_of(Origin("Giskard", None, "2026-11-01"), declared)
    for day in ("2026-11-02", "2026-11-04", "2026-13-45"):
        assert day in notes_of(Origin("Giskard", "1", day), declared)[0]


def test_days_and_versions_are_read_as_far_as_they_are_there() -> None:
    assert day_of("2026-11-23T01:14:14Z") == "2026-11-23"
    assert [day_of(one) for one in ("yesterday", 3, None)] == [None] * 3
    assert [version_of(one) for one in (" 1.2 ", "", 3, None)] == ["1.2", None, None, None]


def test_something_else_is_no_record_of_the_program(tmp_path: Path) -> None:
    log = PromptLogSubject(id=SubjectId("p"), kind="prompt_log", title="P", path="p.jsonl")
    for target in (Target(log, tmp_path, {}, tmp_path, 1), record(tmp_path / "f", "sarif")):
        with pytest.raises(DataError, match="no record that giskard wrote; declare it with"):
            imported(target, "giskard")


def test_a_member_is_read_in_any_packing_that_is_known(tmp_path: Path) -> None:
    """The real log is packed with Zstandard, the others as Python can write them."""
    raw = member(EVAL, "header.json")
    assert raw is not None
    assert json.loads(raw)["status"] == "success"
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(tmp_path / "z", "w", method) as archive:
            archive.writestr("a", b"text")
        assert member(tmp_path / "z", "a") == b"text"
        assert member(tmp_path / "z", "b") is None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_are_doubtful_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("a", b"text")
        archive.writestr("a", b"other")
        archive.writestr("long", b"123456")
    for name, most in (("a", 100), ("long", 5)):
        with pytest.raises(DataError, match="stands there twice, is encrypted or unpacks to more"):
            member(tmp_path / "z", name, most)
    (tmp_path / "none").write_bytes(b"no archive")
    for path in (tmp_path / "none", tmp_path / "missing"):
        with pytest.raises(DataError, match="is no whole ZIP file"):
            member(path, "a")


def test_a_damaged_member_in_zstandard_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytearray(EVAL.read_bytes())
    with zipfile.ZipFile(EVAL) as archive:
        info = archive.getinfo("header.json")
    changed = tmp_path / "changed.eval"
    for offset in (info.header_offset + 60, info.header_offset + info.compress_size // 2):
        broken = raw.copy()
        broken[offset] ^= 0x55
        changed.write_bytes(broken)
        with pytest.raises(DataError, match="is no whole ZIP file"):
            member(changed, "header.json")
    monkeypatch.setattr(zipped, "_HEAD", len(raw))
    with pytest.raises(DataError, match="is no whole ZIP file"):
        member(EVAL, "header.json")

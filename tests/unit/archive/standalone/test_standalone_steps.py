"""The steps of the stand-alone verifier, and what it prints, run here in this process."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.standalone.chain import chain_told, entry_of
from conformity.archive.standalone.folder import Found
from conformity.archive.standalone.main import main
from conformity.archive.standalone.pack import SUMS, digests_told, listed_in, records_told, sha256_hex
from conformity.archive.standalone.steps import folder_told
from conformity.archive.standalone.told import MOST_TOLD, Told, shortened, shown
from conformity.archive.sums import sums_of
from conformity.model.base import canonical_json
from conformity.pipeline.verifying import verify as installed
from conformity.settings import Settings
from tests.support.packs import pack_files, small_pdf, whole_pack, write
from tests.support.signed_packs import key_file, put, signed_files


def _line(number: int, before: bytes | None, **changes: Any) -> bytes:
    """Return a line of an index."""
    entry = {
        "entry_schema": "conformity/archive-entry/v1",
        "sequence": number,
        "system": "scorer",
        "version": f"1.{number}.0",
        "pack_sha256": f"sha256:{sha256_hex(b'%d' % number)}",
        "previous_entry": f"sha256:{sha256_hex(before)}" if before else None,
        "previous_version": f"sha256:{sha256_hex(b'%d' % (number - 1))}" if number > 1 else None,
        **changes,
    }
    return canonical_json({"path": f"systems/{entry['system']}/{entry['version']}", **entry})


FIRST = _line(1, None)
SECOND = _line(2, FIRST)
PACKS = {f"systems/scorer/1.{n}.0": sha256_hex(b"%d" % n) for n in (1, 2)}


def _index(*lines: bytes) -> bytes:
    """Return an index."""
    return b"".join(line + b"\n" for line in lines)


def test_a_chain_that_holds_passes_with_its_head() -> None:
    head = f"sha256:{sha256_hex(SECOND)}"
    assert chain_told(_index(FIRST, SECOND), PACKS, head).outcome() == "passed"
    assert chain_told(_index(FIRST, SECOND), PACKS).outcome() == "cannot_tell"


@pytest.mark.parametrize(
    ("index", "fault"),
    [
        (FIRST, "cut short"),
        (_index(b"{}"), "is no entry"),
        (_index(b"\xff"), "is no entry"),
        (_index(FIRST.replace(b":", b": ", 1)), "is no entry"),
        (_index(_line(1, None, path="systems/scorer/../other")), "is no entry"),
        (_index(_line(1, None, entry_schema="conformity/archive-entry/v2")), "is no entry"),
        (_index(FIRST, _line(3, FIRST)), "has another number"),
        (_index(FIRST, _line(2, b"x")), "does not name the line before"),
        (_index(FIRST, _line(2, FIRST, previous_version=None)), "does not follow the version before"),
        (_index(FIRST, _line(2, FIRST, version="1.0.9")), "does not come after"),
        (_index(FIRST, _line(2, FIRST, version="x")), "does not come after"),
        (_index(FIRST, _line(2, FIRST, version="9.9.9")), "there is no pack"),
        (_index(FIRST, _line(2, FIRST, pack_sha256="sha256:0")), "is not the one that was archived"),
        (_index(FIRST), "systems/scorer/1.2.0 is in no line"),
    ],
)
def test_a_chain_that_does_not_hold_is_told(index: bytes, fault: str) -> None:
    assert any(fault in one for one in chain_told(index, PACKS).faults)


def test_another_head_and_an_empty_index_are_told() -> None:
    assert "whose digest was given" in chain_told(_index(FIRST, SECOND), PACKS, "sha256:0").faults[0]
    assert chain_told(b"", {}).seen == ("0 versions.",)
    assert entry_of(b"[]") is None


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"x\n",
        b"0" * 64 + b"  ../a\n",
        b"0" * 64 + b"  SHA256SUMS\n",
        b"0" * 64 + b"  \xff\n",
        (b"0" * 64 + b"  a\n") * 2,
    ],
)
def test_a_list_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=SUMS):
        listed_in(content)


def test_a_file_in_lfs_is_not_called_changed() -> None:
    digest = sha256_hex(b"large")
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 5\n" % digest.encode()
    told = digests_told(Found({"a.pdf": pointer}, (), ()), {"a.pdf": digest})
    assert told.outcome() == "cannot_tell"
    assert digests_told(Found({"a.pdf": pointer}, (), ()), {"a.pdf": "0" * 64}).outcome() == "failed"


@pytest.mark.parametrize("address", [".github.com/spec/v1", "/{listed}"])
def test_what_begins_as_a_pointer_or_points_elsewhere_is_changed(address: str) -> None:
    """A page behind a pointer of exactly as many bytes as are looked at, and a pointer to other bytes."""
    digest = sha256_hex(b"page")
    first = f"version https://git-lfs{address.format(listed=digest)}\noid sha256:".encode()
    there = digest.encode() if "spec" in address else b"0" * 64
    short = first + there + b"\nsize 5\n"
    padded = short.replace(b"\noid", b"/" * (200 - len(short)) + b"\noid") + b"<p>Verdict: met</p>"
    for content in (padded, short) if "listed" in address else (padded,):
        assert digests_told(Found({"a.html": content}, (), ()), {"a.html": digest}).outcome() == "failed"


def test_a_version_in_other_digits_is_told() -> None:
    odd = _line(2, FIRST, version="1.\u00b2.0")
    there = {**PACKS, "systems/scorer/1.\u00b2.0": PACKS["systems/scorer/1.2.0"]}
    assert any("does not come after" in one for one in chain_told(_index(FIRST, odd), there).faults)


def test_records_of_another_shape_are_faults_and_no_crash() -> None:
    shapes: list[Any] = [[], 1, {"observations": 1}, {"observations": [1, {"tallies": 2}, {"tallies": [3]}]}]
    for shape in shapes:
        content = canonical_json(shape)
        record = b'{\n  "evidence_sha256": "sha256:%s"\n}\n' % sha256_hex(content).encode()
        records_told({"assessment.json": record, "evidence.json": content, "tallies/a.json": b"1"})


def test_a_format_that_is_newer_cannot_be_told() -> None:
    record = b'{\n  "assessment_schema": "conformity/assessment/v2"\n}\n'
    assert records_told({"assessment.json": record}).outcome() == "cannot_tell"


def test_tallies_left_out_of_an_archive_are_no_fault() -> None:
    files = {k: v for k, v in pack_files().items() if not k.startswith(("report.", "tallies/"))}
    sums = sums_of(pack_files())
    listed = b"".join(line for line in sums.splitlines(True) if b"report." not in line)
    found = Found({**files, SUMS: listed}, (), ())
    assert folder_told(found, [], True)["files"].outcome() == "cannot_tell"
    assert folder_told(found, [])["files"].outcome() == "failed"
    assert not folder_told(found, [], True)["records"].faults
    assert any("and missing" in one for one in folder_told(found, [])["records"].faults)


def test_what_is_told_is_short_and_printable() -> None:
    assert shortened(("x" * 400,))[0].endswith("...")
    assert shortened(("a",) * (MOST_TOLD + 3))[-1] == "And 3 more of this kind."
    assert shown("a\x1b\u202e") == r"a\x1b\u202e"
    assert Told().outcome() == "passed"


@pytest.mark.parametrize("json_wanted", [True, False])
def test_a_pack_is_printed(json_wanted: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = put(tmp_path / "pack", dict(signed_files()))
    assert main([str(pack), "--key", str(key_file(tmp_path)), *(["--json"] if json_wanted else [])]) == 0
    printed = capsys.readouterr().out
    if json_wanted:
        assert [one["outcome"] for one in json.loads(printed)["steps"]].count("passed") == 4
    else:
        assert all(len(line) <= 80 for line in printed.splitlines())
        assert printed.endswith("0 failed, 6 cannot tell, 4 passed; what cannot be told is not passed.\n")


def test_folders_that_are_none_of_ours_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for files in ({"a": b"1"}, {"assessment.json": b"{}"}, {"assessment.json": b"{}", SUMS: b"x"}):
        shutil.rmtree(tmp_path / "pack", ignore_errors=True)
        assert main([str(put(tmp_path / "pack", files))]) == 5
    assert "SHA256SUMS is cut short." in capsys.readouterr().out


def test_a_pdf_alone_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content, code in ((whole_pack()["report.pdf"], 0), (b"%PDF-", 5), (small_pdf({}, b""), 5)):
        (tmp_path / "report.pdf").write_bytes(content)
        assert main([str(tmp_path / "report.pdf")]) == code
    assert "It carries no record." in capsys.readouterr().out


def test_an_archive_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {k: v for k, v in pack_files().items() if not k.startswith("report.")}
    write(tmp_path / "systems" / "scorer" / "1.0.0", files)
    digest = sha256_hex((tmp_path / "systems/scorer/1.0.0" / SUMS).read_bytes())
    (tmp_path / "index.jsonl").write_bytes(
        _index(_line(1, None, version="1.0.0", pack_sha256=f"sha256:{digest}"))
    )
    assert main([str(tmp_path)]) == 0
    (tmp_path / "systems" / "link").symlink_to(tmp_path)
    assert main([str(tmp_path)]) == 5
    shutil.rmtree(tmp_path / "systems")
    assert main([str(tmp_path)]) == 5
    assert "there is no pack in systems/scorer/1.0.0" in capsys.readouterr().out.replace("\n" + " " * 19, " ")


def test_a_pack_is_not_passed_off_as_something_of_which_less_is_checked() -> None:
    files = {"assessment.json": b"{}", "documents.json": b"{}"}
    found = Found({**files, SUMS: sums_of(files)}, (), ())
    assert "does not belong" in folder_told(found, [])["files"].faults[0]


@pytest.mark.parametrize("ours", [True, False])
def test_an_index_put_into_a_pack_hides_nothing(ours: bool, tmp_path: Path) -> None:
    """Otherwise whoever breaks a pack could have it taken for an archive in which nothing is wrong."""
    pack = put(tmp_path / "pack", {**signed_files(), "report.html": b"x", "index.jsonl": b""})
    empty = put(tmp_path / "empty", {"index.jsonl": b""})
    if ours:
        assert installed(pack, Settings()).kind == "assessment"
        assert installed(pack, Settings()).failed
        assert installed(empty, Settings()).count("passed") == 0
    else:
        assert main([str(pack)]) == 5
        assert main([str(empty)]) == 5


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 3
    assert "name a folder or a PDF that you may read" in capsys.readouterr().err

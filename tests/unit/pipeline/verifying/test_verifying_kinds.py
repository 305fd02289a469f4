"""Every kind of folder, and a PDF alone, goes through the same steps."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conformity.archive.sums import SUMS, sums_of
from conformity.errors import PathError, UsageError
from conformity.model.base import canonical_json
from conformity.model.verification import Verification, VerifiedStep
from conformity.pipeline.composing import write_documents
from conformity.pipeline.redacting import redact
from conformity.pipeline.verifying import verify
from conformity.settings import Settings
from tests.support.packs import pack_files, small_pdf, whole_pack, write
from tests.support.signed_packs import key_file, put

SAMPLES = Path(__file__).parents[4] / "sample_reports"


def _step(told: Verification, name: str) -> VerifiedStep:
    """Return a step."""
    return next(one for one in told.steps if one.step == name)


def _passed(told: Verification) -> set[str]:
    """Return which steps passed."""
    return {one.step for one in told.steps if one.outcome == "passed"}


@pytest.fixture(scope="module")
def plain_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pack without documents."""
    files = {k: v for k, v in pack_files().items() if not k.startswith("report.")}
    return write(tmp_path_factory.mktemp("packs") / "pack", files)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["assistant", "credit", "hiring"])
def test_the_samples_do_not_fail(name: str) -> None:
    """Every sample follows from itself; whose it is cannot be told, since it is not signed."""
    told = verify(SAMPLES / name, Settings())
    assert not told.failed, [one for one in told.steps if one.faults]
    assert _passed(told) == {"files", "digests", "records", "law", "findings"}
    assert _step(told, "documents").unknown == (
        "The pages of report.pdf were not rendered again to be compared (--render).",
    )


def test_a_pdf_alone_tells_what_it_carries(tmp_path: Path) -> None:
    files = whole_pack()
    file = tmp_path / "some report"
    file.write_bytes(files["report.pdf"])
    told = verify(file, Settings())
    assert told.kind == "report"
    assert _passed(told) == {"records", "law"}
    assert not told.failed
    assert "exact counts of small groups" in _step(told, "findings").unknown[0]
    assert "assessment.json, sha256:" in _step(told, "documents").seen[0]


@pytest.mark.parametrize(
    ("record", "step"),
    [(b"{}", "records"), (b"{", "records"), (None, "documents")],
)
def test_a_pdf_with_another_record_fails(record: bytes | None, step: str, tmp_path: Path) -> None:
    carried = {} if record is None else {"assessment.json": record}
    file = tmp_path / "report.pdf"
    file.write_bytes(small_pdf(carried, b"page"))
    assert _step(verify(file, Settings()), step).outcome == "failed"


def test_a_pdf_that_is_damaged_fails(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(whole_pack()["report.pdf"][:-30])
    assert _step(verify(file, Settings()), "documents").outcome == "failed"


def test_documents_are_checked_and_say_what_is_not_here(plain_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    write_documents(
        plain_pack,
        folder,
        formats=["html", "json"],
        ids=["technical_documentation"],
        language="en",
        settings=Settings(),
    )
    told = verify(folder, Settings())
    assert (told.kind, told.failed) == ("documents", False), told
    assert _passed(told) == {"files", "digests", "records"}
    assert "is not here" in str(_step(told, "law").unknown)
    (folder / "index.html").write_bytes(b"x")
    assert verify(folder, Settings()).failed


@pytest.mark.no_cover
def test_a_redacted_copy_is_checked_against_its_record(plain_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    redact(plain_pack, folder, Settings(), formats=["html"], evidence=True)
    told = verify(folder, Settings())
    assert (told.kind, told.failed) == ("redacted-copy", False), [one for one in told.steps if one.faults]
    assert "Copy of the pack sha256:" in str(_step(told, "records").seen)
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    changes = {
        "root": {"root": "sha256:" + "0" * 64},
        "files": {"files": json.loads(files["redaction.json"])["files"][1:]},
        "schema": {"more": 1},
        "removed": {"removed": [_removed("/nowhere/9")]},
    }
    for change in changes.values():
        plain = {**json.loads(files["redaction.json"]), **change}
        record = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        forged = {**files, "redaction.json": record}
        forged[SUMS] = sums_of(forged)
        assert _step(verify(put(folder, forged), Settings()), "records").outcome == "failed"


def _removed(place: str) -> dict[str, str]:
    """Return a field that is said to be removed."""
    return {
        "file": "assessment.json",
        "place": place,
        "ground": "other",
        "reason": "x",
        "commitment": "sha256:" + "0" * 64,
    }


def test_a_redacted_copy_with_another_page_fails(plain_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    redact(plain_pack, folder, Settings(), formats=["html"], evidence=True)
    files = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    files["report.html"] = files["report.html"].replace(b"withheld by the provider", b"not there")
    files[SUMS] = sums_of(files)
    assert _step(verify(put(folder, files), Settings()), "documents").outcome == "failed"


def test_places_outside_the_allowed_root_are_refused(plain_pack: Path, tmp_path: Path) -> None:
    with pytest.raises(PathError, match="lies outside"):
        verify(plain_pack, Settings(root=tmp_path))
    inside = put(tmp_path / "pack", {"a": b"1"})
    with pytest.raises(PathError):
        verify(inside, Settings(root=tmp_path), keys=[key_file(plain_pack.parent)])
    assert verify(inside, Settings(root=tmp_path)).failed


def test_authorities_are_certificates(plain_pack: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.pem"
    file.write_bytes(b"-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(UsageError, match="no certificate"):
        verify(plain_pack, Settings(), authorities=[file])


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "report.pdf")
    with pytest.raises(PathError, match="cannot be read"):
        verify(tmp_path / "report.pdf", Settings())


def test_a_list_without_any_record_fails(tmp_path: Path) -> None:
    told = verify(write(tmp_path / "pack", {"a.txt": b"x"}), Settings())
    assert told.kind == "unknown"
    assert "no record of an assessment" in _step(told, "files").faults[0]


def test_a_redacted_copy_without_evidence_tells_what_it_can(plain_pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    redact(plain_pack, folder, Settings(), formats=["html"])
    told = verify(folder, Settings())
    assert (told.kind, told.failed) == ("redacted-copy", False), [one for one in told.steps if one.faults]
    outcomes = {one.step: one.outcome for one in told.steps}
    assert (outcomes["records"], outcomes["findings"], outcomes["documents"]) == (
        "passed",
        "cannot_tell",
        "cannot_tell",
    )
    record = json.loads((folder / "redaction.json").read_bytes())
    forged = {one.name: one.read_bytes() for one in folder.iterdir() if one.name != "SHA256SUMS"}
    forged["redaction.json"] = canonical_json({**record, "root": record["pack"]})
    assert verify(write(tmp_path / "forged", forged), Settings()).failed

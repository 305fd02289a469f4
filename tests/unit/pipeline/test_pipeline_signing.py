"""A folder is checked, sealed and signed as what it is; nothing is left half done."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.pack import write_pack
from conformity.archive.signing.dsse import PAYLOAD_TYPE, read_envelope, verify
from conformity.archive.signing.seal_check import check_seal, check_unsealed
from conformity.archive.signing.statement import check_statement, pack_digest, read_statement
from conformity.archive.signing.timestamp import check_stamp
from conformity.archive.sums import ENVELOPE, SUMS, TOKEN, read_sums
from conformity.errors import DataError, IntegrityError, PathError, UsageError
from conformity.model.base import sha256_of
from conformity.model.statement import Statement
from conformity.pipeline.packs import read_pack
from conformity.pipeline.signing import Proofs, sign_folder
from conformity.settings import Settings
from tests.benchmarks.kill_signing import SEAL, killed
from tests.support.declarations import complete, packed
from tests.support.keys import edwards, elliptic
from tests.support.small_pdf import small_pdf
from tests.support.stamps import Openssl, serving

MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
PDF = small_pdf()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a small pack with a PDF in it."""
    made = packed(complete(), tmp_path_factory.mktemp("made") / "pack")
    files = {name: (made / name).read_bytes() for name in read_sums(made)}
    return {**files, "report.pdf": PDF, "tallies/a.json": b"[]"}


@pytest.fixture
def pack(records: dict[str, bytes], tmp_path: Path) -> Path:
    """Return a small pack."""
    write_pack(tmp_path / "pack", records)
    return tmp_path / "pack"


def statement_in(folder: Path) -> Statement:
    """Return the statement in a folder, its signature checked with the key that signs here."""
    envelope = read_envelope((folder / ENVELOPE).read_bytes())
    assert verify(envelope, PAYLOAD_TYPE, [edwards().public]) == (edwards().public.keyid,)
    return read_statement(envelope.payload)


def test_a_pack_is_signed_as_one(pack: Path) -> None:
    outcome = sign_folder(pack, edwards(), MOMENT, Settings())
    found, said = read_pack(pack, Settings()), statement_in(pack).predicate
    check_statement(statement_in(pack), "assessment", read_sums(pack))
    assert said.kind == outcome.kind == "assessment"
    assert said.assessment_sha256 == found.assessment_sha256
    assert said.evidence_sha256 == found.assessment.evidence_sha256
    assert (said.signed_at, said.assessed_at) == (MOMENT, found.assessment.assessed_at)
    assert sum(said.verdicts.model_dump().values()) == len(found.assessment.findings)
    assert (said.signed_by.keyid, said.signed_by.development) == (edwards().public.keyid, True)
    (pdf,) = said.pdfs
    assert (pdf.unsealed_sha256, pdf.unsealed_bytes, pdf.seal) == (sha256_of(PDF), len(PDF), None)
    assert outcome.pack_sha256 == pack_digest(read_sums(pack)) == sha256_of((pack / SUMS).read_bytes())
    assert (outcome.files, outcome.stamped_at) == (5, None)
    done = subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=pack, capture_output=True, check=False)
    assert done.returncode == 0
    assert (pack / "tallies").stat().st_mode & 0o777 == 0o700


def test_the_same_key_and_time_give_the_same_bytes(pack: Path) -> None:
    sign_folder(pack, edwards(), MOMENT, Settings())
    first = (pack / ENVELOPE).read_bytes()
    sign_folder(pack, edwards(), MOMENT, Settings(), replace=True)
    assert (pack / ENVELOPE).read_bytes() == first


def test_a_pdf_is_sealed_and_begins_with_what_was_there(pack: Path) -> None:
    outcome = sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL)
    sealed = (pack / "report.pdf").read_bytes()
    seal, (said,) = check_seal(sealed), statement_in(pack).predicate.pdfs
    assert seal is not None
    assert said.seal == seal.facts == outcome.pdfs[0].seal
    check_unsealed(sealed, said)
    check_statement(statement_in(pack), "assessment", read_sums(pack))


def test_a_signature_is_replaced_only_when_that_is_said(pack: Path) -> None:
    sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL)
    sealed = (pack / "report.pdf").read_bytes()
    with pytest.raises(UsageError, match="is signed already"):
        sign_folder(pack, elliptic(), MOMENT, Settings())
    sign_folder(pack, elliptic(), MOMENT, Settings(), replace=True)
    assert (pack / "report.pdf").read_bytes() == sealed, "the seal stays"
    later = MOMENT.replace(hour=10)
    sign_folder(pack, edwards(), later, Settings(), proofs=SEAL, replace=True)
    again = (pack / "report.pdf").read_bytes()
    assert again != sealed
    assert again.startswith(PDF)
    seal = check_seal(again)
    assert seal is not None
    assert (seal.sealed_at, seal.unsealed_bytes) == (later, len(PDF))


def test_a_time_stamp_is_laid_beside(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "tsa").mkdir()
    with serving(Openssl(tmp_path / "tsa").answer) as (url, asked):
        outcome = sign_folder(pack, edwards(), MOMENT, Settings(), proofs=Proofs(server=url))
    stamp = check_stamp((pack / TOKEN).read_bytes(), (pack / ENVELOPE).read_bytes())
    assert (outcome.stamped_at, outcome.stamped_by) == (stamp.time, "CN=Specimen time")
    assert len(asked) == 1
    sign_folder(pack, edwards(), MOMENT, Settings(), replace=True)
    assert not (pack / TOKEN).exists(), "it was over the statement before"


def test_a_server_that_does_not_answer_leaves_all_as_it_was(pack: Path) -> None:
    before = {file.name: file.read_bytes() for file in pack.iterdir() if file.is_file()}
    proofs = Proofs(seal=SEAL.seal, server="http://127.0.0.1:1/")
    with pytest.raises(UsageError, match="did not answer"):
        sign_folder(pack, edwards(), MOMENT, Settings(), proofs=proofs)
    assert {file.name: file.read_bytes() for file in pack.iterdir() if file.is_file()} == before
    assert [file.name for file in pack.parent.iterdir()] == ["pack"]


def test_a_declaration_is_signed_as_prepared(records: dict[str, bytes], tmp_path: Path) -> None:
    from conformity.pipeline.composing import compose_documents
    from conformity.pipeline.declaring import prepared

    made = read_pack(packed(complete(), tmp_path / "made"), Settings())
    record = prepared(compose_documents(made, ["declaration"])[0], made, MOMENT)
    folder = tmp_path / "declaration"
    files = {"declaration.json": record.model_dump_json().encode(), "declaration.pdf": PDF}
    write_pack(folder, files, "declaration.json")
    assert sign_folder(folder, edwards(), MOMENT, Settings(), proofs=SEAL).kind == "declaration"
    said = statement_in(folder).predicate
    assert said.kind == "declaration"
    assert (said.status, said.prepared_at) == ("prepared for signature", MOMENT)
    assert said.assessment_sha256 == made.assessment_sha256
    with pytest.raises(IntegrityError, match="another purpose"):
        check_statement(statement_in(folder), "assessment", read_sums(folder))


def test_a_set_of_documents_is_signed_as_one(tmp_path: Path) -> None:
    digest = "sha256:" + "1" * 64
    about = {"system": "Scorer", "system_version": "2", "assessment_sha256": digest}
    record = {"about": about, "documents": [{"id": "dossier"}, {"id": "walk"}]}
    # One of the documents is called declaration; that does not make the set one.
    files = {"documents.json": json.dumps(record).encode(), "declaration.json": b"{}"}
    write_pack(tmp_path / "set", files, "documents.json")
    assert sign_folder(tmp_path / "set", edwards(), MOMENT, Settings()).kind == "documents"
    said = statement_in(tmp_path / "set").predicate
    assert said.kind == "documents"
    assert (said.system, said.documents, said.pdfs) == ("Scorer 2", ("dossier", "walk"), ())


def test_a_redacted_copy_is_signed_as_one(records: dict[str, bytes], tmp_path: Path) -> None:
    digest = "sha256:" + "1" * 64
    record: dict[str, Any] = {
        "tool": "conformity 0",
        "pack": None,
        "pack_commitment": digest,
        "files": [],
        "removed": [],
        "columns": 0,
        "renamed_evidence": 0,
        "root": digest,
    }
    files = {**records, "redaction.json": json.dumps(record).encode()}
    write_pack(tmp_path / "copy", files, "redaction.json")
    assert sign_folder(tmp_path / "copy", edwards(), MOMENT, Settings()).kind == "redacted-copy"
    said = statement_in(tmp_path / "copy").predicate
    assert said.kind == "redacted-copy"
    assert (said.pack, said.pack_commitment) == (None, digest)
    assert said.redaction_sha256 == sha256_of(files["redaction.json"])


def _change(pack: Path) -> None:
    (pack / "evidence.json").write_bytes(b"{}")


def _add(pack: Path) -> None:
    (pack / "more.txt").write_bytes(b"x")


def _remove(pack: Path) -> None:
    (pack / "report.pdf").unlink()


def _link(pack: Path) -> None:
    (pack / "report.pdf").unlink()
    (pack / "report.pdf").symlink_to("/etc/hostname")


def _no_list(pack: Path) -> None:
    (pack / SUMS).unlink()


def _bad_list(pack: Path) -> None:
    (pack / SUMS).write_bytes((pack / SUMS).read_bytes()[:-1])


@pytest.mark.parametrize("change", [_change, _add, _remove, _link, _no_list, _bad_list])
def test_what_is_not_as_it_was_written_is_not_signed(change: object, pack: Path) -> None:
    assert callable(change)
    change(pack)
    with pytest.raises(IntegrityError):
        sign_folder(pack, edwards(), MOMENT, Settings())
    assert not (pack / ENVELOPE).exists()


def test_evidence_that_was_not_judged_is_not_signed(records: dict[str, bytes], tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", {**records, "evidence.json": b"{}"})
    with pytest.raises(IntegrityError, match="not the evidence that was judged"):
        sign_folder(tmp_path / "pack", edwards(), MOMENT, Settings())


@pytest.mark.parametrize(
    "record", ["assessment.json", "documents.json", "declaration.json", "redaction.json"]
)
def test_a_record_that_cannot_be_read_is_not_signed(record: str, tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", {record: b"{}"}, record)
    with pytest.raises(DataError, match="cannot be read"):
        sign_folder(tmp_path / "pack", edwards(), MOMENT, Settings())


def test_other_folders_are_not_signed(tmp_path: Path) -> None:
    write_pack(tmp_path / "other", {"thesis.tex": b"x"}, "thesis.tex")
    with pytest.raises(UsageError, match="is no pack, declaration"):
        sign_folder(tmp_path / "other", edwards(), MOMENT, Settings())
    with pytest.raises(PathError):
        sign_folder(tmp_path / "none", edwards(), MOMENT, Settings())


def test_nothing_outside_the_root_is_signed(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    with pytest.raises(PathError):
        sign_folder(pack, edwards(), MOMENT, Settings(root=tmp_path / "root"))


def test_a_seal_that_would_not_hold_is_not_written(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.archive.signing.seal.seal_pdf", lambda pdf, *_, **__: pdf)
    with pytest.raises(IntegrityError, match="does not hold; nothing was written"):
        sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL)
    assert not (pack / ENVELOPE).exists()


def test_a_kill_leaves_a_whole_pack(pack: Path) -> None:
    """Signing over and over is killed at two moments; ``tests/benchmarks/kill_signing.py`` tries more."""
    sign_folder(pack, edwards(), MOMENT, Settings(), proofs=SEAL)
    for delay in (0.03, 0.11):
        place = killed(pack, delay)
        check_statement(statement_in(place), "assessment", read_sums(place))
        command = ["sha256sum", "-c", "--quiet", SUMS]
        done = subprocess.run(command, cwd=place, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        if place != pack:
            place.rename(pack)

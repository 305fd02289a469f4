"""A declaration is prepared for signature, or refused with all that stands in the way (Art. 47)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types

from conformity import __version__
from conformity.archive.pack import write_pack
from conformity.compose.obstacles import blocking
from conformity.errors import IntegrityError, PathError, UsageError
from conformity.model.base import canonical_json
from conformity.model.criteria_lock import new_lock
from conformity.model.declaration import Declaration
from conformity.model.manifest import PLACEHOLDER
from conformity.model.schemas import schemas
from conformity.pipeline.composing import compose_documents
from conformity.pipeline.declaring import declare, prepared, refusals
from conformity.pipeline.packs import read_pack
from conformity.pipeline.rejudging import unregistered
from conformity.settings import Settings
from tests.support.assessments import SEAL, bound
from tests.support.composed import material
from tests.support.counted_here import counted_here
from tests.support.declarations import SIGNING, complete, packed, registered, settled, signed

MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


def test_an_open_non_conformity_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    pack = packed(registered(material("declaration", declaration=SIGNING)), tmp_path / "pack")
    outcome = declare(pack, tmp_path / "out", MOMENT, Settings())
    assert outcome.refusals
    assert all(one.startswith("NC-") for one in outcome.refusals)
    assert (outcome.folder, outcome.files, outcome.signatory) == (None, (), None)
    assert [file.name for file in tmp_path.iterdir()] == ["pack"]


def test_an_old_pack_without_a_register_gets_the_one_of_its_findings(tmp_path: Path) -> None:
    pack = packed(material("declaration", declaration=SIGNING), tmp_path / "pack")
    outcome = declare(pack, None, MOMENT, Settings())
    assert outcome.refusals[0].startswith("NC-")


def test_a_placeholder_is_refused() -> None:
    left = complete(declaration={**SIGNING, "place": f"{PLACEHOLDER}: where"}).assessment
    assert refusals(left) == (
        "declaration.place still holds a placeholder of the draft: fill it in and assess again.",
    )


def test_a_missing_signatory_is_refused() -> None:
    (only,) = refusals(complete(declaration=None).assessment)
    assert "names nobody who signs" in only


def test_without_a_signatory_no_record_can_be_made(tmp_path: Path) -> None:
    pack = read_pack(packed(complete(declaration=None), tmp_path / "pack"), Settings())
    (document,) = compose_documents(pack, ["declaration"])
    with pytest.raises(UsageError, match="names nobody who signs"):
        prepared(document, pack, MOMENT)


def test_a_complete_system_gets_a_declaration_prepared_for_signature(tmp_path: Path) -> None:
    pack = packed(signed(), tmp_path / "pack")
    outcome = declare(pack, None, MOMENT, Settings())
    folder = tmp_path / "pack-declaration"
    assert (outcome.refusals, outcome.folder, outcome.signatory) == ((), str(folder), "Specimen signatory")
    assert outcome.files == ("declaration.html", "declaration.json", "declaration.pdf")
    record = Declaration.model_validate_json((folder / "declaration.json").read_bytes())
    assert record.status == "prepared for signature"
    assert [item.item for item in record.items] == list(range(1, 9))
    assert all(item.text for item in record.items)
    assert (record.prepared_at, record.signing.date) == (MOMENT, None)
    assert record.assessment_sha256 == read_pack(pack, Settings()).assessment_sha256
    assert [one.id for one in record.subjects] == ["test"]
    page = (folder / "declaration.html").read_text("utf-8")
    assert "prepared for signature" in page
    assert (folder / "declaration.pdf").read_bytes().startswith(b"%PDF-")
    plain = json.loads((folder / "declaration.json").read_text("utf-8"))
    assert list(Draft202012Validator(schemas()["declaration"]).iter_errors(plain)) == []


def test_a_subject_that_was_not_readable_has_no_digest(tmp_path: Path) -> None:
    pack = read_pack(packed(complete(records=()), tmp_path / "pack"), Settings())
    (document,) = compose_documents(pack, ["declaration"])
    assert prepared(document, pack, MOMENT).subjects == ()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    pack = packed(signed(), tmp_path / "pack")
    with pytest.raises(PathError, match="is not empty and not a pack"):
        declare(pack, pack, MOMENT, Settings())


def _forged(pack: Path, **changes: object) -> Path:
    """Return a pack with other fields in its record and a list of digests that fits."""
    content = json.loads((pack / "assessment.json").read_text("utf-8"))
    files = {
        "assessment.json": canonical_json({**content, **changes}),
        "evidence.json": (pack / "evidence.json").read_bytes(),
    }
    write_pack(pack, files)
    return pack


def test_a_register_that_was_emptied_is_refused(tmp_path: Path) -> None:
    made = registered(material("declaration", declaration=SIGNING))
    pack = _forged(packed(made, tmp_path / "pack"), non_conformities=[])
    outcome = declare(pack, None, MOMENT, Settings())
    assert outcome.folder is None
    assert len(outcome.refusals) == len(blocking(made.assessment))
    assert all("is not in the register of the pack: assess again" in one for one in outcome.refusals)


def test_findings_that_the_records_do_not_lead_to_are_refused(tmp_path: Path) -> None:
    made = registered(material("declaration", declaration=SIGNING))
    findings = [settled(one).model_dump(mode="json") for one in made.assessment.findings]
    pack = _forged(packed(made, tmp_path / "pack"), findings=findings, non_conformities=[])
    with pytest.raises(IntegrityError, match="not those to which its records lead"):
        declare(pack, None, MOMENT, Settings())
    left_out = made.assessment.model_dump(mode="json")["findings"][::-1]
    with pytest.raises(IntegrityError, match="their order"):
        declare(_forged(pack, findings=left_out), None, MOMENT, Settings())


def test_sentences_of_another_version_are_its_own_and_those_of_this_one_are_compared(tmp_path: Path) -> None:
    made = signed()
    findings = [one.model_dump(mode="json") for one in made.assessment.findings]
    findings[0]["reason"] = "Worded in another way."
    pack = packed(made, tmp_path / "pack")
    other = _forged(pack, findings=findings, tool="conformity 0.0.9")
    assert declare(other, None, MOMENT, Settings()).refusals == ()
    with pytest.raises(IntegrityError, match=rf"lead \({findings[0]['requirement']}\)"):
        declare(_forged(pack, tool=f"conformity {__version__}"), None, MOMENT, Settings())
    findings[0]["verdict"] = "not_applicable"
    with pytest.raises(IntegrityError, match=r"conformity 0\.0\.9 judges otherwise"):
        declare(_forged(pack, findings=findings, tool="conformity 0.0.9"), None, MOMENT, Settings())


def test_a_lock_that_was_changed_or_a_version_before_that_is_missing_is_refused(tmp_path: Path) -> None:
    made = signed()
    lock = new_lock([bound()], "conformity 0", MOMENT).model_dump(mode="json")
    pack = packed(made, tmp_path / "pack")
    with pytest.raises(IntegrityError, match="its digest is not that of its content"):
        declare(_forged(pack, criteria_lock={**lock, "tool": "other"}), None, MOMENT, Settings())
    manifest = made.assessment.manifest.model_dump(mode="json")
    manifest["edition"]["previous"] = SEAL
    pack = packed(made, tmp_path / "other")
    with pytest.raises(IntegrityError, match="not judged with the version before"):
        declare(_forged(pack, manifest=manifest), None, MOMENT, Settings())


def test_an_entry_that_is_only_listed_may_have_been_closed_by_the_version_before() -> None:
    listed = {
        "requirement": "art47.1",
        "owner": "Head",
        "corrective_action": "Mend it.",
        "due": date(2027, 1, 31),
    }
    row = next(one for one in signed().assessment.findings if one.verdict == "met").requirement
    known = signed(non_conformities=({**listed, "requirement": row},)).assessment
    (entry,) = (one for one in known.non_conformities or () if one.requirement == row)
    assert (entry.kind, unregistered(known)) == ("declared", ())
    others = tuple(one for one in known.non_conformities or () if one is not entry)
    assert unregistered(known.model_copy(update={"non_conformities": others})) == (entry,)
    closed = entry.model_copy(update={"state": "closed", "blocks": False})
    assert unregistered(known.model_copy(update={"non_conformities": (*others, closed)})) == ()

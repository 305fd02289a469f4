"""What follows from records: of this version it must, of another one it cannot be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from conformity.archive.standalone.told import Told
from conformity.errors import RenderError, UsageError
from conformity.model.assessment import Assessment
from conformity.model.base import sha256_of
from conformity.model.evidence import Evidence
from conformity.model.nonconformity import Previous
from conformity.model.verification import VerifiedStep
from conformity.pipeline.packs import Pack
from conformity.pipeline.verifying import folders, records
from conformity.pipeline.verifying.documents import carried_again, copied_told, rendered_told
from conformity.pipeline.verifying.records import (
    findings_told,
    law_told,
    manifest_told,
    pack_of,
    readable,
)
from conformity.render.exports import attached as attached_module
from conformity.render.json_v1 import FORMAT as JSON
from conformity.render.pdf import FORMAT as PDF
from conformity.settings import DISCLOSURE_LIMIT
from tests.support import assessments as made
from tests.support.packs import pack_files

LOCK = "manifest.lock.yaml"


def _pack(**changes: object) -> Pack:
    """Return the records of a small pack with other fields in the assessment."""
    files = pack_files()
    assessment = Assessment.model_validate_json(files["assessment.json"]).model_copy(update=changes)
    evidence = Evidence.model_validate_json(files["evidence.json"])
    return Pack(Path("pack"), assessment, evidence, sha256_of(files["assessment.json"]))


def _nothing(*_: object) -> None:
    """Take progress."""


def test_what_another_version_made_cannot_be_told() -> None:
    other = _pack(tool="conformity 0.0.1")
    assert law_told(other.assessment).outcome() == "cannot_tell"
    findings = other.assessment.findings
    changed = (findings[0].model_copy(update={"verdict": "met"}), *findings[1:])
    assert findings_told(_pack(tool="conformity 0.0.1", findings=changed)).outcome() == "cannot_tell"
    assert findings_told(_pack(findings=changed)).outcome() == "failed"
    assert rendered_told(other, {}, False, _nothing).outcome() == "cannot_tell"
    assert copied_told(other, {}, False).outcome() == "cannot_tell"
    assert carried_again(other) == {}


def test_another_text_of_the_law_cannot_be_told() -> None:
    plan = _pack().assessment.plan.model_copy(update={"law": "Another text"})
    assert "another text of the law" in law_told(_pack(plan=plan).assessment).unknown[0]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"probes": ()}, "probes"),
        ({"steps": ()}, "steps"),
        ({"requirements": ()}, "requirement"),
    ],
)
def test_a_plan_that_does_not_follow_is_a_fault(changes: dict[str, object], fault: str) -> None:
    plan = _pack().assessment.plan.model_copy(update=changes)
    assert any(fault in one for one in law_told(_pack(plan=plan).assessment).faults)


def test_requirements_in_another_order_are_a_fault() -> None:
    plan = _pack().assessment.plan
    turned = plan.model_copy(update={"requirements": plan.requirements[::-1]})
    assert law_told(_pack(plan=turned).assessment).faults == (
        "The requirements are not in the order of the law.",
    )


def test_records_that_do_not_fit_together_are_a_fault_and_no_crash() -> None:
    pack = _pack()
    plan = pack.assessment.plan.model_copy(update={"requirements": pack.assessment.plan.requirements[:1]})
    assert findings_told(_pack(plan=plan)).outcome() == "failed"


def test_a_pack_without_a_register_says_so() -> None:
    told = findings_told(_pack(non_conformities=None))
    assert told.outcome() == "passed"
    assert "It holds no register of non-conformities." in told.seen


def test_records_that_cannot_be_read_make_no_pack() -> None:
    files = dict(pack_files())
    assert pack_of(Path(), {**files, "evidence.json": b"{}"}) is None
    assert pack_of(Path(), {}) is None
    assert "evidence.json does not fit its schema" in readable({"evidence.json": b"{}"}).faults[0]
    assert "the document" in readable({"tallies/a.json": b"["}).faults[0]


def test_the_manifest_beside_is_told_in_every_form_that_it_may_have() -> None:
    files = dict(pack_files())
    assert manifest_told(_pack(), files).outcome() == "passed"
    assert manifest_told(_pack(), {}).faults == (f"{LOCK} is missing.",)
    other = {LOCK: files[LOCK].replace(b"Testing.", b"Anything.")}
    assert "is not the manifest whose digest" in manifest_told(_pack(), other).faults[0]
    bare = files[LOCK].replace(b"  # sha256:" + b"a" * 64, b"")
    assert "does not name the digests" in manifest_told(_pack(), {LOCK: bare}).faults[0]
    said = _pack().assessment.manifest.model_copy(update={"role": "deployer"})
    assert "says other things" in manifest_told(_pack(manifest=said), files).faults[0]
    broken = b"[\n"
    assert (
        "cannot be read" in manifest_told(_pack(manifest_sha256=sha256_of(broken)), {LOCK: broken}).faults[0]
    )


def test_the_pages_of_a_pdf_are_rendered_again_where_asked_for() -> None:
    """A small plan, since a PDF is rendered for real, twice."""
    evidence = made.evidence()
    whole = _pack().assessment
    finding = whole.findings[0].model_copy(update={"requirement": made.ROW})
    assessment = whole.model_copy(
        update={
            "manifest": made.manifest(),
            "plan": made.plan(),
            "findings": (finding,),
            "non_conformities": (),
        }
    )
    pack = Pack(Path("pack"), assessment, evidence, sha256_of(b""))
    files = {
        one.filename: one.render(assessment, evidence, disclosure_limit=DISCLOSURE_LIMIT)
        for one in (JSON, PDF)
    }
    assert rendered_told(pack, files, False, _nothing).outcome() == "cannot_tell"
    asked: list[str] = []
    told = rendered_told(
        pack,
        {**files, "report.pdf": files["report.pdf"] + b"seal"},
        True,
        lambda what, *_: asked.append(what),
    )
    assert told.outcome() == "passed", "what a seal adds is told by the step of the seal"
    assert asked == ["rendering assessment.json", "rendering report.pdf"]


def test_a_manifest_from_which_no_plan_follows_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise UsageError("There is no such question.")

    monkeypatch.setattr(records, "make_plan", refused)
    assert law_told(_pack().assessment).faults == (
        "No plan follows from its manifest: There is no such question.",
    )


def test_what_cannot_be_rendered_again_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> bytes:
        raise RenderError("a template fails")

    pack = _pack()
    monkeypatch.setattr(type(JSON), "render", refused)
    told = rendered_told(pack, {"assessment.json": b"{}"}, False, _nothing)
    assert told.unknown == ("assessment.json could not be rendered again: a template fails",)
    monkeypatch.setattr(attached_module, "attached", refused)
    assert carried_again(pack) == {}
    assert "could not be rendered again" in copied_told(pack, {"redaction.json": b"{}"}, False).unknown[0]


def test_a_version_before_that_is_later_is_a_fault() -> None:
    pack = _pack()
    before = Previous(
        version="0.9.0", assessed_at=datetime(2027, 1, 1, tzinfo=UTC), sha256="sha256:" + "0" * 64
    )
    later = replace(pack, assessment=pack.assessment.model_copy(update={"previous": before}))
    assert folders._dates_told(later).faults
    assert not folders._dates_told(pack).faults


def test_a_difference_in_a_redacted_copy_proves_nothing() -> None:
    assert folders._softened(Told(("x",), ("y",))).unknown[1:] == ("y",)
    assert folders._softened(Told(("x",))).outcome() == "cannot_tell"
    assert folders._softened(Told()).outcome() == "passed"


def test_an_outcome_has_to_follow_from_its_reasons() -> None:
    with pytest.raises(ValidationError, match="a step with these reasons is `failed`"):
        VerifiedStep(number=1, step="files", title="t", outcome="passed", faults=("x",))

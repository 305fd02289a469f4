"""OSCAL, as the library of others reads it: compliance-trestle, which is here for the tests alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence
from conformity.model.finding import Finding
from conformity.model.nonconformity import Closure, NonConformity
from tests.support.assessments import RUN, manifest, requirement
from tests.support.exported import HARD_TEXTS, Records, assessed, export_json, judged, written
from tests.unit.render.render_records import build

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def trestle() -> tuple[ModuleType, ModuleType]:
    """Return the models of both documents; loading them takes seconds."""
    from trestle.oscal import assessment_results, poam

    return assessment_results, poam


def _sample(name: str) -> Records:
    """Return the records of a sample."""
    folder = ROOT / "sample_reports" / name
    made = Assessment.model_validate_json((folder / "assessment.json").read_bytes())
    return made, Evidence.model_validate_json((folder / "evidence.json").read_bytes())


def _read(trestle: tuple[ModuleType, ModuleType], folder: Path, records: Records) -> tuple[Any, Any]:
    """Return both documents of records as the library reads them, every part checked."""
    files = written(records, "oscal", "poam")
    for name, content in files.items():
        (folder / f"{name}.json").write_bytes(content)
    results, poam = trestle
    return (
        results.AssessmentResults.oscal_read(folder / "oscal.json"),
        poam.PlanOfActionAndMilestones.oscal_read(folder / "poam.json"),
    )


@pytest.mark.parametrize("name", ["credit", "hiring", "assistant"])
def test_both_documents_of_a_sample_are_valid(
    name: str, trestle: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    records = _sample(name)
    results, poam = _read(trestle, tmp_path, records)
    made = results.results[0]
    assert len(made.observations) == len(records[1].observations)
    open_or_met = [one for one in records[0].findings if one.verdict != "not_applicable"]
    assert len(made.findings) == len(open_or_met)
    assert len(poam.poam_items) == len(records[0].non_conformities or ())
    assert results.metadata.last_modified == records[0].assessed_at


def test_hostile_texts_make_valid_documents_too(
    trestle: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    for text in HARD_TEXTS:
        results, poam = _read(trestle, tmp_path, judged("met", "not_met", "not_applicable", texts=(text,)))
        assert len(results.results[0].findings) == 2
        assert len(poam.poam_items) == 1


def test_everything_referred_to_is_there() -> None:
    for name, records in (("oscal", _sample("credit")), ("poam", _sample("credit")), ("oscal", build())):
        document = export_json(records, name)
        known = set(_values(document, "uuid"))
        assert len(known) == len(list(_values(document, "uuid"))), name
        referred = {
            one
            for key in ("observation-uuid", "risk-uuid", "subject-uuid", "actor-uuid", "component-uuid")
            for one in _values(document, key)
        }
        inside = {one.removeprefix("#") for one in _values(document, "href") if one.startswith("#")}
        assert referred | inside <= known, name


def test_only_met_is_satisfied_and_what_does_not_apply_is_excluded() -> None:
    result = export_json(
        judged("met", "not_met", "undetermined", "not_collected", "not_applicable"), "oscal"
    )["assessment-results"]["results"][0]
    states = {one["target"]["target-id"]: one["target"]["status"] for one in result["findings"]}
    assert {name: (one["state"], one["reason"]) for name, one in states.items()} == {
        "art0.1": ("satisfied", "pass"),
        "art1.1": ("not-satisfied", "fail"),
        "art2.1": ("not-satisfied", "other"),
        "art3.1": ("not-satisfied", "other"),
    }
    (selection,) = result["reviewed-controls"]["control-selections"]
    assert selection["exclude-controls"] == [{"control-id": "art4.1"}]
    assert [one["control-id"] for one in selection["include-controls"]] == [f"art{n}.1" for n in range(4)]


def test_where_nothing_applies_nothing_is_found(
    trestle: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    results, _ = _read(trestle, tmp_path, judged("not_applicable"))
    assert results.results[0].findings is None
    (selection,) = results.results[0].reviewed_controls.control_selections
    assert selection.include_all is not None
    assert [one.control_id for one in selection.exclude_controls] == ["art0.1"]


def test_an_empty_plan_of_requirements_is_valid(
    trestle: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    results, poam = _read(trestle, tmp_path, assessed(manifest(), [], []))
    assert results.results[0].findings is None
    assert len(poam.poam_items) == 1


def test_readings_statements_and_exhibits_are_carried() -> None:
    document = export_json(build(), "oscal")["assessment-results"]
    result = document["results"][0]
    finding = next(one for one in result["findings"] if one["target"]["target-id"] == "art10.2.f")
    readings = [one["value"] for one in finding["props"] if one["name"] == "reading"]
    assert any("opportunity" in one and "not_met" in one for one in readings)
    assert len(result["attestations"]) == len(build()[0].manifest.sign_offs)
    assert "exhibit" not in {one["type"] for one in result["local-definitions"]["components"]}
    assert {one["title"] for one in document["back-matter"]["resources"]} > {"Evidence", "Manifest"}


def test_an_empty_register_is_no_clean_bill() -> None:
    """A plan without items is not valid, so there is one that says what an empty register means."""
    poam = export_json(judged("met"), "poam")["plan-of-action-and-milestones"]
    (item,) = poam["poam-items"]
    assert "holds no entry" in item["title"]
    assert "risks" not in poam
    assert {one["name"]: one["value"] for one in poam["metadata"]["props"]}["verdict-met"] == "1"


def test_records_without_a_register_give_no_plan_of_action() -> None:
    with pytest.raises(RenderError, match="no register"):
        written(judged("not_met", kept=False), "poam")


def test_what_the_provider_planned_has_an_owner_a_day_and_a_milestone() -> None:
    poam = export_json(_planned(), "poam")["plan-of-action-and-milestones"]
    planned, proposed = poam["risks"]
    assert planned["deadline"] == "2027-01-31T23:59:59Z"
    (remediation,) = planned["remediations"]
    assert remediation["lifecycle"] == "planned"
    assert remediation["description"] == "Mend it."
    assert remediation["props"][0]["value"] == "The team"
    assert remediation["tasks"][0]["timing"] == {"on-date": {"date": "2027-01-31T23:59:59Z"}}
    assert poam["poam-items"][0]["remarks"] == "Soon."
    assert "deadline" not in proposed
    assert proposed["remediations"][0]["lifecycle"] == "recommendation"
    assert proposed["remediations"][0]["props"][0]["value"] == "nobody named"


def test_a_closed_entry_says_what_closed_it() -> None:
    made, seen = judged("not_met")
    (entry,) = made.non_conformities or ()
    closure = Closure.model_validate(
        {
            "on": RUN.date(),
            "reason": "Kept now.",
            "evidence": ["EV-1"],
            "evidence_sha256": "sha256:" + "2" * 64,
        }
    )
    closed = NonConformity.model_validate({**entry.model_dump(), "state": "closed", "closure": closure})
    poam = export_json((made.model_copy(update={"non_conformities": (closed,)}), seen), "poam")
    (risk,) = poam["plan-of-action-and-milestones"]["risks"]
    assert risk["status"] == "closed"
    assert risk["remediations"][0]["remarks"] == "Closed on 2026-11-22: Kept now."
    assert {"name": "closed-by", "value": "EV-1"}.items() <= risk["props"][-1].items()


def test_an_entry_on_an_unknown_requirement_keeps_its_id() -> None:
    made, seen = judged("not_met")
    (entry,) = made.non_conformities or ()
    other = entry.model_copy(update={"requirement": "art99.9"})
    poam = export_json((made.model_copy(update={"non_conformities": (other,)}), seen), "poam")
    assert poam["plan-of-action-and-milestones"]["risks"][0]["title"] == "NC-art0.1: art99.9"


def test_a_system_on_the_market_says_since_when() -> None:
    system = {
        "name": "Scorer",
        "version": "2.0",
        "intended_purpose": "Testing.",
        "placed_on_market_on": datetime(2026, 1, 2, tzinfo=UTC).date(),
    }
    records = assessed(manifest(system=system), [], [])
    components = export_json(records, "poam")["plan-of-action-and-milestones"]["local-definitions"][
        "components"
    ]
    assert components[0]["status"]["remarks"] == "placed on the market or put into service on 2026-01-02"


def _planned() -> Records:
    """Return an assessment with one correction that the provider planned, and one that nobody did."""
    correction = {
        "requirement": "art9.1",
        "owner": "The team",
        "corrective_action": "Mend it.",
        "due": "2027-01-31",
        "remarks": "Soon.",
    }
    rows = [requirement(id=name, ref=name) for name in ("art9.1", "art9.2")]
    findings = [Finding(requirement=row.id, verdict="not_met", reason="Missed.") for row in rows]
    return assessed(manifest(non_conformities=(correction,), subjects=()), rows, findings)


def _values(document: Any, key: str) -> list[str]:
    """Return every value of a key, wherever it stands."""
    if isinstance(document, dict):
        own = [document[key]] if key in document else []
        return own + [one for value in document.values() for one in _values(value, key)]
    if isinstance(document, list):
        return [one for value in document for one in _values(value, key)]
    return []

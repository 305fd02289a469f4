"""The ML-BOM, checked by the strict schema of CycloneDX, and what stands in the card of the model."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from conformity.model.measurement import Interval, NotAvailable, Scalar
from tests.support.assessments import evidence, manifest, measured, observation, record, table
from tests.support.exported import HARD_TEXTS, LIMIT, Records, assessed, export_json, judged, written
from tests.unit.render.render_records import build


@cache
def _validators() -> tuple[Any, Any]:
    """Return the strict validators of 1.6 and 1.7, which keep the schemas that they read."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    return JsonStrictValidator(SchemaVersion.V1_6), JsonStrictValidator(SchemaVersion.V1_7)


def _faults(content: bytes) -> list[str]:
    """Return what the strict schemas of 1.6 and 1.7 find wrong."""
    older, newest = _validators()
    newer = json.loads(content) | {
        "specVersion": "1.7",
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
    }
    found = [
        older.validate_str(content.decode()),
        newest.validate_str(json.dumps(newer)),
    ]
    return [str(one) for one in found if one is not None]


def _card(document: Any) -> Any:
    """Return the one card of a bill."""
    (card,) = [one["modelCard"] for one in document["components"] if "modelCard" in one]
    return card


def _properties(thing: Any) -> dict[str, str]:
    """Return properties by name, without the prefix."""
    return {one["name"].removeprefix("conformity:"): one["value"] for one in thing["properties"]}


def test_the_bill_is_valid_and_holds_everything_with_its_digest(records: Records) -> None:
    content = written(records, "mlbom")["mlbom"]
    assert _faults(content) == []
    document = json.loads(content)
    by_ref = {one["bom-ref"]: one for one in document["components"]}
    manifest = records[0].manifest
    assert set(by_ref) == {f"subject:{one.id}" for one in (*manifest.subjects, *manifest.exhibits)}
    assert by_ref["subject:test"]["type"] == "data"
    assert by_ref["subject:model"]["type"] == "machine-learning-model"
    assert by_ref["subject:risk-file"]["type"] == "file"
    assert by_ref["subject:model"]["hashes"][0]["alg"] == "SHA-256"
    # What could not be read has no digest, and says why.
    assert "hashes" not in by_ref["subject:risk-file"]
    assert _properties(by_ref["subject:risk-file"])["problem"] == "there is no such file"
    depends = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    assert set(depends["system"]) == set(by_ref)


def test_verdicts_are_counted() -> None:
    told = _properties(export_json(judged("met", "not_met", "not_collected"), "mlbom")["metadata"])
    assert (told["verdict:met"], told["verdict:not_met"], told["verdict:undetermined"]) == ("1", "1", "0")
    assert "not a declaration of conformity" in told["caveat"]


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hostile_texts_make_a_valid_bill_too(text: str) -> None:
    assert _faults(written(judged("met", "not_met", texts=(text,)), "mlbom")["mlbom"]) == []


def test_figures_are_told_by_group_with_intervals_and_withheld_ones_are_counted(records: Records) -> None:
    card = _card(export_json(records, "mlbom"))
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    accuracy = [one for one in metrics if one["type"] == "accuracy"]
    men = next(one for one in accuracy if "SEX: " in one["slice"])
    assert men["value"] == "0.8"
    assert men["confidenceInterval"] == {"lowerBound": "0.78", "upperBound": "0.82"}
    # Group 5 of EDUCATION holds seven people.
    seen = [one for one in records[1].observations if one.probe.startswith(("accuracy/", "fairness/"))]
    numbers = [m for one in seen for m in one.measurements]
    told = _properties(card)
    assert int(told["figures-withheld"]) > 0
    assert int(told["figures-not-available"]) == sum(m.result.kind == "not_available" for m in numbers)
    withheld_or_absent = int(told["figures-withheld"]) + int(told["figures-not-available"])
    assert len(metrics) + withheld_or_absent == len(numbers)


def test_a_system_without_one_model_file_has_a_model_that_was_not_handed_in() -> None:
    document = export_json(assessed(manifest(), [], []), "mlbom")
    (model,) = [one for one in document["components"] if one["type"] == "machine-learning-model"]
    assert model["bom-ref"] == "model-of-system"
    assert _properties(model)["handed-in"] == "no"
    assert model["modelCard"]["modelParameters"] == {
        "task": "classification",
        "datasets": [{"ref": "subject:test"}],
    }


def test_a_system_of_which_no_table_was_handed_in_says_neither_task_nor_data() -> None:
    content = written(assessed(manifest(subjects=()), [], []), "mlbom")["mlbom"]
    assert _faults(content) == []
    assert "modelParameters" not in _card(json.loads(content))


def test_open_points_are_risks_and_planned_corrections_their_mitigation() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["manifest"]["non_conformities"] = [
            {
                "requirement": "art10.2.f",
                "owner": "Team",
                "corrective_action": "Mend it.",
                "due": "2027-01-31",
            }
        ]

    from conformity.judge.nonconformities import with_register

    made, seen = build(change)
    risks = _card(export_json((with_register(made), seen), "mlbom"))["considerations"][
        "ethicalConsiderations"
    ]
    assert [one for one in risks if "mitigationStrategy" in one] == [
        one for one in risks if "art10.2.f" in one["name"] or "Art. 10(2)(f)" in one["name"]
    ]
    assert len(risks) == sum(one.verdict in ("not_met", "undetermined") for one in made.findings)


def _energetic(*subjects: dict[str, Any], metrics: dict[str, Scalar], subject: str) -> Records:
    """Return an assessment with energy measured on one subject."""
    made, _ = assessed(manifest(subjects=(table(), *subjects)), [], [])
    numbers = [measured(value, metric=name, subject=subject, by=()) for name, value in metrics.items()]
    seen = observation(*numbers, probe="environment/any", step=f"environment/any@{subject}", subject=subject)
    return made, evidence(seen, subjects=(record("test"), record(subject)))


def _energy(value: float, unit: str = "kWh", obtained: str = "modelled") -> Scalar:
    """Return an amount of energy or carbon."""
    interval = Interval(low=value / 2, high=value * 2, method="order statistics")
    return Scalar.model_validate(
        {"value": value, "unit": unit, "n": 6, "interval": interval, "obtained": obtained}
    )


MODEL = {"id": "model", "kind": "model", "title": "Model", "path": "m.onnx", "format": "onnx"}
RECORD = {"id": "record", "kind": "energy_record", "title": "Record", "path": "e.csv", "phase": "evaluation"}


def test_energy_says_how_it_was_obtained_and_carries_its_carbon() -> None:
    metrics = {
        "inference_energy_kwh_per_1000": _energy(6.0712e-8),
        "inference_emissions_g_per_1000": _energy(2.3123e-5, "g"),
        "inference_year_energy_kwh": _energy(3.0),
    }
    content = written(_energetic(MODEL, metrics=metrics, subject="model"), "mlbom")["mlbom"]
    assert _faults(content) == []
    (used,) = _card(json.loads(content))["considerations"]["environmentalConsiderations"][
        "energyConsumptions"
    ]
    assert used["activity"] == "inference"
    assert used["activityEnergyCost"] == {"value": 6.07e-8, "unit": "kWh"}
    assert used["co2CostEquivalent"] == {"value": 2.31e-11, "unit": "tCO2eq"}
    told = _properties(used)
    assert told["obtained"] == "modelled"
    assert told["figure"].endswith("(range 3.04 × 10⁻⁸ to 1.21 × 10⁻⁷)")


def test_a_record_of_energy_tells_its_phase_and_carbon_may_be_missing() -> None:
    metrics = {
        "recorded_energy_kwh": _energy(10.0, obtained="declared"),
        "recorded_emissions_kg": _energy(1.0, "lb"),
    }
    document = export_json(_energetic(RECORD, metrics=metrics, subject="record"), "mlbom")
    (used,) = _card(document)["considerations"]["environmentalConsiderations"]["energyConsumptions"]
    assert used["activity"] == "validation"
    assert "co2CostEquivalent" not in used
    (component,) = [one for one in document["components"] if one["bom-ref"] == "subject:record"]
    assert component["data"][0]["type"] == "other"


def test_energy_that_was_not_measured_is_not_told_as_any() -> None:
    made, _ = assessed(manifest(subjects=(table(), MODEL)), [], [])
    nothing = NotAvailable(why="not_collected", reason="There is no meter.")
    seen = observation(
        measured(nothing, metric="inference_energy_kwh_per_1000", subject="model", by=()),
        probe="environment/any",
        step="environment/any@model",
        subject="model",
    )
    card = _card(export_json((made, evidence(seen)), "mlbom"))
    assert "environmentalConsiderations" not in card["considerations"]


def test_lists_of_packages_programs_and_folders_are_what_they_are() -> None:
    subjects = (
        {
            "id": "lock",
            "kind": "dependencies",
            "title": "Lock file",
            "path": "lock.txt",
            "source": "Our own.",
        },
        {
            **MODEL,
            "id": "trainer",
            "format": "command",
            "path": "train.py",
            "command": {"words": ["python", "{}", "{data}"]},
            "training": {"data": "test", "country": "DEU"},
        },
        {"id": "folder", "kind": "prompt_log", "title": "Prompts", "path": "prompts/"},
    )
    made, _ = assessed(manifest(subjects=(table(), *subjects)), [], [])
    records = (record("test"), record("lock"), record("trainer"), record("folder", files=3))
    content = written((made, evidence(subjects=records)), "mlbom")["mlbom"]
    assert _faults(content) == []
    document = json.loads(content)
    by_ref = {one["bom-ref"]: one for one in document["components"]}
    assert by_ref["subject:lock"]["type"] == "file"
    assert by_ref["subject:trainer"]["type"] == "file"
    assert "hashes" not in by_ref["subject:folder"]
    assert _properties(by_ref["subject:folder"])["sha256-of-files"].endswith("over 3 files")
    assert {"ref": "subject:trainer", "dependsOn": ["subject:test"]} in document["dependencies"]


def test_special_categories_are_named_by_column() -> None:
    use = {
        "subject": "test",
        "columns": ("SEX",),
        "why_needed": "To find bias.",
        "keep_until": "2027-01-01",
    }
    document = export_json(assessed(manifest(special_category_use=(use,)), [], []), "mlbom")
    (data,) = [one for one in document["components"] if one["bom-ref"] == "subject:test"]
    assert len(data["data"][0]["sensitiveData"]) == 1
    assert data["data"][0]["sensitiveData"][0].startswith("column SEX: special category")
    assert _properties(data)["produced-on"] == "2026-10-02"


def test_a_subject_without_a_record_says_so() -> None:
    made, _ = assessed(manifest(), [], [])
    document = export_json((made, evidence(subjects=())), "mlbom")
    (data,) = [one for one in document["components"] if one["bom-ref"] == "subject:test"]
    assert _properties(data)["found"] == "no record in the evidence"
    assert LIMIT == 10

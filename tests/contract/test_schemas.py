"""The published JSON Schemas are what the model says, and what is real fits them."""

from __future__ import annotations

import json
import runpy
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types

from conformity.catalog.load import questions, requirements
from conformity.engines.profile import ColumnProfile, TableProfile
from conformity.errors import UsageError
from conformity.intake.draft import draft_manifest
from conformity.intake.yaml_text import parse
from conformity.model import schemas
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json
from conformity.model.finding import Finding
from conformity.model.schemas import main, manifest_schema, schema_files
from conformity.model.tally import CellCounts, Tally
from tests.support import assessments as made

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "schemas"
NAMES = [
    "archive-entry",
    "assessment",
    "comparison",
    "declaration",
    "document",
    "evidence",
    "exports",
    "manifest",
    "pipeline-outcome",
    "probe",
    "redaction",
    "redaction-disclosure",
    "reproduction",
    "requirement",
    "statement",
    "tally",
    "verification",
]


@cache
def _validator(name: str) -> Any:
    """Return what checks data against a published schema."""
    return Draft202012Validator(json.loads((PUBLISHED / f"{name}.schema.json").read_text("utf-8")))


@cache
def _schemas() -> dict[str, Any]:
    """Return the schemas that the model gives, made once."""
    return schemas.schemas()


def _refusals(name: str, data: Any) -> list[str]:
    """Return what the published schema finds wrong with some data."""
    return [error.message for error in _validator(name).iter_errors(data)]


def test_the_published_files_are_what_the_model_says() -> None:
    published = {file.name: file.read_text("utf-8") for file in PUBLISHED.glob("*.schema.json")}
    assert published == schema_files(), "run: python -m conformity.model.schemas docs/schemas"
    assert sorted(published) == sorted(f"{name}.schema.json" for name in NAMES)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_of_its_dialect_and_explains_every_field(name: str) -> None:
    schema = _schemas()[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema
    for model in (schema, *schema.get("$defs", {}).values()):
        assert model["description"]
        assert all(field.get("description") for field in model.get("properties", {}).values()), model["title"]


def test_the_command_writes_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["schemas", str(tmp_path / "new" / "folder")])
    runpy.run_path(str(Path(schemas.__file__)), run_name="__main__")
    written = {file.name: file.read_text("utf-8") for file in (tmp_path / "new" / "folder").iterdir()}
    assert written == schema_files()


def test_the_files_can_be_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    for _ in range(2):
        main([str(folder)])
        assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == schema_files()
        (folder / "manifest.schema.json").write_text("another", encoding="utf-8")


def test_the_schema_of_a_manifest_is_the_published_one() -> None:
    assert manifest_schema() == _schemas()["manifest"]


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_the_command_takes_one_folder(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="name one folder"):
        main(arguments)


MANIFESTS = sorted((ROOT / "samples").glob("*/conformity.yaml"))


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.parent.name)
def test_the_manifests_of_the_samples_fit(file: Path) -> None:
    assert _refusals("manifest", parse(file.read_text("utf-8")).data) == []


def test_a_drafted_manifest_fits() -> None:
    columns = (ColumnProfile(name="sex", kind="text", missing=0, distinct=2),)
    draft = draft_manifest([("a.csv", TableProfile(rows=2, columns=columns))], questions())
    assert _refusals("manifest", parse(draft.text).data) == []


@pytest.mark.parametrize(
    "mistake",
    [
        "sytem: 1",
        "role: Provider",
        "subjects: [{id: a, kind: tabel, title: t, path: p}]",
        "edition: {version: 1}",
        "exhibits: [{id: e}]",
    ],
)
def test_an_editor_sees_a_mistake(mistake: str) -> None:
    smallest = (
        "conformity: 1\nsystem: {name: a, version: '1', intended_purpose: p}\n"
        "provider: {name: a, address: b, contact: c}\n"
    )
    assert _refusals("manifest", parse(smallest).data) == []
    assert _refusals("manifest", parse(smallest + mistake + "\n").data) != []


PROBES = sorted((ROOT / "conformity" / "probes").glob("*/*/probe.yaml"))


@pytest.mark.parametrize("file", PROBES, ids=lambda file: file.parent.name)
def test_the_definitions_of_probes_fit(file: Path) -> None:
    assert _refusals("probe", parse(file.read_text("utf-8")).data) == []


def test_the_requirements_fit() -> None:
    rows = requirements()
    assert len(rows) > 200
    for row in rows:
        assert _refusals("requirement", row.model_dump(mode="json")) == []


def test_evidence_assessment_and_tally_fit_as_they_are_written() -> None:
    evidence = made.evidence(made.observation(made.measured(made.scalar(0.9, 0.85, 0.95))), made.examined())
    assert _refusals("evidence", json.loads(canonical_json(evidence))) == []
    assessment = Assessment.model_validate(
        {
            "tool": "conformity 1",
            "assessed_at": made.RUN,
            "manifest": made.manifest(),
            "manifest_sha256": made.SEAL,
            "plan": made.plan(made.requirement()),
            "evidence_sha256": made.SEAL,
            "findings": [Finding(requirement=made.requirement().id, verdict="undetermined", reason="r")],
        }
    )
    written = json.loads(canonical_json(assessment))
    assert _refusals("assessment", written) == []
    del written["findings"]
    assert _refusals("assessment", written) == ["'findings' is a required property"]
    tally = Tally(spec=CellCounts(keys=()), columns=("count",), entries=((3,),))
    assert _refusals("tally", json.loads(canonical_json(tally))) == []

"""The procedure works Annex VI step by step, lays Annex VII beside it, and says which applies and why."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.compose.procedure import compose
from conformity.model.document import Table
from tests.support.assessments import (
    criterion,
    examined,
    exhibit,
    measured,
    observation,
    record,
    scalar,
    table,
)
from tests.support.composed import items, material, texts_of

ID = "procedure"


def test_quality_management_goes_from_a_to_m_in_order() -> None:
    quality = next(one for one in compose(material(ID)) if one.id == "quality")
    lettered = [item.id.rsplit(".", 1)[1] for item in quality.items if item.id.count(".") == 2]
    assert lettered == list("abcdefghijklm")
    assert quality.items[0].id == "annexVI.2"


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("credit", "filled", "Internal control (Annex VI)"),
        ("biometric with a body", "filled", "Assessment by a notified body (Annex VII)"),
        ("medical", "filled", "Procedure of the sectoral act"),
        ("ordinary", "not_applicable", ""),
        ("open", "missing", "Open"),
    ],
)
def test_the_route_is_told_with_its_reason(kind: str, status: str, text: str) -> None:
    made = material(ID, kind=kind)
    route = items(compose(made))["route"]
    assert route.status == status
    assert text in texts_of(compose(made)[:1])
    assert made.assessment.plan.classification.route.reason in (
        route.reason,
        *texts_of(compose(made)[:1]).split("\n"),
    )


def test_where_the_route_is_open_the_questions_are_named() -> None:
    made = material(ID, kind="open")
    assert items(compose(made))["route"].open == made.assessment.plan.classification.missing


@pytest.mark.parametrize(
    ("kind", "vi", "vii"), [("credit", True, False), ("biometric with a body", False, True)]
)
def test_one_path_is_worked_and_the_other_set_aside(kind: str, vi: bool, vii: bool) -> None:
    found = items(compose(material(ID, kind=kind)))
    assert (found["annexVI.3"].status != "not_applicable") is vi
    assert (found["annexVII.4.2"].status != "not_applicable") is vii


def test_section_2_is_examined_requirement_by_requirement() -> None:
    made = material(ID)
    section = next(one for one in compose(made) if one.id == "examination")
    (shown,) = (block for block in section.content if isinstance(block, Table))
    expected = [
        row.requirement.ref
        for row in made.assessment.plan.requirements
        if row.applies != "no" and row.requirement.article in {f"Article {n}" for n in range(8, 16)}
    ]
    assert [row.cells[0].text for row in shown.rows] == expected
    assert {row.cells[3].text for row in shown.rows} == {"Nothing yet"}
    aside = next(one for one in compose(material(ID, kind="ordinary")) if one.id == "examination")
    assert [block.kind for block in aside.content] == ["paragraph"]


def test_what_a_verdict_rests_on_tells_documents_from_measurements() -> None:
    reading = measured(scalar(0.9, 0.85, 0.95), metric="disparate_impact_ratio")
    seen = (
        observation(
            reading, step="fairness/disparate_impact_ratio@test", probe="fairness/disparate_impact_ratio"
        ),
        examined(),
        examined("other"),
    )
    bound = criterion(metric="disparate_impact_ratio", at_most=None, at_least=0.8)
    made = material(
        ID,
        seen=seen,
        records=(record("test"), record("record"), record("other")),
        subjects=(table(),),
        criteria=(bound,),
        exhibits=(exhibit(covers=("art10.2.g",)), exhibit(id="other", covers=("art9.1",))),
    )
    section = next(one for one in compose(made) if one.id == "examination")
    (shown,) = (block for block in section.content if isinstance(block, Table))
    basis = {row.cells[0].text: row.cells[3].text for row in shown.rows}
    assert basis["Art. 10(2)(f)"] == "Measurements"
    assert basis["Art. 10(2)(g)"] == "Measurements and documents"
    assert basis["Art. 9(1)"] == "Documents"
    assert basis["Art. 10(2)(e)"] == "Nothing yet"


@pytest.mark.parametrize(
    ("exhibits", "told"),
    [
        ((), "Measurements of other programs"),
        ((exhibit(covers=("art10.2.f",)),), "Measurements of other programs, and documents"),
    ],
)
def test_what_other_programs_measured_is_told_as_theirs(exhibits: tuple[Any, ...], told: str) -> None:
    imported = {"id": "test", "kind": "imported_record", "title": "R", "path": "r.json"}
    reading = measured(scalar(0.9, 0.85, 0.95), metric="disparate_impact_ratio")
    made = material(
        ID,
        seen=(observation(reading, probe="fairness/disparate_impact_ratio"), examined()),
        records=(record("test"), record("record")),
        subjects=({**imported, "written_by": "fairlearn"},),
        exhibits=exhibits,
    )
    section = next(one for one in compose(made) if one.id == "examination")
    (shown,) = (block for block in section.content if isinstance(block, Table))
    assert {row.cells[0].text: row.cells[3].text for row in shown.rows}["Art. 10(2)(f)"] == told


def test_a_plan_judged_in_part_has_requirements_without_a_finding() -> None:
    from dataclasses import replace

    made = material(ID)
    bare = replace(made, assessment=made.assessment.model_copy(update={"findings": ()}))
    shown = texts_of(compose(bare))
    assert "No finding" in shown


def test_artefacts_are_those_that_were_assessed() -> None:
    made = material(
        ID, subjects=(table(),), exhibits=(exhibit(),), records=(record("test"), record("record"))
    )
    section = next(one for one in compose(made) if one.id == "consistency")
    (shown,) = (block for block in section.content if isinstance(block, Table))
    assert [row.cells[0].text for row in shown.rows] == ["Test set", "Mitigation record"]
    empty = next(one for one in compose(material(ID)) if one.id == "consistency")
    assert [block.kind for block in empty.content] == ["paragraph"]


def test_standards_are_missing_until_they_are_declared() -> None:
    assert items(compose(material(ID)))["harmonised_standards"].status == "missing"
    aside = items(compose(material(ID, kind="ordinary")))["harmonised_standards"]
    assert (aside.status, aside.open) == ("not_applicable", ())
    declared = material(ID, standards=({"reference": "prEN 18228", "extent": "full"},))
    found = items(compose(declared))["harmonised_standards"]
    assert found.status == "filled"
    assert any(
        "None. Draft" in cell.text
        for b in found.content
        if isinstance(b, Table)
        for r in b.rows
        for cell in r.cells
    )


def test_each_thing_handed_to_a_notified_body_has_its_citation() -> None:
    section = next(one for one in compose(material(ID)) if one.id == "notified_body")
    (shown,) = (block for block in section.content if isinstance(block, Table))
    assert all(row.cells[0].text.startswith("Annex VII(") for row in shown.rows)

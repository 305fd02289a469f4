"""What applies from when, and what an assessment cannot show, are read from the records and counted."""

from __future__ import annotations

from datetime import date

import pytest

from conformity.catalog.load import timeline as milestones
from conformity.compose import limits, timeline
from conformity.compose.material import Material
from conformity.model.document import Section, Table
from conformity.model.plan import PlannedRequirement
from tests.support.assessments import (
    examined,
    exhibit,
    measured,
    observation,
    record,
    scalar,
    sign_off,
    table,
)
from tests.support.composed import items, material, texts_of


def _rows(sections: tuple[Section, ...], section: str) -> list[list[str]]:
    found = next(one for one in sections if one.id == section)
    tables = [block for block in found.content if isinstance(block, Table)]
    return [[cell.text for cell in row.cells] for block in tables for row in block.rows]


def test_the_calendar_is_the_catalogues_and_told_as_of_the_day() -> None:
    rows = _rows(timeline.compose(material("timeline")), "calendar")
    assert [row[0] for row in rows] == [str(one.on) for one in milestones()]
    assert {row[0]: row[3] for row in rows}["2026-08-02"] == "Has begun"
    assert {row[0]: row[3] for row in rows}["2027-12-02"] == "Lies ahead"


def test_duties_stand_in_the_order_of_their_days() -> None:
    made = material("timeline")
    duties = next(one for one in timeline.compose(made) if one.id == "duties")
    tables = [block for block in duties.content if isinstance(block, Table)]
    titles = [one.title or "" for one in tables]
    assert titles[0] == "From 2 February 2025. Binds."
    assert any(one.startswith("From 2 December 2027. Not yet;") for one in titles)
    rows = [row for one in tables for row in one.rows]
    assert len(rows) == sum(row.applies != "no" for row in made.assessment.plan.requirements)


def test_a_duty_without_a_day_comes_last() -> None:
    made = material("timeline")
    rows = [row for row in made.assessment.plan.requirements if row.applies == "yes"][:2]
    undated = rows[0].model_copy(update={"duty_from": None})
    plan = made.assessment.plan.model_copy(update={"requirements": (undated, rows[1])})
    bare = Material(made.assessment.model_copy(update={"plan": plan}), made.evidence, made.law)
    duties = timeline.compose(bare)[1].content
    assert [block.title for block in duties if isinstance(block, Table)][-1] == "No day is set."


@pytest.mark.parametrize(
    ("applies", "day", "told"),
    [
        ("unknown", date(2026, 1, 1), "Open:"),
        ("yes", None, "No day is set."),
        ("yes", date(2026, 11, 22), "Binds."),
        ("yes", date(2026, 11, 23), "Not yet;"),
    ],
)
def test_a_duty_binds_from_its_day(applies: str, day: date | None, told: str) -> None:
    made = material("timeline").assessment.plan.requirements[0]
    row = PlannedRequirement.model_validate({**made.model_dump(), "applies": applies, "duty_from": day})
    assert timeline._state(row, date(2026, 11, 22)).startswith(told)


def test_what_holds_for_systems_of_before_is_told_whether_or_not_the_day_is_declared() -> None:
    made = material("timeline")
    placed = {**made.manifest.system.model_dump(), "placed_on_market_on": date(2026, 9, 1)}
    for one in (made, material("timeline", system=placed), material("timeline", kind="ordinary")):
        sections = timeline.compose(one)
        start = str(items(sections)["high_risk_start"].content)
        calendar = str(next(part for part in sections if part.id == "calendar").content[-1])
        for text in (start, calendar):
            assert "(2 December 2027 under Annex III, 2 August 2028 under Annex I)" in text
            assert "by 2 August 2030 in any case (Art. 111(2))" in text


def test_a_system_without_duties_says_so() -> None:
    made = material("timeline")
    plan = made.assessment.plan.model_copy(update={"requirements": ()})
    bare = Material(made.assessment.model_copy(update={"plan": plan}), made.evidence, made.law)
    assert "No requirement" in str(timeline.compose(bare)[1].content)


def test_the_start_is_that_of_the_classification() -> None:
    assert "From 2 December 2027." in texts_of(timeline.compose(material("timeline")))
    assert "No day is set" in texts_of(timeline.compose(material("timeline", kind="ordinary")))
    assert items(timeline.compose(material("timeline", kind="open")))["high_risk_start"].status == "missing"


def test_the_placing_on_the_market_is_declared_or_missing() -> None:
    made = material("timeline")
    assert items(timeline.compose(made))["placing"].status == "missing"
    placed = {**made.manifest.system.model_dump(), "placed_on_market_on": date(2026, 9, 1)}
    declared = material("timeline", system=placed)
    assert items(timeline.compose(declared))["placing"].status == "filled"


def _limits(**changes: object) -> tuple[Material, tuple[Section, ...]]:
    made = material("limits", **changes)  # type: ignore[arg-type] # what material takes
    return made, limits.compose(made)


def test_counts_by_level_are_those_of_the_plan() -> None:
    made, sections = _limits()
    rows = [row for row in made.assessment.plan.requirements if row.applies != "no"]
    for shown, level in zip(_rows(sections, "levels"), ("measured", "partly", "declared"), strict=True):
        assert int(shown[1]) == sum(row.requirement.automation == level for row in rows)
        assert shown[2:] == ["0", "0", "0"]
    by_article = _rows(sections, "articles")
    assert sum(int(n) for row in by_article for n in row[1:]) == len(rows)


def test_a_document_is_no_measurement() -> None:
    _, sections = _limits(
        seen=(examined(),),
        records=(record("record"),),
        exhibits=(exhibit(covers=("annexIV.4",)),),
        sign_offs=(sign_off(requirements=("annexIV.4",)),),
    )
    assert [row[2:] for row in _rows(sections, "levels")] == [
        ["0", "0", "0"],
        ["0", "0", "0"],
        ["0", "1", "1"],
    ]


def test_what_was_measured_is_counted_and_its_limits_are_told() -> None:
    reading = measured(scalar(0.9, 0.85, 0.95), metric="disparate_impact_ratio")
    seen = observation(
        reading, step="fairness/disparate_impact_ratio@test", probe="fairness/disparate_impact_ratio"
    )
    made, sections = _limits(seen=(seen,), subjects=(table(),))
    assert sum(int(row[2]) for row in _rows(sections, "levels")) >= 1
    probe = next(one for one in made.assessment.plan.probes if one.id == "fairness/disparate_impact_ratio")
    assert [row[1] for row in _rows(sections, "numbers")] == list(probe.limits)
    assert "Art. 10(2)(f)" not in [row[0] for row in _rows(sections, "unmeasured")]


def test_why_nothing_was_measured_is_told() -> None:
    _, sections = _limits()
    why = {row[0]: row[2] for row in _rows(sections, "unmeasured")}
    assert why["Art. 10(2)(f)"] == "There is a probe for it, but nothing handed in gave it a number."
    assert why["Annex IV(1)(b)"].startswith("This tool has no probe for it: API/interface inventory")
    assert "Nothing was measured." in str(sections[-1].content)
    statements = {(row[0], row[1]) for row in _rows(sections, "statements")}
    assert ("Art. 17(1)(a)", "Regulatory strategy") in statements
    assert not statements & {(row[0], row[1]) for row in _rows(sections, "unmeasured")}


def test_a_requirement_without_a_measured_part_named_says_only_that_there_is_no_probe() -> None:
    row = material("limits").assessment.plan.requirements[0]
    bare = row.requirement.model_copy(update={"evidence": (), "probes": (), "rule": None})
    told = limits._why(row.model_copy(update={"requirement": bare}))
    assert told == "This tool has no probe for it."


def test_a_system_without_duties_has_nothing_to_count() -> None:
    made = material("limits")
    plan = made.assessment.plan.model_copy(update={"requirements": ()})
    bare = Material(made.assessment.model_copy(update={"plan": plan}), made.evidence, made.law)
    sections = limits.compose(bare)
    assert [row[1] for row in _rows(sections, "levels")] == ["0", "0", "0"]
    assert "None." in str(next(one for one in sections if one.id == "unmeasured").content)


def test_a_requirement_without_a_finding_counts_as_nothing() -> None:
    made = material("limits")
    bare = Material(made.assessment.model_copy(update={"findings": ()}), made.evidence, made.law)
    assert {tuple(row[2:]) for row in _rows(limits.compose(bare), "levels")} == {("0", "0", "0")}

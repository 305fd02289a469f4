"""Risks and bounds (Art. 9), special categories (Art. 4a), logs and the clocks of Art. 73."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.catalog.documents import document_law
from conformity.compose import logs_and_incidents, risk_register, special_category_data
from conformity.compose.material import Material
from conformity.model.base import EvidenceId
from conformity.model.document import Item, Measured, Paragraph, Table
from tests.support.assessments import criterion, measured, observation, record, scalar, table
from tests.support.composed import blocks_of, items, material, texts_of

USE: dict[str, Any] = {
    "subject": "test",
    "columns": ("SEX",),
    "why_needed": "Bias shows only so.",
    "keep_until": date(2027, 1, 31),
}


def _risks(low: float, high: float, *, bounded: bool = True) -> Material:
    """Return records of one fairness measurement, bounded from above at 0.1."""
    one = measured(scalar((low + high) / 2, low, high), metric="demographic_parity_difference")
    seen = observation(one, probe="fairness/demographic_parity_difference")
    bound = criterion(metric="demographic_parity_difference")
    return material("risk_register", seen=(seen,), subjects=(table(),), criteria=(bound,) if bounded else ())


def _texts(item: Item) -> str:
    """Return the texts of an item's paragraphs."""
    return " ".join(block.text for block in item.content if block.kind == "paragraph")


def test_a_risk_that_was_not_measured_is_missing_and_says_so() -> None:
    found = items(risk_register.compose(material("risk_register")))
    assert found["risk.privacy"].status == "missing"
    assert "Nothing was measured of it." in _texts(found["risk.privacy"])


def test_a_measurement_without_a_bound_does_not_settle_a_risk() -> None:
    found = items(risk_register.compose(_risks(0.01, 0.05, bounded=False)))
    assert found["risk.discrimination"].status == "missing"
    assert "without a bound" in _texts(found["risk.discrimination"])


@pytest.mark.parametrize(("low", "high", "steps"), [(0.01, 0.05, 1), (0.05, 0.15, 2), (0.2, 0.3, 2)])
def test_bounds_never_settle_a_risk_alone(low: float, high: float, steps: int) -> None:
    item = items(risk_register.compose(_risks(low, high)))["risk.discrimination"]
    assert item.status == "partly"
    assert len(item.open) == steps
    assert item.open[-1].endswith("who accepts what remains (Art. 9(5)).")


def test_what_remains_is_every_bound_that_is_not_kept() -> None:
    missed = items(risk_register.compose(_risks(0.2, 0.3)))["art9.5"]
    assert [b.title for b in missed.content if isinstance(b, Measured)] == [
        "Missed or open after the measures taken"
    ]
    assert "No bound is missed or open" in _texts(items(risk_register.compose(_risks(0.01, 0.05)))["art9.5"])


def test_a_reading_whose_observation_is_gone_speaks_to_no_risk() -> None:
    made = _risks(0.2, 0.3)
    lost = made.evidence.model_copy(update={"observations": ()})
    found = items(risk_register.compose(Material(made.assessment, lost, made.law)))
    assert found["risk.discrimination"].status == "missing"
    assert EvidenceId("EV-0") not in made.observations


def test_declared_uses_of_special_categories_are_told_with_their_days() -> None:
    changes: dict[str, Any] = {"subjects": (table(),), "special_category_use": (USE,)}
    sections = special_category_data.compose(material("special_category_data", **changes))
    told = texts_of(sections)
    assert "2027-01-31" in told
    assert "Still there at the assessment." in told
    gone = material("special_category_data", records=(record("test", None, problem="gone"),), **changes)
    assert "Not found at the assessment." in texts_of(special_category_data.compose(gone))
    lost = material("special_category_data", records=(), **changes)
    assert "Not found at the assessment." in texts_of(special_category_data.compose(lost))


def test_every_condition_has_its_item_and_no_use_is_said() -> None:
    sections = special_category_data.compose(material("special_category_data"))
    assert list(items(sections)) == [
        "art4a.1",
        *(f"art4a.1.{letter}" for letter in "abcdef"),
        "art4a.2",
    ]
    assert "declares no use" in str(list(blocks_of(sections)))


def test_the_note_of_a_row_stands_in_its_item_and_fills_nothing() -> None:
    first = items(special_category_data.compose(material("special_category_data")))["art4a.1.b"]
    assert isinstance(first.content[0], Paragraph)
    assert "On our reading" in first.content[0].text
    assert first.status == "missing"
    ordinary = items(special_category_data.compose(material("special_category_data", kind="ordinary")))
    assert (ordinary["art4a.1.b"].status, ordinary["art4a.1.b"].content) == ("not_applicable", ())


def test_the_clocks_are_those_of_the_law_and_say_what_starts_them() -> None:
    """Art. 73(2)-(4): 15, 2 and 10 days; Art. 19(1), 26(6): six months; Art. 18(1): ten years."""
    sections = logs_and_incidents.compose(material("logs_and_incidents"))
    (clocks,) = [one for one in sections if one.id == "clocks"]
    periods = clocks.content[0]
    assert isinstance(periods, Table)
    told = {row.cells[4].text: row.cells[1].text for row in periods.rows}
    assert told["Art. 73(2)"] == "15 days"
    assert told["Art. 73(3), Art. 3(49)(b)"] == "2 days"
    assert told["Art. 73(4)"] == "10 days"
    assert (told["Art. 19(1)"], told["Art. 26(6)"]) == ("At least 6 months", "At least 6 months")
    assert told["Art. 18(1)"] == "10 years"
    assert all(row.cells[2].text for row in periods.rows)
    assert "ten years have no start" in texts_of(sections)


def test_what_a_serious_incident_is_and_to_whom_it_is_told_stand_beside_the_clocks() -> None:
    """Art. 3(49)(a)-(d), Art. 73(9)-(10), Art. 75(1a), and since when Art. 73 applies (Art. 113)."""
    made = material("logs_and_incidents")
    sections = {one.id: one for one in logs_and_incidents.compose(made)}
    told = {one: sections[one].content[0] for one in ("meaning", "incidents")}
    cited = {
        one: [row.cells[-1].text for row in block.rows]
        for one, block in told.items()
        if isinstance(block, Table)
    }
    assert cited == {
        "meaning": [f"Art. 3(49)({letter})" for letter in "abcd"],
        "incidents": ["Art. 73(9)-(10)", "Art. 75(1a)"],
    }
    assert "formally applicable since 2 August 2026" in made.law.purpose


def test_ten_years_run_from_the_day_of_supply() -> None:
    system = {"name": "S", "version": "1", "intended_purpose": "P", "placed_on_market_on": date(2026, 1, 1)}
    made = logs_and_incidents.compose(material("logs_and_incidents", system=system))
    assert "2026-01-01" in texts_of(made)
    assert "ten years have no start" not in texts_of(made)


def test_every_clock_of_the_law_file_has_period_and_start() -> None:
    rows = [row for row in document_law("logs_and_incidents").rows if row.section == "clocks"]
    assert rows
    assert all(row.marks and row.note for row in rows)

"""Observed changes beside those determined in advance: covered, not covered, cannot tell; never decided."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.judge.comparison.foreseen import place_in
from conformity.judge.comparison.sides import Side
from conformity.model.comparison import ObservedChange
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.model.predetermined import AllowedRange
from tests.support.assessments import criterion, exhibit, measured, observation, table
from tests.support.comparisons import NEW, between, of_rates, rate, version

ALLOWED: dict[str, Any] = {"metric": "rate", "subject": "test", "at_least": 0.5, "at_most": 0.9}


def change(**changes: Any) -> dict[str, Any]:
    """Return the fields of a change determined in advance that may replace data."""
    return {"id": "monthly", "description": "New data every month.", "replaces": ["data"], **changes}


def observed(before: Side, after: Side) -> dict[str, ObservedChange]:
    """Return what changed, by its kind."""
    return {one.kind: one for one in between(before, after).work_sheet.observed}


def retrained(hits: int, *declared: dict[str, Any]) -> ObservedChange:
    """Return how other data lie beside declared changes, where the rate of a thousand is now ``hits``."""
    before = of_rates(rate(700, 1000), predetermined_changes=declared)
    return observed(before, of_rates(rate(hits, 1000), data=NEW, predetermined_changes=declared))["data"]


@pytest.mark.parametrize(
    ("hits", "coverage", "why"),
    [
        (700, "covered", "within"),
        (890, "cannot_tell", "straddles"),
        (500, "cannot_tell", "straddles"),
        (950, "not_covered", "outside"),
        (300, "not_covered", "outside"),
    ],
)
def test_a_change_is_covered_only_where_the_whole_interval_keeps_the_range(
    hits: int, coverage: str, why: str
) -> None:
    found = retrained(hits, change(ranges=[ALLOWED]))
    assert (found.coverage, found.why, found.by) == (coverage, why, ("monthly",))


def test_without_a_range_or_a_measurement_nothing_is_told() -> None:
    bare = retrained(700, change())
    assert (bare.coverage, bare.why) == ("cannot_tell", "no_ranges")
    other = retrained(700, change(ranges=[{**ALLOWED, "by": ["SEX"]}]))
    assert (other.coverage, other.why) == ("cannot_tell", "not_measured")


def test_one_change_that_covers_is_enough_and_one_range_outside_is_too_much() -> None:
    wide, narrow = change(ranges=[ALLOWED]), change(id="narrow", ranges=[{**ALLOWED, "at_most": 0.55}])
    assert retrained(700, wide, narrow).by == ("monthly",)
    both = change(ranges=[ALLOWED, {**ALLOWED, "at_most": 0.55}])
    assert retrained(700, both).why == "outside"


def test_a_change_speaks_only_of_what_it_names() -> None:
    assert retrained(700, change(replaces=["model"], ranges=[ALLOWED])).why == "not_foreseen"
    assert retrained(700).why == "no_declaration"
    named = change(subjects=["other"], ranges=[ALLOWED])
    before = version(subjects=(table(), table(id="other")), predetermined_changes=(named,))
    after = version(data=NEW, subjects=(table(), table(id="other")))
    assert observed(before, after)["data"].why == "not_foreseen"


def test_records_of_every_other_kind_are_records() -> None:
    log = {"id": "log", "kind": "prompt_log", "title": "Log", "path": "log.jsonl"}
    declared = [change(replaces=["records"], ranges=[ALLOWED])]
    before = of_rates(rate(700, 1000), subjects=(table(),), predetermined_changes=declared)
    after = of_rates(rate(700, 1000), subjects=(table(), log))
    assert observed(before, after)["records"].coverage == "covered"


def test_a_change_declared_together_with_its_making_covers_nothing() -> None:
    before = of_rates(rate(700, 1000))
    after = of_rates(rate(700, 1000), data=NEW, predetermined_changes=[change(ranges=[ALLOWED])])
    sheet = between(before, after).work_sheet
    assert (sheet.declared, sheet.declared_later) == ((), ("monthly",))
    assert [one.why for one in sheet.observed] == ["no_declaration"]


def test_a_range_widened_later_does_not_count() -> None:
    before = of_rates(rate(700, 1000), predetermined_changes=[change(ranges=[{**ALLOWED, "at_most": 0.8}])])
    after = of_rates(
        rate(890, 1000), data=NEW, predetermined_changes=[change(ranges=[{**ALLOWED, "at_most": 1.0}])]
    )
    sheet = between(before, after).work_sheet
    assert sheet.declared_later == ("monthly",)
    assert {one.why for one in sheet.observed} == {"outside"}


def test_purpose_role_and_softened_bounds_are_covered_by_nothing() -> None:
    declared = [change(replaces=["data", "model", "software", "records"], ranges=[ALLOWED])]
    before = of_rates(rate(700, 1000), criteria=(criterion(),), predetermined_changes=declared)
    after = of_rates(
        rate(700, 1000),
        criteria=(criterion(at_most=0.5),),
        role="deployer",
        system={"name": "Scorer", "version": "2.0", "intended_purpose": "Something else."},
        predetermined_changes=declared,
    )
    found = observed(before, after)
    assert {kind: one.coverage for kind, one in found.items()} == dict.fromkeys(
        ["purpose", "role", "criterion"], "not_covered"
    )
    assert {one.why for one in found.values()} == {"not_foreseeable"}
    tighter = of_rates(rate(700, 1000), criteria=(criterion(at_most=0.05),), predetermined_changes=declared)
    assert observed(before, tighter) == {}


def test_a_measure_that_changed_must_keep_every_range_that_speaks_of_it() -> None:
    wide = change(ranges=[{**ALLOWED, "at_least": 0.0, "at_most": 1.0}])
    before = of_rates(rate(700, 1000), predetermined_changes=[wide])
    after = of_rates(rate(300, 1000), data=NEW)
    assert observed(before, after)["measure"].why == "within"
    narrow = change(id="narrow", ranges=[ALLOWED])
    before = of_rates(rate(700, 1000), predetermined_changes=[wide, narrow])
    found = observed(before, after)["measure"]
    assert (found.coverage, found.why, found.by) == ("not_covered", "outside", ("monthly", "narrow"))
    silent = change(ranges=[{**ALLOWED, "metric": "gap"}])
    before = of_rates(rate(700, 1000), predetermined_changes=[silent])
    assert observed(before, after)["measure"].why == "not_foreseen"


def count(value: int) -> Measurement:
    return measured(Count(value=value, unit="rows"), metric="rate", by=())


@pytest.mark.parametrize(
    ("measurements", "place"),
    [
        ((count(5),), "within"),
        ((count(10),), "within"),
        ((count(11),), "outside"),
        ((count(5), count(11)), "outside"),
        ((measured(Scalar(value=5, unit="1", n=9), metric="rate", by=()),), "straddles"),
        ((measured(NotAvailable(why="undefined", reason="r"), metric="rate", by=()),), "not_measured"),
        ((), "not_measured"),
        ((measured(Count(value=5, unit="rows"), metric="rate", by=("SEX",), group=("f",)),), "not_measured"),
    ],
)
def test_every_measurement_that_a_range_is_about_counts(
    measurements: tuple[Measurement, ...], place: str
) -> None:
    allowed = AllowedRange(metric="rate", subject="test", at_most=10)
    assert place_in(allowed, measurements) == place


def test_not_covered_comes_first_and_questions_stay_unanswered() -> None:
    declared = [change(ranges=[ALLOWED])]
    seen = observation(rate(700, 1000))
    before = version(seen, predetermined_changes=declared)
    after = version(seen, data=NEW, role="deployer", predetermined_changes=declared)
    sheet = between(before, after).work_sheet
    assert [one.coverage for one in sheet.observed] == ["not_covered", "covered"]
    assert [one.id for one in sheet.declared] == ["monthly"]
    assert sheet.questions[0].ref == "Art. 3(23)"
    assert "answer" not in type(sheet.questions[0]).model_fields


def test_a_declared_change_is_told_with_its_ranges_and_its_document() -> None:
    long = change(id="long", description="a" * 900)
    ranged = change(ranges=[{**ALLOWED, "by": ["SEX"], "at_most": None}, ALLOWED], documented_in="record")
    sheet = between(
        of_rates(rate(700, 1000), predetermined_changes=(ranged, long), exhibits=(exhibit(id="record"),)),
        of_rates(rate(700, 1000)),
    ).work_sheet
    told = [one.after or "" for one in sheet.declared]
    assert told[0] == (
        "New data every month. Ranges: rate on test, SEX >= 0.5; rate on test >= 0.5 <= 0.9. "
        "Documented in: record."
    )
    assert told[1].endswith("aa … Ranges: none. No document is named.")
    assert all(len(one) <= 500 for one in told)

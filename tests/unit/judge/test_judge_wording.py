"""What exactly is said of a criterion: which sentence belongs to which case."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from conformity.judge.criteria import judge_criterion
from conformity.judge.locked import Locked
from conformity.judge.parts import Given, Part
from conformity.model.finding import CriterionJudgement
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from tests.support.assessments import (
    PROBE,
    bound,
    evidence,
    exhibit,
    manifest,
    measured,
    observation,
    record,
    scalar,
)
from tests.support.assessments import criterion as criterion_fields
from tests.unit.judge.test_criteria import LATER


def judged(*measurements: Measurement, **changes: Any) -> CriterionJudgement:
    """Return the judgement on one criterion over these measurements."""
    return judge_criterion(bound(**changes), LATER, (PROBE,), evidence(observation(*measurements)))


NOTHING_SHOWN = (
    "Finding nothing does not show that there is nothing: the detector finds only some of it. It can "
    "show that the bound is missed, never that it is kept."
)


@pytest.mark.parametrize(
    ("measurement", "changes", "reason"),
    [
        pytest.param(
            measured(scalar(0.5, 0.4, 0.6)), {}, "The whole interval misses the bound.", id="interval misses"
        ),
        pytest.param(
            measured(scalar(0.05, 0.02, 0.08)), {}, "The whole interval keeps the bound.", id="interval keeps"
        ),
        pytest.param(
            measured(Count(value=1, unit="names"), metric="finds", by=()),
            {"metric": "finds", "by": ()},
            "The number found misses the bound.",
            id="detector found something",
        ),
        pytest.param(
            measured(Count(value=0, unit="names"), metric="finds", by=()),
            {"metric": "finds", "by": ()},
            NOTHING_SHOWN,
            id="detector found nothing",
        ),
        pytest.param(
            measured(scalar(0.08, 0.04, 0.12, n=29)),
            {},
            "The bound lies within the interval; the estimate itself keeps it. More cases narrow the "
            "interval.",
            id="no number of cases to tell",
        ),
    ],
)
def test_one_reading_gives_its_own_reason(
    measurement: Measurement, changes: dict[str, Any], reason: str
) -> None:
    assert judged(measurement, **changes).reason == reason


def groups(*results: Scalar | NotAvailable) -> tuple[Measurement, ...]:
    """Return a rate for each of as many groups."""
    return tuple(
        measured(result, metric="rate", group=(f"g{number}",)) for number, result in enumerate(results)
    )


GOOD, BAD, OPEN = scalar(0.9, 0.85, 0.95), scalar(0.5, 0.4, 0.6), scalar(0.85, 0.75, 0.95)
BLANK = NotAvailable(why="not_collected", reason="No label.")


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ((GOOD, GOOD, GOOD), "All 3 readings keep the bound."),
        ((BAD, GOOD, BAD), "2 of 3 readings miss the bound."),
        ((OPEN, GOOD, OPEN), "2 of 3 readings do not settle the bound; each says why."),
        ((BLANK, GOOD, BLANK), "2 of 3 readings could not be made."),
    ],
)
def test_several_readings_are_counted(results: tuple[Scalar | NotAvailable, ...], reason: str) -> None:
    assert judged(*groups(*results), metric="rate", at_least=0.8, at_most=None).reason == reason


def test_a_bound_on_the_whole_is_not_about_groups() -> None:
    found = judged(measured(GOOD, metric="rate", by=()), *groups(BAD), metric="rate", by=(), at_most=1.0)
    assert (found.verdict, len(found.readings)) == ("met", 1)


def test_a_bound_on_one_column_is_about_that_column() -> None:
    shares = [
        measured(Scalar(value=value, unit="1", n=9), metric="blanks", by=(name,))
        for name, value in (("a", 0.0), ("b", 0.9))
    ]
    found = judged(*shares, metric="blanks", by=("a",))
    assert (found.verdict, len(found.readings)) == ("met", 1)


def test_what_is_known_of_the_whole_alone_is_named_so() -> None:
    found = judged(measured(GOOD, metric="rate", by=()), metric="rate")
    assert found.reason == "The evidence holds rate only for: the whole subject."


def test_the_failure_of_another_probe_is_no_reason() -> None:
    other = observation(
        outcome="error", reason="It failed.", probe="fairness/other", step="fairness/other@test"
    )
    found = judge_criterion(bound(), LATER, (PROBE,), evidence(other))
    assert found.reason == "Nothing in the evidence measures gap on test."


def test_the_failure_of_a_probe_on_another_subject_is_no_reason() -> None:
    other = observation(outcome="error", reason="It failed.", subject="b", step="fairness/gap@b")
    found = judge_criterion(bound(), LATER, (PROBE,), evidence(other))
    assert found.reason == "Nothing in the evidence measures gap on test."


def test_a_claim_in_a_document_of_an_unknown_day_is_judged_all_the_same() -> None:
    claim = manifest(criteria=(criterion_fields(claimed_in="record"),), exhibits=(exhibit(),)).criteria[0]
    seen = evidence(
        observation(measured(scalar(0.05, 0.02, 0.08))), subjects=(record("test"), record("record"))
    )
    found = judge_criterion(claim, LATER, (PROBE,), seen)
    assert (found.verdict, "dated" in found.reason, found.order) == ("met", False, None)


def test_parts_and_what_is_given_are_not_changed_after_they_are_made() -> None:
    part = Part("met", "It holds.")
    with pytest.raises(FrozenInstanceError):
        part.verdict = "not_met"  # type: ignore[misc] # that is what is tested
    given = Given(manifest(), evidence(), {}, LATER)
    with pytest.raises(FrozenInstanceError):
        given.today = LATER  # type: ignore[misc] # that is what is tested
    locked = Locked()
    with pytest.raises(FrozenInstanceError):
        locked.named = True  # type: ignore[misc] # that is what is tested


def test_a_claim_that_nobody_answers_for_settles_nothing() -> None:
    claim = manifest(
        criteria=(criterion_fields(claimed_in="record", owner="REPLACE"),), exhibits=(exhibit(),)
    ).criteria[0]
    seen = evidence(
        observation(measured(scalar(0.05, 0.02, 0.08))), subjects=(record("test"), record("record"))
    )
    found = judge_criterion(claim, LATER, (PROBE,), seen)
    assert (found.verdict, "placeholder" in found.reason) == ("undetermined", True)

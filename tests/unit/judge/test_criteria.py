"""One criterion: intervals, timing, absence, and how many more cases would settle it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformity.judge.criteria import judge_criterion
from conformity.model.finding import CriterionJudgement
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Result, Scalar
from tests.support.assessments import PROBE, bound, evidence, measured, observation, scalar

LATER = date(2026, 11, 23)
"""A day on which the data came into being that is so late that only the run's day matters."""


def judged(
    *measurements: Measurement, produced_on: date | None = LATER, **changes: Any
) -> CriterionJudgement:
    return judge_criterion(bound(**changes), produced_on, (PROBE,), evidence(observation(*measurements)))


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        pytest.param(0.02, 0.05, 0.09, "met", id="whole interval below"),
        pytest.param(0.02, 0.05, 0.10, "met", id="upper end on the bound"),
        pytest.param(0.02, 0.05, 0.1000001, "undetermined", id="point below, end just above"),
        pytest.param(0.05, 0.15, 0.20, "undetermined", id="point above, interval straddles"),
        pytest.param(0.10, 0.15, 0.20, "undetermined", id="lower end on the bound"),
        pytest.param(0.1000001, 0.15, 0.20, "not_met", id="whole interval above"),
    ],
)
def test_an_upper_bound_is_judged_on_the_interval(
    low: float, value: float, high: float, verdict: str
) -> None:
    assert judged(measured(scalar(value, low, high))).verdict == verdict


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [
        pytest.param(0.80, 0.9, 0.95, "met", id="lower end on the bound"),
        pytest.param(0.7999, 0.9, 0.95, "undetermined", id="lower end just below"),
        pytest.param(0.6, 0.7, 0.80, "undetermined", id="upper end on the bound"),
        pytest.param(0.6, 0.7, 0.7999, "not_met", id="upper end just below"),
    ],
)
def test_a_lower_bound_is_judged_on_the_interval(low: float, value: float, high: float, verdict: str) -> None:
    result = judged(measured(scalar(value, low, high)), at_least=0.8, at_most=None)
    assert result.verdict == verdict


def test_both_bounds_must_be_kept() -> None:
    assert judged(measured(scalar(0.5, 0.45, 0.55)), at_least=0.4, at_most=0.6).verdict == "met"
    assert judged(measured(scalar(0.5, 0.35, 0.65)), at_least=0.4, at_most=0.6).verdict == "undetermined"


def test_an_interval_that_misses_its_own_point_is_widened() -> None:
    assert judged(measured(scalar(0.3, 0.01, 0.05))).verdict == "undetermined"


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        pytest.param(Count(value=0, unit="rows"), "met", id="count below"),
        pytest.param(Count(value=1, unit="rows"), "not_met", id="count above"),
        pytest.param(Scalar(value=0.1, unit="1", n=9), "undetermined", id="estimate without an interval"),
        pytest.param(Scalar(value=0.0, unit="1", n=0), "not_collected", id="no case"),
        pytest.param(NotAvailable(why="too_few_cases", reason="few"), "undetermined", id="too few"),
        pytest.param(NotAvailable(why="undefined", reason="0/0"), "undetermined", id="undefined"),
        pytest.param(NotAvailable(why="not_collected", reason="blank"), "not_collected", id="blank"),
    ],
)
def test_other_results(result: Result, verdict: str) -> None:
    assert judged(measured(result)).verdict == verdict


@pytest.mark.parametrize(
    ("result", "at_most", "verdict"),
    [
        pytest.param(Count(value=0, unit="names"), 0, "undetermined", id="nothing found"),
        pytest.param(Count(value=1, unit="names"), 0, "not_met", id="something found"),
        pytest.param(scalar(0.02, 0.01, 0.03), 0.5, "undetermined", id="a small share found"),
        pytest.param(scalar(0.6, 0.51, 0.7), 0.5, "not_met", id="a large share found"),
    ],
)
def test_what_a_detector_did_not_find_meets_no_bound(result: Result, at_most: float, verdict: str) -> None:
    found = judged(measured(result, metric="finds", by=()), metric="finds", by=(), at_most=at_most)
    assert found.verdict == verdict
    assert found.readings[0].more_needed is None


@pytest.mark.parametrize("value", [0.01, 5.0])
def test_an_indicative_figure_settles_nothing(value: float) -> None:
    result = scalar(value, value / 2, value * 2)
    found = judged(measured(result, metric="energy", by=()), metric="energy", by=(), at_most=0.1)
    assert found.verdict == "undetermined"
    assert "indicative" in found.reason


@pytest.mark.parametrize(("level", "verdict"), [(0.95, "met"), (0.9375, "undetermined")])
def test_an_interval_of_a_lower_level_settles_nothing(level: float, verdict: str) -> None:
    interval = Interval(low=0.01, high=0.02, level=level, method="order statistics")
    assert judged(measured(Scalar(value=0.015, unit="1", n=9, interval=interval))).verdict == verdict


@pytest.mark.parametrize("field", ["reason", "owner"])
def test_a_bound_that_nobody_answers_for_settles_nothing(field: str) -> None:
    changes: dict[str, Any] = {field: "REPLACE: who and why"}
    found = judged(measured(scalar(0.01, 0.0, 0.02)), **changes)
    assert found.verdict == "undetermined"
    assert "placeholder" in found.reason


def test_a_value_over_all_cases_needs_no_interval() -> None:
    share = Scalar(value=0.1, unit="1", n=9)
    found = judged(measured(share, metric="blanks", by=("a",)), metric="blanks", by=("a",))
    assert (found.verdict, found.reason) == ("met", "The value over all cases keeps the bound.")


def test_more_cases_needed_follow_the_square_of_the_distances() -> None:
    # By hand: the interval reaches 0.04 towards the bound, the bound is 0.02 away: (0.04/0.02)^2 = 4
    # times as many cases, so 3 * 400 more.
    (reading,) = judged(measured(scalar(0.08, 0.04, 0.12))).readings
    assert reading.more_needed == 1200


@pytest.mark.parametrize(
    ("result", "changes"),
    [
        pytest.param(scalar(0.12, 0.08, 0.16), {}, id="the estimate misses the bound"),
        pytest.param(scalar(0.08, 0.04, 0.12, n=29), {}, id="too few to extrapolate from"),
        pytest.param(scalar(0.08, 0.04, 0.12), {"fixed_at": date(2027, 1, 1)}, id="a bound that is too late"),
    ],
)
def test_more_cases_are_not_promised_where_they_would_not_help(
    result: Scalar, changes: dict[str, Any]
) -> None:
    found = judged(measured(result), **changes)
    assert found.verdict == "undetermined"
    assert found.readings[0].more_needed is None


def test_more_cases_are_promised_from_thirty_on() -> None:
    assert judged(measured(scalar(0.08, 0.04, 0.12, n=30))).readings[0].more_needed == 90


def test_no_number_of_cases_when_the_estimate_lies_on_the_bound() -> None:
    (reading,) = judged(measured(scalar(0.1, 0.05, 0.15))).readings
    assert reading.more_needed is None


def test_the_worst_group_stands_for_all() -> None:
    groups = [
        measured(scalar(0.9, 0.85, 0.95), metric="rate", group=("f",)),
        measured(scalar(0.7, 0.65, 0.75), metric="rate", group=("m",)),
    ]
    result = judged(*groups, metric="rate", at_least=0.8, at_most=None)
    assert (result.verdict, result.reason) == ("not_met", "1 of 2 readings miss the bound.")
    only = judged(*groups, metric="rate", at_least=0.8, at_most=None, group=("f",))
    assert (only.verdict, len(only.readings)) == ("met", 1)


def test_a_column_metric_without_columns_is_about_every_column() -> None:
    columns = [
        measured(Scalar(value=v, unit="1", n=9), metric="blanks", by=(c,))
        for c, v in [("a", 0.0), ("b", 0.05)]
    ]
    result = judged(*columns, metric="blanks", by=())
    assert (result.verdict, len(result.readings)) == ("met", 2)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        pytest.param({"metric": "gap", "by": ("AGE",)}, "holds gap only for: SEX", id="other attribute"),
        pytest.param(
            {"metric": "rows", "by": ()}, "Nothing in the evidence measures rows", id="not measured"
        ),
        pytest.param({"metric": "unheard_of"}, "Nothing in the evidence measures", id="unknown metric"),
        pytest.param({"subject": "other"}, "Nothing in the evidence measures", id="other subject"),
    ],
)
def test_what_was_not_measured_is_not_collected(changes: dict[str, Any], part: str) -> None:
    result = judged(measured(scalar(0.01, 0.0, 0.02)), **changes)
    assert result.verdict == "not_collected"
    assert part in result.reason


def test_a_failed_probe_is_not_collected_with_its_reason() -> None:
    failed = observation(outcome="error", reason="The worker ran out of memory.")
    result = judge_criterion(bound(), LATER, (PROBE,), evidence(failed))
    assert (result.verdict, result.reason) == ("not_collected", "Not measured: The worker ran out of memory.")


@pytest.mark.parametrize(
    ("fixed_at", "produced_on", "verdict"),
    [
        pytest.param(date(2026, 11, 21), LATER, "met", id="the day before the run"),
        pytest.param(date(2026, 11, 22), LATER, "undetermined", id="a bare date on the day of the run"),
        pytest.param(datetime(2026, 11, 22, 11, 59, tzinfo=UTC), LATER, "met", id="a minute before"),
        pytest.param(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), LATER, "undetermined", id="at the moment"),
        pytest.param(date(2026, 12, 24), LATER, "undetermined", id="in the future"),
        pytest.param(date(2026, 10, 1), None, "undetermined", id="data of an unknown day"),
        pytest.param(date(2026, 10, 1), date(2026, 10, 2), "met", id="the day before the data"),
        pytest.param(date(2026, 10, 1), date(2026, 10, 1), "undetermined", id="the day of the data"),
        pytest.param(
            datetime(2026, 9, 30, 23, 0, tzinfo=UTC), date(2026, 10, 1), "met", id="an hour before the day"
        ),
    ],
)
def test_a_bound_must_be_older_than_what_it_judges(
    fixed_at: date, produced_on: date | None, verdict: str
) -> None:
    result = judged(measured(scalar(0.01, 0.0, 0.02)), fixed_at=fixed_at, produced_on=produced_on)
    assert result.verdict == verdict
    assert ("Art. 9(8)" in result.reason) == (verdict == "undetermined")
    assert result.readings


@pytest.mark.parametrize(
    ("result", "changes", "words"),
    [
        (NotAvailable(why="too_few_cases", reason="few"), {}, "few. More cases would give a number."),
        (NotAvailable(why="undefined", reason="0/0."), {}, "0/0. Data in which it is defined would give"),
        (Scalar(value=0.1, unit="1", n=9), {}, "more cases may give it one"),
        (
            scalar(0.12, 0.08, 0.16),
            {},
            "misses it. First examine the possible bias and mitigate it (Art. 10(2)(f)-(g)), or",
        ),
        (
            scalar(0.08, 0.04, 0.12),
            {"fixed_at": date(2026, 12, 1)},
            "can judge data that come into being later",
        ),
        (scalar(0.1, 0.0, 0.2), {"metric": "energy", "by": ()}, "Put the bound on a figure whose error"),
        (Count(value=0, unit="names"), {"metric": "finds", "by": ()}, "show that the bound is missed, never"),
    ],
)
def test_an_open_bound_says_what_would_settle_it(result: Result, changes: dict[str, Any], words: str) -> None:
    about = {key: value for key, value in changes.items() if key in ("metric", "by")}
    found = judged(measured(result, **about), **changes)
    assert found.verdict == "undetermined"
    assert words in found.reason


def test_data_of_an_unknown_day_ask_for_the_day() -> None:
    result = judged(measured(scalar(0.01, 0.0, 0.02)), produced_on=None)
    assert "Declare the day (`produced_on`)." in result.reason


@pytest.mark.parametrize(("n", "shown"), [(19, 57), (100, 300), (1234, 3800), (33333, 100000)])
def test_more_cases_are_told_to_two_digits_rounded_up(n: int, shown: int) -> None:
    """Half the distance needs four times the cases: 3 n more, of which no more than two digits are known."""
    found = judged(measured(scalar(0.08, 0.04, 0.12, n=n))).readings[0].more_needed
    assert found == (shown if n >= 30 else None)

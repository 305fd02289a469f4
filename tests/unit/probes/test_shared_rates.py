"""Rates: what counts, what blanks may change, and why there is no number."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.shared import rates
from conformity.probes.shared.cells import BLANK, STRANGE
from conformity.probes.shared.intervals import Ints, quantile, wilson
from conformity.probes.shared.rates import Rate
from conformity.probes.shared.trials import rate_results, trials_of
from conformity.settings import MIN_GROUP


def _counts(cells: dict[tuple[int, int], int]) -> Ints:
    counts = np.zeros((1, 4, 4), dtype=np.int64)
    for (label, prediction), rows in cells.items():
        counts[0, label, prediction] = rows
    return counts


_KNOWN = {(0, 0): 100, (0, 1): 200, (1, 0): 300, (1, 1): 400}


@pytest.mark.parametrize(
    ("rate", "successes", "failures"),
    [
        (rates.SELECTION, 600, 400),
        (rates.LABEL, 700, 300),
        (rates.TRUE_POSITIVE, 400, 300),
        (rates.RECALL, 400, 300),
        (rates.FALSE_POSITIVE, 200, 100),
        (rates.TRUE_NEGATIVE, 100, 200),
        (rates.ACCURACY, 500, 500),
        (rates.PRECISION, 400, 200),
        (rates.OVERLAP, 400, 500),
        (rates.FALSE_NEGATIVE, 300, 400),
        (rates.POSITIVE_VALUE, 400, 200),
        (rates.NEGATIVE_VALUE, 100, 300),
        (rates.FALSE_DISCOVERY, 200, 400),
        (rates.FALSE_OMISSION, 300, 100),
        (rates.MISSED, 300, 200),
    ],
    ids=lambda value: value.name if isinstance(value, Rate) else str(value),
)
def test_rates_count_what_their_definition_says(rate: Rate, successes: int, failures: int) -> None:
    """By hand from the confusion matrix TN 100, FP 200, FN 300, TP 400."""
    seen = trials_of(_counts(_KNOWN), rate)
    assert (seen.successes[0], seen.failures[0], seen.cases[0]) == (successes, failures, successes + failures)
    assert not seen.blanks[0]


@pytest.mark.parametrize(
    ("rate", "state", "could_succeed", "could_fail"),
    [
        (rates.SELECTION, (1, BLANK), 7, 7),
        (rates.TRUE_POSITIVE, (1, BLANK), 7, 7),
        (rates.TRUE_POSITIVE, (BLANK, 1), 7, 0),
        (rates.TRUE_POSITIVE, (BLANK, 0), 0, 7),
        (rates.TRUE_POSITIVE, (BLANK, BLANK), 7, 7),
        (rates.TRUE_POSITIVE, (0, BLANK), 0, 0),
        (rates.PRECISION, (0, BLANK), 0, 7),
        (rates.OVERLAP, (BLANK, 0), 0, 7),
        (rates.ACCURACY, (BLANK, 1), 7, 7),
        (rates.FALSE_OMISSION, (BLANK, 0), 7, 7),
        (rates.FALSE_OMISSION, (1, BLANK), 7, 0),
        (rates.MISSED, (1, BLANK), 7, 0),
        (rates.MISSED, (BLANK, 1), 0, 7),
    ],
)
def test_blanks_count_as_whatever_they_could_be(
    rate: Rate, state: tuple[int, int], could_succeed: int, could_fail: int
) -> None:
    seen = trials_of(_counts({**_KNOWN, state: 7}), rate)
    assert (seen.more_successes[0], seen.more_failures[0]) == (could_succeed, could_fail)
    assert seen.blanks[0] == bool(could_succeed or could_fail)
    assert seen.strange[0] == 0


def test_an_outcome_that_a_rate_does_not_use_may_be_anything() -> None:
    seen = trials_of(_counts({(BLANK, 1): 3, (STRANGE, 0): 4, (0, 1): 5}), rates.SELECTION)
    assert (seen.successes[0], seen.failures[0], seen.strange[0]) == (8, 4, 0)
    assert not seen.blanks[0]


def test_blanks_widen_the_limits_to_the_worst_and_the_best_filling() -> None:
    """By hand: 50 of 100 known and 20 blank: Wilson from 50 of 120 to 70 of 120."""
    z = quantile(0.95)
    limits = trials_of(_counts({(0, 1): 50, (0, 0): 50, (0, BLANK): 20}), rates.SELECTION).limits(z)
    assert limits.low_point[0] == pytest.approx(50 / 120)
    assert limits.high_point[0] == pytest.approx(70 / 120)
    assert limits.low[0] == wilson(np.array([50]), np.array([70]), z)[0][0]
    assert limits.high[0] == wilson(np.array([70]), np.array([50]), z)[1][0]


def _result(cells: dict[tuple[int, int], int], rate: Rate, value: float = 0.0) -> Scalar | NotAvailable:
    result = rate_results(rate, trials_of(_counts(cells), rate), (value,))[0]
    assert isinstance(result, Scalar | NotAvailable)
    return result


def test_a_rate_has_its_wilson_interval() -> None:
    """Source of the limits: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263."""
    result = _result({(0, 1): 81, (0, 0): 182}, rates.SELECTION, 81 / 263)
    assert isinstance(result, Scalar)
    assert result.interval is not None
    assert (result.value, result.n, result.unit) == (81 / 263, 263, "1")
    assert (result.interval.low, result.interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert result.interval.method == "Wilson score"


def test_a_rate_with_blanks_is_that_of_the_known_rows() -> None:
    result = _result({(0, 1): 50, (0, 0): 50, (0, BLANK): 20}, rates.SELECTION, 0.5)
    assert isinstance(result, Scalar)
    assert result.interval is not None
    assert (result.value, result.n) == (0.5, 100)
    assert result.interval.low < 0.34
    assert result.interval.high > 0.66
    assert result.interval.method == "Wilson score, blanks counted both ways"


@pytest.mark.parametrize("cases", [1, MIN_GROUP - 1])
def test_few_cases_are_no_rate(cases: int) -> None:
    result = _result({(0, 1): cases}, rates.SELECTION, 1.0)
    assert isinstance(result, NotAvailable)
    assert (result.why, result.n) == ("too_few_cases", cases)
    assert f"fewer than {MIN_GROUP}" in result.reason
    assert f" {cases} " not in result.reason


def test_just_enough_cases_are_a_rate() -> None:
    assert isinstance(_result({(0, 1): MIN_GROUP}, rates.SELECTION, 1.0), Scalar)


def test_no_actual_positives_is_not_defined_and_never_zero() -> None:
    result = _result({(0, 1): 50, (0, 0): 50}, rates.TRUE_POSITIVE)
    assert isinstance(result, NotAvailable)
    assert result.why == "undefined"
    assert "actual positives, or none" in result.reason


def test_all_blank_is_not_collected() -> None:
    result = _result({(1, BLANK): 50, (0, BLANK): 50}, rates.SELECTION)
    assert isinstance(result, NotAvailable)
    assert result.why == "not_collected"
    assert "blank" in result.reason


@pytest.mark.parametrize(("rows", "words"), [(3, "fewer than 10 rows have"), (12, "12 rows have")])
def test_unrecognised_outcomes_are_not_collected_and_not_negative(rows: int, words: str) -> None:
    result = _result({(0, 1): 50, (0, 0): 50, (0, STRANGE): rows}, rates.SELECTION, 0.5)
    assert isinstance(result, NotAvailable)
    assert (result.why, result.n) == ("not_collected", 100)
    assert result.reason.startswith(words)
    assert "add the values" in result.reason

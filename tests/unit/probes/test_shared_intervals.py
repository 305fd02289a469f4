"""Limits of rates, differences and ratios: published examples, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.probes.shared.intervals import (
    Limits,
    difference_high,
    difference_low,
    mean_limits,
    quantile,
    ratio_high,
    ratio_low,
    wilson,
)

Z = quantile(0.95)


def _limits(successes: object, cases: object) -> Limits:
    wins, trials = np.atleast_1d(np.asarray(successes)), np.atleast_1d(np.asarray(cases))
    low, high = wilson(wins, trials - wins, Z)
    rate = wins / trials
    return Limits(rate, low, rate, high)


def test_quantile_is_the_normal_one_and_shares_the_error() -> None:
    """Standard normal tables: 1.959964 for 5 %, 2.575829 for 1 % (5 % among five)."""
    assert quantile(0.95) == pytest.approx(1.959963985, abs=1e-9)
    assert quantile(0.95, 5) == pytest.approx(2.575829304, abs=1e-9)


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_limits(successes: int, cases: int, low: float, high: float) -> None:
    """Source: Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    found = _limits(successes, cases)
    assert (found.low[0], found.high[0]) == pytest.approx((low, high), abs=5e-5)


def test_wilson_never_collapses_at_none_or_all() -> None:
    found = _limits([0, 40], [40, 40])
    assert found.low[0] == 0
    assert found.high[0] == pytest.approx(0.0876, abs=5e-5)
    assert found.low[1] == pytest.approx(1 - 0.0876, abs=5e-5)
    assert found.high[1] == 1


def test_wilson_knows_nothing_without_cases() -> None:
    low, high = wilson(np.array([0]), np.array([0]), Z)
    assert (low[0], high[0]) == (0, 1)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
    ],
)
def test_difference_gives_the_published_limits(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Source: Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10."""
    one, other = _limits(*first), _limits(*second)
    assert difference_low(one, other)[0] == pytest.approx(low, abs=5e-5)
    assert difference_high(one, other)[0] == pytest.approx(high, abs=5e-5)


def test_ratio_gives_the_published_limits() -> None:
    """Source: Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables (2017), chapter 4.

    The trial of Perondi et al. (2004), 7 of 34 against 1 of 34, MOVER-R Wilson: 1.1537 to 41.9763.
    """
    one, other = _limits(7, 34), _limits(1, 34)
    assert ratio_low(one, other)[0] == pytest.approx(1.1537, abs=5e-5)
    assert ratio_high(one, other)[0] == pytest.approx(41.9763, abs=5e-5)


def test_ratio_is_bounded_by_nothing_when_the_divisor_may_be_zero() -> None:
    one, none = _limits([5, 0], [50, 50]), _limits([0, 0], [50, 50])
    assert ratio_low(one, none)[0] > 0
    assert ratio_low(one, none)[1] == 0
    assert np.isinf(ratio_high(one, none)).all()


def test_ratio_keeps_its_width_when_everybody_is_selected() -> None:
    """By hand: with p1 = p2 = u2 = 1 the formula reduces to the first rate's lower limit."""
    one, other = _limits(40, 40), _limits(400, 400)
    assert ratio_low(one, other)[0] == pytest.approx(one.low[0], abs=1e-12)
    assert ratio_high(one, other)[0] == pytest.approx(1 / other.low[0], abs=1e-12)


def test_mean_of_two_rates_by_hand() -> None:
    """By hand: 0.8 (0.7, 0.86) and 0.6 (0.52, 0.68) give 0.7 - 0.5 sqrt(0.0164), 0.7 + 0.5 sqrt(0.01)."""
    one = Limits(np.array([0.8]), np.array([0.7]), np.array([0.8]), np.array([0.86]))
    other = Limits(np.array([0.6]), np.array([0.52]), np.array([0.6]), np.array([0.68]))
    low, high = mean_limits(one, other)
    assert low[0] == pytest.approx(0.7 - 0.5 * 0.0164**0.5, abs=1e-12)
    assert high[0] == pytest.approx(0.75, abs=1e-12)


def test_mean_of_two_rates_stays_a_share() -> None:
    none, full = _limits(0, 5), _limits(5, 5)
    assert mean_limits(none, none)[0][0] == 0
    assert mean_limits(full, full)[1][0] == 1


_CASES = [(0.02, 200, 0.03, 5000), (0.3, 50, 0.3, 50), (0.95, 40, 0.95, 40), (0.98, 40, 0.98, 400)]


@pytest.mark.parametrize(("p1", "n1", "p2", "n2"), _CASES)
def test_limits_cover_the_truth_as_often_as_they_say(p1: float, n1: int, p2: float, n2: int) -> None:
    """By simulation: 20,000 draws, nominal 95 %; discreteness costs at most about one point."""
    random = np.random.default_rng(11)
    one = _limits(random.binomial(n1, p1, 20_000), np.full(20_000, n1))
    other = _limits(random.binomial(n2, p2, 20_000), np.full(20_000, n2))
    rate = np.mean((other.low <= p2) & (p2 <= other.high))
    gap = np.mean((difference_low(one, other) <= p1 - p2) & (p1 - p2 <= difference_high(one, other)))
    ratio = np.mean((ratio_low(one, other) <= p1 / p2) & (p1 / p2 <= ratio_high(one, other)))
    assert rate >= 0.93
    assert gap >= 0.94
    assert ratio >= 0.94

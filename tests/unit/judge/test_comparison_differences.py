"""Differences of two estimates: known intervals, p-values that agree with them, a correction for many."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformity.judge.comparison.differences import difference, holm, wilson
from conformity.model.measurement import Interval, Scalar
from tests.support.comparisons import share

# Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: first rate less second.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


def estimate(value: float, low: float, high: float, level: float = 0.95) -> Scalar:
    return Scalar(
        value=value, unit="kWh", n=6, interval=Interval(low=low, high=high, level=level, method="m")
    )


@pytest.mark.parametrize(("a", "m", "b", "n", "low", "high"), NEWCOMBE)
def test_two_rates_have_newcombes_interval(a: int, m: int, b: int, n: int, low: float, high: float) -> None:
    found = difference(share(b, n), share(a, m), same_data=False)
    assert found is not None
    assert found.method == "score"
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)
    assert found.value == pytest.approx(a / m - b / n)


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611)])
def test_wilson_limits_are_the_published_ones(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3."""
    found = wilson(hits / n, n, 1.959963984540054)
    assert found == pytest.approx((low, high), abs=6e-5)


@given(
    a=st.integers(0, 60), b=st.integers(0, 60), m=st.integers(1, 60), n=st.integers(1, 60), same=st.booleans()
)
def test_p_is_below_a_twentieth_exactly_where_the_interval_leaves_zero_out(
    a: int, b: int, m: int, n: int, same: bool
) -> None:
    found = difference(share(min(a, m), m), share(min(b, n), n), same_data=same)
    assert found is not None
    assert 0 <= found.p <= 1
    outside = found.low > 1e-9 or found.high < -1e-9
    assert not outside or found.p <= 0.05 + 1e-9
    assert outside or found.p >= 0.05 - 1e-6


def test_independent_normal_estimates_are_joined_by_the_root_of_squares() -> None:
    found = difference(estimate(10, 10 - 3, 10 + 3), estimate(20, 20 - 4, 20 + 4), same_data=False)
    assert found is not None
    assert (found.value, found.low, found.high) == (10, 5, 15)
    assert found.method == "intervals"
    # z = 10 / (5 / 1.96) = 3.92: two-sided p of the normal distribution.
    assert found.p == pytest.approx(math.erfc(2 * 1.959963984540054 / math.sqrt(2)), rel=1e-6)


def test_margins_are_added_where_the_cases_are_the_same() -> None:
    found = difference(estimate(10, 7, 13), estimate(20, 16, 24), same_data=True)
    assert found is not None
    assert (found.low, found.high, found.method) == (3, 17, "any_dependence")


def test_a_skewed_interval_stays_skewed() -> None:
    found = difference(estimate(1, 0.9, 2), estimate(3, 2, 3.1), same_data=False)
    assert found is not None
    assert found.low == pytest.approx(2 - math.hypot(1, 1))
    assert found.high == pytest.approx(2 + math.hypot(0.1, 0.1))


def test_intervals_of_other_levels_are_brought_to_one() -> None:
    found = difference(
        estimate(0, -1, 1, 0.6826894921370859), estimate(5, 4, 6, 0.6826894921370859), same_data=True
    )
    assert found is not None
    assert found.high - found.value == pytest.approx(2 * 1.959963984540054)


def test_without_an_interval_or_with_one_of_no_width_nothing_is_told() -> None:
    bare = Scalar(value=1, unit="kWh", n=6)
    assert difference(bare, estimate(2, 1, 3), same_data=False) is None
    assert difference(estimate(2, 1, 3), bare, same_data=False) is None
    assert difference(estimate(2, 2, 2), estimate(3, 3, 3), same_data=False) is None


def test_the_same_value_is_no_change_and_a_huge_change_has_no_chance() -> None:
    same = difference(share(5, 10), share(50, 100), same_data=False)
    assert same is not None
    assert same.p == 1.0
    far = difference(estimate(0, -0.001, 0.001), estimate(9, 8.999, 9.001), same_data=False)
    assert far is not None
    assert far.p == 0.0


def told(value: float, n: int, unit: str = "1", method: str = "Wilson score") -> Scalar:
    """Return a share, or what looks like one."""
    return Scalar(value=value, unit=unit, n=n, interval=Interval(low=0, high=1, method=method))


@pytest.mark.parametrize(
    ("one", "method"),
    [
        pytest.param(told(0.5, 10), "score", id="a rate"),
        pytest.param(told(1.0, 1), "score", id="one case"),
        pytest.param(told(0.3333333, 3000), "score", id="within a millionth of 1000 cases"),
        pytest.param(told(9e-7, 1), "score", id="within a millionth of a case"),
        pytest.param(told(1e-6, 1), "intervals", id="a millionth of a case"),
        pytest.param(told(1.5e-6, 1), "intervals", id="more than a millionth of a case"),
        pytest.param(told(0.333, 10), "intervals", id="part of a case"),
        pytest.param(told(0.5, 0), "intervals", id="no case"),
        pytest.param(told(0.5, 10, unit="kWh"), "intervals", id="another unit"),
        pytest.param(told(0.5, 10, method="bootstrap"), "intervals", id="another interval"),
    ],
)
def test_only_shares_of_whole_cases_with_wilsons_interval_are_rates(one: Scalar, method: str) -> None:
    for pair in ((one, share(9, 10)), (share(9, 10), one)):
        found = difference(*pair, same_data=False)
        assert found is not None
        assert found.method == method


@pytest.mark.parametrize("n", range(1, 100))
def test_the_limits_of_a_rate_are_rates(n: int) -> None:
    """The formula gives a little more than 1, or less than 0, where floating point rounds so."""
    assert wilson(1.0, n, 1.959963984540054)[1] == 1.0
    assert wilson(0.0, n, 1.959963984540054)[0] == 0.0


def test_one_margin_of_no_width_is_no_hindrance() -> None:
    found = difference(estimate(2, 2, 3), estimate(4, 4, 4), same_data=False)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((1, 2))


def test_a_likely_difference_has_the_chance_of_the_normal_distribution() -> None:
    # Half a standard deviation: P(|Z| > 0.5) = 0.617075, from tables.
    found = difference(estimate(0, 0, 0), estimate(1, 1 - 2 * 1.959964, 1 + 2 * 1.959964), same_data=False)
    assert found is not None
    assert found.p == pytest.approx(0.617075, abs=1e-6)


def test_holms_correction_is_the_published_one() -> None:
    """R, stats::p.adjust, method "holm", on the same numbers."""
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx((0.05, 0.08, 0.09, 0.09, 0.09))
    assert holm([0.04, 0.005, 0.03, 0.01]) == pytest.approx((0.06, 0.02, 0.06, 0.03))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()

"""Limits of means and gaps of groups: coverage by simulation, and what nothing bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.shared.absent import few
from conformity.probes.shared.estimates import (
    Estimate,
    gap_of,
    largest_of,
    results_of,
    small_groups_note,
)
from conformity.probes.shared.intervals import Floats, Ints, Limits, quantile
from conformity.probes.shared.moments import (
    bounded_limits,
    effective_cases,
    largest_gap,
    positive_limits,
    shared_quantile,
    signed_limits,
    student,
)
from tests.support.number_rows import covered

Z = quantile(0.95)
BY = ("sex",)
NAMES = (("a",), ("b",), ("c",))


def _sampled(draw: Callable[[tuple[int, int]], Floats], n: int) -> tuple[Ints, Floats, Floats]:
    values = draw((2000, n))
    return np.full(2000, n, dtype=np.int64), values.mean(axis=1), values.var(axis=1, ddof=1)


def _estimate(means: list[float], cases: list[int], spread: float = 0.01) -> Estimate:
    n, m = np.array(cases), np.array(means)
    return Estimate(
        name="mean score",
        values=m,
        cases=n,
        reasons=tuple(few("mean score", "rows", one) for one in cases),
        limits=lambda z: bounded_limits(n, m, np.full(len(m), spread), z, np.zeros(len(m), dtype=np.int64)),
        method="by hand",
    )


@pytest.mark.parametrize("freedom", [9, 29, 200])
def test_students_quantiles_are_those_of_scipy(freedom: int) -> None:
    from scipy.stats import norm, t

    for z in (1.96, 2.8, 3.5):
        expected = t.isf(norm.sf(z), freedom)
        assert student(z, np.array([freedom + 1]))[0] == pytest.approx(expected, rel=2e-3)


@pytest.mark.parametrize("n", [30, 100])
def test_sizes_of_errors_are_covered(n: int) -> None:
    """By simulation, 2,000 samples: half-normal and exponential sizes, 93 to 97 %."""
    random = np.random.default_rng(1)
    halves = positive_limits(*_sampled(lambda size: np.abs(random.standard_normal(size)), n), Z)
    assert 0.93 <= covered(halves, np.sqrt(2 / np.pi)) <= 0.975
    assert 0.93 <= covered(positive_limits(*_sampled(random.standard_exponential, n), Z), 1) <= 0.97


def test_means_of_any_sign_are_covered() -> None:
    random = np.random.default_rng(2)
    found = signed_limits(*_sampled(lambda size: random.laplace(size=size) + 3, 30), Z)
    assert 0.93 <= covered(found, 3) <= 0.97


def test_yes_or_no_values_have_wilson_limits() -> None:
    """The most that values in [0, 1] can vary is as much as yes-or-no cases; Wilson's limits are theirs."""
    from conformity.probes.shared.intervals import wilson

    n, mean = np.array([50]), np.array([0.3])
    found = bounded_limits(n, mean, mean * (1 - mean) * 50 / 49, Z, np.zeros(1, dtype=np.int64))
    low, high = wilson(np.array([15]), np.array([35]), Z)
    assert (found.low[0], found.high[0]) == pytest.approx((low[0], high[0]))
    assert effective_cases(n, np.array([0.0]), np.array([0.0])).tolist() == [50.0]


def test_what_is_not_known_is_not_bounded() -> None:
    cases, one = np.array([9, 50, 50]), np.array([1.0, 1.0, 1.0])
    for limits in (
        signed_limits(cases, one, np.array([1.0, np.inf, 0.0]), Z),
        positive_limits(cases, np.array([1.0, 1.0, 0.0]), np.array([1.0, np.inf, 0.0]), Z),
    ):
        assert np.isneginf(limits.low).all()
        assert np.isposinf(limits.high).all()


def test_a_mean_that_rests_on_few_large_values_is_not_bounded() -> None:
    """Two errors of 50 among a hundred of 0: the mean is 1 and its relative standard error 0.7."""
    values = np.array([50.0, 50.0] + [0.0] * 98)
    limits = positive_limits(np.array([100]), np.array([values.mean()]), np.array([values.var(ddof=1)]), Z)
    assert np.isposinf(limits.high[0])


def test_the_gap_by_hand() -> None:
    """0.5 ± 0.1 against 0.2 ± 0.1: 0.3 ± sqrt(0.02)."""
    limits = Limits(*(np.array(end) for end in ([0.5, 0.2], [0.4, 0.1], [0.5, 0.2], [0.6, 0.3])))
    low, high = largest_gap(limits, limits)
    assert (low, high) == pytest.approx((0.3 - np.sqrt(0.02), 0.3 + np.sqrt(0.02)))
    assert shared_quantile(0.95, 2) == quantile(0.95)
    assert shared_quantile(0.95, 4) == quantile(0.95, 6)


def test_the_largest_gap_is_covered() -> None:
    """By simulation, 1,000 tables of four groups with means 0.5, 0.5, 0.5 and 0.6: at least 94 %."""
    random = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        draws = [random.beta(a, b, 60) for a, b in ((5, 5), (5, 5), (5, 5), (6, 4))]
        found = gap_of(
            _estimate([float(d.mean()) for d in draws], [60] * 4, float(np.mean([d.var() for d in draws]))),
            BY,
            (*NAMES, ("d",)),
        )
        assert isinstance(found, Scalar)
        assert found.interval is not None
        held += found.interval.low <= 0.1 <= found.interval.high
    assert held >= 940


def test_small_groups_are_neither_in_the_interval_nor_in_the_point() -> None:
    large = gap_of(_estimate([0.5, 0.6], [200, 200]), BY, NAMES[:2])
    three = _estimate([0.5, 0.6, 0.99], [200, 200, 5])
    found = gap_of(three, BY, NAMES)
    assert isinstance(found, Scalar)
    assert isinstance(large, Scalar)
    assert large.value == pytest.approx(0.1)
    assert found == large
    assert "'c'; comparisons leave them out" in small_groups_note(three, BY, NAMES)
    assert small_groups_note(_estimate([0.5, 0.6], [200, 200]), BY, NAMES[:2]) == ""
    assert small_groups_note(_estimate([0.5, 0.6], [20, 20]), BY, NAMES[:2]) == ""


def test_the_largest_value_of_any_group() -> None:
    three = _estimate([0.1, 0.2, 0.15], [200, 200, 5])
    found = largest_of(three, BY, NAMES)
    assert isinstance(found, Scalar)
    assert (found.value, found.n) == (0.2, 200)
    assert found.interval is not None
    assert 0.15 < found.interval.low < 0.2 < found.interval.high < 0.25
    assert found == largest_of(_estimate([0.1, 0.2], [200, 200]), BY, NAMES[:2])


def test_a_group_of_which_only_blanks_are_left_counts_as_anything() -> None:
    three = replace(_estimate([0.1, 0.2, 0.15], [200, 200, 5]), blanks=np.array([0, 0, 25]), span=(0.0, 1.0))
    for found, high in ((largest_of(three, BY, NAMES), 1.0), (gap_of(three, BY, NAMES), 0.9)):
        assert isinstance(found, Scalar)
        assert found.interval is not None
        assert found.interval.high > high - 0.05
    note = small_groups_note(three, BY, NAMES)
    assert "'c'; they count in every comparison as any value" in note


@pytest.mark.parametrize("compare", [gap_of, largest_of])
@pytest.mark.parametrize(
    ("cases", "why", "words"),
    [
        ([200], "too_few_cases", "only one group of sex, 'a'"),
        ([200, 20], "too_few_cases", "only one group has enough cases"),
        ([20, 0], "too_few_cases", "no group has enough cases"),
        ([0, 0], "undefined", "or none"),
    ],
)
def test_one_group_is_no_comparison(
    compare: Callable[..., object], cases: list[int], why: str, words: str
) -> None:
    found = compare(_estimate([0.5] * len(cases), cases), BY, NAMES[: len(cases)])
    assert isinstance(found, NotAvailable)
    assert found.why == why
    assert words in found.reason


def test_infinite_limits_make_no_interval() -> None:
    cases, means, spread = np.array([200, 200, 5]), np.array([1.0, 2.0, 3.0]), np.array([1, 1, np.inf])
    found = Estimate(
        name="mean error",
        values=means,
        cases=cases,
        reasons=tuple(few("mean error", "rows", int(n)) for n in cases),
        limits=lambda z: signed_limits(cases, means, spread, z),
        method="by hand",
        unit="points",
        blanks=np.array([0, 0, 100]),
    )
    gap = gap_of(found, BY, NAMES)
    assert isinstance(gap, Scalar)
    assert (gap.value, gap.unit, gap.interval) == (1.0, "points", None)
    assert [getattr(one, "interval", None) is None for one in results_of(found)] == [False, False, True]
    assert "where nothing bounds the value" in small_groups_note(found, BY, NAMES)

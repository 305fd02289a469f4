"""Intervals across groups: against every pair by brute force, and against the truth by simulation."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from conformity.probes.fairness.pairs import difference_ends, ratio_ends, widest_pair
from conformity.probes.shared.intervals import (
    Ints,
    difference_high,
    difference_low,
    quantile,
    ratio_high,
    ratio_low,
)
from conformity.probes.shared.trials import Trials


def _trials(successes: Ints, failures: Ints, blanks: Ints | None = None) -> Trials:
    nothing = np.zeros_like(successes)
    extra = nothing if blanks is None else blanks
    return Trials(successes, failures, extra, extra, nothing)


def _brute_force(seen: Trials, families: int = 1) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return both intervals from every ordered pair, one after the other."""
    groups = len(seen.cases)
    pairs = groups * (groups - 1) // 2
    plain, strict = seen.limits(quantile(0.95)), seen.limits(quantile(0.95, pairs * families))
    strict_ratio = seen.limits(quantile(0.95, pairs))
    ends: list[tuple[float, float, float, float]] = []
    for i, j in permutations(range(groups), 2):
        one, other = np.array([i]), np.array([j])
        ends.append(
            (
                float(difference_low(strict.take(one), strict.take(other))[0]),
                float(difference_high(plain.take(one), plain.take(other))[0]),
                float(ratio_low(plain.take(one), plain.take(other))[0]),
                float(ratio_high(strict_ratio.take(one), strict_ratio.take(other))[0]),
            )
        )
    low, high, ratio_bottom, ratio_top = (list(end) for end in zip(*ends, strict=True))
    return (
        (max(max(low), 0), min(max(high), 1)),
        (min(min(ratio_bottom), 1), min(min(ratio_top), 1)),
    )


@pytest.mark.parametrize("groups", [2, 3, 7, 60])
@pytest.mark.parametrize("seed", range(5))
def test_a_handful_of_groups_decides_as_all_pairs_do(groups: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    size = random.integers(1, 400, groups)
    successes = random.binomial(size, random.uniform(0, 1, groups))
    blanks = random.integers(0, 3, groups) * random.integers(0, 20, groups)
    seen = _trials(successes, size - successes, blanks)
    difference, ratio = _brute_force(seen, families=2)
    assert difference_ends(seen, families=2) == pytest.approx(difference, abs=1e-12)
    assert ratio_ends(seen) == pytest.approx(ratio, abs=1e-12)


def test_equal_groups_are_compared_with_one_another() -> None:
    seen = _trials(np.array([50, 50, 50]), np.array([50, 50, 50]))
    difference, ratio = _brute_force(seen)
    assert difference_ends(seen) == pytest.approx(difference, abs=1e-12)
    assert ratio_ends(seen) == pytest.approx(ratio, abs=1e-12)
    assert difference[0] == 0
    assert ratio[1] == 1


def test_two_groups_have_the_plain_newcombe_interval() -> None:
    """Source: Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10: 56/70 and 48/80."""
    seen = _trials(np.array([56, 48]), np.array([14, 32]))
    assert difference_ends(seen) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_group_without_cases_leaves_everything_possible() -> None:
    known = _trials(np.array([500, 480]), np.array([500, 520]))
    more = _trials(np.array([500, 480, 0]), np.array([500, 520, 0]))
    assert difference_ends(known)[1] < 0.1
    assert difference_ends(more)[0] == 0
    assert difference_ends(more)[1] > 0.5
    assert ratio_ends(known)[0] > 0.8
    assert ratio_ends(more)[0] == 0
    assert ratio_ends(more)[1] == 1


def test_a_small_group_widens_the_worse_end_and_not_the_better() -> None:
    known = _trials(np.array([800, 500]), np.array([200, 500]))
    more = _trials(np.array([800, 500, 2]), np.array([200, 500, 2]))
    assert difference_ends(more)[1] > difference_ends(known)[1]
    assert difference_ends(more)[0] <= difference_ends(known)[0]
    assert ratio_ends(more)[0] < ratio_ends(known)[0]
    assert ratio_ends(more)[1] >= ratio_ends(known)[1]


_SETTINGS = [
    ((50,) * 9, (0.3,) * 9),
    ((2000, 300, 50, 40), (0.30, 0.28, 0.25, 0.30)),
    ((500, 500, 500), (0.5, 0.4, 0.3)),
    ((2000, 400, 35), (0.95, 0.97, 0.98)),
]


@pytest.mark.parametrize(("sizes", "truth"), _SETTINGS)
def test_intervals_across_groups_cover_the_truth(sizes: tuple[int, ...], truth: tuple[float, ...]) -> None:
    """By simulation: 300 draws; 95 % less two and a half standard errors is 92 %.

    With nine equal groups of 50 the bare ratio lies below 0.8 nearly always; the interval must not.
    """
    random = np.random.default_rng(5)
    size, rate = np.array(sizes), np.array(truth)
    gap, ratio = rate.max() - rate.min(), rate.min() / rate.max()
    covered = np.zeros(4)
    for _ in range(300):
        successes = random.binomial(size, rate)
        seen = _trials(successes, size - successes)
        difference, quotient = difference_ends(seen), ratio_ends(seen)
        covered += (
            difference[0] <= gap + 1e-12,
            gap - 1e-12 <= difference[1],
            quotient[0] <= ratio + 1e-12,
            ratio - 1e-12 <= quotient[1],
        )
    assert (covered / 300 >= 0.92).all(), covered / 300
    assert covered[1] / 300 >= 0.955
    assert covered[2] / 300 >= 0.955


def test_thousands_of_groups_take_no_time_to_speak_of() -> None:
    """All pairs of 20,000 groups would be 200 million; the outermost layers are a few dozen."""
    random = np.random.default_rng(9)
    size = random.integers(1, 3000, 20_000)
    successes = random.binomial(size, 0.3)
    seen = _trials(successes, size - successes)
    low, high = difference_ends(seen)
    assert 0 <= low < high <= 1
    assert ratio_ends(seen)[0] == 0


def test_the_pair_that_limits_a_gap_is_named_and_need_not_hold_the_smallest_group() -> None:
    """By hand: rates 0.2 of 100 and 0.8 of 100 lie furthest apart; the smallest group is between."""
    seen = _trials(np.array([20, 80, 15]), np.array([80, 20, 15]))
    assert widest_pair(seen, "difference") == (1, 0)
    assert widest_pair(seen, "ratio") == (0, 1)

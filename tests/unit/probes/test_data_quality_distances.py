"""Distances between distributions, by hand and by SciPy; and how often their intervals hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conformity.probes.data_quality.distances import (
    chi_square_p,
    jensen_shannon,
    shares,
    stability_index,
    total_variation,
    variation_interval,
)


def test_equal_and_disjoint_distributions() -> None:
    same, left, right = np.array([0.2, 0.8]), np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert total_variation(same, same) == jensen_shannon(same, same) == stability_index(same, same, 1e-9) == 0
    assert total_variation(left, right) == 1
    assert jensen_shannon(left, right) == 1
    # (1 - 0.01) ln(1 / 0.01), twice: the empty shares are raised to 0.01.
    assert stability_index(left, right, 0.01) == pytest.approx(2 * 0.99 * math.log(100))


def test_distances_by_hand() -> None:
    first, second = shares(np.array([50, 30, 20])), np.array([0.4, 0.4, 0.2])
    assert total_variation(first, second) == pytest.approx(0.1)
    # 0.1 ln(0.5 / 0.4) - 0.1 ln(0.3 / 0.4)
    assert stability_index(first, second, 1e-6) == pytest.approx(0.1 * math.log(1.25) - 0.1 * math.log(0.75))
    # Expected 40, 40, 20 of 100: 100/40 + 100/40 + 0 = 5, and exp(-5 / 2) with two degrees of freedom.
    assert chi_square_p(np.array([50, 30, 20]), second) == pytest.approx(math.exp(-2.5))


def test_jensen_shannon_is_the_square_of_scipys_distance() -> None:
    from scipy.spatial.distance import jensenshannon

    random = np.random.default_rng(3)
    for _ in range(20):
        first, second = random.dirichlet(np.ones(6)), random.dirichlet(np.ones(6))
        first[0] = 0
        first /= first.sum()
        assert jensen_shannon(first, second) == pytest.approx(jensenshannon(first, second, base=2) ** 2)


@pytest.mark.parametrize("groups", [2, 3, 4, 7, 20, 61])
def test_the_p_value_is_scipys(groups: int) -> None:
    from scipy.stats import chisquare

    random = np.random.default_rng(groups)
    expected = random.dirichlet(np.full(groups, 5.0))
    for total in (50, 500, 50_000):
        counts = random.multinomial(total, random.dirichlet(expected * 500))
        assert chi_square_p(counts, expected) == pytest.approx(
            chisquare(counts, expected * total).pvalue, rel=1e-9, abs=1e-13
        )
    assert chi_square_p(np.full(groups, 7), np.full(groups, 1 / groups)) == 1


def test_the_interval_by_hand() -> None:
    # n = 1,000, 5 categories: reach sqrt(ln 40 / 2000) = 0.0429469, bias sqrt(4 / 1000) / 2 = 0.0316228.
    interval = variation_interval(0.2, 5, 1000)
    assert interval.low == pytest.approx(0.2 - 0.0429469 - 0.0316228, abs=1e-6)
    assert interval.high == pytest.approx(0.2 + 0.0429469, abs=1e-6)
    # A second sample as large: the reach grows with the root of two, the bias doubles.
    two = variation_interval(0.5, 5, 1000, 1000)
    assert two.low == pytest.approx(0.5 - 0.0429469 * math.sqrt(2) - 2 * 0.0316228, abs=1e-6)
    assert two.high == pytest.approx(0.5 + 0.0429469 * math.sqrt(2), abs=1e-6)
    assert variation_interval(0.01, 5, 30).low == 0
    assert variation_interval(0.99, 5, 30).high == 1


@pytest.mark.parametrize("groups", [2, 5, 40])
@pytest.mark.parametrize("size", [50, 1000])
@pytest.mark.parametrize("apart", [0.0, 0.3])
def test_intervals_hold_the_truth_in_95_of_100_samples(groups: int, size: int, apart: float) -> None:
    random = np.random.default_rng(groups * size)
    population = random.dirichlet(np.ones(groups))
    drawn_from = (1 - apart) * population + apart * np.eye(groups)[0]
    truth = total_variation(drawn_from, population)
    draws = random.multinomial(size, drawn_from, size=(1000, 2))
    against_population = against_sample = 0
    for first, second in draws:
        one = variation_interval(total_variation(shares(first), population), groups, size)
        two = variation_interval(total_variation(shares(first), shares(second)), groups, size, size)
        against_population += one.low <= truth <= one.high
        against_sample += two.low <= 0 <= two.high
    assert against_population >= 950
    assert against_sample >= 950

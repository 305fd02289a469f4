"""Association measures: equal to peers on rows, corrected for chance, with limits that hold the truth."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from conformity.probes.shared.association import Association, cramers_v, uncertainty_coefficient
from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.resampling import percentile_limits, resampled

_HAIR_EYES = np.array([[68, 119, 26, 7], [20, 84, 17, 94], [15, 54, 14, 10], [5, 29, 14, 16]])
"""592 students of statistics by eye and hair colour.

Source: Snee, The American Statistician 28 (1974) 9-12; eye colour brown, blue, hazel, green.
"""


def _rows(counts: Ints) -> tuple[Ints, Ints]:
    first, second = np.indices(counts.shape).reshape(2, -1)
    return np.repeat(first, counts.reshape(-1)), np.repeat(second, counts.reshape(-1))


def test_v_is_bergsmas_on_published_counts() -> None:
    """Snee's table has chi-square 138.29 on 9 degrees of freedom; corrected as by Bergsma (2013)."""
    from scipy.stats import chi2_contingency

    chi2 = float(chi2_contingency(_HAIR_EYES, correction=False).statistic)
    assert chi2 == pytest.approx(138.29, abs=0.005)
    n = 592
    phi2 = max(0.0, chi2 / n - 9 / (n - 1))
    expected = math.sqrt(phi2 / (4 - 9 / (n - 1) - 1))
    found = cramers_v(_HAIR_EYES)
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert found.low < math.sqrt(chi2 / n / 3) - 0.02 < found.high


def test_the_uncertainty_coefficient_agrees_with_peers_on_rows() -> None:
    from scipy.stats import entropy
    from sklearn.metrics import mutual_info_score

    first, second = _rows(_HAIR_EYES)
    shared = float(mutual_info_score(first, second))
    whole = float(entropy(np.bincount(second)))
    lift = 9 / (2 * 592) * (1 - (shared / whole) ** 2)
    assert uncertainty_coefficient(_HAIR_EYES).value == pytest.approx((shared - lift) / whole, abs=1e-12)


@pytest.mark.parametrize("measure", [cramers_v, uncertainty_coefficient])
def test_a_column_that_determines_the_other_scores_one(measure: Callable[[Ints], Association]) -> None:
    found = measure(np.array([[70, 0, 0], [0, 50, 0], [0, 0, 30]]))
    assert found.value == pytest.approx(1, abs=1e-12)
    assert 0.8 < found.low < 1
    assert found.high == pytest.approx(1, abs=1e-12)


def test_independence_scores_zero_with_limits_at_zero() -> None:
    table = np.full((4, 3), 50)
    for found in (cramers_v(table), uncertainty_coefficient(table)):
        assert found.value == found.low == 0
        assert 0 < found.high < 0.2


def test_a_table_too_small_to_correct_scores_one() -> None:
    """With two rows nothing corrects: r - (r - 1)^2 / (n - 1) is 1."""
    assert cramers_v(np.array([[1, 0], [0, 1]])).value == 1


def test_limits_are_the_same_each_time_and_with_another_seed_nearly_so() -> None:
    once, again, other = (cramers_v(_HAIR_EYES, seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert once.low != other.low
    assert once.low == pytest.approx(other.low, abs=0.01)


def _truth(shares: Floats) -> tuple[float, float]:
    """Return V and the uncertainty coefficient of a population."""
    from scipy.stats import entropy

    expected = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    phi2 = float(((shares - expected) ** 2 / expected).sum())
    sides = [float(entropy(shares.sum(axis=axis))) for axis in (1, 0)]
    shared = sum(sides) - float(entropy(shares.reshape(-1)))
    return math.sqrt(phi2 / (min(shares.shape) - 1)), shared / sides[1]


_TILTED = np.outer(np.full(12, 1 / 12), [0.2, 0.3, 0.5])
_TILTED[:6, 0] += 0.01
_TILTED[6:, 0] -= 0.01
_TILTED[:6, 2] -= 0.01
_TILTED[6:, 2] += 0.01


@pytest.mark.parametrize(
    "shares",
    [
        np.outer([0.5, 0.5], [0.3, 0.7]),
        np.array([[0.28, 0.22], [0.22, 0.28]]),
        np.array([[0.35, 0.15], [0.15, 0.35]]),
        np.array([[0.45, 0.02], [0.03, 0.5]]),
        _TILTED,
    ],
    ids=["none", "weak", "moderate", "strong", "many values"],
)
def test_limits_hold_the_truth_in_about_95_of_100_samples(shares: Floats) -> None:
    """300 samples of 400 rows: at a true coverage of 95 %, fewer than 91 % happen once in 500 runs."""
    generator = np.random.default_rng(7)
    v, u = _truth(shares)
    held = np.zeros(2)
    for number in range(300):
        table = generator.multinomial(400, shares.reshape(-1)).reshape(shares.shape)
        table = table[table.sum(axis=1) > 0]
        for place, (measure, true) in enumerate(((cramers_v, v), (uncertainty_coefficient, u))):
            found = measure(table, draws=300, seed=number)
            held[place] += found.low - 1e-9 <= true <= found.high + 1e-9
    assert (held / 300 >= 0.91).all(), held / 300


def test_resampling_keeps_the_rows_and_the_shares() -> None:
    shares = np.array([[0.1, 0.2], [0.3, 0.4]])
    drawn = np.concatenate(list(resampled(shares, 1000, draws=500)))
    assert drawn.shape == (500, 2, 2)
    assert (drawn.sum(axis=(1, 2)) == 1000).all()
    assert drawn.mean(axis=0) / 1000 == pytest.approx(shares, abs=0.01)


def test_large_tables_are_resampled_in_blocks() -> None:
    shares = np.full(3_000_000, 1 / 3_000_000)
    blocks = resampled(shares, 10, draws=3)
    assert [block.shape for block in blocks] == [(1, 3_000_000)] * 3


def test_percentiles_leave_the_same_out_at_both_ends() -> None:
    low, high = percentile_limits(np.arange(1001) / 1000, 0.9)
    assert [low, high] == pytest.approx([0.05, 0.95])

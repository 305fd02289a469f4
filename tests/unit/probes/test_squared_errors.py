"""Intervals of RMSE and R²: by hand, against a bootstrap of the rows, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.probes.shared.intervals import Floats, quantile
from conformity.probes.shared.squared_errors import explained_of, root_mean_squared_error_of
from tests.support.number_rows import covered, residuals

_Z = quantile(0.95)
_RUNS = 2000


def _errors(kind: str, labels: Floats, random: np.random.Generator) -> tuple[Floats, float]:
    """Return errors of one kind and their mean square in the population; labels have deviation 200."""
    shape = labels.shape
    if kind == "normal":
        return random.normal(10, 50, shape), 2600.0
    if kind == "exponential":
        return random.laplace(0, 50, shape), 5000.0
    if kind == "towards the mean":
        return -0.6 * (labels - 1000) + random.normal(0, 50, shape), 0.36 * 40000 + 2500
    return random.normal(0, 0.5, shape) * np.abs(labels - 1000), 0.25 * 40000


@pytest.mark.parametrize("n", [100, 400])
@pytest.mark.parametrize("kind", ["normal", "exponential", "towards the mean", "larger for rare labels"])
def test_limits_hold_the_truth_in_92_to_98_of_100_samples(kind: str, n: int) -> None:
    random = np.random.default_rng(n)
    labels = random.normal(1000, 200, (_RUNS, n))
    errors, square = _errors(kind, labels, random)
    groups = residuals(labels, labels + errors)
    assert 0.915 <= covered(root_mean_squared_error_of(groups).limits(_Z), np.sqrt(square)) <= 0.98
    found = explained_of(groups).limits(_Z)
    finite = np.isfinite(found.low)
    assert finite.mean() > 0.6
    held = (found.low <= 1 - square / 40000) & (1 - square / 40000 <= found.high)
    assert 0.9 <= held[finite].mean() <= 0.98


@pytest.mark.no_cover
def test_limits_are_near_those_of_a_bootstrap_of_the_rows() -> None:
    """Efron and Tibshirani (1993), section 13.3: percentile limits of 2,000 resampled tables."""
    random = np.random.default_rng(5)
    labels = random.gamma(4, 50, 1500)
    predictions = labels * 0.8 + random.normal(30, 30, 1500)
    drawn = random.integers(0, 1500, (2000, 1500))
    resampled = residuals(labels[drawn], predictions[drawn])
    one = residuals(labels[None], predictions[None])
    for estimate in (root_mean_squared_error_of, explained_of):
        low, high = np.quantile(estimate(resampled).values, [0.025, 0.975])
        found = estimate(one).limits(_Z)
        assert found.low[0] == pytest.approx(low, abs=0.15 * (high - low))
        assert found.high[0] == pytest.approx(high, abs=0.15 * (high - low))


def test_r_squared_by_hand() -> None:
    """Labels 10 and 20 alike often, errors 3 at 10 and -1 at 20: 1 - 5 / 25.

    Each case adds e² / 5 - (y - 15)² / 25 to the logarithm: 9/5 - 1 = 0.8 or 1/5 - 1 = -0.8, so that its
    variance is 0.64 * 200 / 199, raised by 8 in 200.
    """
    labels, errors = np.tile([10.0, 20.0], 100)[None], np.tile([3.0, -1.0], 100)[None]
    found = explained_of(residuals(labels, labels + errors))
    assert found.values[0] == pytest.approx(0.8)
    limits = found.limits(_Z)
    # Student's t with 199 degrees of freedom is 1.97196.
    reach = 1.97196 * np.sqrt(0.64 * 200 / 199 * 1.04 / 200)
    assert limits.low[0] == pytest.approx(1 - 0.2 * np.exp(reach), abs=1e-6)
    assert limits.high[0] == pytest.approx(1 - 0.2 * np.exp(-reach), abs=1e-6)


def test_what_rounding_could_hide_or_subtraction_lose_has_no_interval() -> None:
    random = np.random.default_rng(6)
    tiny = random.normal(0, 1e-4, (1, 500))
    labels = random.normal(0, 1, (1, 500))
    assert np.isinf(root_mean_squared_error_of(residuals(labels, labels + tiny)).limits(_Z).high).all()
    far = labels + 1e7
    assert np.isinf(explained_of(residuals(far, far + random.normal(0, 0.3, (1, 500)))).limits(_Z).low).all()
    assert np.isinf(explained_of(residuals(labels[:, :99], 0 * labels[:, :99])).limits(_Z).low).all()

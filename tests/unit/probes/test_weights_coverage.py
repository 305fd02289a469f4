"""How often intervals with weights or clusters hold the truth, by simulation with a fixed seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from conformity.probes.fairness.pairs import difference_ends
from conformity.probes.shared.design import MIN_CLUSTERS, Design, effective, student
from conformity.probes.shared.intervals import Floats, Ints, quantile, wilson
from conformity.probes.shared.trials import Trials

_Z = quantile(0.95)
_RUNS = 3000


def _trials(wins: Ints, cases: Ints, design: Design) -> Trials:
    nothing = np.zeros(len(wins), dtype=np.int64)
    return Trials(wins, cases - wins, nothing, nothing, nothing, design)


def _weighted(outcomes: Ints, weights: Floats) -> Trials:
    """Return the trials of groups, a row each, of outcomes 0 or 1 and their weights."""
    sides = [outcomes == 1, outcomes == 0]
    mass, squares = (
        np.stack([(weights**power * side).sum(axis=1) for side in sides], axis=1) for power in (1, 2)
    )
    empty = np.zeros_like(mass)
    design = Design(np.hstack([mass, empty]), np.hstack([squares, empty]))
    return _trials(outcomes.sum(axis=1), np.full(len(outcomes), outcomes.shape[1]), design)


def _clustered(wins: Ints, cases: Ints) -> Trials:
    """Return the trials of groups, a row each, of successes and cases by cluster."""
    sizes = np.stack([wins, cases - wins, np.zeros_like(wins), np.zeros_like(wins)], axis=2)
    together = np.einsum("kci,kcj->kij", sizes, sizes).astype(np.float64)
    mass = sizes.sum(axis=1).astype(np.float64)
    return _trials(wins.sum(axis=1), cases.sum(axis=1), Design(mass, mass, together))


def _coverage(seen: Trials, truth: float) -> tuple[float, float]:
    """Return how often our interval and the plain one hold the truth."""
    limits = seen.limits(_Z)
    low, high = wilson(seen.successes, seen.failures, _Z)
    ours = np.mean((limits.low <= truth) & (truth <= limits.high))
    return float(ours), float(np.mean((low <= truth) & (truth <= high)))


@pytest.mark.parametrize("size", [60, 200, 1000])
def test_informative_weights_by_a_trait_that_goes_with_the_outcome(size: int) -> None:
    """Who has more of a trait is selected, and drawn into the sample, more often."""
    random = np.random.default_rng(size)
    # Of those drawn with a chance of 0.2 + 0.8 t, the trait has the distribution (0.2 t + 0.4 t^2) / 0.6.
    kept = (np.sqrt(0.04 + 0.96 * random.random((_RUNS, size))) - 0.2) / 0.8
    outcomes = (random.random(kept.shape) < 0.4 * kept).astype(np.int64)
    ours, plain = _coverage(_weighted(outcomes, 1 / (0.2 + 0.8 * kept)), 0.2)
    assert 0.92 <= ours <= 0.98
    assert plain < 0.9


@pytest.mark.parametrize("size", [60, 200, 1000])
def test_informative_weights_where_the_selected_answer_less_often(size: int) -> None:
    """Of three selected people one answers: Kish's cases alone cover 72 to 92 in 100."""
    random = np.random.default_rng(size)
    for rate in (0.3, 0.05):
        answering = rate / (rate + 3 * (1 - rate))
        outcomes = (random.random((_RUNS, size)) < answering).astype(np.int64)
        ours, plain = _coverage(_weighted(outcomes, np.where(outcomes == 1, 3.0, 1.0)), rate)
        assert 0.92 <= ours <= 0.985
        assert plain < 0.9 or rate * size < 5


@pytest.mark.parametrize("size", [60, 200])
def test_weights_that_vary_widely(size: int) -> None:
    random = np.random.default_rng(size)
    outcomes = (random.random((_RUNS, size)) < 0.3).astype(np.int64)
    ours, _ = _coverage(_weighted(outcomes, np.exp(random.normal(0, 1, outcomes.shape))), 0.3)
    assert 0.92 <= ours <= 0.98


def _households(rate: float, clusters: int, sizes: Ints, seed: int) -> tuple[Ints, Ints]:
    """Return successes and cases of clusters whose rows correlate by 0.3 (beta-binomial)."""
    random, total = np.random.default_rng(seed), (1 - 0.3) / 0.3
    own = random.beta(rate * total, (1 - rate) * total, (_RUNS, clusters))
    cases = np.broadcast_to(sizes, own.shape)
    return random.binomial(cases, own), cases


@pytest.mark.parametrize("rate", [0.5, 0.3, 0.15])
@pytest.mark.parametrize("clusters", [40, 100, 300])
def test_clusters_whose_rows_resemble_one_another(rate: float, clusters: int) -> None:
    """Intra-cluster correlation 0.3, one to nine rows each: the plain interval holds 3 in 4 truths."""
    sizes = np.resize(np.array([1, 3, 5, 7, 9]), clusters)
    wins, cases = _households(rate, clusters, sizes, clusters)
    seen = _clustered(wins, cases)
    assert seen.enough.all()
    ours, plain = _coverage(seen, rate)
    assert 0.92 <= ours <= 0.98
    assert plain < 0.85


@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_rare_outcomes_in_clusters_are_covered_at_least_as_often_as_stated(rate: float) -> None:
    """Few clusters have a success at all: the limits are then too wide, not too narrow."""
    sizes = np.where(np.arange(100) < 10, 12, 3)
    ours, plain = _coverage(_clustered(*_households(rate, 100, sizes, 5)), rate)
    assert ours >= 0.92
    assert plain < 0.85


@pytest.mark.no_cover
def test_gaps_between_groups_that_share_clusters() -> None:
    """Each cluster has rows of both groups, with one propensity: the limits are on the safe side."""
    random, held = np.random.default_rng(3), 0
    for _ in range(600):
        own = random.beta(0.3 * 7 / 3, 0.7 * 7 / 3, (1, 80))
        pair = [random.binomial(size, own) for size in (4, 3)]
        seen = _clustered(np.vstack(pair), np.repeat([[4], [3]], 80, axis=1))
        low, high = difference_ends(seen)
        held += low <= 0.0 <= high
    assert held / 600 >= 0.95


@pytest.mark.no_cover
def test_gaps_between_groups_in_clusters_of_their_own() -> None:
    random, held, plain = np.random.default_rng(4), 0, 0
    for _ in range(1000):
        wins = np.vstack(
            [random.binomial(5, random.beta(p * 7 / 3, (1 - p) * 7 / 3, 80)) for p in (0.5, 0.3)]
        )
        seen = _clustered(wins, np.full((2, 80), 5))
        low, high = difference_ends(seen)
        held += low <= 0.2 <= high
        low, high = difference_ends(replace(seen, design=None))
        plain += low <= 0.2 <= high
    assert 0.92 <= held / 1000 <= 0.98
    assert plain / 1000 < 0.88


def test_student_s_quantile_is_scipy_s() -> None:
    """Source: Abramowitz and Stegun, table 26.10, by scipy.stats.t."""
    for freedom, error in ((4, 0.01), (10, 3e-4), (29, 1e-5), (300, 1e-8)):
        found = float(student(_Z, np.array([float(freedom)]))[0])
        assert 0 <= stats.t.ppf(0.975, freedom) - found < error


def test_few_clusters_are_worth_one_case_each() -> None:
    """By hand: 29 clusters of 4 rows, each of one outcome, are 29 cases; from 30 on their spread counts."""
    for clusters, at_most in ((29, 29.0), (MIN_CLUSTERS, 30.0)):
        wins = np.zeros((1, clusters), dtype=np.int64)
        wins[0, :10] = 4
        seen = _clustered(wins, np.full((1, clusters), 4))
        assert seen.design is not None
        found = effective(seen.design)
        assert found.clusters is not None
        assert found.clusters[0] == pytest.approx(clusters)
        assert found.cases[0] <= at_most
        assert bool(seen.thin[0]) == (clusters < MIN_CLUSTERS)


def test_the_design_effect_of_equal_clusters_is_that_of_the_analysis_of_variance() -> None:
    """By hand: 50 clusters of 2, 20 with both selected, 20 with none, 10 with one: rate 0.5.

    The sum of (s - p n)^2 is 20 + 20 = 40, the variance 40 / 100^2 * 50 / 49; effectively 50 clusters have
    cases and 50^2 / (20 * 4 + 10) = 27.8 have successes, so that Student's quantile has 26.8 degrees.
    """
    wins = np.array([[2] * 20 + [0] * 20 + [1] * 10])
    seen = _clustered(wins, np.full((1, 50), 2))
    assert seen.design is not None
    freedom = 2500 / 90 - 1
    variance = (
        40 / 100**2 * (freedom + 1) / freedom * (stats.t.ppf(0.975, freedom) / stats.norm.ppf(0.975)) ** 2
    )
    assert effective(seen.design).cases[0] == pytest.approx(0.25 / variance, rel=1e-4)

"""The AUC from bins: published figures, scikit-learn on the rows, the stated bin error, and coverage."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.shared.estimates import results_of
from conformity.probes.shared.intervals import quantile
from conformity.probes.shared.ranking import auc_of, bin_error
from conformity.probes.shared.scores import ScoreGroups, read_scores, score_tally
from tests.support.number_rows import covered, replicated, score_table, tallied

Z = quantile(0.95)


def _groups(scores: list[float], labels: list[str], edges: tuple[float, ...] = ()) -> ScoreGroups:
    table = score_table(edges=edges)
    return read_scores(table, tallied(score_tally(table), {"score": np.array(scores), "label": labels}))


def _rated(counts: dict[str, tuple[int, ...]]) -> ScoreGroups:
    rows = [(float(r + 1), y) for y, c in counts.items() for r, n in enumerate(c) for _ in range(n)]
    return _groups([s for s, _ in rows], [y for _, y in rows], (1.0, 5.0))


def test_the_published_example_of_hanley_and_mcneil() -> None:
    """Hanley and McNeil, Radiology 143 (1982) 29-36, table I: five ratings of 109 CT images, area 0.893."""
    groups = _rated({"0": (33, 6, 6, 11, 2), "1": (3, 2, 2, 11, 33)})
    (found,) = results_of(auc_of(groups))
    assert isinstance(found, Scalar)
    assert found.value == pytest.approx(0.893, abs=5e-4)
    assert found.n == 51
    # DeLong's standard error of this table is 0.0307, the paper's by another formula 0.032.
    assert found.interval is not None
    assert 0.80 < found.interval.low < 0.84
    assert 0.93 < found.interval.high < 0.96


def test_equal_ratings_are_true_ties_and_no_error_of_the_bins() -> None:
    assert bin_error(_rated({"0": (33, 6, 6, 11, 2), "1": (3, 2, 2, 11, 33)})).tolist() == [0.0]


@pytest.mark.parametrize(("first", "second"), [(1.0, 3.0), (0.05, 0.2), (20.0, 20.0)])
def test_the_true_auc_lies_within_the_bin_error(first: float, second: float) -> None:
    """The oracle is scikit-learn's ``roc_auc_score`` on the rows."""
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(3)
    for bins in (50, 250, 1000):
        scores = random.beta(first, second, (1, 2000))
        outcomes = random.random((1, 2000)) < 0.2 + 0.6 * scores
        groups = replicated(scores, outcomes, bins)
        error = float(bin_error(groups)[0])
        exact = roc_auc_score(outcomes[0], scores[0])
        assert abs(float(auc_of(groups).values[0]) - exact) <= error
        assert error > 0
        limits = auc_of(groups).limits(1e-9)
        assert limits.low[0] <= exact <= limits.high[0]


def test_without_bins_to_hide_anything_it_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(4)
    scores = random.integers(0, 1000, (1, 3000)) / 1000 + 0.0005
    outcomes = random.random((1, 3000)) < scores
    groups = replicated(scores, outcomes)
    assert bin_error(groups)[0] == 0
    assert auc_of(groups).values[0] == pytest.approx(roc_auc_score(outcomes[0], scores[0]), abs=1e-12)


@pytest.mark.parametrize(("n", "share", "auc"), [(200, 0.5, 0.75), (400, 0.2, 0.85), (600, 0.1, 0.6)])
def test_limits_hold_the_truth_as_often_as_they_say(n: int, share: float, auc: float) -> None:
    """By simulation: 500 samples of two normal classes; 92.5 % is 95 % less two and a half errors."""
    random = np.random.default_rng(7)
    outcomes = random.random((500, n)) < share
    distance = NormalDist().inv_cdf(auc) * np.sqrt(2)
    scores = 1 / (1 + np.exp(-(random.standard_normal((500, n)) + distance * outcomes - 1)))
    assert 0.925 <= covered(auc_of(replicated(scores, outcomes, 500)).limits(Z), auc) <= 0.98


def test_near_one_limits_err_on_the_safe_side() -> None:
    """The favourable scores spread widely: a rare one far down decides, and may not have occurred yet."""
    random = np.random.default_rng(8)
    auc = 0.97
    distance = NormalDist().inv_cdf(auc) * np.sqrt(1 + 2.5**2)
    outcomes = np.tile(np.arange(330) < 30, (400, 1))
    scores = random.standard_normal((400, 330)) * np.where(outcomes, 2.5, 1) + distance * outcomes
    found = auc_of(replicated(1 / (1 + np.exp(-scores / 2)), outcomes, 500)).limits(Z)
    assert covered(found, auc) >= 0.94


def test_perfect_ranking_still_has_an_interval() -> None:
    (found,) = results_of(auc_of(_groups([0.2] * 30 + [0.8] * 30, ["0"] * 30 + ["1"] * 30)))
    assert isinstance(found, Scalar)
    assert found.value == 1
    assert found.interval is not None
    assert 0.8 < found.interval.low < 0.95


def test_blanks_are_counted_both_ways() -> None:
    """By hand: 40 favourable and 60 unfavourable rows and 20 blanks, which make 60 times 60 pairs at most."""
    scores = [0.9] * 40 + [0.1] * 60 + [np.nan] * 10 + [0.5] * 10
    labels = ["1"] * 40 + ["0"] * 60 + ["1"] * 10 + ["(missing)"] * 10
    limits = auc_of(_groups(scores, labels)).limits(Z)
    assert limits.low_point[0] == pytest.approx(40 * 60 / 3600)
    assert limits.high_point[0] == 1
    (found,) = results_of(auc_of(_groups(scores, labels)))
    assert isinstance(found, Scalar)
    assert found.interval is not None
    assert found.interval.low < 40 * 60 / 3600
    assert found.interval.method.endswith("blanks counted both ways")


@pytest.mark.parametrize(
    ("labels", "why", "words"),
    [
        (["1"] * 20 + ["0"] * 50, "too_few_cases", "actual positives"),
        (["1"] * 50 + ["0"] * 20, "too_few_cases", "actual negatives"),
        (["1"] * 70, "undefined", "actual negatives with a score, or none"),
        (["(missing)"] * 70, "not_collected", "blank in all rows"),
        (["1"] * 50 + ["(unrecognised)"] * 20, "not_collected", "20 rows have a label"),
    ],
)
def test_no_number_where_there_is_nothing_to_rank(labels: list[str], why: str, words: str) -> None:
    (found,) = results_of(auc_of(_groups([0.5] * 70, labels)))
    assert isinstance(found, NotAvailable)
    assert found.why == why
    assert words in found.reason


def test_without_one_outcome_the_auc_could_be_anything() -> None:
    limits = auc_of(_groups([0.5] * 70, ["1"] * 70)).limits(Z)
    assert (limits.low[0], limits.high[0]) == (0, 1)

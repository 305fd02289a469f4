"""Brier score, calibration and means of scores: by hand, against scikit-learn, and by simulation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.shared.calibration import bias_of, brier_of, ece_of, in_bins, mean_score_of
from conformity.probes.shared.estimates import Estimate, results_of
from conformity.probes.shared.intervals import Floats, quantile
from conformity.probes.shared.scores import ScoreGroups, read_scores, score_tally
from tests.support.number_rows import covered, replicated, score_table, tallied

Z = quantile(0.95)
EVERY = (brier_of, bias_of, ece_of, mean_score_of)


def _groups(scores: list[float], labels: list[str], edges: tuple[float, ...] = ()) -> ScoreGroups:
    table = score_table(edges=edges)
    return read_scores(table, tallied(score_tally(table), {"score": np.array(scores), "label": labels}))


def _value(found: Estimate) -> float:
    (result,) = results_of(found)
    assert isinstance(result, Scalar), result
    assert result.interval is not None
    assert result.interval.low <= result.value <= result.interval.high
    return result.value


def test_a_case_by_hand() -> None:
    """Scores 0.2 (10 of 40 favourable) and 0.7 (30 of 60): errors 0.05 and 0.2, weights 0.4 and 0.6."""
    groups = _groups([0.2] * 40 + [0.7] * 60, ["1"] * 10 + ["0"] * 30 + ["1"] * 30 + ["0"] * 30)
    assert _value(ece_of(groups)) == pytest.approx(0.4 * 0.05 + 0.6 * 0.2)
    assert _value(bias_of(groups)) == pytest.approx(0.4 * -0.05 + 0.6 * 0.2)
    assert _value(mean_score_of(groups)) == pytest.approx(0.5)
    brier = (10 * 0.8**2 + 30 * 0.2**2 + 30 * 0.3**2 + 30 * 0.7**2) / 100
    assert _value(brier_of(groups)) == pytest.approx(brier)


def test_numbers_are_those_of_the_rows() -> None:
    """The oracles are scikit-learn's ``brier_score_loss`` and numpy on the rows."""
    from sklearn.metrics import brier_score_loss

    random = np.random.default_rng(5)
    scores = random.beta(1, 2, (1, 5000))
    outcomes = random.random((1, 5000)) < scores**1.3
    groups = replicated(scores, outcomes, 100)
    assert _value(brier_of(groups)) == pytest.approx(brier_score_loss(outcomes[0], scores[0]), abs=1e-12)
    bins = (scores[0] * 10).astype(int)
    by_hand = sum(abs((scores[0] - outcomes[0])[bins == n].sum()) for n in range(10)) / 5000
    assert _value(ece_of(groups)) == pytest.approx(by_hand, abs=1e-12)
    assert _value(mean_score_of(groups)) == pytest.approx(scores.mean(), abs=1e-12)


@pytest.mark.no_cover
@pytest.mark.parametrize(("n", "first", "second"), [(100, 2, 3), (500, 1, 6)])
@pytest.mark.parametrize("bend", [1.0, 1.6])
def test_limits_hold_the_truth_as_often_as_they_say(n: int, first: float, second: float, bend: float) -> None:
    """By simulation, 500 samples: means 92.5 to 98 %; the calibration error at least 94 %."""
    random = np.random.default_rng(9)
    many = random.beta(first, second, 500_000)
    chance = many**bend
    samples = random.beta(first, second, (500, n))
    groups = replicated(samples, random.random((500, n)) < samples**bend, 100)
    brier = float((chance * (1 - many) ** 2 + (1 - chance) * many**2).mean())
    assert 0.925 <= covered(brier_of(groups).limits(Z), brier) <= 0.985
    assert 0.925 <= covered(bias_of(groups).limits(Z), float((many - chance).mean())) <= 0.985
    assert 0.925 <= covered(mean_score_of(groups).limits(Z), float(many.mean())) <= 0.985
    error = np.abs(np.bincount((many * 10).astype(int), many - chance)).sum() / len(many)
    assert covered(ece_of(groups).limits(Z), error) >= 0.94


@pytest.mark.parametrize("first", [0.2, 1.0])
def test_a_rare_large_loss_that_has_not_occurred_is_allowed_for(first: float) -> None:
    """Samples of 30 mostly tiny losses: limits from their variance alone hold the truth in 42 to 53 %."""
    random = np.random.default_rng(10)
    samples = random.beta(first, 50 * first, (800, 30))
    groups = replicated(samples, random.random((800, 30)) < samples, 100)
    many = random.beta(first, 50 * first, 500_000)
    assert covered(brier_of(groups).limits(Z), float((many * (1 - many)).mean())) >= 0.93


def test_perfect_scores_have_intervals_that_are_no_points() -> None:
    groups = _groups([0.0] * 50 + [1.0] * 50, ["0"] * 50 + ["1"] * 50)
    for of in (brier_of, ece_of):
        limits = of(groups).limits(Z)
        assert (limits.low[0], of(groups).values[0]) == (0, 0)
        assert 0.01 < limits.high[0] < 0.06


def test_blanks_are_counted_both_ways() -> None:
    """By hand: 100 rows right on average at 0.5 and 25 blanks, each of which can move a mean by one row."""
    scores = [0.5] * 100 + [np.nan] * 25
    groups = _groups(scores, ["1"] * 50 + ["0"] * 50 + ["1"] * 25)
    known, low, high = brier_of(groups), 0.25 * 0.8, 0.25 * 0.8 + 0.2
    assert known.limits(Z).low_point[0] == pytest.approx(low)
    assert known.limits(Z).high_point[0] == pytest.approx(high)
    assert mean_score_of(groups).limits(Z).high_point[0] == pytest.approx(0.6)
    assert (ece_of(groups).limits(Z).low_point[0], ece_of(groups).limits(Z).high_point[0]) == (0, 0.2)
    assert bias_of(groups).limits(Z).low_point[0] == pytest.approx(-0.2)
    for of in EVERY:
        assert of(groups).method.endswith("blanks counted both ways")


@pytest.mark.parametrize("of", EVERY)
def test_a_group_without_cases_is_bounded_by_nothing(of: Callable[[ScoreGroups], Estimate]) -> None:
    groups = _groups([np.nan] * 40, ["(missing)"] * 40)
    (result,) = results_of(of(groups))
    assert isinstance(result, NotAvailable)
    assert result.why == "not_collected"
    limits = of(groups).limits(Z)
    assert limits.high[0] - limits.low[0] >= 1


@pytest.mark.parametrize("of", [brier_of, bias_of, ece_of])
def test_scores_that_are_no_probabilities_are_not_held_against_shares(
    of: Callable[[ScoreGroups], Estimate],
) -> None:
    groups = _groups([300.0] * 50 + [850.0] * 50, ["0"] * 50 + ["1"] * 50, (300.0, 850.0))
    (result,) = results_of(of(groups))
    assert isinstance(result, NotAvailable)
    assert result.why == "undefined"
    assert "no probabilities" in result.reason


def test_means_are_in_the_units_of_the_score() -> None:
    random = np.random.default_rng(11)
    scores = random.integers(300, 851, 400).astype(float)
    groups = _groups(scores.tolist(), ["1"] * 400, (300.0, 850.0))
    found = mean_score_of(groups)
    assert _value(found) == pytest.approx(scores.mean())
    spread: Floats = (found.limits(Z).high - found.limits(Z).low) / 2
    assert spread[0] == pytest.approx(Z * scores.std() / 20, rel=0.05)


def test_few_scores_have_no_mean_of_their_own() -> None:
    (result,) = results_of(mean_score_of(_groups([0.5] * 29, ["1"] * 29)))
    assert isinstance(result, NotAvailable)
    assert result.why == "too_few_cases"


def test_bins_hold_their_lower_edge() -> None:
    bins = in_bins(_groups([0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 1.0], ["1"] * 7))
    assert bins.names[0] == ("0 to < 0.1",)
    assert bins.names[-1] == ("0.9 to 1",)
    assert bins.cases.tolist() == [0, 1, 1, 1, 0, 0, 1, 1, 0, 2]

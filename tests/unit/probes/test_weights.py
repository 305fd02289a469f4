"""Survey weights: weighted rates and gaps by hand and by Fairlearn; bad weights give reasons, not numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.model.measurement import Scalar
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.intervals import quantile, wilson
from tests.support.sampled import Rows, absent, declared, measured, measured_by, number

_SELECTION, _GAP = "fairness/selection_rate", "fairness/demographic_parity_difference"
_ALL = (
    _SELECTION,
    _GAP,
    "fairness/disparate_impact_ratio",
    "fairness/equalized_odds_difference",
    "fairness/label_rate_difference",
    "fairness/error_rates",
    "fairness/group_contrasts",
    "accuracy/classification",
)


def _people(size: int, seed: int, weights: tuple[float, ...] = (0.5, 1.0, 4.0)) -> dict[str, list[object]]:
    """Return rows of three groups with labels, predictions and weights drawn at random."""
    random = np.random.default_rng(seed)
    labels, predictions = (random.choice(["yes", "no"], size) for _ in range(2))
    return {
        "sex": list(random.choice(["f", "m", "x"], size)),
        "label": list(labels),
        "prediction": list(predictions),
        "w": [float(weight) for weight in random.choice(weights, size)],
    }


def _by_hand() -> Rows:
    """Return 40 rows of f, 10 selected of weight 3, 30 of weight 1; and 40 of m, 20 selected of weight 2."""
    return {
        "sex": ["f"] * 40 + ["m"] * 40,
        "label": ["yes", "no"] * 40,
        "prediction": ["yes"] * 10 + ["no"] * 30 + ["yes"] * 20 + ["no"] * 20,
        "w": [3.0] * 10 + [1.0] * 30 + [2.0] * 40,
    }


def test_rates_are_sums_of_weights_and_limits_rest_on_effective_cases() -> None:
    """By hand: f has 30 of 60; Kish 60^2 / (10 * 9 + 30) = 30; linearised 0.25 * 60^2 / (0.25 * 120) = 30."""
    found = measured(_SELECTION, _by_hand())
    women, men = number(found, "selection_rate", "f"), number(found, "selection_rate", "m")
    assert (women.value, women.n, men.value, men.n) == (0.5, 40, 0.5, 40)
    for rate, worth in ((women, 15), (men, 20)):
        low, high = wilson(np.array([worth]), np.array([worth]), quantile(0.95))
        assert rate.interval is not None
        assert (rate.interval.low, rate.interval.high) == pytest.approx((low[0], high[0]), abs=1e-12)
        assert rate.interval.method == "Wilson score, on effective cases by weight"
    (note, *_) = found.notes
    assert note.startswith("Column 'w' says for how many people a row stands.")
    assert "Kish's (1965)" in note
    assert "Dean and Pagano, 2015" in note
    assert note.endswith("For the selection rate of all rows the design effect is 1.14.")


def test_weights_that_go_with_the_outcome_leave_fewer_cases_than_kish_counts() -> None:
    """By hand, of 90 rows the first 30 selected.

    Weights 4 and 1: rate 120/180, Kish 180^2 / 540 = 60; linearised variance
    (480 * 60^2 + 60 * 120^2) / 180^4, cases 120 * 60 * 180^2 / 2592000 = 90, so that Kish's 60 count.
    Weights 1 for 60 unselected, 9 for 3 and 1 for 27 selected: 54/114, Kish 114^2 / 330 = 39.4;
    (270 * 60^2 + 60 * 54^2) / 114^4, cases 54 * 60 * 114^2 / 1146960 = 36.7, which count.
    """
    more = {"sex": ["f"] * 90, "label": ["yes"] * 90, "prediction": ["yes"] * 30 + ["no"] * 60}
    for weights, value, worth in (
        ([4.0] * 30 + [1.0] * 60, 120 / 180, 60),
        ([9.0] * 3 + [1.0] * 87, 54 / 114, 3240 * 114**2 / 1146960),
    ):
        rate = number(measured(_SELECTION, {**more, "w": weights}), "selection_rate", "f")
        assert rate.value == pytest.approx(value)
        low, high = wilson(np.array([worth * value]), np.array([worth * (1 - value)]), quantile(0.95))
        assert rate.interval is not None
        assert (rate.interval.low, rate.interval.high) == pytest.approx((low[0], high[0]))


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(3))
def test_rates_and_gaps_are_fairlearn_s_on_rows_with_sample_weight(seed: int) -> None:
    from fairlearn import metrics

    rows = _people(400, seed)
    label, prediction = ([value == "yes" for value in rows[name]] for name in ("label", "prediction"))
    peers: dict[str, Any] = {
        "demographic_parity_difference": metrics.demographic_parity_difference,
        "disparate_impact_ratio": metrics.demographic_parity_ratio,
        "equalized_odds_difference": metrics.equalized_odds_difference,
        "equal_opportunity_difference": metrics.equal_opportunity_difference,
    }
    found = measured_by([f"fairness/{metric}" for metric in peers], rows)
    for one, (metric, function) in zip(found, peers.items(), strict=True):
        peer = function(label, prediction, sensitive_features=rows["sex"], sample_weight=rows["w"])
        assert number(one, metric).value == pytest.approx(float(peer), abs=1e-12)


def test_accuracy_is_scikit_learn_s_on_rows_with_sample_weight() -> None:
    from sklearn import metrics

    rows = _people(300, 7)
    label, prediction = ([value == "yes" for value in rows[name]] for name in ("label", "prediction"))
    found = measured("accuracy/classification", rows)
    for metric, function in (
        ("accuracy", metrics.accuracy_score),
        ("balanced_accuracy", metrics.balanced_accuracy_score),
        ("precision", metrics.precision_score),
        ("recall", metrics.recall_score),
        ("f1", metrics.f1_score),
    ):
        peer = float(function(label, prediction, sample_weight=rows["w"]))
        assert number(found, metric).value == pytest.approx(peer, abs=1e-12)
        assert number(found, metric).n <= 300
    assert found.notes[0].startswith("Column 'w' says")


@pytest.mark.no_cover
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), weight=st.sampled_from([0.25, 1.0, 3.0, 250.5]))
def test_equal_weights_change_nothing(seed: int, weight: float) -> None:
    rows = _people(240, seed, (weight,))
    rows["prediction"][:20] = [None] * 20
    plain = {name: column for name, column in rows.items() if name != "w"}
    for one, other in zip(measured_by(_ALL, rows), measured_by(_ALL, plain), strict=True):
        for weighted, counted in zip(one.measurements, other.measurements, strict=True):
            assert (weighted.metric, weighted.by, weighted.group) == (
                counted.metric,
                counted.by,
                counted.group,
            )
            assert type(weighted.result) is type(counted.result)
            if not isinstance(weighted.result, Scalar):
                assert weighted.result == counted.result
                continue
            assert isinstance(counted.result, Scalar)
            assert weighted.result.n == counted.result.n
            assert weighted.result.value == pytest.approx(counted.result.value, abs=1e-9)
            if weighted.result.interval is not None and counted.result.interval is not None:
                ends = (weighted.result.interval.low, weighted.result.interval.high)
                wanted = (counted.result.interval.low, counted.result.interval.high)
                assert ends == pytest.approx(wanted, abs=1e-8)


def test_a_thousandfold_row_counts_as_a_thousand_people_in_the_rate_alone() -> None:
    rows: Rows = {
        "sex": ["f"] * 60,
        "label": ["yes"] * 60,
        "prediction": ["yes"] * 20 + ["no"] * 40,
        "w": [1000.0] + [1.0] * 59,
    }
    rate = number(measured(_SELECTION, rows), "selection_rate", "f")
    assert rate.value == pytest.approx(1019 / 1059)
    assert rate.n == 60
    assert rate.interval is not None
    assert rate.interval.low < 0.25


@pytest.mark.parametrize("probe", [_SELECTION, "fairness/group_contrasts", "accuracy/classification"])
@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([None] + [1.0] * 79, "fewer than 10 rows have no number in the column 'w' of weights"),
        ([float("inf")] * 12 + [1.0] * 68, "12 rows have no number in the column 'w' of weights"),
        ([-1.0] * 11 + [1.0] * 69, "11 rows have a negative weight in column 'w'"),
        ([0.0] * 80, "all weights in column 'w' are 0"),
        ([1e-5] * 80, "are too small to be added exactly; multiply all of them by one number"),
    ],
)
def test_weights_that_cannot_be_right_give_no_numbers(
    probe: str, weights: list[float | None], reason: str
) -> None:
    with pytest.raises(NotMeasurableError, match=reason):
        measured(probe, {**_by_hand(), "w": weights})


def test_no_rows_are_no_reason_to_speak_of_weights() -> None:
    with pytest.raises(NotMeasurableError, match="no rows"):
        measured(_SELECTION, {name: [] for name in _by_hand()})


def test_a_group_whose_weights_are_all_0_has_no_rate_and_leaves_everything_possible() -> None:
    rows: Rows = {**_by_hand(), "w": [0.0] * 40 + [2.0] * 40}
    assert absent(measured(_SELECTION, rows), "selection_rate", "f").reason == (
        "the weights of all rows with a prediction are 0"
    )
    assert (
        "only one group has 30 rows with a prediction"
        in absent(measured(_GAP, rows), "demographic_parity_difference").reason
    )
    third: dict[str, list[object]] = {name: [*column, *list(column)[40:]] for name, column in rows.items()}
    third["sex"] = [*["f"] * 40, *["m"] * 40, *["x"] * 40]
    gap = number(measured(_GAP, third), "demographic_parity_difference")
    assert gap.value == 0
    assert gap.interval is not None
    assert gap.interval.high > 0.6
    contrasts = measured("fairness/group_contrasts", third)
    assert "are 0" in absent(contrasts, "selection_difference_to_reference", "f").reason


def test_a_rate_of_which_all_cases_weigh_nothing_is_compared_nowhere() -> None:
    some: Rows = {"label": ["yes"] * 10 + ["no"] * 70, "w": [0.0] * 10 + [1.0] * 70}
    rows: Rows = {**_by_hand(), **some}
    reason = absent(measured("fairness/equal_opportunity_difference", rows), "equal_opportunity_difference")
    assert reason.reason == "the weights of all actual positives are 0"


def test_a_rate_of_0_or_1_rests_on_kish_s_cases() -> None:
    rows: Rows = {**_by_hand(), "prediction": ["yes"] * 40 + ["no"] * 40}
    found = measured(_SELECTION, rows)
    for group, value, worth in (("f", 1.0, 60**2 / 120), ("m", 0.0, 40)):
        rate = number(found, "selection_rate", group)
        low, high = wilson(np.array([worth * value]), np.array([worth * (1 - value)]), quantile(0.95))
        assert rate.interval is not None
        assert rate.value == value
        assert (rate.interval.low, rate.interval.high) == pytest.approx((low[0], high[0]))


def test_blanks_widen_both_ends_by_their_weight() -> None:
    rows = dict(_by_hand())
    rows["prediction"] = ["yes"] * 10 + ["no"] * 20 + [None] * 10 + ["yes"] * 20 + ["no"] * 20
    found = measured(_SELECTION, rows)
    rate = number(found, "selection_rate", "f")
    assert rate.value == pytest.approx(30 / 50)
    assert rate.n == 30
    low, _ = wilson(np.array([15.0]), np.array([15.0]), quantile(0.95))
    assert rate.interval is not None
    assert rate.interval.low == pytest.approx(low[0])
    assert rate.interval.method == "Wilson score, on effective cases by weight, blanks counted both ways"
    assert rate.interval.high > 40 / 60


def test_contrasts_are_weighted_and_tested_on_effective_cases() -> None:
    """By hand: f 30 of 60, m 40 of 80 with another 40 unselected of weight 4 in x: 0 of 160."""
    rows: Rows = {
        "sex": ["f"] * 40 + ["m"] * 40 + ["x"] * 40,
        "label": ["yes", "no"] * 60,
        "prediction": [*_by_hand()["prediction"], *["no"] * 40],
        "w": [*_by_hand()["w"], *[4.0] * 40],
    }
    found = measured("fairness/group_contrasts", rows)
    assert number(found, "selection_difference_to_reference", "f").value == pytest.approx(0.5)
    assert number(found, "selection_difference_to_overall", "f").value == pytest.approx(0.5 - 70 / 300)
    overall = number(found, "selection_difference_to_overall", "f").interval
    assert overall is not None
    assert overall.method.endswith("times the share of the rest, on effective cases by weight")
    assert number(found, "selection_p_value", "f").value < 1e-4
    assert number(found, "minimum_detectable_difference").n == 40


def test_probes_that_use_weights_say_so() -> None:
    (note, *_) = measured("fairness/inequality", _by_hand()).notes
    assert note.startswith("Column 'w' says for how many people a row stands.")
    assert declared(_by_hand()).with_role("weight")

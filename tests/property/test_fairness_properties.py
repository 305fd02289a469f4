"""What must hold of the fairness probes for any data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.model.base import ProbeId
from conformity.model.measurement import Result, Scalar
from conformity.model.tally import MISSING
from conformity.probes.fairness.pairs import difference_ends, ratio_ends
from conformity.probes.fairness.points import by_numpy
from conformity.probes.fairness.rate_probe import RateProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.cells import read_cells
from conformity.probes.shared.rates import (
    ACCURACY,
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    LABEL,
    POSITIVE_VALUE,
    SELECTION,
    TRUE_NEGATIVE,
    TRUE_POSITIVE,
)
from conformity.probes.shared.trials import trials_of
from tests.strategies import Row, confusion, confusions, decision_table, expanded, tally_of

_TABLE = decision_table("group")
_ACROSS = (
    "disparate_impact_ratio",
    "demographic_parity_difference",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "label_rate_difference",
)


def _measured(counts: dict[Row, int], metric: str) -> dict[tuple[str, ...], Result]:
    probe = load_probe(ProbeId(f"fairness/{metric}"))
    assert isinstance(probe, RateProbe)
    return {
        m.group: m.result
        for m in probe.measure(_TABLE, (tally_of(_TABLE, counts),)).measurements
        if m.metric == metric
    }


def _gap(counts: dict[Row, int], metric: str) -> Scalar:
    result = _measured(counts, metric)[()]
    assert isinstance(result, Scalar), result
    return result


def _ends(counts: dict[Row, int]) -> list[tuple[float, float]]:
    """Return the intervals of all differences between groups, and last that of the selection ratio."""
    groups = read_cells(_TABLE, tally_of(_TABLE, counts)).groups(0)
    rates = (SELECTION, LABEL, TRUE_POSITIVE, FALSE_POSITIVE)
    ends = [difference_ends(trials_of(groups.counts, rate)) for rate in rates]
    return [*ends, ratio_ends(trials_of(groups.counts, SELECTION))]


def _on_rows(counts: dict[Row, int], metric: str) -> float:
    """Return Fairlearn's number on the expanded rows, with its own functions for the whole metric."""
    from fairlearn import metrics

    rows = expanded(counts)
    group = [row[0] for row in rows]
    label, prediction = np.array([int(row[1]) for row in rows]), np.array([int(row[2]) for row in rows])
    function, predicted = {
        "disparate_impact_ratio": (metrics.demographic_parity_ratio, prediction),
        "demographic_parity_difference": (metrics.demographic_parity_difference, prediction),
        "equal_opportunity_difference": (metrics.equal_opportunity_difference, prediction),
        "equalized_odds_difference": (metrics.equalized_odds_difference, prediction),
        "label_rate_difference": (metrics.demographic_parity_difference, label),
    }[metric]
    return float(function(label, predicted, sensitive_features=group))


@settings(max_examples=5, deadline=None)
@given(counts=confusions(smallest=30))
def test_cells_rows_and_arrays_give_the_same_numbers(counts: dict[Row, int]) -> None:
    groups = read_cells(_TABLE, tally_of(_TABLE, counts)).groups(0)
    arrays = {
        rate: by_numpy(trials_of(groups.counts, rate).successes, trials_of(groups.counts, rate).failures)
        for rate in (SELECTION, TRUE_POSITIVE, FALSE_POSITIVE)
    }
    by_array = {
        "disparate_impact_ratio": arrays[SELECTION].ratio,
        "demographic_parity_difference": arrays[SELECTION].difference,
        "equal_opportunity_difference": arrays[TRUE_POSITIVE].difference,
        "equalized_odds_difference": max(arrays[TRUE_POSITIVE].difference, arrays[FALSE_POSITIVE].difference),
    }
    for metric in _ACROSS:
        value = _gap(counts, metric).value
        assert abs(value - _on_rows(counts, metric)) <= 1e-12
        assert abs(value - by_array.get(metric, value)) <= 1e-12


@settings(max_examples=5, deadline=None)
@given(counts=confusions(smallest=30), names=st.permutations(["zeta", "", "β & 'quoted'"]))
def test_names_of_groups_do_not_matter(counts: dict[Row, int], names: list[str]) -> None:
    new = dict(zip("abc", names, strict=True))
    renamed = {(new[row[0]], *row[1:]): n for row, n in counts.items()}
    for metric in _ACROSS:
        one, other = _gap(counts, metric), _gap(renamed, metric)
        assert (one.value, one.n, one.interval) == (other.value, other.n, other.interval)
    before, after = _measured(counts, "selection_rate"), _measured(renamed, "selection_rate")
    assert {(new[group],): result for (group,), result in before.items()} == after


@settings(max_examples=5, deadline=None)
@given(counts=confusions(smallest=30), data=st.data())
def test_order_of_entries_does_not_matter(counts: dict[Row, int], data: st.DataObject) -> None:
    tally = tally_of(_TABLE, counts)
    shuffled = tally.model_copy(update={"entries": tuple(data.draw(st.permutations(tally.entries)))})
    for metric in _ACROSS:
        probe = load_probe(ProbeId(f"fairness/{metric}"))
        assert isinstance(probe, RateProbe)
        assert probe.measure(_TABLE, (tally,)) == probe.measure(_TABLE, (shuffled,))


@settings(max_examples=50, deadline=None)
@given(counts=confusions(smallest=40), data=st.data())
def test_blanking_outcomes_never_narrows_an_interval(counts: dict[Row, int], data: st.DataObject) -> None:
    blanked: dict[Row, int] = {}
    for (group, label, prediction), n in counts.items():
        hidden = data.draw(st.integers(0, 10))
        field = data.draw(st.sampled_from(["label", "prediction", "both"]))
        row = (
            group,
            MISSING if field != "prediction" else label,
            MISSING if field != "label" else prediction,
        )
        blanked[(group, label, prediction)] = blanked.get((group, label, prediction), 0) + n - hidden
        blanked[row] = blanked.get(row, 0) + hidden
    for (low, high), (new_low, new_high) in zip(_ends(counts), _ends(blanked), strict=True):
        assert new_low <= low + 1e-12
        assert high - 1e-12 <= new_high


@settings(max_examples=50, deadline=None)
@given(counts=confusions(smallest=40), data=st.data())
def test_leaving_a_group_s_rows_in_never_helps_the_worse_end(
    counts: dict[Row, int], data: st.DataObject
) -> None:
    """A further group, however small, moves no worse end to the better side."""
    more = dict(counts)
    for label in "01":
        for prediction in "01":
            more[("new", label, prediction)] = data.draw(st.integers(0, 5))
    more[("new", "1", "1")] += 1
    *before, ratio_before = _ends(counts)
    *after, ratio_after = _ends(more)
    assert ratio_after[0] <= ratio_before[0] + 1e-12
    for (_, high), (_, new_high) in zip(before, after, strict=True):
        assert high - 1e-12 <= new_high


def _peers() -> dict[Any, Callable[..., Any]]:
    """Return the functions of Fairlearn and scikit-learn by rate."""
    from fairlearn import metrics
    from sklearn.metrics import accuracy_score, precision_score

    return {
        SELECTION: metrics.selection_rate,
        TRUE_POSITIVE: metrics.true_positive_rate,
        FALSE_POSITIVE: metrics.false_positive_rate,
        TRUE_NEGATIVE: metrics.true_negative_rate,
        FALSE_NEGATIVE: metrics.false_negative_rate,
        POSITIVE_VALUE: precision_score,
        ACCURACY: accuracy_score,
    }


@pytest.mark.filterwarnings("ignore:(Precision|.*RuntimeWarning|invalid value)")
@settings(max_examples=8, deadline=None)
@given(
    cells=st.lists(st.tuples(*[st.integers(0, 40)] * 4).filter(any), min_size=2, max_size=5),
    on_rows=st.booleans(),
)
def test_the_array_computation_is_fairlearn_s_on_rows_and_on_weighted_cells(
    cells: list[tuple[int, int, int, int]], on_rows: bool
) -> None:
    """Every metric that Fairlearn has, wherever a group has cases; where it has none, Fairlearn says 0."""
    from fairlearn.metrics import MetricFrame

    counts: dict[Row, int] = {}
    for number, (tp, fn, fp, tn) in enumerate(cells):
        counts |= confusion(f"g{number}", tp, fn, fp, tn)
    rows = expanded(counts) if on_rows else [row for row, n in counts.items() if n]
    weights = np.ones(len(rows)) if on_rows else np.array([n for n in counts.values() if n])
    frame = MetricFrame(
        metrics={rate.name: function for rate, function in _peers().items()},
        y_true=[int(row[1]) for row in rows],
        y_pred=[int(row[2]) for row in rows],
        sensitive_features=[row[0] for row in rows],
        sample_params={rate.name: {"sample_weight": weights} for rate in _peers()},
    )
    groups = read_cells(_TABLE, tally_of(_TABLE, counts)).groups(0)
    for rate in _peers():
        seen = trials_of(groups.counts, rate)
        known = seen.cases > 0
        peer = frame.by_group[rate.name].to_numpy(dtype=np.float64)
        if not known.any():
            continue
        ours = by_numpy(seen.successes[known], seen.failures[known])
        assert np.abs(ours.rates - peer[known]).max() <= 1e-12
        overall = seen.successes.sum() / seen.cases.sum()
        assert abs(overall - frame.overall[rate.name]) <= 1e-12
        if known.all():
            assert abs(ours.difference - frame.difference(method="between_groups")[rate.name]) <= 1e-12
            ratio = frame.ratio(method="between_groups")[rate.name]
            assert (np.isnan(ours.ratio) and np.isnan(ratio)) or abs(ours.ratio - ratio) <= 1e-12
        else:
            assert (peer[~known] == 0).all()


@settings(max_examples=3, deadline=None)
@given(counts=confusions(smallest=30))
def test_ratios_and_differences_of_error_rates_are_fairlearn_s_on_rows(counts: dict[Row, int]) -> None:
    from fairlearn import metrics
    from sklearn.metrics import precision_score

    precision = metrics.make_derived_metric(metric=precision_score, transform="difference")
    rows = expanded(counts)
    label, prediction = ([int(row[place]) for row in rows] for place in (1, 2))
    probe = load_probe(ProbeId("fairness/error_rates"))
    assert isinstance(probe, RateProbe)
    found = {
        str(m.metric): m.result
        for m in probe.measure(_TABLE, (tally_of(_TABLE, counts),)).measurements
        if not m.group
    }
    for metric, function in (
        ("equalized_odds_ratio", metrics.equalized_odds_ratio),
        ("equal_opportunity_ratio", metrics.equal_opportunity_ratio),
        ("accuracy_difference", metrics.accuracy_score_difference),
        ("predictive_parity_difference", precision),
    ):
        result = found[metric]
        assert isinstance(result, Scalar)
        peer = function(label, prediction, sensitive_features=[row[0] for row in rows])
        assert abs(result.value - float(peer)) <= 1e-12

"""What must hold of the fairness probes for any data."""

from __future__ import annotations

import numpy as np
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
from conformity.probes.shared.rates import FALSE_POSITIVE, LABEL, SELECTION, TRUE_POSITIVE, trials_of
from tests.strategies import Row, confusions, decision_table, expanded, tally_of

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


@settings(max_examples=10, deadline=None)
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


@settings(max_examples=10, deadline=None)
@given(counts=confusions(smallest=30), names=st.permutations(["zeta", "", "β & 'quoted'"]))
def test_names_of_groups_do_not_matter(counts: dict[Row, int], names: list[str]) -> None:
    new = dict(zip("abc", names, strict=True))
    renamed = {(new[row[0]], *row[1:]): n for row, n in counts.items()}
    for metric in _ACROSS:
        one, other = _gap(counts, metric), _gap(renamed, metric)
        assert (one.value, one.n, one.interval) == (other.value, other.n, other.interval)
    before, after = _measured(counts, "selection_rate"), _measured(renamed, "selection_rate")
    assert {(new[group],): result for (group,), result in before.items()} == after


@settings(max_examples=10, deadline=None)
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

"""A thousand groups of one attribute: measured from small tallies, and few numbers of them published."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import polars as pl
import pytest

from conformity.engines.frame import open_frame
from conformity.model.base import ProbeId
from conformity.model.measurement import Count, Interval, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.model.tally import Tally, TallySpec
from conformity.probes.accuracy.scores.probe import PROBE as SCORES
from conformity.probes.fairness.group_contrasts.probe import GroupContrasts
from conformity.probes.fairness.score_fairness.probe import PROBE as SCORE_FAIRNESS
from conformity.probes.interface import ProbeResult, TableProbe
from conformity.probes.registry import load_probe
from conformity.probes.shared.many_groups import MOST_GROUPS, telling
from conformity.probes.shared.scores import GROUP_BINS
from tests.support.number_rows import number_table

_GROUPS, _ROWS = 1000, 160_000


def _table() -> TableSubject:
    outcomes = {"positive": ("1",), "negative": ("0",)}
    return number_table(
        Column(name="area", roles=("protected",)),
        Column(name="score", roles=("score",)),
        Column.model_validate({"name": "label", "roles": ("label",), **outcomes}),
        Column.model_validate({"name": "decision", "roles": ("prediction",), **outcomes}),
    )


@cache
def _frame() -> pl.DataFrame:
    random = np.random.default_rng(8)
    area = np.arange(_ROWS) % _GROUPS
    score = random.random(_ROWS)
    return pl.DataFrame(
        {
            "area": [f"a{one:03d}" for one in area],
            "score": score,
            "label": (random.random(_ROWS) < score).astype(int).astype(str),
            "decision": (random.random(_ROWS) < np.where(area < 20, 0.2, 0.6)).astype(int).astype(str),
        }
    )


@cache
def _tallies() -> dict[TallySpec, Tally]:
    """Return what all probes here ask for, counted once."""
    probes: tuple[TableProbe, ...] = (SCORE_FAIRNESS, SCORES, _contrasts())
    specs = tuple(dict.fromkeys(spec for probe in probes for spec in probe.tallies(_table())))
    return dict(zip(specs, open_frame(_frame()).tally(specs), strict=True))


def _contrasts() -> GroupContrasts:
    probe = load_probe(ProbeId("fairness/group_contrasts"))
    assert isinstance(probe, GroupContrasts)
    return probe


def _measure(probe: TableProbe) -> ProbeResult:
    return probe.measure(_table(), [_tallies()[spec] for spec in probe.tallies(_table())])


@pytest.mark.no_cover
def test_scores_of_a_thousand_groups_are_measured_in_fewer_bins_and_say_so() -> None:
    tallies = [_tallies()[spec] for spec in SCORE_FAIRNESS.tallies(_table())]
    assert [bool(tally.entries) for tally in tallies] == [False, *(True for _ in GROUP_BINS[1:])]
    found = _measure(SCORE_FAIRNESS)
    for one in found.measurements:
        assert isinstance(one.result, Scalar)
        assert one.result.interval is not None
        assert one.result.n >= 30
    assert any("scores are put into 50 bins" in note for note in found.notes)


@pytest.mark.no_cover
def test_of_a_thousand_groups_few_scores_are_published() -> None:
    found = _measure(SCORES)
    metrics = Counter(one.metric for one in found.measurements if one.by == ("area",))
    assert set(metrics.values()) == {MOST_GROUPS}
    assert any("Of the 1000 groups of area no more than 16 are given" in note for note in found.notes)
    assert all(one.result.n >= 30 for one in found.measurements if isinstance(one.result, Scalar))


@pytest.mark.no_cover
def test_of_a_thousand_groups_the_most_telling_contrasts_are_published() -> None:
    found = _measure(_contrasts())
    assert len(found.measurements) <= 200
    (apart,) = [one.result for one in found.measurements if one.metric == "groups_apart_from_reference"]
    assert isinstance(apart, Count)
    assert 15 <= apart.value <= 25
    smallest = [one for one in found.measurements if one.metric == "selection_p_value"]
    assert len(smallest) == MOST_GROUPS
    assert sum(one.group[0] < "a020" for one in smallest) >= 6
    assert any("Of the 1000 groups of area" in note for note in found.notes)


def _number(value: float, reach: float) -> Scalar:
    ends = Interval(low=value - reach, high=value + reach, method="by hand")
    return Scalar(value=value, unit="1", n=50, interval=ends)


def test_a_bound_on_all_groups_is_decided_by_those_shown() -> None:
    """The lowest and the highest limit of any group are among those shown, and so is a silent one."""
    random = np.random.default_rng(2)
    results: list[Result] = [_number(float(v), float(r)) for v, r in random.random((100, 2))]
    results[40] = NotAvailable(why="too_few_cases", reason="few")
    shown = telling(results, [7, 8, 9])
    assert len(shown) == MOST_GROUPS
    assert shown == tuple(sorted(shown))
    assert 40 in shown
    ends = {k: one.interval for k, one in enumerate(results) if isinstance(one, Scalar)}
    for wanted in (min, max):
        limit = {k: (end.low if wanted is min else end.high) for k, end in ends.items() if end is not None}
        assert wanted(limit, key=lambda k: limit[k]) in shown
    assert set(shown) & {7, 8, 9}


def test_the_order_of_groups_does_not_decide_which_are_shown() -> None:
    """Sealed groups stand in another order than named ones; what is shown must be the same."""
    random = np.random.default_rng(3)
    results: list[Result] = [_number(float(v), 0.1) for v in random.integers(0, 9, 40) / 10]
    results += [NotAvailable(why="undefined", reason="none")] * 3
    results += [NotAvailable(why="too_few_cases", reason="few", n=n) for n in (12, 11, 11)]
    expected = sorted(str(results[place]) for place in telling(results))
    for _ in range(20):
        other = [results[place] for place in random.permutation(len(results))]
        assert sorted(str(other[place]) for place in telling(other)) == expected


@pytest.mark.parametrize("silent", [20, 18])
def test_where_few_or_none_have_a_number_the_silent_fill_the_place(silent: int) -> None:
    results: list[Result] = [NotAvailable(why="undefined", reason="none")] * silent
    results += [Count(value=k, unit="groups") for k in range(20 - silent)]
    assert len(telling(results)) == MOST_GROUPS
    assert telling(results[:MOST_GROUPS]) == tuple(range(MOST_GROUPS))

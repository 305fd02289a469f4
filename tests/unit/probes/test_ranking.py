"""The probe fairness/ranking: shares of the top by hand, by sorting rows, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.base import ProbeId
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.fairness.ranking.probe import BINS, PROBE, SHARES
from conformity.probes.fairness.ranking.top import top_ratios
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs
from tests.support.number_rows import Rows, score_table, tallied


def _measure(rows: Rows, table: TableSubject | None = None) -> ProbeResult:
    subject = table or score_table("sex")
    return PROBE.measure(subject, [tallied(spec, rows) for spec in PROBE.tallies(subject)])


def _result(found: ProbeResult, metric: str, group: str) -> Scalar | NotAvailable:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == (group,)]
    assert isinstance(one.result, Scalar | NotAvailable)
    return one.result


def _rows(n: int = 4000, seed: int = 2) -> Rows:
    random = np.random.default_rng(seed)
    sexes = ["f" if yes else "m" for yes in random.random(n) < 0.3]
    shift = np.array([0.0 if sex == "m" else 0.8 for sex in sexes])
    return {"score": 1 / (1 + np.exp(-random.normal(shift, 1))), "sex": sexes}


def test_it_measures_what_it_declares() -> None:
    assert load_probe(ProbeId("fairness/ranking")) is PROBE
    (spec,) = [spec for spec in probe_specs() if spec.id == "fairness/ranking"]
    assert [metric.id for metric in spec.metrics] == ["exposure_ratio", *SHARES]
    keys = [(m.metric, m.by, m.group) for m in _measure(_rows()).measurements]
    assert keys == sorted(keys)
    assert {key[0] for key in keys} == {"exposure_ratio", *SHARES}


@pytest.mark.parametrize("metric", SHARES)
def test_the_ratio_is_that_of_the_sorted_rows_up_to_the_bins(metric: str) -> None:
    rows = _rows()
    scores, women = np.array(rows["score"], dtype=float), np.array(rows["sex"]) == "f"
    top = np.argsort(-scores)[: round(SHARES[metric] * len(scores))]
    for group, mine in (("f", women), ("m", ~women)):
        found = _result(_measure(rows), metric, group)
        if mine[top].sum() < 10:
            assert isinstance(found, NotAvailable)
            assert found.reason == "fewer than 10 of the group are among the top"
            continue
        assert isinstance(found, Scalar)
        assert found.interval is not None
        wanted = mine[top].mean() / mine.mean()
        assert found.n == mine.sum()
        assert found.value == pytest.approx(wanted, abs=0.03)
        assert found.interval.low < wanted < found.interval.high
        assert found.interval.method.startswith("MOVER-R with Wilson limits, bins counted both ways")


def test_ties_are_broken_at_random_and_bounded_by_the_bin() -> None:
    """By hand: of 100 rows 10 of a are above, 10 of a and 30 of b tie for 10 places at the top 20 %."""
    rows = np.array([[30, 10, 10], [20, 30, 0]], dtype=np.int64)
    found = top_ratios(rows, 0.2)
    assert found.value[0] == pytest.approx((10 + 10 * 10 / 40) / 50 / 0.2)
    assert found.value[1] == pytest.approx((10 * 30 / 40) / 50 / 0.2)
    assert found.error == pytest.approx([1.0, 1.0])
    assert found.low[0] < 10 / 50 / 0.2
    assert found.high[0] == pytest.approx(20 / 50 / 0.2)
    assert found.high[1] > 10 / 50 / 0.2


def test_a_group_with_the_whole_top_is_bounded_by_its_share_of_all() -> None:
    """By hand: a has 100 of 1000 rows and the whole top 10 %: ratio 10, which nothing can exceed."""
    rows = np.array([[0, 100], [900, 0], [0, 0]], dtype=np.int64)
    found = top_ratios(rows, 0.1)
    assert found.value[:2] == pytest.approx([10.0, 0.0])
    assert np.isnan(found.value[2])
    assert found.high[0] == pytest.approx(10.0)
    assert found.low[1] == 0.0
    alone = top_ratios(rows[:1], 0.1)
    assert alone.value[0] == pytest.approx(1.0)


@pytest.mark.no_cover
@pytest.mark.parametrize("share", [0.05, 0.2])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_limits_hold_the_truth_in_92_to_98_of_100_samples(share: float, shift: float) -> None:
    """The truth is the ratio in a population of two normal distributions, at its own threshold."""
    random, own = np.random.default_rng(7), 0.25
    large = [random.normal(mean, 1, 10**6) for mean in (0.0, shift)]
    low, high = -5.0, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        above = [float((side > middle).mean()) for side in large]
        low, high = (middle, high) if (1 - own) * above[0] + own * above[1] > share else (low, middle)
    truth, held = float((large[1] > low).mean()) / share, 0
    for _ in range(800):
        drawn = [random.normal(mean, 1, size) for mean, size in ((0.0, 1500), (shift, 500))]
        bins = [np.minimum((BINS / (1 + np.exp(-side))).astype(int), BINS - 1) for side in drawn]
        found = top_ratios(np.stack([np.bincount(side, minlength=BINS) for side in bins]), share)
        held += bool(found.low[1] <= truth <= found.high[1])
    assert 0.92 <= held / 800 <= 0.985


def test_small_groups_small_tops_and_single_groups_have_no_ratio() -> None:
    rows = _rows(2000)
    few = {"score": rows["score"], "sex": ["x"] * 29 + list(rows["sex"])[29:]}
    small = _result(_measure(few), "top_20_ratio", "x")
    assert isinstance(small, NotAvailable)
    assert (small.why, small.n) == ("too_few_cases", 0)
    assert small.reason.startswith("fewer than 30 rows with a score")
    top = _result(_measure(rows), "top_1_ratio", "f")
    assert isinstance(top, NotAvailable)
    assert top.reason == "the top 1% of all rows are fewer than 30 rows"
    alone = _result(_measure({"score": rows["score"], "sex": ["f"] * 2000}), "top_20_ratio", "f")
    assert isinstance(alone, NotAvailable)
    assert alone.reason == "there is no other group with a score"


def test_blank_scores_take_the_interval_away() -> None:
    rows = _rows(2000)
    scores = np.array(rows["score"], dtype=float)
    scores[:12] = np.nan
    found = _measure({"score": scores, "sex": rows["sex"]})
    ratio = _result(found, "top_20_ratio", "f")
    assert isinstance(ratio, Scalar)
    assert ratio.interval is None
    assert found.notes[0].startswith("12 rows have no score and are in no ranking.")


def test_what_cannot_be_ranked_is_refused() -> None:
    rows = _rows(100)
    with pytest.raises(NotMeasurableError, match="100 rows have a score outside its range"):
        _measure({"score": np.array(rows["score"], dtype=float) + 1, "sex": rows["sex"]})
    with pytest.raises(NotMeasurableError, match="no row of 'people' has a score"):
        _measure({"score": np.full(100, np.nan), "sex": rows["sex"]})
    with pytest.raises(NotMeasurableError, match="has one edge"):
        PROBE.tallies(score_table("sex", edges=(0.5,)))
    with pytest.raises(NotMeasurableError, match="has the role `protected`"):
        PROBE.tallies(score_table())


def test_scores_of_any_range_and_weights_that_are_not_used() -> None:
    rows = _rows(2000)
    table = score_table("sex", edges=(300.0, 850.0))
    table = table.model_copy(update={"columns": (*table.columns, Column(name="w", roles=("weight",)))})
    moved = {"score": 300 + 550 * np.array(rows["score"], dtype=float), "sex": rows["sex"]}
    found, plain = _measure(moved, table), _measure(rows)
    assert "The weights are not used here" in found.notes[0]
    one, other = _result(found, "top_20_ratio", "f"), _result(plain, "top_20_ratio", "f")
    assert isinstance(one, Scalar)
    assert isinstance(other, Scalar)
    assert one.value == pytest.approx(other.value, abs=0.01)

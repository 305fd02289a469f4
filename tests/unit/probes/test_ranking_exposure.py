"""Exposure in rankings by the probe fairness/ranking: by hand, by sorting rows, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from conformity.model.measurement import NotAvailable, Scalar
from conformity.probes.fairness.ranking.exposure import LEAST, exposure_ratios, weight_sums
from conformity.probes.fairness.ranking.probe import BINS, FEWER_BINS, PROBE
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.intervals import Ints
from tests.support.number_rows import Rows, score_table, tallied


def _measure(rows: Rows) -> ProbeResult:
    table = score_table("sex")
    return PROBE.measure(table, [tallied(spec, rows) for spec in PROBE.tallies(table)])


def _result(found: ProbeResult, group: str, metric: str = "exposure_ratio") -> Scalar | NotAvailable:
    (one,) = [m for m in found.measurements if m.metric == metric and m.group == (group,)]
    assert isinstance(one.result, Scalar | NotAvailable)
    return one.result


def test_a_ranking_of_four_by_hand() -> None:
    """Singh and Joachims, KDD 2018, section 4.1, with weights 1, 0.63093, 0.5 and 0.43068 of four ranks.

    Group a is first and third: (1 + 0.5) / 2 = 0.75; b is second and fourth: 0.53080; all: 0.64040.
    """
    rows = np.array([[0, 1, 0, 1], [1, 0, 1, 0]], dtype=np.int64)
    found = exposure_ratios(rows)
    assert found.value == pytest.approx([0.75 / 0.640402, 0.530804 / 0.640402], abs=1e-5)
    assert found.error == pytest.approx([0, 0])


def test_rows_of_a_bin_share_its_ranks_and_bound_one_another() -> None:
    """By hand: a and b tie for the first two ranks, so that each has (1 + 0.63093) / 2, or one of the two."""
    found = exposure_ratios(np.array([[0, 1], [1, 1]], dtype=np.int64))
    mean = (1 + 0.6309298 + 0.5) / 3
    assert found.value[0] == pytest.approx((1 + 0.6309298) / 2 / mean)
    assert found.error[0] == pytest.approx((1 - 0.6309298) / mean)


@pytest.mark.parametrize("power", [1, 2])
def test_sums_of_weights_are_those_of_single_ranks(power: int) -> None:
    single = np.cumsum(np.log2(np.arange(2.0, 10**6 + 2)) ** -power)
    places = np.array([1, 2, 4096, 4097, 10**5, 10**6])
    assert np.abs(weight_sums(places, power) - single[places - 1]).max() < 1e-6
    assert weight_sums(np.array([0]), power)[0] == 0


def _sample(random: np.random.Generator, own: int, others: int, shift: float) -> Ints:
    scores = [random.normal(0, 1, others), random.normal(shift, 1, own)]
    bins = [np.minimum((BINS / (1 + np.exp(-side))).astype(int), BINS - 1) for side in scores]
    return np.stack([np.bincount(side, minlength=BINS) for side in bins])


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("own", "others", "samples"), [(LEAST, 400, 300), (500, 1500, 300), (2000, 20000, 150)]
)
@pytest.mark.parametrize("shift", [-1.0, 0.0, 0.5])
def test_limits_hold_the_truth_in_93_of_100_samples_or_more(
    own: int, others: int, samples: int, shift: float
) -> None:
    """The truth is the mean over the samples, since nothing is known in closed form."""
    random = np.random.default_rng(own)
    found = [exposure_ratios(_sample(random, own, others, shift)) for _ in range(samples)]
    truth = float(np.mean([one.value[1] for one in found]))
    assert np.mean([one.low[1] <= truth <= one.high[1] for one in found]) >= 0.925


def test_the_probe_gives_what_sorting_rows_gives_up_to_the_bins() -> None:
    random = np.random.default_rng(4)
    women = random.random(4000) < 0.3
    scores = 1 / (1 + np.exp(-random.normal(np.where(women, 0.5, 0.0), 1)))
    found = _measure({"score": scores, "sex": np.where(women, "f", "m").tolist()})
    weight = 1 / np.log2(2 + np.argsort(np.argsort(-scores)))
    for group, mine in (("f", women), ("m", ~women)):
        result = _result(found, group)
        assert isinstance(result, Scalar)
        assert result.interval is not None
        assert result.value == pytest.approx(weight[mine].mean() / weight.mean(), abs=0.005)
        assert result.interval.low < result.value < result.interval.high
        assert result.n == mine.sum()
    assert _result(found, "f").n != 0


def test_few_rows_have_no_interval_and_fewer_no_ratio() -> None:
    random = np.random.default_rng(5)
    scores = random.random(500)
    some = _result(_measure({"score": scores, "sex": ["x"] * 99 + ["m"] * 401}), "x")
    assert isinstance(some, Scalar)
    assert some.interval is None
    found = _measure({"score": scores, "sex": ["x"] * 29 + ["f"] * 200 + ["m"] * 271})
    few, other = _result(found, "x"), _result(found, "m")
    assert isinstance(few, NotAvailable)
    assert few.reason.startswith("fewer than 30 rows with a score")
    assert isinstance(other, NotAvailable)
    assert other.reason.startswith("all groups without a ratio of their own have fewer than 30 rows together")
    assert isinstance(_result(found, "m", "top_20_ratio"), NotAvailable)


@pytest.mark.no_cover
def test_a_thousand_groups_are_ranked_in_fewer_bins() -> None:
    import polars as pl

    from conformity.engines.frame import open_frame

    random = np.random.default_rng(6)
    n = 220_000
    frame = pl.DataFrame({"score": random.random(n), "sex": [f"g{k % 1000:03d}" for k in range(n)]})
    table = score_table("sex")
    tallies = open_frame(frame).tally(PROBE.tallies(table))
    assert [bool(tally.entries) for tally in tallies] == [False, True]
    found = PROBE.measure(table, tallies)
    result = _result(found, "g007")
    assert isinstance(result, Scalar)
    assert result.interval is not None
    assert result.interval.low < 1 < result.interval.high
    assert len(tallies[1].entries) <= 1000 * FEWER_BINS

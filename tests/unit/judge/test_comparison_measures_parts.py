"""Each part of the comparison of measures: the order, the rounding, what is counted, and what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from conformity.judge.comparison.measures import measures
from conformity.judge.comparison.sides import Side
from conformity.model.comparison import MeasureChange
from conformity.model.measurement import Count, Interval, Measurement, NotAvailable, Scalar
from conformity.model.plan import Plan
from tests.support.assessments import PROBE, criterion, exhibit, measured, observation, plan, scalar
from tests.support.comparisons import NEW, OLD, PLAIN, of_rates, rate, version

OF_NOBODY = replace(PLAIN, people=False)


def only(before: Side, after: Side) -> MeasureChange:
    """Return the one measure that is not the same in both."""
    (found,) = measures(before, after).changes
    return found


def count(value: int, metric: str = "rows", unit: str = "rows") -> Measurement:
    """Return a count over the whole subject."""
    return measured(Count(value=value, unit=unit), metric=metric, by=())


def bare(value: float, metric: str = "blanks", n: int = 500, unit: str = "1") -> Measurement:
    """Return a number without an interval."""
    return measured(Scalar(value=value, unit=unit, n=n), metric=metric, by=())


def none(metric: str = "rate") -> Measurement:
    """Return that there is no number."""
    return measured(NotAvailable(why="undefined", reason="No case."), metric=metric, by=())


def pair(
    one: Measurement | None, other: Measurement | None, data: Sequence[str] = (OLD, NEW), **changes: Any
) -> MeasureChange:
    """Return what became of one measure."""
    sides = (
        version(observation(*filter(None, [m])), data=d, **changes)
        for m, d in zip((one, other), data, strict=True)
    )
    return only(*sides)


RANKED: dict[tuple[str, str], tuple[Measurement | None, Measurement | None]] = {
    ("real", "worse"): (rate(800, 1000, "a"), rate(600, 1000, "a")),
    ("counted", "worse"): (count(10, "finds"), count(100, "finds")),
    ("only_before", "neither"): (rate(500, 1000, "b"), None),
    ("withheld", "neither"): (rate(500, 1000, "c"), rate(500, 1005, "c")),
    ("real", "neither"): (rate(800, 1000, "d", metric="odd"), rate(600, 1000, "d", metric="odd")),
    ("counted", "neither"): (count(100, "oddities"), count(200, "oddities")),
    ("real", "better"): (rate(600, 1000, "e"), rate(800, 1000, "e")),
    ("counted", "better"): (count(100), count(200)),
    ("only_after", "neither"): (None, rate(500, 1000, "f")),
    ("not_after_correction", "worse"): (rate(65, 100, "g"), rate(50, 100, "g")),
    ("not_shown", "worse"): (rate(52, 100, "h"), rate(50, 100, "h")),
}
FILLERS = [rate(500, 1000, f"filler {number}") for number in range(30)]


@pytest.mark.parametrize(("first", "second"), list(pairwise(RANKED)))
def test_what_became_of_a_measure_comes_before_whether_it_is_bounded(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    bounded = next(filter(None, RANKED[second]))
    limit = criterion(metric=bounded.metric, by=bounded.by, group=bounded.group, at_most=1)
    before, after = (
        of_rates(
            *FILLERS,
            *filter(None, (RANKED[second][place], RANKED[first][place])),
            data=(OLD, NEW)[place],
            criteria=[limit],
        )
        for place in (0, 1)
    )
    found = measures(before, after).changes
    assert [(one.reality, one.direction, one.bounded) for one in found] == [(*first, False), (*second, True)]


def test_what_is_alike_is_ordered_by_surprise_and_then_by_size() -> None:
    before = version(observation(count(100, "b"), count(100, "a"), count(100, "c")))
    after = version(observation(count(150, "b"), count(120, "a"), count(300, "c")))
    assert [one.metric for one in measures(before, after).changes] == ["c", "b", "a"]
    # The rate has an adjusted p-value, of 0.67 or of 1; the odd number has none, which counts as 1.
    for later, order in ((rate(53, 100), ["rate", "odd"]), (rate(100, 200), ["odd", "rate"])):
        old, new = of_rates(rate(50, 100), bare(0.2, "odd")), of_rates(later, bare(0.9, "odd"), data=NEW)
        assert [one.metric for one in measures(old, new).changes] == order


def test_a_difference_that_is_not_known_is_as_small_as_none() -> None:
    before = version(observation(bare(2, "energy", unit="kWh"), bare(0.5, "zeta", 500)))
    after = version(observation(bare(2, "energy", unit="g"), bare(0.5, "zeta", 600)), data=NEW)
    found = measures(before, after).changes
    assert [(one.metric, one.difference) for one in found] == [("energy", None), ("zeta", 0.0)]


def test_shares_have_three_places_and_other_numbers_four_digits() -> None:
    found = pair(bare(0.1234567), bare(0.7654321))
    assert found.before is not None
    assert found.after is not None
    assert (found.before.value, found.after.value, found.difference) == (0.123, 0.765, 0.642)
    found = pair(bare(1.234567, "energy", unit="kWh"), bare(12345.67, "energy", unit="kWh"))
    assert found.before is not None
    assert found.after is not None
    assert (found.before.value, found.after.value, found.difference) == (1.235, 12350.0, 12340.0)
    found = pair(rate(65, 100), rate(50, 100))
    assert found.p is not None
    assert found.low is not None
    assert found.p == float(f"{found.p:.4g}")
    assert found.low == round(found.low, 3)


@pytest.mark.parametrize(
    ("metric", "reality"),
    [("blanks", "counted"), ("finds", "counted"), ("energy", "no_interval"), ("odd", "no_interval")],
)
def test_numbers_over_all_cases_are_counted(metric: str, reality: str) -> None:
    assert pair(bare(0.2, metric), bare(0.9, metric)).reality == reality


def test_both_probes_must_look_at_all_cases() -> None:
    def known(extent: str | None) -> Plan:
        """Return a plan whose probe counts blanks over so many cases, or not at all."""
        told = [
            one if one.id != "blanks" else one.model_copy(update={"extent": extent}) for one in PROBE.metrics
        ]
        kept = tuple(one for one in told if one.extent is not None)
        return plan().model_copy(update={"probes": (PROBE.model_copy(update={"metrics": kept}),)})

    def reality(one: str | None, other: str | None) -> str:
        """Return whether blanks changed between plans with these extents."""
        before = version(observation(bare(0.2)), made=known(one))
        return only(before, version(observation(bare(0.9)), data=NEW, made=known(other))).reality

    assert reality("complete", "complete") == "counted"
    for other in ("estimate", None):
        assert reality("complete", other) == "no_interval"
        assert reality(other, "complete") == "no_interval"


@pytest.mark.parametrize(
    ("one", "other", "reality"),
    [
        (count(100), count(150), "counted"),
        (count(100, unit="rows"), count(100, unit="cells"), "counted"),
        (count(100, "odd"), bare(100, "odd", unit="rows"), "no_interval"),
        (bare(100, "odd", unit="rows"), count(100, "odd"), "no_interval"),
        (bare(0.5, n=500), bare(0.5, n=600), "counted"),
        (bare(0.5, unit="kWh"), bare(0.5, unit="g"), "counted"),
        (count(100, "odd"), none("odd"), "only_before"),
        (none("odd"), count(100, "odd"), "only_after"),
    ],
)
def test_another_number_unit_or_kind_is_a_change(one: Measurement, other: Measurement, reality: str) -> None:
    assert pair(one, other).reality == reality


@pytest.mark.parametrize("same", [count(100), bare(0.5), rate(50, 100), none()])
def test_what_is_the_same_in_both_is_none(same: Measurement) -> None:
    found = measures(version(observation(same)), version(observation(same), data=NEW))
    assert (found.changes, found.unchanged) == ((), 1)


def test_no_number_is_withheld_where_there_is_none() -> None:
    hidden = replace(PLAIN, number=False)
    lost = only(of_rates(rate(50, 100)), version(observation(none()), data=NEW, told=hidden))
    assert (lost.reality, lost.unit) == ("only_before", "1")
    found = only(version(observation(none()), told=hidden), of_rates(rate(50, 100), data=NEW))
    assert found.reality == "only_after"


@pytest.mark.parametrize(
    ("limits", "reality"), [((10, 3), "withheld"), ((3, 10), "withheld"), ((3, 3), "real")]
)
def test_the_stricter_of_both_limits_holds(limits: tuple[int, int], reality: str) -> None:
    sides = [of_rates(rate(800, 1000)), of_rates(rate(600, 1005), data=NEW)]
    before, after = (
        replace(side, telling=replace(side.telling, limit=limit))
        for side, limit in zip(sides, limits, strict=True)
    )
    assert only(before, after).reality == reality


@pytest.mark.parametrize(("data", "reality"), [(OLD, "real"), (None, "withheld")])
def test_only_data_that_are_known_to_be_the_same_tell_of_nobody(data: str | None, reality: str) -> None:
    assert only(of_rates(rate(800, 1000), data=data), of_rates(rate(600, 1005), data=data)).reality == reality


@pytest.mark.parametrize("read", [(True, False), (False, True), (False, False)])
def test_one_figure_that_a_meter_read_is_enough_to_suppose_nothing(read: tuple[bool, bool]) -> None:
    one, other = (
        scalar(value, value * 0.9, value * 1.1).model_copy(
            update={"unit": "kWh", "obtained": "modelled" if by_meter else None}
        )
        for value, by_meter in zip((1.0, 2.0), read, strict=True)
    )
    found = pair(measured(one, metric="energy", by=()), measured(other, metric="energy", by=()))
    assert found.method == ("any_dependence" if any(read) else "intervals")


@pytest.mark.parametrize("shy", [(True, False), (False, True)])
def test_an_interval_that_either_report_hides_is_not_told(shy: tuple[bool, bool]) -> None:
    before, after = (
        of_rates(rate(hits, 1000), data=data, told=replace(PLAIN, interval=not hides))
        for hits, data, hides in zip((800, 600), (OLD, NEW), shy, strict=True)
    )
    found = only(before, after)
    assert (found.difference, found.low, found.high, found.p) == (-0.2, None, None, None)


@pytest.mark.parametrize("held", [(True, False), (False, True), (False, False)])
def test_a_bound_of_either_version_bounds_a_measure(held: tuple[bool, bool]) -> None:
    limit = criterion(metric="rate", by=())
    before, after = (
        of_rates(rate(hits, 1000), data=data, criteria=[limit] if holds else [])
        for hits, data, holds in zip((800, 600), (OLD, NEW), held, strict=True)
    )
    assert only(before, after).bounded is any(held)


def test_a_measure_of_one_version_is_told_in_its_place() -> None:
    limit = criterion(metric="rate", by=())
    old, new = (of_rates(rate(50, 100), criteria=[limit]) for _ in range(2))
    gone, come = only(old, version()), only(version(), new)
    assert (gone.reality, gone.after, gone.bounded, gone.direction) == ("only_before", None, True, "neither")
    assert (come.reality, come.before, come.bounded, come.direction) == ("only_after", None, True, "neither")
    for reading in (gone.before, come.after):
        assert reading is not None
        assert (reading.value, reading.n, reading.text) == (0.5, 100, "told")
        assert (reading.low, reading.high) == pytest.approx((0.404, 0.596))


def test_a_measure_is_named_by_what_the_plan_and_the_manifest_say() -> None:
    found = pair(rate(800, 1000), rate(600, 1000))
    assert (found.probe, found.metric, found.title, found.subject) == (
        "fairness/gap",
        "rate",
        "Rate",
        "Test set",
    )
    one, other = (count(value, "oddities").model_copy(update={"subject": "record"}) for value in (100, 200))
    named = pair(one, other, exhibits=(exhibit(),))
    assert (named.title, named.subject, named.unit) == ("oddities", "Mitigation record", "rows")


def test_a_count_is_told_as_it_is_and_only_where_it_may_be() -> None:
    found = pair(count(123456), count(234567))
    assert found.before is not None
    assert (found.before.value, found.before.text) == (123456, "told")
    shy = only(of_rates(rate(50, 100), told=replace(PLAIN, cases=False)), of_rates(rate(500, 1000), data=NEW))
    assert shy.before is not None
    assert shy.after is not None
    assert (shy.before.n, shy.after.n) == (None, 1000)
    assert shy.before.low is not None


@pytest.mark.parametrize(
    ("better", "value", "direction"),
    [
        ("higher", 101, "better"),
        ("higher", 99, "worse"),
        ("lower", 101, "worse"),
        ("lower", 99, "better"),
        ("neither", 101, "neither"),
    ],
)
def test_a_difference_leads_where_the_metric_says(better: str, value: int, direction: str) -> None:
    metrics = tuple(one.model_copy(update={"better": better}) for one in PROBE.metrics)
    made = plan().model_copy(update={"probes": (PROBE.model_copy(update={"metrics": metrics}),)})
    assert pair(count(100), count(value), made=made, told=OF_NOBODY).direction == direction


def test_the_same_value_over_more_cases_leads_nowhere() -> None:
    found = pair(bare(0.5, n=500), bare(0.5, n=600))
    assert (found.difference, found.direction, found.method) == (0.0, "neither", "exact")


def test_only_what_is_sure_or_counted_has_moved() -> None:
    before = of_rates(rate(800, 1000, "a"), rate(52, 100, "b"), count(100), bare(0.2, "odd"))
    after = of_rates(rate(600, 1000, "a"), rate(50, 100, "b"), count(200), bare(0.9, "odd"), data=NEW)
    assert [key[2] for key in measures(before, after).moved] == ["rate", "rows"]


def test_an_interval_is_rounded_like_its_number() -> None:
    result = Scalar(
        value=1.234567,
        unit="kWh",
        n=5,
        interval=Interval(low=1.1234567, high=1.3456789, method="m"),
    )
    found = only(version(observation(measured(result, metric="energy", by=()))), version())
    assert found.before is not None
    assert (found.before.low, found.before.high) == (1.123, 1.346)

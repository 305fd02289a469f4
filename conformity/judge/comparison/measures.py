"""The measures of two versions beside each other, with what can be said of each difference."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from conformity.judge.comparison.differences import Difference, difference, holm
from conformity.judge.comparison.shown import Group, Key, Told, about, tells_few, withheld
from conformity.judge.comparison.sides import Side, same_cases, told_once
from conformity.model.base import MetricId, ProbeId
from conformity.model.comparison import Direction, MeasureChange, Reading, Reality
from conformity.model.measurement import Count, Measurement, Scalar

_ERROR = 0.05
"""The error that all comparisons together are allowed."""

_PLACES = 3
_DIGITS = 4
_COMPLETE = ("complete", "some")

_RANK: dict[tuple[Reality, Direction], int] = {
    ("real", "worse"): 0,
    ("counted", "worse"): 1,
    ("only_before", "neither"): 2,
    ("withheld", "neither"): 3,
    ("real", "neither"): 4,
    ("counted", "neither"): 5,
    ("real", "better"): 6,
    ("counted", "better"): 7,
    ("only_after", "neither"): 8,
    ("not_after_correction", "worse"): 9,
}
"""What is told first; the bounded ones come before all others of each rank."""


@dataclass(frozen=True)
class Measures:
    """What became of the measures."""

    changes: tuple[MeasureChange, ...]
    """Those that are not the same in both, by importance."""
    compared: int
    """How many differences were tested."""
    unchanged: int
    """How many are the same in both."""
    withheld: int
    """How many are withheld."""
    moved: tuple[Key, ...]
    """Those that changed for certain enough, or were counted."""


@dataclass(frozen=True)
class _Pair:
    """One measure of both versions, before the correction."""

    key: Key
    """What it is about."""
    before: Measurement
    """The earlier."""
    after: Measurement
    """The later."""
    same_data: bool | None
    """Whether both rest on the same bytes."""
    tested: Difference | None
    """The difference, where there are intervals."""
    hidden: bool
    """Whether it may not be told."""
    adjusted: float | None = None
    """The corrected p-value."""


def measures(
    before: Side, after: Side, apart: Container[Group] = frozenset(), *, independent: bool = False
) -> Measures:
    """Return what became of every measure; of one that two probes give under two names, once.

    Args:
        before: the earlier version.
        after: the later version.
        apart: the groups that grew or shrank by few people, and those from which such a number would follow.
        independent: whether it is stated that no person is in the data of both; then one figure less another
            tells of nobody.
    """
    both = [key for key in before.measurements if key in after.measurements]
    shared = told_once(before, after, both)
    groups = frozenset[Group]() if independent else apart
    pairs = _corrected([_pair(before, after, key, groups, independent=independent) for key in shared])
    different = [pair for pair in pairs if _differs(pair)]
    changes = [_both(before, after, pair) for pair in different]
    changes += [_alone(before, key, earlier=True) for key in _only(before, after)]
    changes += [_alone(after, key, earlier=False) for key in _only(after, before)]
    return Measures(
        changes=tuple(sorted(changes, key=_order)),
        compared=sum(pair.tested is not None for pair in pairs),
        unchanged=len(pairs) - len(different),
        withheld=sum(one.reality == "withheld" for one in changes),
        moved=tuple(pair.key for pair in different if _reality(before, after, pair) in ("real", "counted")),
    )


def _only(one: Side, other: Side) -> Iterator[Key]:
    """Yield what only one of two versions measured with a number."""
    for key, measurement in one.measurements.items():
        if key not in other.measurements and measurement.result.kind != "not_available":
            yield key


def _pair(before: Side, after: Side, key: Key, apart: Container[Group], *, independent: bool) -> _Pair:
    """Return one measure of both versions with its difference."""
    first, second = before.measurements[key], after.measurements[key]
    same = same_cases(before, after, key[1])
    told, now = before.telling.told[key], after.telling.told[key]
    numbers = not {"not_available"} & {first.result.kind, second.result.kind}
    limit = max(before.telling.limit, after.telling.limit)
    few = not independent and tells_few(first, second, now, limit, same_data=same is True)
    hidden = numbers and (withheld(told, now) or few or (key[1], key[3], key[4]) in apart)
    tested = None
    if isinstance(first.result, Scalar) and isinstance(second.result, Scalar) and not hidden:
        # Where it is not known whether the cases are the same, nothing is supposed of them; nor of what was
        # read from meters, whose errors and declared ranges both versions may share.
        physical = first.result.obtained is not None or second.result.obtained is not None
        tested = difference(first.result, second.result, same_data=same is not False or physical)
    return _Pair(key, first, second, same, tested, hidden)


def _corrected(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Return the measures with their p-values corrected for all differences that were tested."""
    tested = [pair for pair in pairs if pair.tested is not None]
    adjusted = holm([pair.tested.p for pair in tested if pair.tested is not None])
    known = {pair.key: value for pair, value in zip(tested, adjusted, strict=True)}
    return [replace(pair, adjusted=known.get(pair.key)) for pair in pairs]


def _differs(pair: _Pair) -> bool:
    """Tell whether a measure is not the same in both: another number, or one where there was none."""
    first, second = pair.before.result, pair.after.result
    if isinstance(first, Scalar) and isinstance(second, Scalar):
        return (first.value, first.n, first.unit) != (second.value, second.n, second.unit)
    if isinstance(first, Count) and isinstance(second, Count):
        return (first.value, first.unit) != (second.value, second.unit)
    return first.kind != second.kind


def _both(before: Side, after: Side, pair: _Pair) -> MeasureChange:
    """Return a measure of both versions, with no more than may be told."""
    reality = _reality(before, after, pair)
    told, now = before.telling.told[pair.key], after.telling.told[pair.key]
    readings = {
        "before": None if pair.hidden else _reading(pair.before, told),
        "after": None if pair.hidden else _reading(pair.after, now),
    }
    numbers: dict[str, float | None] = {}
    value = _value(pair)
    if value is not None and not pair.hidden:
        unit = _unit(pair.after)
        numbers["difference"] = _rounded(value, unit)
        if pair.tested is not None and told.interval and now.interval:
            numbers |= {
                "low": _rounded(pair.tested.low, unit),
                "high": _rounded(pair.tested.high, unit),
                "p": _digits(pair.tested.p),
                "adjusted_p": None if pair.adjusted is None else _digits(pair.adjusted),
            }
    return MeasureChange.model_validate(
        {
            **_named(after, pair.key, pair.after),
            "about": about(told, now),
            **readings,
            **numbers,
            "method": pair.tested.method if pair.tested else "exact" if reality == "counted" else None,
            "same_data": pair.same_data,
            "reality": reality,
            "direction": _direction(after, pair) if reality != "withheld" else "neither",
            "bounded": before.bounds(pair.before) or after.bounds(pair.after),
        }
    )


def _reality(before: Side, after: Side, pair: _Pair) -> Reality:
    """Return whether a measure changed."""
    kinds = (pair.before.result.kind, pair.after.result.kind)
    if pair.hidden:
        return "withheld"
    if "not_available" in kinds:
        return "only_after" if kinds[0] == "not_available" else "only_before"
    if pair.tested is None:
        return "counted" if _is_counted(before, after, pair) else "no_interval"
    if pair.adjusted is not None and pair.adjusted < _ERROR:
        return "real"
    return "not_after_correction" if pair.tested.p < _ERROR else "not_shown"


def _is_counted(before: Side, after: Side, pair: _Pair) -> bool:
    """Tell whether both numbers are counted or computed over all cases, by both probes."""
    if isinstance(pair.before.result, Count) and isinstance(pair.after.result, Count):
        return True
    metrics = [side.metrics.get(pair.key[2]) for side in (before, after)]
    return all(one is not None and one.extent in _COMPLETE for one in metrics)


def _alone(side: Side, key: Key, *, earlier: bool) -> MeasureChange:
    """Return a measure that one version alone holds; withheld figures are told as withheld."""
    measurement, told = side.measurements[key], side.telling.told[key]
    reading = _reading(measurement, told)
    return MeasureChange.model_validate(
        {
            **_named(side, key, measurement),
            "before": reading if earlier else None,
            "after": None if earlier else reading,
            "reality": "only_before" if earlier else "only_after",
            "direction": "neither",
            "bounded": side.bounds(measurement),
        }
    )


def _named(side: Side, key: Key, measurement: Measurement) -> dict[str, object]:
    """Return what a measure is about, in words."""
    metric, subject = side.metrics.get(key[2]), side.subjects.get(key[1])
    exhibits = {str(one.id): one.title for one in side.assessment.manifest.exhibits}
    return {
        "probe": ProbeId(key[0]),
        "metric": MetricId(key[2]),
        "title": metric.title if metric else key[2].replace("_", " "),
        "subject": subject.title if subject else exhibits.get(key[1], key[1]),
        "about": side.telling.told[key].about,
        "unit": _unit(measurement),
    }


def _reading(measurement: Measurement, told: Told) -> Reading:
    """Return one side of a measure as far as its report tells it, rounded."""
    result = measurement.result
    if result.kind == "not_available" or not told.number:
        return Reading(value=None, text=told.text)
    if isinstance(result, Count):
        return Reading(value=result.value, text=told.text)
    interval = result.interval if told.interval else None
    return Reading(
        value=_rounded(result.value, result.unit),
        low=_rounded(interval.low, result.unit) if interval else None,
        high=_rounded(interval.high, result.unit) if interval else None,
        n=result.n if told.cases else None,
        text=told.text,
    )


def _value(pair: _Pair) -> float | None:
    """Return the difference of the numbers; None where there is none on one side, or the units differ."""
    first, second = pair.before.result, pair.after.result
    if first.kind == "not_available" or second.kind == "not_available" or first.unit != second.unit:
        return None
    return second.value - first.value


def _direction(side: Side, pair: _Pair) -> Direction:
    """Return where a difference leads, by the direction that the metric names."""
    metric, value = side.metrics.get(pair.key[2]), _value(pair)
    if metric is None or value is None or value == 0 or metric.better == "neither":
        return "neither"
    return "better" if (value > 0) == (metric.better == "higher") else "worse"


def _unit(measurement: Measurement) -> str:
    """Return the unit of a measurement; of one without a number, that of a share."""
    result = measurement.result
    return "1" if result.kind == "not_available" else result.unit


def _rounded(value: float, unit: str) -> float:
    """Return a number with as many places as a report prints: unrounded ones tell numbers of cases."""
    return round(value, _PLACES) if unit == "1" else _digits(value)


def _digits(value: float) -> float:
    """Return a number rounded to a few digits."""
    return float(f"{value:.{_DIGITS}g}")


def _order(one: MeasureChange) -> tuple[object, ...]:
    """Return what measures are ordered by."""
    rank = _RANK.get((one.reality, one.direction), len(_RANK))
    surprise = one.adjusted_p if one.adjusted_p is not None else 1.0
    size = -abs(one.difference) if one.difference is not None else 0.0
    return (rank, not one.bounded, surprise, size, one.metric, one.subject, one.about)

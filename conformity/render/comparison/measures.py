"""The measures of a comparison, as tables and as figures."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.comparison import Comparison, MeasureChange, Reading
from conformity.render.charts import Chart, Dot, Series, dot_plot, scale_end, scale_ticks, shorten
from conformity.render.comparison.parts import Section, table
from conformity.render.comparison.words import DIRECTIONS, METHOD_NOTES, METHODS, REALITIES

_CHANGED = ("real", "counted")
_ALONE = ("only_before", "only_after")
_MOST_ROWS = 200
_MOST_DOTS = 20
_NAME_ROOM = 250
_NUMBER_ROOM = 44
_LEAST_P = 0.0001
_LETTERS = 60
_HEADS = ("Measure", "Of", "Before", "After", "Difference", "Finding")


def measure_section(comparison: Comparison) -> Section:
    """Return what became of the measures: figures of those that changed, then all by importance."""
    found = comparison.measures
    changed = [one for one in found if one.reality in _CHANGED]
    rest = [one for one in found if one.reality not in (*_CHANGED, *_ALONE) and one.bounded]
    hidden = [one for one in rest if one.reality == "withheld"]
    still = [one for one in rest if one.reality != "withheld"]
    alone = [one for one in found if one.reality in _ALONE]
    parts = (
        ("Measures that changed", changed),
        ("Bounded measures that are withheld here: whether they changed is not told", hidden),
        ("Bounded measures of which no change is shown", still),
        ("Measured in one version alone", alone),
    )
    return Section(
        "measures",
        "Measures",
        intro=_intro(comparison, len(found) - len(changed) - len(rest) - len(alone)),
        charts=charts(found),
        tables=tuple(
            one
            for title, several in parts
            for one in table(title, _HEADS, tuple(map(_row, several)), _MOST_ROWS)
        ),
    )


def _intro(comparison: Comparison, unlisted: int) -> tuple[str, ...]:
    """Return how many measures there are of each kind, and how many are not listed."""
    counted = (
        f"{comparison.compared} differences were tested; {comparison.unchanged_measures} measures are the "
        f"same in both; {comparison.withheld_measures} are withheld. ◆ marks what a criterion bounds."
    )
    if not unlisted:
        return (counted,)
    return counted, (
        f"{unlisted} more, which no criterion bounds, are not shown to have changed; comparison.json holds "
        "them."
    )


def method_section() -> Section:
    """Return how differences are made and told."""
    return Section("methods", "How to read the measures", intro=METHOD_NOTES)


def difference_words(one: MeasureChange) -> str:
    """Return a difference with its interval, such as ``+0.03 (+0.01 to +0.05)``; empty for none."""
    if one.difference is None:
        return ""
    unit = "" if one.unit == "1" else f" {one.unit}"
    words = f"{signed(one.difference, one.unit)}{unit}"
    if one.low is not None and one.high is not None:
        words += f" ({signed(one.low, one.unit)} to {signed(one.high, one.unit)})"
    return words


def signed(number: float, unit: str) -> str:
    """Return a number with its sign: shares to three places, whole numbers in groups of thousands."""
    if unit == "1":
        return f"{number:+.3f}"
    if number == int(number):
        return f"{int(number):+,}"
    mantissa, _, power = f"{number:+g}".partition("e")
    return f"{mantissa} × 10^{int(power)}" if power else mantissa


def finding_words(one: MeasureChange) -> str:
    """Return whether a measure changed, in which direction, how surely and by which method."""
    words = REALITIES[one.reality]
    if one.reality in _CHANGED:
        words = f"{words}: {DIRECTIONS[one.direction]}"
    if one.adjusted_p is not None:
        p = f"< {_LEAST_P:g}" if one.adjusted_p < _LEAST_P else f"= {one.adjusted_p:.2g}"
        words = f"{words} (corrected p {p})"
    if METHODS[one.method] and one.method != "exact":
        words = f"{words}; {METHODS[one.method]}"
    return words


def about(one: MeasureChange) -> str:
    """Return what a measure is about."""
    return f"{one.subject}, {one.about}" if one.about else one.subject


def _row(one: MeasureChange) -> tuple[str, ...]:
    """Return a measure as a row; one that a criterion bounds is marked."""
    mark = " ◆" if one.bounded else ""
    return (
        f"{one.title}{mark}",
        about(one),
        _reading(one.before),
        _reading(one.after),
        difference_words(one),
        finding_words(one),
    )


def _reading(reading: Reading | None) -> str:
    """Return one side of a measure, with its cases where they may be told."""
    if reading is None:
        return "–"
    return f"{reading.text}, n = {reading.n:,}" if reading.n is not None else reading.text


def charts(measures: Sequence[MeasureChange]) -> tuple[Chart, ...]:
    """Return the shares that changed as two figures: both versions side by side, and the differences."""
    shares = [one for one in measures if one.reality == "real" and _is_share(one)]
    if not shares:
        return ()
    drawn = shares[:_MOST_DOTS]
    some = f", the first {len(drawn)} of {len(shares)} shares" if len(shares) > len(drawn) else ""
    names = [shorten(f"{one.title}{' · ' + one.about if one.about else ''}", _LETTERS) for one in drawn]
    return _both(drawn, names, some), _differences(drawn, names, some)


def _is_share(one: MeasureChange) -> bool:
    """Tell whether a measure is a number from 0 to 1 in both versions, with all its intervals."""
    readings = (one.before, one.after)
    ends = [end for side in readings if side for end in (side.value, side.low, side.high)]
    told = len(ends) == 6 and all(end is not None and 0 <= end <= 1 for end in ends)
    return one.unit == "1" and told and one.low is not None and one.high is not None


def _both(drawn: Sequence[MeasureChange], names: Sequence[str], some: str) -> Chart:
    """Return the estimates of both versions with their intervals, on one scale; ``some`` is of how many."""
    sides = [[side for one in drawn if (side := getattr(one, key))] for key in ("before", "after")]
    highs = [one.high for side in sides for one in side]
    ticks = [(place, f"{place:g}") for place in scale_ticks(scale_end(highs))]
    series = [
        Series(title, tuple(Dot(one.value, one.low, one.high, f"{one.value:g}") for one in side))
        for title, side in zip(("Earlier version", "Later version"), sides, strict=True)
    ]
    said = "; ".join(
        f"{name}: {then.text} then {now.text}" for name, then, now in zip(names, *sides, strict=True)
    )
    return dot_plot(
        "measures-both",
        f"Measures that changed, in both versions{some}",
        said,
        names,
        series,
        (_NAME_ROOM, _NUMBER_ROOM),
        ticks,
    )


def _differences(drawn: Sequence[MeasureChange], names: Sequence[str], some: str) -> Chart:
    """Return the differences with their intervals around a line that stands for no change."""
    reach = scale_end([abs(end) for one in drawn for end in (one.low or 0.0, one.high or 0.0)])
    ticks = [
        (round(reach * place / 2, 6), f"{reach * (place - 2) / 2:+g}" if place != 2 else "0")
        for place in range(5)
    ]
    # The scale begins at 0, so everything is moved by its reach to the right.
    dots = tuple(
        Dot(
            (one.difference or 0.0) + reach,
            (one.low or 0.0) + reach,
            (one.high or 0.0) + reach,
            signed(one.difference or 0.0, one.unit),
            word=DIRECTIONS[one.direction],
        )
        for one in drawn
    )
    said = "; ".join(f"{name}: {difference_words(one)}" for name, one in zip(names, drawn, strict=True))
    return dot_plot(
        "measures-difference",
        f"Differences with their 95 % intervals{some}",
        said,
        names,
        [Series("Later less earlier", dots, ((reach, "no change"),))],
        (_NAME_ROOM, _NUMBER_ROOM + 12),
        ticks,
    )

"""Groups that two attributes form, as a heat map: rates without sizes, and only where they tell of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.model.measurement import Measurement, Scalar
from conformity.render.charts import shorten
from conformity.render.heatmap import Crossing, Field, HeatChart, heat_chart, steps
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import is_withheld

_METRICS = ("selection_rate", "label_rate")
"""The rates that can be drawn; the first that was measured is."""

_LEAST = 30
"""Rates of fewer cases are hatched: their rounding alone could tell single people."""

_MOST_COLUMNS = 8
_MOST_ROWS = 12
_MOST_MAPS = 6
_LONGEST = 40

Group = tuple[str, ...]
Cells = dict[Group, Measurement]


@dataclass(frozen=True)
class HeatMap:
    """A figure with the observations that it shows."""

    chart: HeatChart
    """The drawing."""
    evidence: tuple[Link, ...]
    """Where its numbers come from."""
    more: str
    """What is not drawn, or empty."""


def heat_maps(context: Context) -> tuple[HeatMap, ...]:
    """Return one figure for each table of which the rate of crossed attributes is drawn."""
    found: dict[tuple[str, str], dict[tuple[str, ...], Cells]] = {}
    sources: dict[tuple[str, str], dict[str, None]] = {}
    for observation in context.evidence.observations:
        for one in observation.measurements:
            if one.metric in _METRICS and len(one.by) == 2 and one.group:
                place = (one.subject, str(one.metric))
                found.setdefault(place, {}).setdefault(one.by, {})[one.group] = one
                sources.setdefault(place, {})[observation.id] = None
    # Decisions say more than labels: labels are drawn only where nothing was decided.
    metric = next((one for one in _METRICS if any(place[1] == one for place in found)), "")
    return tuple(
        _heat_map(context, place, found[place], list(sources[place]), number)
        for number, place in enumerate(place for place in found if place[1] == metric)
    )


def _heat_map(
    context: Context,
    place: tuple[str, str],
    pairs: dict[tuple[str, ...], Cells],
    sources: Sequence[str],
    number: int,
) -> HeatMap:
    """Return the figure of one table."""
    subject, metric = place
    words = context.words["crossings"]
    crossings = [_crossing(context, subject, by, cells) for by, cells in list(pairs.items())[:_MOST_MAPS]]
    title = words["title"].format(metric=context.metric_title(metric), subject=context.subject_title(subject))
    left = len(pairs) - len(crossings)
    chart = heat_chart(
        f"heat-{number}", title, _description(context, crossings), crossings, _legend(context, crossings)
    )
    more = context.plural("crossings", "more", left) if left > 0 else ""
    return HeatMap(chart, context.evidence_links(sources), more)


def _crossing(context: Context, subject: str, by: tuple[str, ...], cells: Cells) -> Crossing:
    """Return one pair of attributes, that with fewer groups across."""
    across = 0 if len({group[0] for group in cells}) <= len({group[1] for group in cells}) else 1
    down = 1 - across
    columns = _values(context, subject, by, cells, across)[:_MOST_COLUMNS]
    rows = _values(context, subject, by, cells, down)[:_MOST_ROWS]
    shown = shown_cells(context, cells)
    fields = tuple(
        tuple(_field(context, cells, shown, (c, r) if across == 0 else (r, c)) for c in columns) for r in rows
    )
    return Crossing(
        title=shorten(f"{by[down]} × {by[across]}", _LONGEST),
        rows=tuple(context.group_name(subject, (by[down],), (value,)) for value in rows),
        columns=tuple(context.group_name(subject, (by[across],), (value,)) for value in columns),
        fields=fields,
    )


def _values(context: Context, subject: str, by: tuple[str, ...], cells: Cells, side: int) -> list[str]:
    """Return the groups of one of the two attributes, in their usual order."""
    values = {group[side] for group in cells}
    return sorted(values, key=lambda value: context.group_order(subject, (by[side],), (value,)))


def shown_cells(context: Context, cells: Cells) -> frozenset[Group]:
    """Return the groups whose rate may be drawn.

    A row or column with exactly one hidden cell would give it back beside the rate of the whole row: then the
    smallest of the others is hidden too, until no row and no column has exactly one.
    """
    shown = {
        group
        for group, one in cells.items()
        if isinstance(one.result, Scalar) and one.result.n >= _LEAST and not is_withheld(context, one)
    }
    while lone := _lone(cells, shown):
        shown.discard(min(lone, key=lambda group: (_cases(cells[group]), group)))
    return frozenset(shown)


def _lone(cells: Cells, shown: set[Group]) -> list[Group]:
    """Return the shown cells of the first row or column of which exactly one cell is hidden."""
    for side in (0, 1):
        for value in sorted({group[side] for group in cells}):
            line = [group for group in cells if group[side] == value]
            kept = [group for group in line if group in shown]
            if kept and len(line) - len(kept) == 1:
                return kept
    return []


def _cases(one: Measurement) -> int:
    """Return the number of cases of a cell."""
    return one.result.n if isinstance(one.result, Scalar) else 0


def _field(context: Context, cells: Cells, shown: frozenset[Group], group: Group) -> Field:
    """Return one cell: its rate, that it is withheld, or that there is nobody in it."""
    one = cells.get(group)
    if one is None:
        return Field(None, "", exists=False)
    if group in shown and isinstance(one.result, Scalar):
        return Field(one.result.value, context.locale.fixed(one.result.value, 2))
    return Field(None, context.words["crossings"]["withheld"])


def _description(context: Context, crossings: Sequence[Crossing]) -> str:
    """Return the numbers of a figure in words."""
    words = context.words["crossings"]
    told = []
    for one in crossings:
        cells = [
            words["cell"].format(row=one.rows[i], column=one.columns[j], value=field.text)
            for i, row in enumerate(one.fields)
            for j, field in enumerate(row)
            if field.exists
        ]
        told.append(words["pair"].format(title=one.title, cells="; ".join(cells)))
    return " ".join(told)


def _legend(context: Context, crossings: Sequence[Crossing]) -> list[str]:
    """Return what the colours and the hatching stand for."""
    words, locale = context.words, context.locale
    values = [f.value for one in crossings for row in one.fields for f in row if f.value is not None]
    hatched = words["crossings"]["hatched"]
    if not values:
        return [hatched]
    return [
        *(
            words["common"]["range"].format(low=locale.fixed(low, 2), high=locale.fixed(high, 2))
            for low, high in steps((min(values), max(values)))
        ),
        hatched,
    ]

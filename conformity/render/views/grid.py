"""Tables of groups: one row for each group, one column for each metric of each observation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformity.model.measurement import Measurement
from conformity.render.views.context import Context, Link
from conformity.render.views.figures import Figure, figure, where

Place = tuple[tuple[str, ...], tuple[str, ...]]
"""Columns that form groups, and the values of one group; both empty for the whole subject."""

_ROOM = 132
"""Letters that fit beside each other on a page."""

_GAP = 2
"""Room between two columns, in letters."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Series:
    """One metric of one observation, by place."""

    title: str
    """The metric's name."""
    entry: Link
    """The observation in the register."""
    measurements: Mapping[Place, Measurement]
    """Its measurements."""


@dataclass(frozen=True)
class Head:
    """The head of a column."""

    title: str
    """Its words."""
    entry: Link | None
    """Where its figures come from; none for the column that names the groups."""
    width: str
    """Its share of the table, in percent."""


@dataclass(frozen=True)
class GridRow:
    """One group."""

    name: str
    """The group."""
    cells: tuple[str, ...]
    """Its figures."""


@dataclass(frozen=True)
class Grid:
    """One table."""

    width: str
    """Its share of the page, in percent."""
    heads: tuple[Head, ...]
    """The heads, that of the groups first."""
    rows: tuple[GridRow, ...]
    """The groups."""


@dataclass(frozen=True)
class _Column:
    """One metric, before the table is laid out."""

    title: str
    """Its head."""
    entry: Link
    """The observation."""
    cells: tuple[str, ...]
    """Its figures, one for each row."""

    @property
    def room(self) -> int:
        """The room for it, in letters: of its longest figure, and of the longest word of its head."""
        return _widest([*self.cells, *self.title.split(), self.entry.text])


def grids(
    context: Context, series: Sequence[Series], places: Sequence[Place]
) -> tuple[tuple[Grid, ...], tuple[str, ...]]:
    """Return as many tables as the metrics need, and the reasons for cells without a number.

    Args:
        context: the records and the language.
        series: the columns, in order.
        places: the rows, in order; each is one of at least one series.
    """
    if not places:
        return (), ()
    reasons: dict[str, str] = {}
    columns = [_column(context, one, places, reasons) for one in series]
    by_place = {place: one for found in series for place, one in found.measurements.items()}
    names = [where(context, by_place[place]) for place in places]
    made = tuple(_grid(context, names, some) for some in _chunks(columns, _widest(names)))
    return made, tuple(f"({letter}) {reason}" for reason, letter in reasons.items())


def _column(context: Context, series: Series, places: Sequence[Place], reasons: dict[str, str]) -> _Column:
    """Return one column; ``reasons`` collects why there is no number, each with a letter."""
    found = [series.measurements.get(place) for place in places]
    shown = [figure(context, one) if one else None for one in found]
    cases = {one.n for one in shown if one}
    words = context.words
    title = series.title
    alone = len(cases) == 1
    if alone and "" not in cases:
        title += f" ({words['findings']['single_cases'].format(n=cases.pop())})"
    return _Column(
        title, series.entry, tuple(_cell(context, one, reasons, not alone) if one else "" for one in shown)
    )


def _cell(context: Context, shown: Figure, reasons: dict[str, str], with_cases: bool) -> str:
    """Return figure, interval and number of cases, or the letter of the reason why there is no number."""
    if shown.why:
        return f"{shown.value} ({reasons.setdefault(shown.why, _letter(len(reasons)))})"
    text = f"{shown.value} ({shown.range})" if shown.range else shown.value
    if with_cases and shown.n:
        text += " " + context.words["annex"]["cases"].format(n=shown.n)
    return text


def _letter(number: int) -> str:
    """Return the mark of a reason: a to z, then a1 and on."""
    again, place = divmod(number, len(_LETTERS))
    return _LETTERS[place] + (str(again) if again else "")


def _chunks(columns: Sequence[_Column], names: int) -> Iterator[list[_Column]]:
    """Yield as many columns as fit beside the names of the groups, at least one."""
    some: list[_Column] = []
    for column in columns:
        if some and names + sum(one.room for one in some) + column.room > _ROOM:
            yield some
            some = []
        some.append(column)
    yield some


def _widest(texts: Sequence[str]) -> int:
    """Return the room for texts above each other, in letters."""
    return max(len(text) for text in texts) + _GAP


def _grid(context: Context, names: Sequence[str], columns: Sequence[_Column]) -> Grid:
    """Return one table."""
    room = _widest(names)
    total = room + sum(column.room for column in columns)

    def share(letters: int) -> str:
        return f"{100 * letters / total:.1f}"

    lists = zip(*(column.cells for column in columns), strict=True)
    return Grid(
        width=f"{min(100, 100 * total / _ROOM):.1f}",
        heads=(
            Head(context.words["annex"]["of"], None, share(room)),
            *(Head(column.title, column.entry, share(column.room)) for column in columns),
        ),
        rows=tuple(GridRow(name, cells) for name, cells in zip(names, lists, strict=True) if any(cells)),
    )

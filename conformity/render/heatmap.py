"""Heat maps, laid out in points of a page: one small table of coloured cells for each pair of attributes.

The number stands in its cell, so that nothing is told by colour alone. What must not be shown is hatched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.render.charts import WIDTH, shorten

SHADES = ("#F1F6F7", "#D3E3E7", "#A9CAD2", "#6FA3B0", "#2F7385")
"""From the lowest to the highest fifth of what is drawn; the last two carry white numbers."""

_ABREAST = 2
_GAP = 22
_NAMES = 92
_LETTERS = 17
_ROW = 14
_HEAD_LEAST = 14
_TITLE = 16
_WIDEST = 46
_DARK_FROM = 3
_LETTER = 5.0
_SLOPE = 7
_RISE = 3.1
"""How far a letter of a name that is turned upwards lifts it."""


@dataclass(frozen=True)
class Field:
    """One cell before it is laid out."""

    value: float | None
    """The number; none when there is none to show."""
    text: str
    """The number in print, or why there is none."""
    exists: bool = True
    """Whether there are cases of it at all."""


@dataclass(frozen=True)
class Crossing:
    """One pair of attributes before it is laid out."""

    title: str
    """Both attributes."""
    rows: tuple[str, ...]
    """Names of the rows."""
    columns: tuple[str, ...]
    """Names of the columns."""
    fields: tuple[tuple[Field, ...], ...]
    """The cells, row by row."""


@dataclass(frozen=True)
class Word:
    """Words at a place."""

    x: float
    """Where they begin, or end when they are names of rows."""
    y: float
    """Their foot."""
    text: str
    """The words."""


@dataclass(frozen=True)
class Cell:
    """One cell, placed."""

    x: float
    """Left edge."""
    y: float
    """Upper edge."""
    width: float
    """Its width."""
    height: float
    """Its height."""
    text: str
    """The number in print, or nothing."""
    fill: str
    """Its colour, or nothing when it is hatched."""
    ink: str
    """The colour of its number."""
    hatch: str
    """The lines across it, as a path, or nothing."""
    tip: str
    """Row, column and number, or why there is none."""


@dataclass(frozen=True)
class Placed:
    """One pair of attributes, placed."""

    title: Word
    """Both attributes."""
    rows: tuple[Word, ...]
    """Names of the rows, which end where the cells begin."""
    columns: tuple[Word, ...]
    """Names of the columns, turned upwards."""
    cells: tuple[Cell, ...]
    """The cells."""


@dataclass(frozen=True)
class HeatChart:
    """A figure, ready to draw."""

    id: str
    """A name unique in the document."""
    title: str
    """What it shows."""
    description: str
    """The same in numbers, for readers that do not see it."""
    width: int
    """Width of the drawing."""
    height: float
    """Height of the drawing."""
    maps: tuple[Placed, ...]
    """The pairs of attributes."""
    legend: tuple[Cell, ...]
    """The colours, each with what it stands for."""


def heat_chart(
    ident: str, title: str, description: str, crossings: Sequence[Crossing], legend: Sequence[str]
) -> HeatChart:
    """Place pairs of attributes, two abreast, on one scale of colours; without numbers there is no scale.

    Args:
        ident: a name unique in the document.
        title: what the figure shows.
        description: the same in numbers.
        crossings: the pairs, each with at least one cell.
        legend: what each of the five colours stands for, and the hatching.
    """
    values = [
        field.value for one in crossings for row in one.fields for field in row if field.value is not None
    ]
    ends = (min(values, default=0.0), max(values, default=1.0))
    placed: list[Placed] = []
    top = 0.0
    for start in range(0, len(crossings), _ABREAST):
        several = crossings[start : start + _ABREAST]
        head = round(_TITLE + _head(several), 1)
        for place, one in enumerate(several):
            placed.append(_placed(one, place * (WIDTH + _GAP) / _ABREAST, (top, top + head), ends))
        top = round(top + head + _ROW * max(len(one.rows) for one in several) + _GAP / 2, 1)
    return HeatChart(ident, title, description, WIDTH, top + _ROW, tuple(placed), _legend(legend, top))


def shade(value: float, ends: tuple[float, float]) -> int:
    """Return which fifth of the scale a value is in, 0 for the lowest."""
    low, high = ends
    if high <= low:
        return 0
    return min(int((value - low) / (high - low) * len(SHADES)), len(SHADES) - 1)


def steps(ends: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Return where each of the five colours begins and ends."""
    low, high = ends
    part = (high - low) / len(SHADES)
    return tuple((low + part * i, low + part * (i + 1)) for i in range(len(SHADES)))


def _head(several: Sequence[Crossing]) -> float:
    """Return how much room the names of columns need above the cells."""
    longest = max(min(len(name), _LETTERS) for one in several for name in one.columns)
    return max(_HEAD_LEAST, longest * _RISE + 5)


def _placed(one: Crossing, left: float, heights: tuple[float, float], ends: tuple[float, float]) -> Placed:
    """Return one pair of attributes, placed; ``heights`` are where it begins and where its cells do."""
    room = (WIDTH - _GAP * (_ABREAST - 1)) / _ABREAST - _NAMES
    # The last name leans over the edge of its column.
    width = round(min(_WIDEST, (room - _LETTERS) / len(one.columns)), 1)
    first = left + _NAMES
    top, head = heights
    return Placed(
        title=Word(round(left, 1), top + 11, one.title),
        rows=tuple(
            Word(round(first - 5, 1), round(head + _ROW * i + 10, 1), shorten(name, _LETTERS))
            for i, name in enumerate(one.rows)
        ),
        columns=tuple(
            Word(round(first + width * i + width / 2 + 3, 1), round(head - 4, 1), shorten(name, _LETTERS))
            for i, name in enumerate(one.columns)
        ),
        cells=tuple(
            _cell(
                field,
                (round(first + width * j, 1), round(head + _ROW * i, 1), width),
                f"{one.rows[i]} × {one.columns[j]}",
                ends,
            )
            for i, row in enumerate(one.fields)
            for j, field in enumerate(row)
            if field.exists
        ),
    )


def _cell(field: Field, place: tuple[float, float, float], name: str, ends: tuple[float, float]) -> Cell:
    """Return one cell, placed."""
    x, y, width = place
    tip = f"{name}: {field.text}"
    if field.value is None:
        return Cell(x, y, width, _ROW, "", "", "", _hatch(x, y, width), tip)
    fifth = shade(field.value, ends)
    ink = "#FFFFFF" if fifth >= _DARK_FROM + 1 else "#101828"
    return Cell(x, y, width, _ROW, field.text, SHADES[fifth], ink, "", tip)


def _hatch(x: float, y: float, width: float) -> str:
    """Return slanting lines across a cell."""
    lines = []
    offset = 0.0
    while offset + _ROW <= width + 1:
        lines.append(f"M{round(x + offset, 1)} {round(y + _ROW, 1)}l{_ROW} -{_ROW}")
        offset += _SLOPE
    return "".join(lines)


def _legend(words: Sequence[str], top: float) -> tuple[Cell, ...]:
    """Return the colours with what they stand for, in one line."""
    cells = []
    x = 0.0
    for place, text in enumerate(words):
        fill = SHADES[place] if place < len(words) - 1 else ""
        hatch = "" if fill else _hatch(x, top, _WIDEST / 2)
        cells.append(Cell(round(x, 1), top, _WIDEST / 2, _ROW, text, fill, "", hatch, ""))
        x += _WIDEST / 2 + 8 + len(text) * _LETTER + 12
    return tuple(cells)

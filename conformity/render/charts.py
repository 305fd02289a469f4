"""Dot plots with intervals, laid out in points of a page; the templates only draw what is placed here.

All panels of a figure share one scale. A dot is an estimate, a bar its interval, a dashed line a bound.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 657
"""Width of a figure: the text width of an A4 page at 96 pixels an inch."""

_ROW = 17
_HEAD = 36
_HEAD_PLAIN = 20
_HEAD_BARE = 6
_FOOT = 22
_GAP = 14
_FIRST_LINE = 10
_LINE = 11
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
_LETTER = 5.0
_BOLD_LETTER = 5.5
_BESIDE_NAMES = 10
_ROOM_FOR_WORDS = 60


@dataclass(frozen=True)
class Dot:
    """What is drawn in one row of one panel."""

    value: float | None
    """The estimate; none when there is no number to show."""
    low: float | None
    """Lower end of the interval."""
    high: float | None
    """Upper end of the interval."""
    text: str
    """The number in print, or the words that stand for it."""
    bounds: tuple[float, ...] = ()
    """Bounds for this row alone."""
    icon: str = ""
    """The shape of the verdict on it, or nothing."""
    colour: str = ""
    """The colour of that shape."""
    word: str = ""
    """The verdict, for readers that do not see the shape."""


@dataclass(frozen=True)
class Series:
    """One panel before it is laid out."""

    title: str
    """Its name."""
    dots: tuple[Dot, ...]
    """One for each row."""
    bounds: tuple[tuple[float, str], ...] = ()
    """Bounds for all rows, each with its words."""


@dataclass(frozen=True)
class Tick:
    """A mark on an axis, or a line with words."""

    x: float
    """Where."""
    label: str
    """The words."""
    anchor: str = "middle"
    """Which end of the words stands there."""


@dataclass(frozen=True)
class Drawn:
    """One row of a panel, placed."""

    y: float
    """Its middle."""
    x: float | None
    """Where the dot is."""
    low: float | None
    """Where the bar begins."""
    high: float | None
    """Where the bar ends."""
    text: str
    """The number in print."""
    text_x: float
    """Where the number is printed: beside the scale, or on it when there is nothing to draw."""
    bounds: tuple[float, ...]
    """Where this row's own bounds are."""
    icon: str
    """The shape of the verdict, or nothing."""
    colour: str
    """The colour of that shape."""
    box: float
    """Width of the white box behind words that stand on the scale, or 0."""


@dataclass(frozen=True)
class Label:
    """The name of a row, placed."""

    y: float
    """Its middle, or the line that it stands on."""
    text: str
    """The name, cut to its room."""


@dataclass(frozen=True)
class Panel:
    """One panel, placed."""

    title: str
    """Its name."""
    heading: tuple[Label, ...]
    """The name in one line or two, cut to its room."""
    left: float
    """Where the scale begins."""
    right: float
    """Where the scale ends."""
    ticks: tuple[Tick, ...]
    """The scale."""
    bounds: tuple[Tick, ...]
    """Lines for all rows."""
    rows: tuple[Drawn, ...]
    """The rows."""


@dataclass(frozen=True)
class Chart:
    """A figure, ready to draw."""

    id: str
    """A name unique in the document."""
    title: str
    """What it shows."""
    description: str
    """The same in numbers, for readers that do not see it."""
    width: int
    """Width of the drawing."""
    height: int
    """Height of the drawing."""
    top: float
    """Where the rows begin."""
    bottom: float
    """Where the rows end."""
    labels: tuple[Label, ...]
    """Names of the rows."""
    panels: tuple[Panel, ...]
    """The panels."""


def dot_plot(
    ident: str,
    title: str,
    description: str,
    names: Sequence[str],
    series: Sequence[Series],
    rooms: tuple[int, int],
    ticks: Sequence[tuple[float, str]],
) -> Chart:
    """Place rows and panels.

    Args:
        ident: a name unique in the document.
        title: what the figure shows.
        description: the same in numbers.
        names: one name for each row.
        series: one to three panels; each has a dot for each row.
        rooms: room for the names on the left and for the numbers right of each panel, in pixels.
        ticks: places on the scale with their words, rising; the first and the last are the ends.
    """
    margin, beside = rooms
    room = (WIDTH - margin - _GAP * (len(series) - 1)) / len(series)
    letters = int(room / _BOLD_LETTER)
    top = _top(series) + _LINE * (max(len(_heading(one.title, letters)) for one in series) - 1)
    bottom = top + _ROW * len(names)
    panels = []
    for number, one in enumerate(series):
        left = margin + number * (room + _GAP)
        panels.append(_panel(one, left, left + room - beside, beside, top, ticks))
    return Chart(
        id=ident,
        title=title,
        description=description,
        width=WIDTH,
        height=bottom + _FOOT,
        top=top,
        bottom=bottom,
        labels=tuple(
            Label(_middle(top, i), shorten(name, int((margin - _BESIDE_NAMES) / _LETTER)))
            for i, name in enumerate(names)
        ),
        panels=tuple(panels),
    )


def scale_end(values: Sequence[float]) -> float:
    """Return where a scale from 0 ends so that all ``values`` fit, on a round number."""
    largest = max([value for value in values if value > 0], default=1.0)
    for step in _STEPS:
        if largest <= step:
            return step
    return math.ceil(largest * 4) / 4


def scale_ticks(end: float, count: int = 4) -> tuple[float, ...]:
    """Return the places of ``count`` + 1 marks from 0 to ``end``."""
    return tuple(round(end * i / count, 10) for i in range(count + 1))


def room_for(name: str) -> int:
    """Return how much room a name needs on the left, in pixels, so that it is not cut."""
    return math.ceil(len(name) * _LETTER) + _BESIDE_NAMES


def shorten(text: str, letters: int) -> str:
    """Return ``text``, cut with an ellipsis when it has more than ``letters``; a sign at its end is kept."""
    if len(text) > letters and text.endswith(" ◆"):
        return shorten(text[:-2], letters - 2) + " ◆"
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _top(series: Sequence[Series]) -> int:
    """Return where rows begin: below the panels' names and the words of their lines, where there are any."""
    if any(one.bounds for one in series):
        return _HEAD
    return _HEAD_PLAIN if any(one.title for one in series) else _HEAD_BARE


def _heading(title: str, letters: int) -> tuple[Label, ...]:
    """Return a panel's name in as many lines as it needs, at most two."""
    lines = textwrap.wrap(title, letters, max_lines=2, placeholder="…") or [""]
    return tuple(Label(_FIRST_LINE + _LINE * i, line) for i, line in enumerate(lines))


def _panel(
    one: Series, left: float, right: float, beside: float, top: float, ticks: Sequence[tuple[float, str]]
) -> Panel:
    """Return one panel, its scale running from ``left`` to ``right``."""
    end = ticks[-1][0]

    def place(value: float) -> float:
        return round(left + (right - left) * min(max(value / end, 0.0), 1.0), 1)

    return Panel(
        title=one.title,
        heading=_heading(one.title, int((right - left + beside) / _BOLD_LETTER)),
        left=round(left, 1),
        right=round(right, 1),
        ticks=tuple(Tick(place(value), label) for value, label in ticks),
        bounds=tuple(_line(place(value), label, left, right) for value, label in one.bounds),
        rows=tuple(
            Drawn(
                y=_middle(top, i),
                x=None if dot.value is None else place(dot.value),
                low=None if dot.low is None else place(dot.low),
                high=None if dot.high is None else place(dot.high),
                text=dot.text,
                text_x=_text_x(dot, left, right, beside),
                bounds=tuple(place(bound) for bound in dot.bounds),
                icon=dot.icon,
                colour=dot.colour,
                box=_box(dot, beside),
            )
            for i, dot in enumerate(one.dots)
        ),
    )


def _text_x(dot: Dot, left: float, right: float, beside: float) -> float:
    """Return where a row's number begins: right of the scale, or on it when words need more room."""
    return round(left + 6 if _is_on_scale(dot, beside) else right + 8, 1)


def _is_on_scale(dot: Dot, beside: float) -> bool:
    """Tell whether words stand where the dot would be."""
    return dot.value is None and beside < _ROOM_FOR_WORDS


def _box(dot: Dot, beside: float) -> float:
    """Return how wide a white box keeps the scale's lines from words that stand on it."""
    return len(dot.text) * _LETTER + 6 if dot.text and _is_on_scale(dot, beside) else 0.0


def _line(x: float, label: str, left: float, right: float) -> Tick:
    """Return a bound's line; its words stay inside the panel."""
    half = len(label) * _LETTER / 2
    if x - half < left:
        return Tick(x, label, "start")
    return Tick(x, label, "end" if x + half > right else "middle")


def _middle(top: float, row: int) -> float:
    """Return the height of the middle of a row."""
    return top + _ROW * row + _ROW / 2

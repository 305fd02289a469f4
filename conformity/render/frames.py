"""Small frames with two axes, laid out in points of a page: points with bars, columns, and steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformity.render.charts import WIDTH, shorten

HEIGHT = 178
"""Height of a figure."""

_TOP = 22
_BOTTOM = 38
_LEFT = 36
_GAP = 30
_LETTER = 5.0


@dataclass(frozen=True)
class Spot:
    """One point before it is laid out; all places are shares of the frame, from 0 to 1."""

    x: float
    """From the left."""
    y: float
    """From below."""
    low: float | None
    """Where its interval begins."""
    high: float | None
    """Where its interval ends."""
    tip: str
    """The point in words."""


@dataclass(frozen=True)
class Column:
    """One column before it is laid out; its height is a share of the frame, or none when it is withheld."""

    height: float | None
    """How high."""
    tip: str
    """The column in words."""


@dataclass(frozen=True)
class Frame:
    """One frame before it is laid out."""

    title: str
    """What it shows."""
    across: str
    """What runs from left to right."""
    x_marks: tuple[tuple[float, str], ...]
    """The scale below: share of the width, and words."""
    y_marks: tuple[tuple[float, str], ...]
    """The scale at the left: share of the height, and words."""
    spots: tuple[Spot, ...] = ()
    """Points."""
    columns: tuple[Column, ...] = ()
    """Columns side by side over the whole width."""
    joined: bool = False
    """Whether the points are joined by a line."""
    diagonal: bool = False
    """Whether the line on which both axes agree is drawn."""


@dataclass(frozen=True)
class Dot:
    """A point, placed."""

    x: float
    """From the left."""
    y: float
    """From above."""
    low: float | None
    """Lower end of its bar."""
    high: float | None
    """Upper end of its bar."""
    tip: str
    """The point in words."""


@dataclass(frozen=True)
class Box:
    """A column, placed."""

    x: float
    """Left edge."""
    y: float
    """Upper edge."""
    width: float
    """Its width."""
    height: float
    """Its height."""
    withheld: bool
    """Whether it is withheld, so that its height says nothing."""
    tip: str
    """The column in words."""


@dataclass(frozen=True)
class Mark:
    """A mark on an axis."""

    at: float
    """Where."""
    text: str
    """The words."""


@dataclass(frozen=True)
class Placed:
    """One frame, placed."""

    title: str
    """What it shows."""
    across: str
    """What runs from left to right."""
    left: float
    """Left edge."""
    right: float
    """Right edge."""
    top: float
    """Upper edge."""
    bottom: float
    """Lower edge."""
    x_marks: tuple[Mark, ...]
    """The scale below."""
    y_marks: tuple[Mark, ...]
    """The scale at the left."""
    dots: tuple[Dot, ...]
    """Points."""
    boxes: tuple[Box, ...]
    """Columns."""
    line: str
    """The line that joins the points, or nothing."""
    diagonal: bool
    """Whether the diagonal is drawn."""


@dataclass(frozen=True)
class FrameChart:
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
    frames: tuple[Placed, ...]
    """The frames."""


def frame_chart(
    ident: str, title: str, description: str, frames: Sequence[Frame], abreast: int
) -> FrameChart:
    """Place frames side by side.

    Args:
        ident: a name unique in the document.
        title: what the figure shows.
        description: the same in numbers.
        frames: what is drawn, at most ``abreast``.
        abreast: how many frames there is room for.
    """
    room = (WIDTH - _GAP * (abreast - 1)) / abreast
    placed = tuple(
        _placed(one, round(number * (room + _GAP) + _LEFT, 1), round(number * (room + _GAP) + room, 1))
        for number, one in enumerate(frames)
    )
    return FrameChart(ident, title, description, WIDTH, HEIGHT, placed)


def _placed(one: Frame, left: float, right: float) -> Placed:
    """Return one frame, placed between two edges."""
    top, bottom = float(_TOP), float(HEIGHT - _BOTTOM)

    def across(share: float) -> float:
        return round(left + (right - left) * min(max(share, 0.0), 1.0), 1)

    def up(share: float) -> float:
        return round(bottom - (bottom - top) * min(max(share, 0.0), 1.0), 1)

    dots = tuple(
        Dot(
            across(spot.x),
            up(spot.y),
            None if spot.low is None else up(spot.low),
            None if spot.high is None else up(spot.high),
            spot.tip,
        )
        for spot in one.spots
    )
    return Placed(
        title=shorten(one.title, int((right - left + _LEFT) / _LETTER)),
        across=one.across,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_marks=tuple(Mark(across(share), text) for share, text in one.x_marks),
        y_marks=tuple(Mark(up(share), text) for share, text in one.y_marks),
        dots=dots,
        boxes=_boxes(one.columns, (left, right), (top, bottom)),
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots) if one.joined else "",
        diagonal=one.diagonal,
    )


def _boxes(
    columns: Sequence[Column], sides: tuple[float, float], heights: tuple[float, float]
) -> tuple[Box, ...]:
    """Return columns side by side; one that is withheld is as high as the frame."""
    if not columns:
        return ()
    (left, right), (top, bottom) = sides, heights
    width = (right - left) / len(columns)
    return tuple(
        Box(
            round(left + width * i + 1, 1),
            round(bottom - (bottom - top) * (1.0 if one.height is None else one.height), 1),
            round(width - 2, 1),
            round((bottom - top) * (1.0 if one.height is None else one.height), 1),
            one.height is None,
            one.tip,
        )
        for i, one in enumerate(columns)
    )

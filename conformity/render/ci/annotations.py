"""GitHub's workflow commands: what is open, beside the lines of the manifest in a change.

Source:
    GitHub documentation, "Workflow commands for GitHub Actions": error, warning and notice messages. The
    runner reads `%`, line breaks, and in properties `:` and `,` only percent-encoded, and keeps ten
    messages of each level for a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.finding import Verdict
from conformity.render.ci.points import Placing, Point
from conformity.render.exports.markdown_text import short

_MOST = 10
"""Messages of one level that the runner keeps."""
_LETTERS = 600
_LEVELS: dict[Verdict, str] = {"not_met": "error", "undetermined": "warning", "not_collected": "notice"}


def commands(points: Sequence[Point], placing: Placing) -> tuple[str, ...]:
    """Return the commands, a line each: what is new first, and of each level how many were left out.

    Args:
        points: what is open, the most important first.
        placing: where the manifest lies.
    """
    told = sorted(points, key=lambda point: point.change == "known")
    return tuple(
        line for verdict in _LEVELS for line in _of_level([p for p in told if p.verdict == verdict], placing)
    )


def command(level: str, text: str, *, file: str, line: int, title: str, column: int | None = None) -> str:
    """Return one workflow command, whatever its texts hold.

    Args:
        level: ``error``, ``warning`` or ``notice``.
        text: the message.
        file: relative to the repository.
        line: the line, from 1.
        title: the heading.
        column: the column, from 1.
    """
    places = {"file": file, "line": str(line), "col": str(column or ""), "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in places.items() if value)
    return f"::{level} {told}::{_data(text)}"


def _of_level(points: Sequence[Point], placing: Placing) -> Iterator[str]:
    """Yield the commands of one level; the last one tells of those that are left out."""
    kept = points if len(points) <= _MOST else points[: _MOST - 1]
    for point in kept:
        known = " (already open in the baseline)" if point.change == "known" else ""
        yield command(
            _LEVELS[point.verdict],
            short(point.text, _LETTERS) + known,
            file=placing.manifest,
            line=point.line,
            title=short(point.title, 150),
        )
    if left := len(points) - len(kept):
        yield command(
            _LEVELS[points[0].verdict],
            f"{left} more requirements have this verdict; see the report.",
            file=placing.manifest,
            line=1,
            title="More open requirements",
        )


def _data(text: str) -> str:
    """Return a message of which nothing is taken for the end of its line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return the value of a property of which nothing is taken for another property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")

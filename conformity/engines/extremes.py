"""Round the ends of a column's percentiles where they are the number of a few people."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.settings import DISCLOSURE_LIMIT

_Entry = tuple[str | int | float, ...]
_PERCENTILES = 101


def without_extremes(entries: Sequence[_Entry]) -> list[_Entry]:
    """Return the entries of column profiles, the least and the largest number of each column rounded.

    They are rounded to two digits, so far as they stay in order with the other percentiles, unless at least
    :data:`~conformity.settings.DISCLOSURE_LIMIT` cells hold them.

    Args:
        entries: ``(column, field, key, number)`` of :func:`conformity.engines.profiles.column_profiles`.
    """
    numbers = {str(column): int(number) for column, field, _, number in entries if field == "numbers"}
    curves: dict[str, dict[str, float]] = {}
    for column, field, place, number in entries:
        if field == "percentile":
            curves.setdefault(str(column), {})[str(place)] = float(number)
    rounded = {column: _rounded(curve, numbers[column]) for column, curve in curves.items()}
    return [
        (column, field, place, rounded[str(column)][str(place)] if field == "percentile" else number)
        for column, field, place, number in entries
    ]


def _rounded(curve: dict[str, float], cells: int) -> dict[str, float]:
    """Return percentiles by place with rounded ends.

    Args:
        curve: the percentiles, 000 to 100.
        cells: how many numbers the column holds.
    """
    places = sorted(curve)
    values = _end(_end([curve[place] for place in places], cells)[::-1], cells)[::-1]
    return dict(zip(places, values, strict=True))


def _end(values: list[float], cells: int) -> list[float]:
    """Return percentiles whose last value is rounded where it stands, but not past the one before."""
    last = values[-1]
    run = next((n for n, value in enumerate(reversed(values)) if value != last), len(values))
    # The cells that hold the end reach back over at least `run - 1` hundredths of them.
    if run == len(values) or (run - 1) * cells >= DISCLOSURE_LIMIT * (_PERCENTILES - 1):
        return values
    before = values[-run - 1]
    near = float(f"{last:.2g}")
    end = max(near, before) if last > before else min(near, before)
    return values[:-run] + [end] * run

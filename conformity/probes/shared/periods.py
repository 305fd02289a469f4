"""Periods of a time column: months, quarters or years, in order, and trends over them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.subject import TableSubject
from conformity.model.tally import MISSING, PeriodKey
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.wording import rows_in_words

MOST_PERIODS = 24
"""How many periods are told apart at most."""

_LEVELS = ("month", "quarter", "year")


@dataclass(frozen=True)
class Timeline:
    """The periods of a table, and which period a label of the tally belongs to."""

    periods: tuple[str, ...]
    """At least two, the earliest first."""
    places: dict[str, int]
    """Label of the tally -> position of its period; labels of rows that are left out are not there."""
    scores: tuple[float, ...]
    """Where each period lies in time, in its own unit."""
    note: str
    """Which rows are left out, and why; empty if none."""


def time_key(table: TableSubject) -> PeriodKey:
    """Return the key that puts rows into periods by the table's time column, which must be bound."""
    return PeriodKey(column=table.with_role("time")[0].name)


def timeline(column: str, rows: dict[str, int]) -> Timeline:
    """Return the periods of the labels that a :class:`PeriodKey` gives.

    They are as fine as every label allows, and coarser where there are too many; the latest are kept
    where even years are too many.

    Args:
        column: the time column.
        rows: number of rows of each label.

    Raises:
        NotMeasurableError: there are fewer than two periods.
    """
    labels = sorted(label for label in rows if label != MISSING)
    names: dict[str, str] = {}
    for level in _LEVELS[_finest(labels) :]:
        names = {label: _cut(label, level) for label in labels}
        if len(set(names.values())) <= MOST_PERIODS:
            break
    every = sorted(set(names.values()))
    periods = tuple(every[-MOST_PERIODS:])
    if len(periods) < 2:
        raise NotMeasurableError(
            f"the dates in {column!r} lie in one period, or are blank; a change needs two periods"
        )
    places = {label: periods.index(name) for label, name in names.items() if name in periods}
    left = {"blank": rows.get(MISSING, 0), "early": sum(rows[x] for x in labels if x not in places)}
    return Timeline(periods, places, tuple(_score(name) for name in periods), _note(column, left))


def trend_p_value(successes: Ints, cases: Ints, scores: Sequence[float]) -> float | None:
    """Return the two-sided p-value of no linear trend of a rate; None where every case has one outcome.

    Args:
        successes: (p,) favourable outcomes in each period.
        cases: (p,) all outcomes, at least one in two periods.
        scores: (p,) where the periods lie.

    Source:
        Armitage, Biometrics 11 (1955) 375-386; Cochran, Biometrics 10 (1954) 417-451.
    """
    at = np.asarray(scores, dtype=np.float64)
    n = int(cases.sum())
    rate = float(successes.sum()) / n
    at = at - float((cases * at).sum()) / n
    spread = float((cases * at**2).sum())
    variance = rate * (1 - rate) * spread
    if variance <= 0:
        return None
    slope = float((at * (successes - cases * rate)).sum())
    return math.erfc(abs(slope) / math.sqrt(2 * variance))


def _finest(labels: Sequence[str]) -> int:
    """Return the finest level that all labels know: 0 month, 1 quarter, 2 year."""
    if any(len(label) == 4 for label in labels):
        return 2
    return 1 if any("Q" in label for label in labels) else 0


def _cut(label: str, level: str) -> str:
    """Return the period of a label at a level."""
    if level == "year":
        return label[:4]
    if level == "month" or "Q" in label:
        return label
    return f"{label[:4]}-Q{(int(label[5:]) + 2) // 3}"


def _score(period: str) -> float:
    """Return where a period lies, counted in its own unit."""
    year = int(period[:4])
    if "Q" in period:
        return float(year * 4 + int(period[-1]))
    return float(year * 12 + int(period[5:])) if len(period) > 4 else float(year)


def _note(column: str, left: dict[str, int]) -> str:
    """Return which rows are left out; empty if none is."""
    said = []
    if left["blank"]:
        said.append(f"{rows_in_words(left['blank'])} without a date in {column!r}")
    if left["early"]:
        said.append(f"{rows_in_words(left['early'])} before the {MOST_PERIODS} latest years")
    return f"Left out of the periods: {' and '.join(said)}." if said else ""

"""The tally by period, group and prediction as an array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.model.subject import TableSubject
from conformity.model.tally import Tally
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.cells import BLANK, STATES, Groups
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.periods import Timeline, timeline


@dataclass(frozen=True)
class Series:
    """Predictions of the groups of one attribute, period by period."""

    time: str
    """The time column."""
    attribute: str
    """The protected column."""
    line: Timeline
    """The periods."""
    names: tuple[str, ...]
    """(k,) the groups, sorted."""
    counts: Ints
    """(p, k, 4, 4) rows by period, group and state of label and prediction; labels are blank."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know."""
        return (self.line.note,)

    def groups(self, place: int) -> Groups:
        """Return the groups that occur in one period."""
        counts = self.counts[place]
        present = np.flatnonzero(counts.sum(axis=(1, 2)))
        names = tuple((self.names[k],) for k in present)
        return Groups(by=(self.attribute,), names=names, counts=counts[present])


def read_series(table: TableSubject, tally: Tally) -> Series:
    """Take a tally by period, group and prediction apart.

    Raises:
        NotMeasurableError: there are no rows, or only one period.
    """
    entries = [entry for entry in tally.entries if entry[-1]]
    if not entries:
        raise NotMeasurableError(f"{table.id!r} has no rows")
    rows: dict[str, int] = {}
    for entry in entries:
        rows[str(entry[0])] = rows.get(str(entry[0]), 0) + int(entry[-1])
    line = timeline(tally.columns[0], rows)
    names = sorted({str(entry[1]) for entry in entries})
    counts = np.zeros((len(line.periods), len(names), 4, 4), dtype=np.int64)
    for label, group, prediction, n in entries:
        place = line.places.get(str(label))
        if place is not None:
            counts[place, names.index(str(group)), BLANK, STATES[str(prediction)]] += int(n)
    return Series(tally.columns[0], tally.columns[1], line, tuple(names), counts)

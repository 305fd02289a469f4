"""From rates and numbers of cases back to counts, or why that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.errors import DataError
from conformity.model.measurement import NotAvailable
from conformity.probes.fairness.imported_group_rates.frames import Frame
from conformity.probes.fairness.imported_group_rates.names import ALL, COUNTS, NEGATIVES, POSITIVES, Read
from conformity.probes.shared.imported.reading import whole
from conformity.probes.shared.trials import Trials

_ROUNDED = 1e-9
"""How far a rate may be from the one that was measured: ``to_json`` writes ten decimals."""


@dataclass(frozen=True)
class Counted:
    """Successes and failures of all groups, or why there are none."""

    trials: Trials | None
    """(k,) the counts; None where some are not known."""
    why: NotAvailable | None
    """Why they are not."""


def named(frame: Frame, one: Read) -> str | None:
    """Return under which name a file holds a metric; None where it does not.

    Raises:
        DataError: under two names.
    """
    found = [name for name in one.names if name in frame.metrics]
    if len(found) > 1:
        raise DataError(f"the file holds {' and '.join(found)}, which are the same; export one of them")
    return found[0] if found else None


def check_counts(frame: Frame) -> None:
    """Check that numbers of cases are such, and that they do not contradict one another.

    Raises:
        DataError: they do.
    """
    for group in frame.groups:
        sizes = {}
        for metric in sorted(COUNTS & set(frame.metrics)):
            value = frame.values[group, metric]
            if value is not None and whole(value) is None:
                raise DataError(f"`{metric}` is no number of cases; export it without weights")
            sizes[metric] = value
        every, wins, losses = (sizes.get(metric) for metric in (ALL, POSITIVES, NEGATIVES))
        if every is None:
            continue
        parts = [part for part in (wins, losses) if part is not None]
        if sum(parts) > every or (len(parts) == 2 and sum(parts) != every):
            raise DataError("`positives` and `negatives` do not add up to `count`; export the file anew")


def counted(frame: Frame, one: Read, name: str) -> Counted:
    """Return the successes and failures behind a rate.

    Args:
        frame: the file.
        one: the metric.
        name: under which name the file holds it.

    Raises:
        DataError: a rate lies outside 0 to 1.
    """
    if one.cases not in frame.metrics:
        return _without(f"the file gives this rate without its number of cases; add the metric `{one.cases}`")
    wins, losses = [], []
    for group in frame.groups:
        n, value = whole(frame.values[group, one.cases]), frame.values[group, name]
        if value is not None and not 0 <= value <= 1:
            raise DataError(f"`{name}` lies outside 0 to 1; export the file anew")
        if n is None or (value is None and n > 0):
            return _without("a group has no number for this rate or its cases; export the file without gaps")
        share = n * (value or 0.0)
        if abs(share - round(share)) > min(_ROUNDED * n + 1e-6, 0.1):
            return _without(
                "the rate of a group is no share of whole cases, as when they are weighted; export it "
                "without weights"
            )
        wins.append(round(share))
        losses.append(n - round(share))
    none = np.zeros(len(wins), dtype=np.int64)
    trials = Trials(np.array(wins, dtype=np.int64), np.array(losses, dtype=np.int64), none, none, none)
    return Counted(trials, None)


def _without(reason: str) -> Counted:
    """Return that the counts are not known."""
    return Counted(None, NotAvailable(why="not_collected", reason=reason))

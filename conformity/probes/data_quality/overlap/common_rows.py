"""How many rows of a table other tables hold too, from the smallest hashes of each.

Only the order of hashes is used, and which are equal; so their ranks serve as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformity.model.measurement import Count, Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.intervals import LEVEL
from conformity.probes.shared.sketches import COMPLETE, SAMPLED, Sketch, share_limits
from conformity.settings import MIN_GROUP


def overlap(this: Sketch, others: Sequence[Sketch]) -> tuple[Result, Result]:
    """Return the number and the share of rows of ``this`` that any of the others holds too.

    Where all hashes of all tables are at hand the two are exact. Otherwise the rows whose hash lies below
    the ends of all sketches are a random sample of the different rows of ``this``, of each of which it is
    known whether the others hold it. A row that occurs c times weighs c; the sample is then worth
    ``(sum c)^2 / sum c^2`` rows.

    Args:
        this: at least one row.
        others: at least one.

    Source:
        Beyer et al., SIGMOD 2007, 199-210 (sketches of the k smallest hashes); Kish, Survey Sampling
        (1965), section 11.7 (effective size).
    """
    elsewhere = {value for other in others for value in other.kept}
    ends = [other.end for other in others if other.end is not None]
    end = min(ends, default=None)
    sampled = this.below(end)
    shared = sum(rows for value, rows in sampled.items() if value in elsewhere)
    cases = sum(sampled.values())
    if this.end is None and end is None:
        share = shared / cases
        interval = Interval(low=share, high=share, level=LEVEL, method=COMPLETE)
        return Count(value=shared, unit="rows"), Scalar(value=share, unit="1", n=cases, interval=interval)
    if len(sampled) < MIN_GROUP:
        few = NotAvailable(
            why="too_few_cases",
            reason="the tables are of such different size that too few of their rows could be compared",
        )
        return few, few
    low, high = share_limits(np.array(list(sampled.values()), dtype=np.float64), shared / cases)
    return (
        _scalar(this.rows, "rows", cases, (low, shared / cases, high)),
        _scalar(1, "1", cases, (low, shared / cases, high)),
    )


def _scalar(scale: int, unit: str, cases: int, share: tuple[float, float, float]) -> Scalar:
    """Return a share with its limits, times ``scale``."""
    low, value, high = (scale * one for one in share)
    interval = Interval(low=low, high=high, level=LEVEL, method=SAMPLED)
    return Scalar(value=value, unit=unit, n=cases, interval=interval)

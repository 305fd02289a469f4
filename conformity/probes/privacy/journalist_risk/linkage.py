"""Classes of a table beside the same classes of a reference, and the risks that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.intervals import LEVEL, Floats
from conformity.probes.shared.sketches import COMPLETE, SAMPLED, Sketch, share_limits
from conformity.settings import MIN_GROUP


@dataclass(frozen=True)
class Linked:
    """The classes that were compared."""

    rows: Floats
    """(k,) rows of each class of the table."""
    people: Floats
    """(k,) rows of it in the reference; 0 where it has none."""
    unmatched: bool
    """Whether the reference has a class without rows of the table."""
    all_compared: bool
    """Whether these are all classes; else they are a random sample of them."""

    @property
    def total(self) -> int:
        """Return the rows compared."""
        return int(self.rows.sum())

    @property
    def population(self) -> Floats:
        """Return how many people each class could be, (k,): no fewer than it has rows."""
        return np.maximum(self.people, self.rows)

    @property
    def outside(self) -> Floats:
        """Return 1 for each class of which the reference has fewer rows than the table, else 0; (k,)."""
        return np.asarray(self.people < self.rows, dtype=np.float64)


def linked(table: Sketch, reference: Sketch) -> Linked:
    """Return the classes of a table, with their size in the reference.

    Below the ends of both sketches it is known of each class how often it occurs in both; there the classes
    are all that there are, or a random sample of them.

    Source:
        Beyer et al., SIGMOD 2007, 199-210 (sketches of the k smallest hashes).
    """
    ends = [sketch.end for sketch in (table, reference) if sketch.end is not None]
    end = min(ends, default=None)
    seen = table.below(end)
    return Linked(
        rows=np.array(list(seen.values()), dtype=np.float64),
        people=np.array([reference.kept.get(value, 0) for value in seen], dtype=np.float64),
        unmatched=any(value not in table.kept for value in reference.below(end)),
        all_compared=not ends,
    )


def results_of(found: Linked) -> dict[str, Result]:
    """Return all metrics.

    Source:
        El Emam, Guide to the De-Identification of Personal Health Information (2013), chapter 16;
        Nergiz, Atzori and Clifton, Hiding the presence of individuals, SIGMOD 2007, 665-676, for delta.
    """
    people = found.population
    return {
        "delta_presence_highest": _presence(found, lambda delta: float(delta.max())),
        "delta_presence_lowest": _presence(
            found, lambda delta: 0.0 if found.unmatched else float(delta.min())
        ),
        "journalist_average_risk": _of_all(
            found, max(len(people) / people.sum(), float((found.rows / people).sum() / found.total))
        ),
        "journalist_highest_risk": _of_all(found, float(1 / people.min())),
        "journalist_share_below_11": _mean(found, people < 11),
        "journalist_share_below_5": _mean(found, people < 5),
        "marketer_risk": _mean(found, 1 / people),
        "outside_reference_share": _mean(found, found.outside),
    }


def _mean(found: Linked, values: Floats | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Result:
    """Return the mean over rows of a value of their class, in [0, 1], with its interval."""
    value = float(values @ found.rows / found.total)
    if found.all_compared:
        interval = Interval(low=value, high=value, level=LEVEL, method=COMPLETE)
    else:
        low, high = share_limits(found.rows, value)
        interval = Interval(low=low, high=high, level=LEVEL, method=SAMPLED)
    return Scalar(value=value, unit="1", n=found.total, interval=interval)


def _of_all(found: Linked, value: float) -> Result:
    """Return a number that rests on all classes, unless only a sample of them was compared."""
    if found.all_compared:
        return Scalar(value=value, unit="1", n=found.total)
    return NotAvailable(
        why="undefined",
        reason="there are so many classes that only a sample was compared, which may not hold the worst one",
        n=found.total,
    )


def _presence(found: Linked, of: Callable[[Floats], float]) -> Result:
    """Return a measure of the shares of the reference's classes in the table, where it has all rows."""
    if found.all_compared and found.outside.any():
        return NotAvailable(
            why="undefined",
            reason="rows of the table are not in the reference, so that it is not the population they are of",
            n=found.total,
        )
    return _of_all(found, of(found.rows / found.population))


def too_few(found: Linked) -> NotAvailable | None:
    """Return why classes tell nothing: few rows, or a sample with few classes; None if they do."""
    if found.total < MIN_GROUP or (not found.all_compared and len(found.rows) < MIN_GROUP):
        reason = f"fewer than {MIN_GROUP} rows, or classes of rows, could be compared with the reference"
        return NotAvailable(why="too_few_cases", reason=reason, n=found.total)
    return None

"""Groups of a table beside the groups of a population, as arrays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from conformity.model.tally import Sums, Tally
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.intervals import Floats, Ints

Group = tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """The groups that occur in a table or in the population."""

    by: tuple[str, ...]
    """The attributes."""
    groups: tuple[Group, ...]
    """(k,) sorted."""
    rows: Ints
    """(k,) rows of the table."""
    population: Floats
    """(k,) shares of the population; they add up to 1."""

    @property
    def total(self) -> int:
        """Return the rows of the table."""
        return int(self.rows.sum())

    @property
    def categories(self) -> int:
        """Return in how many categories rows can fall: the population's groups, and outside all of them."""
        return int((self.population > 0).sum()) + 1


def beside(by: tuple[str, ...], rows: Tally, population: Tally, name: str) -> Beside:
    """Return the groups of a table beside those of the population.

    Args:
        by: the attributes, as many as the tallies have keys.
        rows: the table's cell counts.
        population: cell counts, or sums of a weight.
        name: what the reference table is called, for messages.

    Raises:
        NotMeasurableError: a weight is negative, or the population is empty.
    """
    counted = Counter({_group(entry, by): int(entry[-1]) for entry in rows.entries})
    weights = {_group(entry, by): float(entry[-1]) for entry in population.entries}
    if min(weights.values(), default=0) < 0:
        raise NotMeasurableError(f"the weights of {name!r} are negative in sum for a group; correct them")
    total = sum(weights.values())
    if total <= 0:
        raise NotMeasurableError(f"{name!r} has no rows, or no weight, so that there is no population")
    groups = tuple(sorted({group for group, n in (counted | weights).items() if n}))
    return Beside(
        by=by,
        groups=groups,
        rows=np.array([counted[group] for group in groups], dtype=np.int64),
        population=np.array([weights.get(group, 0.0) / total for group in groups], dtype=np.float64),
    )


def rows_without_weight(tally: Tally) -> int:
    """Return how many rows of a reference have no weight that is a number."""
    return sum(int(entry[-2]) for entry in tally.entries) if isinstance(tally.spec, Sums) else 0


def _group(entry: tuple[str | int | float, ...], by: tuple[str, ...]) -> Group:
    """Return the group of an entry."""
    return tuple(str(value) for value in entry[: len(by)])

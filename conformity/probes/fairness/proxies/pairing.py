"""From the tally of a feature, an attribute and an outcome to the tables that are compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from conformity.model.tally import MISSING, CellCounts, Tally
from conformity.probes.shared.intervals import Ints

MOST_VALUES = 50
"""Up to this many values of a column are told apart."""

BINS = 20
"""Into how many bins of about equal size more numbers than that are put."""

OTHERS = "(others)"
"""All values of text beyond the most frequent ones."""


@dataclass(frozen=True)
class Pairing:
    """A feature beside a protected attribute, with what was decided about the rows."""

    feature: str
    """The feature's column."""
    attribute: str
    """The protected column."""
    features: tuple[str, ...]
    """(cells,) values of the feature."""
    groups: tuple[str, ...]
    """(cells,) values of the attribute."""
    outcomes: tuple[str, ...]
    """(cells,) outcomes as an outcome key has them; empty text where no outcome is bound."""
    rows: Ints
    """(cells,) number of rows."""

    @cached_property
    def table(self) -> Ints:
        """Return the rows by value of the feature and group, merged where values are many, (r, c)."""
        return crossed(merged(self.features, self.rows), merged(self.groups, self.rows), self.rows)[0]

    def decided(self) -> tuple[tuple[str, ...], tuple[str, ...], Ints]:
        """Return the feature's values, the groups, and rows by value, group and outcome, (s, g, 2).

        Rows whose outcome is blank or not recognised are left out; the last axis is 0 and 1.
        """
        cube = []
        for outcome in ("0", "1"):
            rows = np.where([found == outcome for found in self.outcomes], self.rows, 0)
            table, strata, groups = crossed(self.features, self.groups, rows)
            cube.append(table)
        return strata, groups, np.stack(cube, axis=-1)


def read_pairing(tally: Tally) -> Pairing | None:
    """Return what a tally of feature, attribute and perhaps outcome holds; None if it has no entries."""
    entries = [entry for entry in tally.entries if entry[-1]]
    if not entries:
        return None
    fields = list(zip(*entries, strict=True))
    texts = [tuple(str(value) for value in field) for field in fields[:-1]]
    return Pairing(
        feature=tally.spec.keys[0].column if isinstance(tally.spec, CellCounts) else tally.columns[0],
        attribute=tally.columns[1],
        features=texts[0],
        groups=texts[1],
        outcomes=texts[2] if len(texts) > 2 else ("",) * len(entries),
        rows=np.array(fields[-1], dtype=np.int64),
    )


def crossed(
    first: Sequence[str], second: Sequence[str], rows: Ints
) -> tuple[Ints, tuple[str, ...], tuple[str, ...]]:
    """Return rows by two columns, (r, c), with the values of both, sorted.

    Args:
        first: (cells,) values.
        second: (cells,) values.
        rows: (cells,) number of rows.
    """
    one, row = np.unique(np.array(first, dtype=object).astype(str), return_inverse=True)
    other, column = np.unique(np.array(second, dtype=object).astype(str), return_inverse=True)
    table = np.zeros((len(one), len(other)), dtype=np.int64)
    np.add.at(table, (row, column), rows)
    return table, tuple(one.tolist()), tuple(other.tolist())


def merged(values: Sequence[str], rows: Ints) -> tuple[str, ...]:
    """Return values of which at most :data:`MOST_VALUES` are different, by their frequency alone.

    Many numbers are put into bins of about equal size, of many texts the most frequent are kept.
    Missing stays a value of its own.

    Args:
        values: (cells,) values, repeated where a column has several cells.
        rows: (cells,) number of rows.
    """
    sizes: dict[str, int] = {}
    for value, count in zip(values, rows.tolist(), strict=True):
        sizes[value] = sizes.get(value, 0) + count
    if len(sizes) <= MOST_VALUES:
        return tuple(values)
    gap = sizes.pop(MISSING, None)
    new = _binned(sizes) or _frequent(sizes)
    if gap is not None:
        new[MISSING] = MISSING
    return tuple(new[value] for value in values)


def _binned(sizes: dict[str, int]) -> dict[str, str]:
    """Return the bin of every number, by the middle of its place in the order; nothing if not numbers."""
    try:
        numbers = sorted((float(value), value) for value in sizes)
    except ValueError:
        return {}
    if any(math.isnan(number) for number, _ in numbers):
        return {}
    total, below, bins = sum(sizes.values()), 0, {}
    for _, value in numbers:
        bins[value] = f"bin {min(int((below + sizes[value] / 2) / total * BINS), BINS - 1):02d}"
        below += sizes[value]
    return bins


def _frequent(sizes: dict[str, int]) -> dict[str, str]:
    """Return every value as itself if it is among the most frequent, else as one of the others."""
    ranked = sorted(sizes, key=lambda value: (-sizes[value], value))
    kept = set(ranked[: MOST_VALUES - 1])
    return {value: value if value in kept else OTHERS for value in sizes}

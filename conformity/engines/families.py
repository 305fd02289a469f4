"""Which sets of columns are grouped from the rows, and which from other sets that hold them.

Rows are read once for every set that no other holds; where columns have few values, several such sets are
joined, so that they share the scan. All others are grouped from what was grouped before, of which there is
usually far less than there are rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod

Columns = tuple[int, ...]
"""A set of columns by number, rising."""


@dataclass(frozen=True)
class Family:
    """Sets of columns that are grouped together."""

    members: tuple[int, ...]
    """The places of the needs that they serve."""
    base: Columns
    """All of the columns, which are grouped from the rows."""
    parents: Mapping[Columns, Columns]
    """For every other set the set it is grouped from, which comes before it."""

    @property
    def shared(self) -> frozenset[Columns]:
        """Return the sets from which others are grouped."""
        return frozenset(self.parents.values())


def families(
    needs: Sequence[Sequence[Columns]], values: Mapping[int, int], most: int, flat: bool = False
) -> list[Family]:
    """Return families that together serve every need.

    Args:
        needs: for each need the sets of columns that it takes, the first of which holds the others.
        values: how many values a column has at most, where that is known.
        most: the most cells that sets may have together when they are joined.
        flat: whether every set is grouped from the base, because there is little to group.
    """
    order = sorted(range(len(needs)), key=lambda place: (-len(needs[place][0]), needs[place][0]))
    bases: list[set[int]] = []
    members: list[list[int]] = []
    for place in order:
        columns = set(needs[place][0])
        home = _home(bases, columns, values, most)
        if home is None:
            bases.append(columns)
            members.append([place])
        else:
            bases[home] |= columns
            members[home].append(place)
    return [
        _family(tuple(mine), tuple(sorted(base)), {one for place in mine for one in needs[place]}, flat)
        for mine, base in zip(members, bases, strict=True)
    ]


def _home(bases: Sequence[set[int]], columns: set[int], values: Mapping[int, int], most: int) -> int | None:
    """Return which base holds the columns, or has few cells even with them; None if none does."""
    for number, base in enumerate(bases):
        if base >= columns:
            return number
    for number, base in enumerate(bases):
        if prod(values.get(column, most + 1) for column in base | columns) <= most:
            return number
    return None


def _family(members: tuple[int, ...], base: Columns, sets: Collection[Columns], flat: bool) -> Family:
    """Return a family, each set grouped from the smallest that holds it, or from the base."""
    parents: dict[Columns, Columns] = {}
    for columns in sorted(sets, key=lambda one: (-len(one), one)):
        if columns != base:
            holders = [base, *(other for other in parents if set(other) > set(columns) and not flat)]
            parents[columns] = min(holders, key=len)
    return Family(members, base, parents)

"""Tallies from arrays of counts: the same entries as the engine's own grouping gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from conformity.engines.additive import MAX_CELLS, MAX_NUMBERS
from conformity.engines.columns import NamedFrame
from conformity.engines.dense_axes import Axes, Axis
from conformity.engines.dense_cells import Cells
from conformity.engines.dense_classes import class_entries, diversity_entries, shares_entries
from conformity.engines.dense_sums import WORTHS, SumsOf
from conformity.engines.keys import bad_value
from conformity.engines.sums import number_of, term_name
from conformity.model.tally import CellCounts, ClassSizes, Diversity, Key, MissingCounts, Sums, Tally

Dense = CellCounts | MissingCounts | Sums | ClassSizes | Diversity
"""Specs that may be counted in arrays."""

_Entry = tuple[str | int | float, ...]


class _Groups:
    """The combinations of keys that occur, by the texts that a tally has for them."""

    def __init__(self, axes: Axes, keys: Sequence[Key], array: NDArray[Any]) -> None:
        """Find them in an array over the keys' axes, each axis once."""
        mine = [_axis(axes, key) for key in keys]
        order = list(dict.fromkeys(mine))
        self.places = np.nonzero(array) if array.ndim else ()
        self.refused = False
        texts = []
        for key, axis in zip(keys, mine, strict=True):
            numbers = self.places[order.index(axis)]
            bad, values = bad_value(key), axes.values(key)
            self.refused |= bad is not None and any(values[n] == bad for n in np.unique(numbers).tolist())
            texts.append([] if self.refused else axes.labels(key, numbers))
        groups = list(zip(*texts, strict=True)) if keys else [()] * self.size
        numbered = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        self.groups: list[tuple[str, ...]] = list(numbered)
        self._numbers = np.array([numbered[group] for group in groups], dtype=np.int64)

    @property
    def size(self) -> int:
        """Return how many combinations of raw values there are."""
        return int(self.places[0].size) if self.places else 1

    def totals(self, array: NDArray[Any]) -> list[int]:
        """Return the totals of each group in another array over the same axes."""
        found = np.zeros(len(self.groups), np.int64)
        np.add.at(found, self._numbers, np.atleast_1d(array[self.places]).astype(np.int64))
        return [int(number) for number in found]


def result(table: NamedFrame, axes: Axes, spec: Dense, cells: Mapping[int | None, Cells]) -> Tally | None:
    """Return the tally of a spec; None where it has too many cells, or some that must be refused.

    Args:
        table: the table.
        axes: the axes of its keys.
        spec: what was counted.
        cells: where; of missing cells also for every column that has any.
    """
    match spec:
        case ClassSizes() | Diversity():
            return _classes(table, axes, spec, cells[None])
        case CellCounts() | MissingCounts() | Sums():
            return _additive(table, axes, spec, cells)
        case _:
            assert_never(spec)


def _axis(axes: Axes, key: Key) -> Axis:
    """Return the axis of a key that is known to have one."""
    axis = axes.axis(key)
    assert axis is not None
    return axis


def _classes(table: NamedFrame, axes: Axes, spec: ClassSizes | Diversity, cells: Cells) -> Tally | None:
    """Return the tally of class sizes, or of how their values spread."""
    from conformity.engines.dense import dimensions

    keys = dimensions(spec)
    mine = [_axis(axes, key) for key in keys]
    if len(set(mine)) < len(keys):
        return None
    array = cells.of(cells.counts, mine)
    if any(_is_bad(axes, key, array, place) for place, key in enumerate(keys)):
        return None
    merged = [axes.classes(key) for key in keys]
    if isinstance(spec, ClassSizes):
        return Tally(spec=spec, columns=("size", "classes"), entries=class_entries(array, merged))
    entries = shares_entries(array, merged, table) if spec.shares else diversity_entries(array, merged)
    return Tally(spec=spec, columns=("measure", "at", "value"), entries=entries)


def _is_bad(axes: Axes, key: Key, array: NDArray[Any], place: int) -> bool:
    """Return whether cells hold something else than what a key needs, whose axis has a place in an array."""
    bad, values = bad_value(key), list(axes.values(key))
    return bad is not None and bad in values and bool(array.take(values.index(bad), axis=place).any())


def _additive(
    table: NamedFrame,
    axes: Axes,
    spec: CellCounts | MissingCounts | Sums,
    cells: Mapping[int | None, Cells],
) -> Tally | None:
    """Return a tally that adds up."""
    keys = spec.by if isinstance(spec, MissingCounts) else spec.keys
    mine = list(dict.fromkeys(_axis(axes, key) for key in keys))
    base = cells[None]
    array = base.of(base.counts, mine)
    if np.count_nonzero(array) > _limit(table, spec):
        return None
    groups = _Groups(axes, keys, array)
    if groups.refused:
        return None
    rows = groups.totals(array)
    names = tuple(key.column for key in keys)
    if isinstance(spec, CellCounts):
        columns: tuple[str, ...] = ("rows",)
        entries: list[_Entry] = [(*group, number) for group, number in zip(groups.groups, rows, strict=True)]
    elif isinstance(spec, MissingCounts):
        columns = ("column", "missing", "rows")
        entries = _gaps(table, axes, groups, rows, cells, mine)
    else:
        columns = ("rows", "left_out", *map(term_name, spec.terms))
        entries = _sums(base, next(one for one in base.sums if one.terms == spec.terms), groups, rows, mine)
    return Tally(spec=spec, columns=(*names, *columns), entries=tuple(sorted(entries)))


def _limit(table: NamedFrame, spec: CellCounts | MissingCounts | Sums) -> int:
    """Return how many combinations of raw values there may be; where there are more, the engine says so."""
    if isinstance(spec, CellCounts):
        return spec.most or MAX_CELLS
    return min(MAX_CELLS, MAX_NUMBERS // len(table.names)) if isinstance(spec, MissingCounts) else MAX_CELLS


def _gaps(
    table: NamedFrame,
    axes: Axes,
    groups: _Groups,
    rows: Sequence[int],
    cells: Mapping[int | None, Cells],
    mine: Sequence[Axis],
) -> list[_Entry]:
    """Return the entries of missing cells, for every group and column."""
    entries: list[_Entry] = []
    for position, name in enumerate(table.names):
        found = [0] * len(rows)
        gaps = axes.gaps(position)
        if gaps is not None:
            counted = cells[position]
            found = groups.totals(counted.of(counted.counts, [*mine, gaps])[..., 1])
        entries += [
            (*group, name, missing, there)
            for group, missing, there in zip(groups.groups, found, rows, strict=True)
        ]
    return entries


def _sums(
    cells: Cells, one: SumsOf, groups: _Groups, rows: Sequence[int], mine: Sequence[Axis]
) -> list[_Entry]:
    """Return the entries of sums for every group."""
    totals = cells.sums[one]
    left = groups.totals(cells.of(totals.left, mine))
    terms = []
    for arrays in totals.terms:
        parts = [groups.totals(cells.of(array, mine)) for array in arrays]
        terms.append(
            [
                number_of(sum(part * worth for part, worth in zip(them, WORTHS, strict=True)))
                for them in zip(*parts, strict=True)
            ]
        )
    return [
        (*group, there - out, out, *sums)
        for group, there, out, *sums in zip(groups.groups, rows, left, *terms, strict=True)
    ]

"""Classes of equal rows from an array of counts: their sizes, and how many different values they have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conformity.engines.columns import NamedFrame
from conformity.engines.dense_cells import merged
from conformity.engines.diversity import MANY, Entry, numbers_of

_Merged = Sequence[tuple[NDArray[Any], int] | None]
"""For each axis the class of every number and how many there are; None where each is one."""

_SMALL = 2**16
"""Sizes below are counted in an array."""

_CELLS = "cells AS NOT MATERIALIZED (SELECT id, v, n FROM given)"

_BLOCK = 2**20
"""How many classes are looked at together."""


def class_entries(array: NDArray[Any], classes: _Merged) -> tuple[Entry, ...]:
    """Return how many classes there are of each size, sorted."""
    small, large = np.zeros(_SMALL, np.int64), dict[int, int]()
    for block in _blocks(_together(array, classes).reshape(-1)):
        sizes = block[block > 0]
        few = sizes < _SMALL
        small += np.bincount(sizes[few], minlength=_SMALL)
        for size, many in zip(*np.unique(sizes[~few], return_counts=True), strict=True):
            large[int(size)] = large.get(int(size), 0) + int(many)
    found = {int(size): int(small[size]) for size in np.flatnonzero(small)} | large
    return tuple(sorted(found.items()))


def diversity_entries(array: NDArray[Any], classes: _Merged) -> tuple[Entry, ...]:
    """Return how many classes, and rows in them, have few different values; the last axis has the values."""
    many, rows = np.zeros(MANY + 1, np.int64), np.zeros(MANY + 1, np.int64)
    joined = _together(array, classes)
    for block in _blocks(joined.reshape(-1, joined.shape[-1])):
        different = np.zeros(len(block), np.int64)
        sizes = np.zeros(len(block), np.int64)
        for value in range(block.shape[1]):
            different += block[:, value] > 0
            sizes += block[:, value]
        few = np.minimum(different, MANY)
        many += np.bincount(few, minlength=MANY + 1)
        np.add.at(rows, few, sizes)
    lines = [{"at": at, "classes": many[at], "rows": rows[at]} for at in range(1, MANY + 1) if many[at]]
    return tuple(sorted(numbers_of(lines)))


def shares_entries(array: NDArray[Any], classes: _Merged, table: NamedFrame) -> tuple[Entry, ...]:
    """Return the entries of all measures of diversity, by the engine, from the cells that are not empty."""
    import pyarrow as pa

    from conformity.engines.diversity_sql import entries_in_sql

    joined = _together(array, classes)
    flat = joined.reshape(-1, joined.shape[-1])
    ids, values = np.nonzero(flat)
    assert table.taken is not None
    rows = table.taken(pa.table({"id": ids, "v": values, "n": flat[ids, values].astype(np.int64)}))
    entries = entries_in_sql(lambda sql: list(rows.query("given", sql).fetchall()), _CELLS)
    return tuple(sorted(entries))


def _blocks(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield an array piece by piece along its first axis."""
    for start in range(0, len(array), _BLOCK):
        yield array[start : start + _BLOCK]


def _together(array: NDArray[Any], classes: _Merged) -> NDArray[Any]:
    """Return an array in which numbers of one class are added up along every axis."""
    for axis, of_axis in enumerate(classes):
        if of_axis is not None:
            array = merged(array, axis, *of_axis)
    return array

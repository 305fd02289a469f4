"""Decide which tallies share a scan, by how many cells their keys together would make.

Reading a table once more is cheaper than grouping it into millions of cells, and dearer than grouping it
into thousands. How many values a key has is told from the first rows; where they mislead, scans are
halved later, so that only time depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.keys import raw
from conformity.model.tally import GridKey, Key

SAMPLE = 10_000
"""How many of the first rows are looked at; and how many cells a scan should have at most."""


def batches(table: NamedFrame, wanted: Sequence[tuple[Key, ...]]) -> list[list[int]]:
    """Return the places in ``wanted`` that share a scan, scan by scan.

    A small table is scanned once, as it cannot have more cells than rows.

    Args:
        table: the table.
        wanted: the keys of each tally.

    Raises:
        DataError: there is no such column, or its type cannot hold what a key needs.
    """
    keys = tuple(dict.fromkeys(key for these in wanted for key in these))
    if len({frozenset(these) for these in wanted}) < 2:
        return [list(range(len(wanted)))]
    rows, values = _values(table, keys)
    if rows < SAMPLE:
        return [list(range(len(wanted)))]
    return _packed(wanted, values)


def _values(table: NamedFrame, keys: Sequence[Key]) -> tuple[int, Mapping[Key, int]]:
    """Return the number of rows looked at, and how many values each key has in them."""
    frame = table.only([table.position(key.column) for key in keys])
    named = [raw(table, key).alias(f"k{number}") for number, key in enumerate(keys)]
    counts = [nw.col(f"k{number}").n_unique() for number in range(len(keys))]
    sampled = frame.head(SAMPLE).select(*named).select(nw.len().alias("rows"), *counts)
    ((rows, *found),) = sampled.collect(backend="pyarrow").rows()
    return int(rows), {key: max(1, int(count or 0)) for key, count in zip(keys, found, strict=True)}


def _cells(keys: Collection[Key], values: Mapping[Key, int]) -> int:
    """Return how many cells keys make at most; a grid within a finer one of the same column makes no more."""
    grids = [key for key in keys if isinstance(key, GridKey)]
    return prod(values[key] for key in keys if not any(_holds(other, key) for other in grids))


def _holds(finer: GridKey, key: Key) -> bool:
    """Return whether every bin of a finer grid lies in one bin of a key."""
    return (
        isinstance(key, GridKey)
        and key != finer
        and key.model_copy(update={"bins": finer.bins}) == finer
        and finer.bins % key.bins == 0
    )


def _packed(wanted: Sequence[tuple[Key, ...]], values: Mapping[Key, int]) -> list[list[int]]:
    """Return batches that are filled greedily, the tallies with most cells first.

    Each goes to the scan that then has fewest cells, and begins one of its own where all would have too many.
    """
    filled: list[tuple[set[Key], list[int]]] = []
    order = sorted(range(len(wanted)), key=lambda place: -_cells(set(wanted[place]), values))
    for place in order:
        added = []
        for number, (keys, _) in enumerate(filled):
            size = _cells(keys | set(wanted[place]), values)
            before = _cells(keys, values)
            if size == before or size <= SAMPLE:
                added.append((size, number))
        if added:
            keys, places = filled[min(added)[1]]
            keys.update(wanted[place])
            places.append(place)
        else:
            filled.append((set(wanted[place]), [place]))
    return [sorted(places) for _, places in filled]

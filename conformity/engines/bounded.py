"""Cell counts that are coarsened or given up where there are too many cells, instead of refused.

What becomes of a spec depends on the data alone: on how many combinations of raw values there are. Some
rows are looked at first, because a column with too many values mostly shows it there, and then no scan
is needed. What is seen there also says which specs may share a scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any

import narwhals as nw

from conformity.engines.cells import Cells, added, scan
from conformity.engines.columns import NamedFrame
from conformity.engines.keys import raw
from conformity.engines.small_tables import KeyedFrame, keyed
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    DigitsKey,
    Key,
    OutcomeKey,
    Tally,
    TallySpec,
)

_LOOKED_AT = 3
"""For each cell that a spec may have, how many rows are looked at before a scan."""

_TOGETHER = 30_000
"""The most cells of several specs' keys crossed, from which theirs are then added up."""

_Seen = Mapping[Key, int]
"""How many values of a key were seen in the rows looked at."""


def bounded_counts(table: NamedFrame, specs: Sequence[CellCounts]) -> dict[TallySpec, Tally]:
    """Return the tally of every spec; :attr:`CellCounts.most` says what becomes of one with many cells.

    Args:
        table: the frame.
        specs: cell counts that have a ``most``, and at least one key.

    Raises:
        DataError: a column is missing, or a cell is not what its key needs.
    """
    by_bound: dict[int, list[CellCounts]] = {}
    for spec in specs:
        by_bound.setdefault(spec.most or 1, []).append(spec)
    found: dict[TallySpec, Tally] = {}
    with keyed(table, _keys(specs)) as quick:
        for most, alike in by_bound.items():
            found.update(_counted(quick, alike, most))
    rest = {
        _coarser(spec): spec for spec in specs if spec not in found and isinstance(spec.keys[0], CategoryKey)
    }
    with keyed(table, _keys(rest)) as quick:
        for most in by_bound:
            found.update(_counted(quick, [spec for spec in rest if spec.most == most], most))
    for changed, spec in rest.items():
        if changed in found:
            columns = (f"{spec.keys[0].column}, two digits", *found[changed].columns[1:])
            found[spec] = Tally(spec=spec, columns=columns, entries=found[changed].entries)
    return {spec: found.get(spec) or _tally(spec, None) for spec in specs}


def _coarser(spec: CellCounts) -> CellCounts:
    """Return a spec with the numbers of its first key cut to two digits."""
    first, *others = spec.keys
    return CellCounts(keys=(DigitsKey(column=first.column), *others), most=spec.most)


def _counted(table: NamedFrame, specs: Sequence[CellCounts], most: int) -> dict[TallySpec, Tally]:
    """Return the tallies of those specs that have at most so many cells."""
    if not specs:
        return {}
    seen = _look(table, _keys(specs), most)
    able = [spec for spec in specs if all(seen[key] <= most for key in spec.keys)]
    found: dict[TallySpec, Tally] = {}
    for batch in _batches(able, seen, most):
        found.update(_of_batch(table, batch, most))
    return found


def _of_batch(table: NamedFrame, batch: Sequence[CellCounts], most: int) -> dict[TallySpec, Tally]:
    """Return the tallies of those specs of a batch that have at most so many cells."""
    together = _keys(batch)
    cells = scan(table, together, (), max(most, _TOGETHER))
    found: dict[TallySpec, Tally] = {}
    for spec in batch:
        mine = cells or (scan(table, spec.keys, (), most) if spec.keys != together else None)
        tally = None if mine is None else _tally(spec, mine)
        if tally is not None and len(tally.entries) <= most:
            found[spec] = tally
    return found


def _look(table: NamedFrame, keys: Sequence[Key], most: int) -> _Seen:
    """Return how many values each key has in the first rows that the engine gives, or has at most."""
    known: dict[Key, int] = {key: len(key.edges) + 2 for key in keys if isinstance(key, BinKey)}
    known |= {key: 4 for key in keys if isinstance(key, OutcomeKey)}
    asked = [key for key in keys if key not in known]
    return known | (_values(table, asked, most) if asked else {})


def _values(table: NamedFrame, keys: Sequence[Key], most: int) -> dict[Key, int]:
    """Return how many values each key has in the first rows that the engine gives."""
    names = [f"k{number}" for number in range(len(keys))]
    values: nw.LazyFrame[Any]
    if isinstance(table, KeyedFrame):
        kept = ", ".join(f"{table.places[key]} AS {name}" for key, name in zip(keys, names, strict=True))
        values = nw.from_native(table.kept.select(kept)).head(_LOOKED_AT * most)
    else:
        columns = table.only([table.position(key.column) for key in keys]).head(_LOOKED_AT * most)
        values = columns.select(*(raw(table, key).alias(name) for key, name in zip(keys, names, strict=True)))
    counted = values.select(*(nw.col(name).n_unique() for name in names))
    (row,) = counted.collect(backend="pyarrow").rows()
    return dict(zip(keys, (int(number or 0) for number in row), strict=True))


def _batches(specs: Sequence[CellCounts], seen: _Seen, most: int) -> list[list[CellCounts]]:
    """Return the specs in groups that share a scan: even crossed, their keys seem to have few cells."""
    batches: list[list[CellCounts]] = []
    for spec in specs:
        last = batches[-1] if batches else []
        crossed = prod(max(seen[key], 1) for key in _keys([*last, spec]))
        if last and (crossed <= most or last[0].keys[0] == spec.keys[0]):
            last.append(spec)
        else:
            batches.append([spec])
    return batches


def _keys(specs: Iterable[CellCounts]) -> tuple[Key, ...]:
    """Return every key of the specs once."""
    return tuple(dict.fromkeys(key for spec in specs for key in spec.keys))


def _tally(spec: CellCounts, cells: Cells | None) -> Tally:
    """Return the tally of one spec, added up from finer cells; without entries when there are none."""
    groups = [] if cells is None else added(cells, spec.keys, ())
    entries = sorted((*group, rows) for group, rows, _ in groups)
    return Tally(spec=spec, columns=(*(key.column for key in spec.keys), "rows"), entries=tuple(entries))

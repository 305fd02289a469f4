"""Tallies of large tables in DuckDB, counted in arrays by codes: one scan for very many of them.

What can be counted so is: cells, gaps, sums of numbers and of products of two, sizes of classes and
how their values spread, wherever the columns have codes and the combinations are not too many for
an array. Everything else, and whatever must be refused, is left to the engine; the tallies are the same, bit
for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from conformity.engines.bands import keys_of
from conformity.engines.columns import NamedFrame
from conformity.engines.dense_axes import Axes
from conformity.engines.dense_cells import Cells, Need, affordable, packed
from conformity.engines.dense_codes import NoCodeError
from conformity.engines.dense_counts import CodedFrame
from conformity.engines.dense_results import Dense, result
from conformity.engines.dense_stream import count_rows
from conformity.engines.dense_sums import sums_of
from conformity.errors import DataError
from conformity.model.tally import (
    BinKey,
    CategoryKey,
    CellCounts,
    ClassSizes,
    Diversity,
    Key,
    MissingCounts,
    OutcomeKey,
    Sums,
    Tally,
    TallySpec,
)

_OUTCOMES = 4
"""How many labels an outcome has."""


def dense_tallies(table: NamedFrame, specs: Sequence[TallySpec]) -> dict[TallySpec, Tally]:
    """Return the tallies of those specs that are counted in arrays; none of a table without codes."""
    if not isinstance(table, CodedFrame):
        return {}
    import duckdb

    wanted, axes = [spec for spec in specs if _able(spec)], Axes(table, table.coded)
    try:
        needs = _of_values(table, axes) | {
            (spec, place): need for spec in wanted for place, need in _needs(table, axes, spec).items()
        }
        if not any(need.axes or need.sums for need in needs.values()):
            return {}
        cells = packed({name: needs[name] for name in affordable(needs, table.rows)}, table.rows)
        count_rows(table, table.coded, list(dict.fromkeys(cells.values())))
        for (spec, position), one in cells.items():
            if spec is None:
                table.keep(position, one.of(one.counts, needs[spec, position].axes).astype(np.int64))
        return _results(table, axes, wanted, needs, cells)
    except (NoCodeError, MemoryError, duckdb.Error):
        # Nothing is lost but time; what is wrong with the file, if anything, is said where it is read again.
        return {}


def _of_values(table: CodedFrame, axes: Axes) -> dict[Any, Need]:
    """Return what is counted of single columns, under no spec and the column's position."""
    found = {position: axes.value_axis(position) for position in table.later}
    return {(None, position): Need((axis,)) for position, axis in found.items() if axis is not None}


def _able(spec: TallySpec) -> TypeGuard[Dense]:
    """Return whether tallies of a kind are counted here."""
    if isinstance(spec, ClassSizes):
        return bool(spec.keys) and spec.one_in == 1
    if isinstance(spec, Diversity):
        return not spec.ordered
    return isinstance(spec, CellCounts | MissingCounts | Sums)


def dimensions(spec: TallySpec) -> tuple[Key, ...]:
    """Return what rows are told apart by for a tally: its keys, and the values that may become known."""
    sensitive = [CategoryKey(column=spec.sensitive)] if isinstance(spec, Diversity) else []
    return (*keys_of(spec), *sensitive)


def _needs(table: NamedFrame, axes: Axes, spec: Dense) -> dict[int | None, Need]:
    """Return what is counted for a tally: of missing cells, rows and every column; none if it cannot be."""
    if isinstance(spec, CellCounts) and spec.most and not _bounded(spec):
        return {}
    try:
        sums = sums_of(table, spec) if isinstance(spec, Sums) else None
    except DataError:
        return {}
    found = [axes.axis(key) for key in dimensions(spec)]
    mine = [axis for axis in found if axis is not None]
    if len(mine) < len(found) or (isinstance(spec, Sums) and sums is None):
        return {}
    needs: dict[int | None, Need] = {None: Need(tuple(dict.fromkeys(mine)), sums)}
    if isinstance(spec, MissingCounts):
        for position in range(len(table.names)):
            gaps = axes.gaps(position)
            if gaps is not None:
                needs[position] = Need(tuple(dict.fromkeys([*mine, gaps])))
    return needs


def _bounded(spec: CellCounts) -> bool:
    """Return whether no key of a spec has too many values for its bound by its kind alone."""
    most = spec.most or 0
    widths = [len(key.edges) + 2 for key in spec.keys if isinstance(key, BinKey)]
    widths += [_OUTCOMES for key in spec.keys if isinstance(key, OutcomeKey)]
    return all(width <= most for width in widths)


def _results(
    table: NamedFrame,
    axes: Axes,
    specs: Sequence[Dense],
    needs: Mapping[Any, Need],
    cells: Mapping[Any, Cells],
) -> dict[TallySpec, Tally]:
    """Return the tallies of those specs of which all that is needed was counted."""
    found: dict[TallySpec, Tally] = {}
    for spec in specs:
        names = {place: (one, place) for one, place in needs if one == spec}
        if not names or any(name not in cells for name in names.values()):
            continue
        tally = result(table, axes, spec, {place: cells[name] for place, name in names.items()})
        if tally is not None:
            found[spec] = tally
    return found

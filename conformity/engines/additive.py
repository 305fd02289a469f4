"""Cell counts, missing counts and sums: computed once over the finest cells, then added up.

Written in Narwhals alone: the same for DuckDB, for Spark and for frames in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from conformity.engines.cells import Amount, Cells, added, scan
from conformity.engines.columns import BLOCK, NamedFrame, is_text, missing
from conformity.engines.planning import batches
from conformity.engines.sums import SumPlan, sum_plan, term_name
from conformity.errors import DataError
from conformity.model.tally import CellCounts, Key, MissingCounts, Sums, Tally

MAX_CELLS = 100_000
"""The most entries a tally of cells may have; more would no longer summarise the data."""

MAX_NUMBERS = 5_000_000
"""The most totals that are held at a time when something is counted or added in many columns."""

Additive = CellCounts | MissingCounts | Sums
"""Tallies that can be added up from those of finer keys."""

_Groups = Mapping[tuple[str, ...], tuple[int, Mapping[str, int]]]
"""For each group its rows, and the total of each amount by name."""


@dataclass(frozen=True)
class _Wanted:
    """A spec, and what must be added up for it."""

    spec: Additive
    amounts: tuple[Amount, ...]
    plan: SumPlan | None = None


def additive_tallies(table: NamedFrame, specs: Sequence[Additive]) -> list[Tally]:
    """Return one tally for each of ``specs``, in order.

    Raises:
        DataError: a column is missing or not numeric, or the keys have too many combinations.
    """
    wanted = [_wanted(table, spec) for spec in specs]
    found: dict[int, Tally] = {}
    for places in batches(table, [keys_of(spec) for spec in specs]):
        found.update(zip(places, _tallies(table, [wanted[place] for place in places]), strict=True))
    return [found[place] for place in range(len(specs))]


def keys_of(spec: Additive) -> tuple[Key, ...]:
    """Return the keys by which ``spec`` groups."""
    return spec.by if isinstance(spec, MissingCounts) else spec.keys


def _wanted(table: NamedFrame, spec: Additive) -> _Wanted:
    """Return what must be added up for ``spec``."""
    if isinstance(spec, Sums):
        plan = sum_plan(table, spec)
        return _Wanted(spec, tuple(plan.amounts()), plan)
    if isinstance(spec, CellCounts):
        return _Wanted(spec, ())
    return _Wanted(spec, tuple(_gaps(table, column) for column in range(len(table.names))))


def _gaps(table: NamedFrame, column: int) -> Amount:
    """Return the amount of missing cells in a column."""
    dtype = table.dtypes[column]
    if is_text(dtype) or dtype.is_float():
        return Amount(_gap(column), missing(table, column).cast(nw.Int64), (column,))
    return Amount(_gap(column), nw.col(f"c{column}"), (column,), nulls=True)


def _gap(column: int) -> str:
    """Return the name of the amount of gaps in the column at a position."""
    return f"gaps {column}"


def _tallies(table: NamedFrame, wanted: Sequence[_Wanted]) -> list[Tally]:
    """Return the tallies of ``wanted``, halved until the cells of each half together are not too many."""
    parts = _scan(table, wanted)
    if parts is not None:
        return [_derive(table, want, parts) for want in wanted]
    if len(wanted) == 1 and isinstance(wanted[0].spec, Sums) and wanted[0].spec.optional:
        return [_derive(table, wanted[0], ())]
    if len(wanted) == 1:
        raise _too_many(table, wanted[0].spec)
    half = len(wanted) // 2
    return _tallies(table, wanted[:half]) + _tallies(table, wanted[half:])


def _too_many(table: NamedFrame, spec: Additive) -> DataError:
    """Return the error for keys with more combinations than a tally may hold."""
    names = ", ".join(repr(key.column) for key in keys_of(spec)) or "no key"
    return DataError(
        f"grouping {table.where} by {names} gives too many groups (limit {MAX_CELLS:,}); give `edges` to "
        "numeric columns, bind fewer columns, or check that outcomes hold the declared values"
    )


def _scan(table: NamedFrame, wanted: Sequence[_Wanted]) -> list[Cells] | None:
    """Return the cells of all keys in ``wanted`` together, or None when there are too many.

    There is one part, or one for each block of amounts when very many are added up.
    """
    keys = tuple(dict.fromkeys(key for want in wanted for key in keys_of(want.spec)))
    amounts = list({amount.name: amount for want in wanted for amount in want.amounts}.values())
    limit = min(MAX_CELLS, MAX_NUMBERS // max(1, len(amounts)))
    parts = []
    for start in range(0, max(1, len(amounts)), BLOCK):
        part = scan(table, keys, amounts[start : start + BLOCK], limit)
        if part is None:
            return None
        parts.append(part)
    return parts


def _derive(table: NamedFrame, want: _Wanted, parts: Sequence[Cells]) -> Tally:
    """Return the tally of one spec, added up from finer cells."""
    spec = want.spec
    groups = _groups(parts, keys_of(spec), [amount.name for amount in want.amounts])
    names = tuple(key.column for key in keys_of(spec))
    entries: list[tuple[str | int | float, ...]] = []
    if isinstance(spec, CellCounts):
        columns: tuple[str, ...] = ("rows",)
        entries = [(*group, rows) for group, (rows, _) in groups.items()]
    elif isinstance(spec, MissingCounts):
        columns = ("column", "missing", "rows")
        for group, (rows, totals) in groups.items():
            entries += [(*group, name, totals[_gap(n)], rows) for n, name in enumerate(table.names)]
    else:
        columns = ("rows", "left_out", *map(term_name, spec.terms))
        entries = _sum_entries(table, want, groups)
    return Tally(spec=spec, columns=(*names, *columns), entries=tuple(sorted(entries)))


def _sum_entries(table: NamedFrame, want: _Wanted, groups: _Groups) -> list[tuple[str | int | float, ...]]:
    """Return the entries of a tally of sums.

    Raises:
        DataError: a cell of any group is not a number, or is too large.
    """
    plan = want.plan
    assert plan is not None
    whole = {
        amount.name: sum(totals[amount.name] for _, totals in groups.values()) for amount in want.amounts
    }
    plan.check(table, whole)
    return [
        (*group, totals[plan.rows.name], rows - totals[plan.rows.name], *plan.sums(totals))
        for group, (rows, totals) in groups.items()
    ]


def _groups(parts: Sequence[Cells], keys: Sequence[Key], names: Sequence[str]) -> _Groups:
    """Return the groups of ``keys`` with the totals of the amounts ``names``, from all parts of a scan."""
    groups: dict[tuple[str, ...], tuple[int, dict[str, int]]] = {}
    for part in parts:
        there = [name for name in names if name in set(part.names)]
        for group, rows, totals in added(part, keys, there):
            groups.setdefault(group, (rows, {}))[1].update(zip(there, totals, strict=True))
    return groups

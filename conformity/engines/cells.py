"""The finest cells of a table: every combination of keys, with counts and sums that add up.

Written in Narwhals alone: the same for DuckDB, for Spark and for frames in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.keys import bad_value, labeller, raw, refusal
from conformity.engines.small_tables import KeyedFrame
from conformity.model.tally import Key


@dataclass(frozen=True)
class Amount:
    """A whole number for each row, which is added up within cells."""

    name: str
    """A name that no other amount of other content has."""
    expr: nw.Expr
    """The number; null counts as 0."""
    columns: tuple[int, ...]
    """The positions of the columns it is made from."""
    nulls: bool = False
    """Whether its nulls are counted instead: files state how many there are, so that none need be read."""
    cut: Callable[[nw.Expr], nw.Expr] | None = None
    """What is made of the number, which is then computed once for all amounts with the same ``base``."""
    base: str = ""
    """A name that no other number of other content has; only where something is made of it."""


@dataclass(frozen=True)
class Cells:
    """The finest cells of one scan: a label for each key, the rows, and the total of each amount."""

    keys: tuple[Key, ...]
    """The keys."""
    labels: tuple[tuple[str, ...], ...]
    """One tuple for each cell; two cells may have the same."""
    rows: tuple[int, ...]
    """How many rows each cell has."""
    names: tuple[str, ...]
    """The amounts' names."""
    totals: tuple[tuple[int, ...], ...]
    """The amounts' totals in each cell."""


def scan(table: NamedFrame, keys: tuple[Key, ...], amounts: Sequence[Amount], limit: int) -> Cells | None:
    """Return the cells of ``keys``, or None when there are more than ``limit``; one scan.

    Raises:
        DataError: a column is missing, or a cell is not what its key needs.
    """
    if isinstance(table, KeyedFrame) and keys and not amounts:
        rows = table.grouped(keys, limit + 1)
    else:
        rows = _group(table, keys, amounts).head(limit + 1).collect(backend="pyarrow").rows()
    if len(rows) > limit:
        return None
    depth = len(keys)
    _refuse(table, keys, rows)
    texts = [_labels(key, [row[number] for row in rows]) for number, key in enumerate(keys)]
    return Cells(
        keys=keys,
        labels=tuple(zip(*texts, strict=True)) if keys else ((),) * len(rows),
        rows=tuple(int(row[depth]) for row in rows),
        names=tuple(amount.name for amount in amounts),
        totals=tuple(_totals(amounts, int(row[depth]), row[depth + 1 :]) for row in rows),
    )


def _totals(amounts: Sequence[Amount], rows: int, found: Sequence[Any]) -> tuple[int, ...]:
    """Return the amounts' totals in a cell of so many rows, from what the engine found."""
    return tuple(
        rows - int(total) if amount.nulls else int(total or 0)
        for amount, total in zip(amounts, found, strict=True)
    )


def added(
    cells: Cells, keys: Sequence[Key], names: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], int, list[int]]]:
    """Yield each group of ``keys`` with its rows, and the total of each amount that ``names`` has.

    Without keys there is one group even when there are no rows: the count of rows is then 0.
    """
    positions = [cells.keys.index(key) for key in keys]
    wanted = [cells.names.index(name) for name in names]
    groups: dict[tuple[str, ...], list[int]] = {} if positions else {(): []}
    for number, labels in enumerate(cells.labels):
        groups.setdefault(tuple([labels[position] for position in positions]), []).append(number)
    for group, members in groups.items():
        totals = [sum([cells.totals[member][place] for member in members]) for place in wanted]
        yield group, sum([cells.rows[member] for member in members]), totals


def _group(table: NamedFrame, keys: Sequence[Key], amounts: Sequence[Amount]) -> nw.LazyFrame[Any]:
    """Return rows ``key..., rows, amount...`` for every combination of raw key values."""
    grouped = [f"k{number}" for number in range(len(keys))]
    selected = [raw(table, key).alias(name) for key, name in zip(keys, grouped, strict=True)]
    bases = {amount.base: amount.expr for amount in amounts if amount.cut is not None}
    places = {base: nw.col(f"v{number}") for number, base in enumerate(bases)}
    exprs = [amount.expr if amount.cut is None else amount.cut(places[amount.base]) for amount in amounts]
    selected += [expr.alias(f"a{number}") for number, expr in enumerate(exprs)]
    named = [(nw.col(f"a{number}"), amount) for number, amount in enumerate(amounts)]
    totals = [column.count() if amount.nulls else column.sum() for column, amount in named]
    needed = [table.position(key.column) for key in keys]
    needed += [column for amount in amounts for column in amount.columns]
    # A frame without columns has no rows to count, so one is always kept.
    frame = table.only(needed or [0])
    if bases:
        frame = frame.with_columns(*(expr.alias(f"v{n}") for n, expr in enumerate(bases.values())))
    frame = frame.select(*(selected or [nw.col("c0")]))
    if not keys:
        return frame.select(nw.len().alias("rows"), *totals)
    return frame.group_by(*grouped).agg(nw.len().alias("rows"), *totals)


def _labels(key: Key, values: Sequence[Any]) -> list[str]:
    """Return the text in the tally for each raw value of ``key``."""
    label = labeller(key)
    known: dict[Any, str] = {}
    texts = []
    for value in values:
        # A list or a dictionary cannot be looked up; as keys they are rare.
        if not isinstance(value, str | int | float | None):
            texts.append(label(value))
            continue
        if value not in known:
            known[value] = label(value)
        texts.append(known[value])
    return texts


def _refuse(table: NamedFrame, keys: Sequence[Key], rows: Sequence[tuple[Any, ...]]) -> None:
    """Raise DataError when a cell does not hold what its key needs."""
    for number, key in enumerate(keys):
        bad = bad_value(key)
        if bad is not None and (count := sum(int(row[len(keys)]) for row in rows if row[number] == bad)):
            raise refusal(table, key, count)

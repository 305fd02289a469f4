"""Cell counts and missing counts: computed once over the finest cells, then added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from conformity.engines.columns import NOT_A_NUMBER, NamedFrame, bin_index, missing, not_numbers
from conformity.engines.values import Outcomes, bin_label, shape_of, text_of
from conformity.errors import DataError
from conformity.model.tally import BinKey, CellCounts, Key, MissingCounts, OutcomeKey, Tally

MAX_CELLS = 100_000
"""The most entries a tally of cells may have; more would no longer summarise the data."""

MAX_NUMBERS = 5_000_000
"""The most counts that are held at a time when missing cells are counted in every column."""

Additive = CellCounts | MissingCounts


@dataclass(frozen=True)
class _Cells:
    """The finest cells of a batch: a label for each key, the rows, and the gaps in some columns."""

    keys: tuple[Key, ...]
    labels: tuple[tuple[str, ...], ...]
    rows: tuple[int, ...]
    columns: range
    missing: tuple[tuple[int, ...], ...]


def additive_tallies(table: NamedFrame, specs: Sequence[Additive]) -> list[Tally]:
    """Return one tally for each of ``specs``, in order.

    Raises:
        DataError: a column is missing or not numeric, or the keys have too many combinations.
    """
    parts = _scan(table, specs)
    if parts is not None:
        return [_derive(table, spec, parts) for spec in specs]
    if len(specs) == 1:
        raise _too_many(table, specs[0])
    half = len(specs) // 2
    return additive_tallies(table, specs[:half]) + additive_tallies(table, specs[half:])


def keys_of(spec: Additive) -> tuple[Key, ...]:
    """Return the keys by which ``spec`` groups."""
    return spec.keys if isinstance(spec, CellCounts) else spec.by


def _too_many(table: NamedFrame, spec: Additive) -> DataError:
    """Return the error for keys with more combinations than a tally may hold."""
    names = ", ".join(repr(key.column) for key in keys_of(spec)) or "no key"
    return DataError(
        f"grouping {table.where} by {names} gives too many groups (limit {MAX_CELLS:,}); give `edges` to "
        "numeric columns, bind fewer columns, or check that outcomes hold the declared values"
    )


def _scan(table: NamedFrame, specs: Sequence[Additive]) -> list[_Cells] | None:
    """Return the cells of all keys in ``specs`` together, or None when there are too many.

    There is one part, or one for each block of columns when gaps are counted in a wide table.
    """
    keys = tuple(dict.fromkeys(key for spec in specs for key in keys_of(spec)))
    if not any(isinstance(spec, MissingCounts) for spec in specs):
        part = _part(table, keys, range(0), MAX_CELLS)
        return None if part is None else [part]
    limit = min(MAX_CELLS, MAX_NUMBERS // len(table.names))
    parts = []
    for columns in table.blocks():
        part = _part(table, keys, columns, limit)
        if part is None:
            return None
        parts.append(part)
    return parts


def _part(table: NamedFrame, keys: tuple[Key, ...], columns: range, limit: int) -> _Cells | None:
    """Return the cells of ``keys`` with the gaps in ``columns``, or None when there are over ``limit``."""
    rows = _group(table, keys, columns).head(limit + 1).collect(backend="pyarrow").rows()
    if len(rows) > limit:
        return None
    depth = len(keys)
    _refuse_text(table, keys, rows)
    labellers = [_labeller(key) for key in keys]
    return _Cells(
        keys=keys,
        labels=tuple(
            tuple(label(value) for label, value in zip(labellers, row, strict=False)) for row in rows
        ),
        rows=tuple(int(row[depth]) for row in rows),
        columns=columns,
        missing=tuple(tuple(int(count or 0) for count in row[depth + 1 :]) for row in rows),
    )


def _group(table: NamedFrame, keys: Sequence[Key], columns: range) -> nw.LazyFrame[Any]:
    """Return rows ``key..., rows, missing...`` for every combination of raw key values.

    Categories and outcomes are grouped as they stand in the file, since trimming every cell would
    cost more than the scan; :func:`_labeller` merges the few distinct values afterwards.
    """
    selected = [_raw(table, key).alias(f"k{number}") for number, key in enumerate(keys)]
    gaps = [missing(table, column).cast(nw.Int64).alias(f"m{column}") for column in columns]
    sums = [nw.col(f"m{column}").sum() for column in columns]
    needed = [table.position(key.column) for key in keys]
    # A frame without columns has no rows to count, so one is always kept.
    frame = table.only([*needed, *columns] or [0]).select(*(selected + gaps or [nw.col("c0")]))
    if not keys:
        return frame.select(nw.len().alias("rows"), *sums)
    return frame.group_by(*(f"k{number}" for number in range(len(keys)))).agg(nw.len().alias("rows"), *sums)


def _raw(table: NamedFrame, key: Key) -> nw.Expr:
    """Return what the scan groups by for ``key``."""
    position = table.position(key.column)
    return bin_index(table, position, key.edges) if isinstance(key, BinKey) else nw.col(f"c{position}")


def _labeller(key: Key) -> Callable[[Any], str]:
    """Return the function from a raw value of ``key`` to its text in the tally."""
    if isinstance(key, BinKey):
        return lambda value: bin_label(key, int(value))
    return Outcomes(key).label if isinstance(key, OutcomeKey) else text_of


def _refuse_text(table: NamedFrame, keys: Sequence[Key], rows: Sequence[tuple[Any, ...]]) -> None:
    """Raise DataError when a key that needs numbers met text."""
    for number, key in enumerate(keys):
        if isinstance(key, BinKey):
            count = sum(int(row[len(keys)]) for row in rows if row[number] == NOT_A_NUMBER)
            if count:
                raise not_numeric(table, key, count)


def not_numeric(table: NamedFrame, key: BinKey, count: int) -> DataError:
    """Return the error for ``count`` cells of a numeric key that hold other text.

    The message shows the form of one such cell, not the cell: it may be about a person.
    """
    first = not_numbers(table, key).select(nw.col("text").min()).collect(backend="pyarrow").rows()
    return DataError(
        f"column {key.column!r} of {table.where} must hold numbers, but {count:,} of its cells do not, "
        f"such as one of the form {shape_of(str(first[0][0]))!r}; correct the data or remove the `edges`"
    )


def _derive(table: NamedFrame, spec: Additive, parts: Sequence[_Cells]) -> Tally:
    """Return the tally of ``spec``, added up from finer cells."""
    names = tuple(key.column for key in keys_of(spec))
    entries: list[tuple[str | int, ...]] = []
    if isinstance(spec, CellCounts):
        for group, rows, _ in _added(parts[0], keys_of(spec)):
            entries.append((*group, rows))
        return Tally(spec=spec, columns=(*names, "rows"), entries=tuple(sorted(entries)))
    for part in parts:
        for group, rows, gaps in _added(part, keys_of(spec)):
            entries += [(*group, table.names[column], gaps[n], rows) for n, column in enumerate(part.columns)]
    return Tally(spec=spec, columns=(*names, "column", "missing", "rows"), entries=tuple(sorted(entries)))


def _added(cells: _Cells, keys: tuple[Key, ...]) -> Iterator[tuple[tuple[str, ...], int, list[int]]]:
    """Yield each group of ``keys`` with its rows, and its gaps in each of the part's columns."""
    positions = [cells.keys.index(key) for key in keys]
    # Without keys there is one group even when there are no rows: the count of rows is then 0.
    groups: dict[tuple[str, ...], list[int]] = {} if positions else {(): []}
    for number, labels in enumerate(cells.labels):
        groups.setdefault(tuple(labels[position] for position in positions), []).append(number)
    for group, members in groups.items():
        gaps = [sum(cells.missing[member][n] for member in members) for n in range(len(cells.columns))]
        yield group, sum(cells.rows[member] for member in members), gaps

"""Axes of arrays of counts: what a key makes of a cell, as a number from 0 on.

The values of a coded column are put through the key's own expression, once each, by the engine itself, so
that a key means the same here as everywhere. Of a column without codes, bins are computed row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from conformity.engines.columns import NamedFrame, category, is_text, missing
from conformity.engines.dense_codes import Coding
from conformity.engines.keys import labeller, raw
from conformity.errors import DataError
from conformity.model.tally import BinKey, CategoryKey, GridKey, Key, OutcomeKey

_LOWEST = -4
"""The lowest number that stands for a bin."""

_FEW = 64
"""The most different values of a column of outcomes, which are labelled one by one."""

_LONGER = 2
"""How many times longer than the longest of its axes a joint one may be."""

_LISTED = 100_000
"""The most different values that a key other than of bins is made of."""


@dataclass(frozen=True, eq=False)
class Axis:
    """What rows are told apart by."""

    position: int
    """The column."""
    size: int
    """How many numbers there are."""
    table: NDArray[Any] | None = None
    """The number for every code of the column; None where it is the code, or there are no codes."""
    expr: nw.Expr | None = None
    """What gives the number, where the column has no codes."""


@dataclass(frozen=True, eq=False)
class Joint:
    """An axis that tells apart whatever any of several axes of one column does."""

    axis: Axis
    """The axis."""
    of: Mapping[Axis, NDArray[Any]]
    """The number on each of those for every number of this one."""


def joined(axes: Iterable[Axis]) -> dict[Axis, Joint]:
    """Return for axes of one coded column a joint one, where it is hardly longer than the longest.

    Bins within bins then need one array instead of several.
    """
    columns: dict[int, dict[Axis, NDArray[Any]]] = {}
    for axis in axes:
        if axis.table is not None:
            columns.setdefault(axis.position, {})[axis] = axis.table
    found: dict[Axis, Joint] = {}
    for position, tables in columns.items():
        together = np.zeros(1, np.int64)
        for axis, table in tables.items():
            together = np.unique(together * axis.size + table, return_inverse=True)[1]
        places = np.unique(together, return_index=True)[1]
        if len(tables) > 1 and len(places) <= _LONGER * max(axis.size for axis in tables):
            joint = Axis(position, len(places), table=together.astype(np.int32))
            of = {axis: table[places] for axis, table in tables.items()}
            found |= dict.fromkeys(tables, Joint(joint, of))
    return found


class Column:
    """A coded column, with what keys make of its values."""

    def __init__(self, table: NamedFrame, coding: Coding) -> None:
        self.coding = coding
        """How its cells become codes."""
        native = nw.to_native(table.frame).query("given", coding.listed)
        name = table.names[coding.position]
        self._listed = native
        self._values = NamedFrame(nw.from_native(native.select("c0")), (name,), table.where)

    def made(self, expr: nw.Expr) -> Any:
        """Return what an expression over the column, called ``c0``, makes of every value, as Arrow has it."""
        frame: nw.LazyFrame[Any] = nw.from_native(self._listed)
        lines = frame.select(nw.col("code"), expr.alias("made")).sort("code")
        return nw.to_native(lines.collect(backend="pyarrow")).column("made")

    def named(self) -> NamedFrame:
        """Return the values as a table of one column, of which expressions are made."""
        return self._values

    @cached_property
    def values(self) -> list[Any]:
        """Return every value, by code."""
        found: list[Any] = self.made(nw.col("c0")).to_pylist()
        return found


class Axes:
    """The axes of a table's keys, each made once."""

    def __init__(self, table: NamedFrame, coded: Mapping[int, Coding]) -> None:
        self._table = table
        self._columns = {position: Column(table, coding) for position, coding in coded.items()}
        self._axes: dict[Key, tuple[Axis, Sequence[Any]] | None] = {}
        self._of_values: dict[int, Axis] = {}
        self._gaps: dict[int, Axis | None] = {}

    def axis(self, key: Key) -> Axis | None:
        """Return the axis of a key; None where its rows must be told apart in another way."""
        found = self._found(key)
        return None if found is None else found[0]

    def values(self, key: Key) -> Sequence[Any]:
        """Return the raw value of ``key`` for every number of its axis, as a scan would group by."""
        found = self._found(key)
        assert found is not None
        return found[1] or self._columns[found[0].position].values

    def labels(self, key: Key, numbers: NDArray[Any]) -> list[str]:
        """Return the text in a tally for some numbers of a key's axis."""
        label, values = labeller(key), self.values(key)
        known = {number: label(values[number]) for number in np.unique(numbers).tolist()}
        return [known[number] for number in numbers.tolist()]

    def classes(self, key: Key) -> tuple[NDArray[Any], int] | None:
        """Return the class of each number of a key's axis, and how many there are; None if all differ.

        Rows of one class are equal where rows are compared: texts but for space around them, outcomes.
        """
        if isinstance(key, OutcomeKey):
            numbers = np.arange(len(self.values(key)))
            return _distinct(self.labels(key, numbers))
        position = self._table.position(key.column)
        if not isinstance(key, CategoryKey) or not is_text(self._table.dtypes[position]):
            return None
        column = self._columns[position]
        return _distinct(column.made(category(column.named(), 0)).to_pylist())

    def gaps(self, position: int) -> Axis | None:
        """Return the axis that tells missing cells of a column, number 1, from others; None without any."""
        if position not in self._gaps:
            self._gaps[position] = self._gap(position)
        return self._gaps[position]

    def _gap(self, position: int) -> Axis | None:
        """Make the axis of missing cells."""
        column = self._columns.get(position)
        if column is None:
            return Axis(position, 2, expr=missing(self._table, position).cast(nw.Int64))
        blank = column.made(missing(column.named(), 0).cast(nw.Int64)).to_numpy()
        return Axis(position, 2, table=blank.astype(np.uint8)) if blank.any() else None

    def value_axis(self, position: int) -> Axis | None:
        """Return the axis of a column's values; None where they have no codes."""
        if position not in self._columns:
            return None
        return self._of_values.setdefault(position, Axis(position, self._columns[position].coding.size))

    def _found(self, key: Key) -> tuple[Axis, Sequence[Any]] | None:
        """Return the axis of a key and its raw values, which are those of the column if there are none."""
        if key not in self._axes:
            try:
                self._axes[key] = self._made(key)
            except DataError:
                # It is raised again where the key is counted by the engine.
                self._axes[key] = None
        return self._axes[key]

    def _made(self, key: Key) -> tuple[Axis, Sequence[Any]] | None:
        """Make the axis of a key.

        Raises:
            DataError: there is no such column, or its type cannot hold what the key needs.
        """
        position = self._table.position(key.column)
        column = self._columns.get(position)
        if isinstance(key, BinKey | GridKey):
            if column is None:
                most = len(key.edges) if isinstance(key, BinKey) else key.bins
                expr = raw(self._table, key) - _LOWEST
                return Axis(position, most + 1 - _LOWEST, expr=expr), range(_LOWEST, most + 1)
            return _binned(column, raw(column.named(), key).fill_null(-1))
        axis = self.value_axis(position)
        if column is None or axis is None:
            return None
        if isinstance(key, CategoryKey | OutcomeKey):
            return (axis, ()) if isinstance(key, CategoryKey) or axis.size <= _FEW else None
        if axis.size > _LISTED:
            return None
        made = column.made(raw(column.named(), key)).to_pylist()
        numbers, _ = _distinct(made) or (np.arange(len(made)), len(made))
        values = list(dict.fromkeys(made))
        return Axis(position, len(values), table=numbers.astype(np.uint32)), values


def _binned(column: Column, expr: nw.Expr) -> tuple[Axis, Sequence[int]]:
    """Return the axis of those bins that hold any value of a column, and their numbers."""
    bins = column.made(expr).to_numpy()
    there, numbers = np.unique(bins, return_inverse=True)
    kind = np.min_scalar_type(max(there.size - 1, 0))
    return Axis(column.coding.position, max(there.size, 1), table=numbers.astype(kind)), there.tolist()


def _distinct(values: Sequence[object]) -> tuple[NDArray[Any], int] | None:
    """Return a number for each value, the same for equal ones, and how many there are; None if all differ."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    if len(places) == len(values):
        return None
    return np.array([places[value] for value in values], dtype=np.int64), len(places)

"""A table whose columns have safe names, and the expressions over it that tallies are made of.

Column names come from strangers: they hold quotes, SQL and letters that differ only in case. Inside
the engine columns are therefore called ``c0``, ``c1``, ...; real names are looked up here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw

from conformity.engines.values import NUMBER, WHITESPACE
from conformity.errors import DataError
from conformity.model.tally import BinKey

if TYPE_CHECKING:
    from narwhals.dtypes import DType

BLOCK = 400
"""The most columns that one query counts in."""

MISSING_BIN = -1
"""The bin of cells that are null or blank."""
NOT_A_NUMBER = -2
"""The bin of cells that hold text which is not a number."""


@dataclass(frozen=True)
class NamedFrame:
    """A lazy frame with columns ``c0``, ``c1``, ..., and what they are called outside."""

    frame: nw.LazyFrame[Any]
    """The data; nothing of it has been read."""
    names: tuple[str, ...]
    """The real names, in order."""
    where: str
    """The file's name, for messages."""
    project: Callable[[Sequence[int]], nw.LazyFrame[Any]] | None = None
    """The engine's own way to the same frame with some columns only, for wide tables."""

    def blocks(self) -> Iterator[range]:
        """Yield the positions of all columns, in blocks that one query can hold."""
        for start in range(0, len(self.names), BLOCK):
            yield range(start, min(start + BLOCK, len(self.names)))

    def only(self, positions: Sequence[int]) -> nw.LazyFrame[Any]:
        """Return the frame with these columns, or with all of them when it is not wide.

        DuckDB's Python interface compares each expression with every column of the frame, which over
        thousands of columns takes minutes; so a wide frame is narrowed first.
        """
        if self.project is None or len(self.names) <= BLOCK:
            return self.frame
        return self.project(sorted(set(positions)))

    @cached_property
    def _positions(self) -> dict[str, int]:
        """Return the position of every name."""
        return {name: position for position, name in enumerate(self.names)}

    @cached_property
    def dtypes(self) -> tuple[DType, ...]:
        """Return the type of every column, in order."""
        return tuple(self.frame.collect_schema().values())

    def position(self, name: str) -> int:
        """Return the position of the column called ``name``.

        Raises:
            DataError: there is none; the message names the nearest ones.
        """
        if name in self._positions:
            return self._positions[name]
        near = get_close_matches(name, self.names, n=3, cutoff=0.6)
        lowered = [other for other in self.names if other.strip().lower() == name.strip().lower()]
        found = list(dict.fromkeys(lowered + near))[:3]
        some = ", ".join(repr(other) for other in (found or self.names[:10]))
        advice = f"did you mean {some}?" if found else f"its first columns are {some}."
        raise DataError(f"{self.where} has no column {name!r}; {advice}")


def is_text(dtype: DType) -> bool:
    """Return whether cells of this type are text, whatever its encoding."""
    return dtype in (nw.String, nw.Categorical) or isinstance(dtype, nw.Enum)


def trimmed(position: int) -> nw.Expr:
    """Return the text of a column without space around it."""
    return nw.col(f"c{position}").cast(nw.String).str.strip_chars(WHITESPACE)


def missing(table: NamedFrame, position: int) -> nw.Expr:
    """Return whether a cell is null, NaN or blank text."""
    dtype = table.dtypes[position]
    column = nw.col(f"c{position}")
    if is_text(dtype):
        return trimmed(position).fill_null("") == ""
    if dtype.is_float():
        return column.is_null() | column.is_nan()
    return column.is_null()


def category(table: NamedFrame, position: int) -> nw.Expr:
    """Return the value that stands for a cell when rows are compared; null when it is missing."""
    dtype = table.dtypes[position]
    if is_text(dtype):
        text = trimmed(position)
        return nw.when(text != "").then(text)
    if dtype.is_float():
        return nw.when(~missing(table, position)).then(nw.col(f"c{position}"))
    return nw.col(f"c{position}")


def bin_index(table: NamedFrame, position: int, edges: Sequence[float]) -> nw.Expr:
    """Return the number of edges at or below a cell, or MISSING_BIN or NOT_A_NUMBER.

    Raises:
        DataError: the column is neither numeric nor text.
    """
    dtype = table.dtypes[position]
    blank = missing(table, position)
    if is_text(dtype):
        text = trimmed(position)
        fits = text.str.contains(NUMBER)
        # The cast sees null in place of text that is no number, so that it never fails midway.
        number = nw.when(fits).then(text).cast(nw.Float64)
        index = nw.when(fits).then(_edges_below(number, edges)).otherwise(_integer(NOT_A_NUMBER))
    elif dtype.is_numeric():
        index = _edges_below(nw.col(f"c{position}").cast(nw.Float64), edges)
    else:
        raise DataError(
            f"column {table.names[position]!r} of {table.where} holds {dtype} values, not numbers; "
            "remove its `edges` or bind another column"
        )
    return nw.when(blank).then(_integer(MISSING_BIN)).otherwise(index)


def _edges_below(number: nw.Expr, edges: Sequence[float]) -> nw.Expr:
    """Return how many edges are at or below ``number``."""
    count = _integer(0)
    for edge in edges:
        count = count + (number >= edge).cast(nw.Int64)
    return count


def _integer(value: int) -> nw.Expr:
    """Return a constant of the one integer type that all branches share."""
    return nw.lit(value, dtype=nw.Int64)


def not_numbers(table: NamedFrame, key: BinKey) -> nw.LazyFrame[Any]:
    """Return the texts of ``key``'s column that are neither blank nor numbers, as column ``text``."""
    text = trimmed(table.position(key.column))
    bad = (text != "") & ~text.str.contains(NUMBER)
    return table.frame.filter(bad).select(text.alias("text"))

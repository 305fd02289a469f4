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

from conformity.engines.values import WHITESPACE
from conformity.errors import DataError

if TYPE_CHECKING:
    from narwhals.dtypes import DType

BLOCK = 400
"""The most columns that one query counts in."""


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
    taken: Callable[[Any], Any] | None = None
    """DuckDB's way to a relation over an Arrow table."""

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
        # NaN is what is neither finite nor infinite: DuckDB 2.0 answers `isnan` from the least and greatest
        # values that a Parquet file states, which leave NaN out, and then finds none.
        return column.is_null() | (~column.is_finite() & (column.abs() != float("inf")))
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

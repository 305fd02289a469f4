"""Put the numbers of a column into bins: between edges that are given, or of equal width.

Written in Narwhals alone, with the same steps of floating-point arithmetic in every engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame, is_text, missing, trimmed
from conformity.engines.values import NUMBER, bin_label, shape_of
from conformity.errors import DataError
from conformity.model.tally import ABOVE, BELOW, MISSING, BinKey, GridKey

MISSING_BIN = -1
"""The bin of cells that are null, NaN or blank."""
NOT_A_NUMBER = -2
"""The bin of cells that hold text which is not a number."""
_BELOW_GRID, _ABOVE_GRID = -3, -4


def bin_index(table: NamedFrame, key: BinKey | GridKey) -> nw.Expr:
    """Return the bin of a cell: from 0 on, or a negative number that :func:`labeller` knows.

    Raises:
        DataError: the column is neither numeric nor text, or the grid has no width.
    """
    number, fits = read_number(table, key.column, _advice(key))
    blank = missing(table, table.position(key.column))
    index = _edges_below(number, key.edges) if isinstance(key, BinKey) else _grid_index(table, key, number)
    if fits is not None:
        index = nw.when(fits).then(index).otherwise(_integer(NOT_A_NUMBER))
    return nw.when(blank).then(_integer(MISSING_BIN)).otherwise(index)


def labeller(key: BinKey | GridKey) -> Callable[[Any], str]:
    """Return the function from a bin of ``key`` to its text in a tally."""
    if isinstance(key, BinKey):
        return lambda index: bin_label(key, int(index))
    outside = {MISSING_BIN: MISSING, _BELOW_GRID: BELOW, _ABOVE_GRID: ABOVE}
    return lambda index: outside.get(int(index), str(int(index)))


def read_number(table: NamedFrame, column: str, advice: str) -> tuple[nw.Expr, nw.Expr | None]:
    """Return a column's cells as 64-bit floats, and whether a cell of text has the form of a number.

    Text that is no number gives null. The second expression is None where the column is numeric.

    Args:
        table: the table.
        column: the column's name.
        advice: what to do about a column that holds no numbers, without full stop.

    Raises:
        DataError: there is no such column, or it is neither numeric nor text.
    """
    position = table.position(column)
    dtype = table.dtypes[position]
    if is_text(dtype):
        text = trimmed(position)
        fits = text.str.contains(NUMBER)
        # The cast sees null in place of text that is no number, so that it never fails midway.
        return nw.when(fits).then(text).cast(nw.Float64), fits
    if not dtype.is_numeric():
        raise DataError(f"column {column!r} of {table.where} holds {dtype} values, not numbers; {advice}")
    return nw.col(f"c{position}").cast(nw.Float64), None


def not_numeric(table: NamedFrame, column: str, count: int, advice: str = "") -> DataError:
    """Return the error for ``count`` cells of a column of numbers that hold other text.

    The message shows the form of one such cell, not the cell: it may be about a person.
    """
    text = trimmed(table.position(column))
    bad = table.frame.filter((text != "") & ~text.str.contains(NUMBER)).select(text.alias("text"))
    first = bad.select(nw.col("text").min()).collect(backend="pyarrow").rows()
    return DataError(
        f"column {column!r} of {table.where} must hold numbers, but {count:,} of its cells do not, such as "
        f"one of the form {shape_of(str(first[0][0]))!r}; correct the data or {advice or _REBIND}"
    )


_REBIND = "bind another column"


def _advice(key: BinKey | GridKey) -> str:
    """Return what to do about a column that cannot be put into bins."""
    return "remove its `edges` or bind another column" if isinstance(key, BinKey) else _REBIND


def _edges_below(number: nw.Expr, edges: Sequence[float]) -> nw.Expr:
    """Return how many edges are at or below ``number``."""
    count = _integer(0)
    for edge in edges:
        count = count + (number >= edge).cast(nw.Int64)
    return count


def _grid_index(table: NamedFrame, key: GridKey, number: nw.Expr) -> nw.Expr:
    """Return the bin of ``number`` in a grid; the grid's end belongs to the last bin."""
    width = key.high - key.low
    if not 0 < width < float("inf"):
        raise DataError(
            f"the grid over column {key.column!r} of {table.where} must end above its beginning, "
            f"but goes from {key.low!r} to {key.high!r}; correct the probe's parameters"
        )
    # Infinity has no bin and NaN would fail the cast, so both are kept out of it.
    inside: nw.Expr = nw.when((number >= key.low) & (number <= key.high)).then(number)
    index: nw.Expr = ((inside - key.low) * float(key.bins) / width).floor().cast(nw.Int64)
    last = _integer(key.bins - 1)
    index = nw.when(index > key.bins - 1).then(last).otherwise(index)
    index = nw.when(number > key.high).then(_integer(_ABOVE_GRID)).otherwise(index)
    return nw.when(number < key.low).then(_integer(_BELOW_GRID)).otherwise(index)


def _integer(value: int) -> nw.Expr:
    """Return a constant of the one integer type that all branches share."""
    return nw.lit(value, dtype=nw.Int64)

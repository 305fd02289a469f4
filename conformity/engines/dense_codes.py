"""From columns of few values to whole numbers from 0 on, by which rows are counted in arrays.

A code costs a few nanoseconds a cell, and so does counting by codes; grouping by the values themselves costs
some fifty. A column has codes where it holds whole numbers, dates or truth values within a range, text of few
different values, or numbers with few decimals. Nothing is taken on trust: a cell that has no code, because a
file states false bounds or the first rows mislead, is noticed, and what is asked is counted without codes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from conformity.engines.columns import NamedFrame, is_text

MOST_NUMBERS = 2**21
"""The most different numbers of a column that have codes."""

MOST_TEXTS = 60_000
"""The most different texts of a column that have codes."""

_LOOKED_AT = 20_000
"""How many of the first rows say whether a column may have codes."""

_SCALES = (1, 2, 4, 8, 10, 20, 100, 1_000, 10_000, 100_000, 1_000_000)
"""Numbers that are whole when they are multiplied by one of these have codes."""

_SAFE = 2.0**52

_names = count()


class NoCodeError(Exception):
    """Says that a cell has no code, so that the table must be counted in another way."""


@dataclass(frozen=True)
class Coding:
    """How the cells of one column become codes; missing has the code after the last value's."""

    position: int
    """The column."""
    values: int
    """How many values have codes: from 0 on."""
    gaps: bool
    """Whether cells may be missing."""
    selected: str
    """What is read of a cell, in SQL: its code; of a broken number the number, NaN where it is missing."""
    listed: str
    """A query for every ``code`` and its value ``c0``, missing among them."""
    scale: int = 0
    """By what broken numbers are multiplied; 0 for other columns."""
    low: int = 0
    """The least number so multiplied."""

    @property
    def size(self) -> int:
        """Return how many codes there are."""
        return self.values + self.gaps

    def codes(self, read: NDArray[Any]) -> NDArray[Any]:
        """Return the codes of cells from what was read of them.

        Raises:
            NoCodeError: a cell has none.
        """
        if not self.scale:
            if read.size and int(read.max()) >= self.size:
                raise NoCodeError
            return read
        found = np.rint(read * float(self.scale))
        other = found / float(self.scale) != read
        blank = bool(other.any())
        if blank and not (self.gaps and np.isnan(read[other]).all()):
            raise NoCodeError
        found -= float(self.low)
        found[other] = 0.0
        if found.size and not (found.min() >= 0.0 and found.max() < self.values):
            raise NoCodeError
        if blank:
            found[other] = self.values
        return found.astype(np.intp)


@contextmanager
def codings(table: NamedFrame, positions: Sequence[int]) -> Iterator[dict[int, Coding]]:
    """Give the codes of those columns, of some, that have any; the engine keeps lists of texts meanwhile.

    Args:
        table: a table in DuckDB.
        positions: the columns.
    """
    native = nw.to_native(table.frame)
    dtypes = {position: table.dtypes[position] for position in positions}
    whole = [p for p, dtype in dtypes.items() if dtype.is_integer() or dtype in (nw.Boolean, nw.Date)]
    broken = [p for p, dtype in dtypes.items() if dtype == nw.Float64]
    found = _whole(native, whole, dict(zip(native.columns, map(str, native.types), strict=True)))
    found |= _broken(native, broken)
    made: list[str] = []
    try:
        for position in (p for p, dtype in dtypes.items() if is_text(dtype)):
            if _repeats(native, position) and (coding := _texts(native, position, made)):
                found[position] = coding
        yield found
    finally:
        for statement in reversed(made):
            native.query("given", statement)


def _whole(native: Any, positions: Sequence[int], types: dict[str, str]) -> dict[int, Coding]:
    """Return the codes of columns of whole numbers, dates or truth values; most files state their bounds."""
    if not positions:
        return {}
    asked = ", ".join(f"min(c{p}), max(c{p}), count(c{p})" for p in positions)
    ((rows, *line),) = native.query("given", f"SELECT count(*), {asked} FROM given").fetchall()  # noqa: S608 - our own names
    found = {}
    for place, p in enumerate(positions):
        low, high, filled = line[3 * place : 3 * place + 3]
        if low is None:
            continue
        values = (high - low).days + 1 if isinstance(low, date) else int(high) - int(low) + 1
        if values <= MOST_NUMBERS:
            start = f"DATE '{low}'" if isinstance(low, date) else str(int(low))
            found[p] = _whole_coding(p, types[f"c{p}"], start, values, gaps=filled < rows)
    return found


def _whole_coding(position: int, kind: str, start: str, values: int, *, gaps: bool) -> Coding:
    """Return the codes of a column of whole numbers, dates or truth values from its first value on."""
    name = f"c{position}"
    cell = f"{name}::INTEGER" if kind == "BOOLEAN" else name if kind == "DATE" else f"{name}::BIGINT"
    code = f"{cell} - {start}" if kind == "DATE" else f"{cell} - ({start})"
    number = f"{start} + range::INTEGER" if kind == "DATE" else f"({start}) + range"
    size = values + gaps
    read = f"coalesce({code}, {values})" if gaps else f"({code})"
    listed = f"SELECT range AS code, ({number})::{kind} AS c0 FROM range({values})"  # noqa: S608 - our own text
    return Coding(position, values, gaps, f"{read}::{_unsigned(size)}", _with_gap(listed, values, gaps))


def _with_gap(listed: str, values: int, gaps: bool) -> str:
    """Return a query for codes and values, with the code of missing cells where there are any."""
    return f"{listed} UNION ALL SELECT {values}, NULL" if gaps else listed


def _unsigned(size: int) -> str:
    """Return the narrowest type for so many codes."""
    return "UTINYINT" if size <= 2**8 else "USMALLINT" if size <= 2**16 else "UINTEGER"


def _broken(native: Any, positions: Sequence[int]) -> dict[int, Coding]:
    """Return the codes of columns of numbers with few decimals."""
    scales = {p: scale for p in positions if (scale := _scale(native, p))}
    if not scales:
        return {}
    ends = "min(c{p}) FILTER (WHERE isfinite(c{p})), max(c{p}) FILTER (WHERE isfinite(c{p}))"
    asked = ", ".join(ends.format(p=p) + f", count(*) FILTER (WHERE isfinite(c{p}))" for p in scales)
    ((rows, *line),) = native.query("given", f"SELECT count(*), {asked} FROM given").fetchall()  # noqa: S608 - our own names
    found = {}
    for (p, scale), low, high, filled in zip(scales.items(), line[::3], line[1::3], line[2::3], strict=True):
        # Where a file leaves NaN out of its bounds, all may seem finite; then a cell has no code.
        gaps = filled < rows
        if -_SAFE < low * scale <= high * scale < _SAFE and (high - low) * scale < MOST_NUMBERS:
            first, values = round(low * scale), round(high * scale) - round(low * scale) + 1
            number = f"({first} + range)::DOUBLE / {scale}::DOUBLE"
            listed = f"SELECT range AS code, {number} AS c0 FROM range({values})"  # noqa: S608 - our own numbers
            found[p] = Coding(p, values, gaps, f"c{p}", _with_gap(listed, values, gaps), scale, first)
    return found


def _scale(native: Any, position: int) -> int:
    """Return what makes the first numbers of a column whole; 0 where nothing does, or there are none."""
    first = native.query("given", f"SELECT c{position} AS x FROM given LIMIT {_LOOKED_AT}")  # noqa: S608 - our own names
    numbers = first.to_arrow_table().column("x").drop_null().to_numpy()
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size or np.abs(numbers).max() * _SCALES[-1] >= _SAFE:
        return 0
    return next((s for s in _SCALES if (np.rint(numbers * float(s)) / float(s) == numbers).all()), 0)


def _repeats(native: Any, position: int) -> bool:
    """Return whether the first rows hold texts again and again."""
    first = f"SELECT count(*), count(DISTINCT c{position}) FROM (FROM given LIMIT {_LOOKED_AT})"  # noqa: S608 - our own names
    ((rows, different),) = native.query("given", first).fetchall()
    return bool(different * 2 <= rows)


def _texts(native: Any, position: int, made: list[str]) -> Coding | None:
    """Return the codes of a column of text; None where it has too many different texts, or none.

    Args:
        native: the table.
        position: the column.
        made: takes the statements that remove what is made for it.
    """
    table, kind = f"texts_{next(_names)}", f"texts_type_{next(_names)}"
    different = f"SELECT DISTINCT c{position}::VARCHAR AS c0 FROM given LIMIT {MOST_TEXTS + 1}"  # noqa: S608 - our own names
    native.query("given", f"CREATE TEMP TABLE {table} AS {different}")
    made.append(f"DROP TABLE {table}")
    ((rows, values),) = native.query("given", f"SELECT count(*), count(c0) FROM {table}").fetchall()  # noqa: S608 - our own names
    if not values or values > MOST_TEXTS:
        return None
    gaps = rows > values
    filled = f"FROM {table} WHERE c0 IS NOT NULL"
    native.query("given", f"CREATE TEMP TYPE {kind} AS ENUM (SELECT c0 {filled})")
    made.append(f"DROP TYPE {kind}")
    # A cast that may not fail is made once for each text of a block that repeats them.
    code = f"enum_code(TRY_CAST(c{position} AS {kind}))"
    code = f"CASE WHEN c{position} IS NULL THEN {values} ELSE {code} END" if gaps else code
    listed = f"SELECT enum_code(c0::{kind})::BIGINT AS code, c0 {filled}"
    return Coding(
        position, values, gaps, f"({code})::{_unsigned(values + gaps)}", _with_gap(listed, values, gaps)
    )

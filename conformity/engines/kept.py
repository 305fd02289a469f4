"""Results that several queries read: DuckDB keeps them in a temporary table instead of making them anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.small_tables import SMALL, is_small

FEW = 20_000
"""The most different values of a column that are counted before they are searched."""

_MANY = 100_000
"""From how many rows on values are counted before they are searched."""

_LOOKED_AT = 10_000
"""How many of the first rows say whether values repeat."""

_REPEATED = 10
"""How often values must occur there on average."""

if TYPE_CHECKING:
    from narwhals.dtypes import DType

_numbers = count()


@dataclass(frozen=True)
class CountedFrame(NamedFrame):
    """A table with the different values of some of its columns, each with the number of its cells."""

    counted: Mapping[int, nw.LazyFrame[Any]] = field(default_factory=dict)
    """For each such position a frame with that column and ``n``."""


def counted_values(table: NamedFrame, position: int) -> nw.LazyFrame[Any] | None:
    """Return a frame with a column's values and ``n``, the cells of each; None if they are not counted."""
    return table.counted.get(position) if isinstance(table, CountedFrame) else None


@contextmanager
def kept(frame: nw.LazyFrame[Any], near: NamedFrame) -> Iterator[nw.LazyFrame[Any]]:
    """Give a frame whose rows are there, so that asking twice does not make them twice; DuckDB only.

    Args:
        frame: what is to be kept.
        near: a table of the same connection.
    """
    if not frame.implementation.is_duckdb():
        yield frame
        return
    with kept_table(nw.to_native(frame), "FROM given", near) as name:
        there: nw.LazyFrame[Any] = nw.from_native(nw.to_native(near.frame).query("given", f"FROM {name}"))
        yield there


@contextmanager
def kept_table(relation: Any, sql: str, near: NamedFrame) -> Iterator[str]:
    """Give the name of a table with what a query answers.

    Args:
        relation: a relation of DuckDB.
        sql: a query over it as ``given``.
        near: a table of the same connection that is planned quickly.
    """
    native, name = nw.to_native(near.frame), f"kept_{next(_numbers)}"
    relation.query("given", f"CREATE TEMP TABLE {name} AS {sql}")
    try:
        yield name
    finally:
        native.query("given", f"DROP TABLE {name}")


@contextmanager
def with_counted_values(table: NamedFrame) -> Iterator[NamedFrame]:
    """Give the table with the values of those columns counted in which few values occur again and again.

    Which they are never changes a result, only how often the same value is looked at. A small table is
    given as it is: there is little to spare.
    """
    known = table.counted if isinstance(table, CountedFrame) else {}
    dtypes = enumerate(table.dtypes)
    places = [place for place, dtype in dtypes if place not in known and not _is_broken(dtype)]
    if not places or not table.frame.implementation.is_duckdb() or is_small(table, SMALL // _MANY):
        yield table
        return
    native, names = nw.to_native(table.frame), {place: f"kept_{next(_numbers)}" for place in places}
    made: dict[int, str] = {}
    try:
        for place in _repeating(table, places):
            counting = f"SELECT c{place}, count(*) AS n FROM given GROUP BY ALL LIMIT {FEW + 1}"  # noqa: S608 - our own names
            native.query("given", f"CREATE TEMP TABLE {names[place]} AS {counting}")
            made[place] = names[place]
        sources = {place: native.query("given", f"FROM {name}") for place, name in made.items()}
        counted = {
            place: nw.from_native(source)
            for place, source in sources.items()
            if source.query("few", "SELECT count(*) FROM few").fetchall()[0][0] <= FEW
        }
        yield CountedFrame(table.frame, table.names, table.where, table.project, counted={**known, **counted})
    finally:
        for name in made.values():
            native.query("given", f"DROP TABLE {name}")


def _is_broken(dtype: DType) -> bool:
    """Return whether cells hold broken numbers, which seldom repeat, or are nested."""
    return bool(dtype.is_float() or dtype.is_decimal() or dtype.is_nested())


def _repeating(table: NamedFrame, places: Sequence[int]) -> list[int]:
    """Return those columns whose first rows hold each value often."""
    first = table.only(places).head(_LOOKED_AT)
    counts = [nw.col(f"c{place}").n_unique() for place in places]
    (row,) = first.select(*counts).collect(backend="pyarrow").rows()
    return [place for place, found in zip(places, row, strict=True) if int(found) * _REPEATED <= _LOOKED_AT]

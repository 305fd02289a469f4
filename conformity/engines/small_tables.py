"""Small tables in DuckDB: what keys make of the cells is worked out once, for all that group by them.

Planning a query over text with its trimming, bins and dates takes longer than grouping thousands of rows. So
where rows times keys are few, every key becomes a column of a temporary table, and queries are about that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.keys import raw
from conformity.model.tally import Key

SMALL = 20_000_000
"""The most cells, rows times keys, that are kept: in DuckDB's memory, or its scratch folder."""

_numbers = count()


@dataclass(frozen=True)
class KeyedFrame(NamedFrame):
    """A table whose keys are columns of another one, row by row."""

    kept: Any = None
    """The relation of keys."""
    places: Mapping[Key, str] = field(default_factory=dict)
    """The column of each key in it."""

    def grouped(self, keys: Sequence[Key], limit: int) -> list[tuple[Any, ...]]:
        """Return the raw values of ``keys`` and the number of rows, for at most so many combinations."""
        names = "".join(f"{self.places[key]}, " for key in keys)
        sql = f"SELECT {names}count(*) AS n FROM kept GROUP BY ALL LIMIT {limit:d}"  # noqa: S608 - our own names
        found = self.kept.query("kept", sql).to_arrow_table()
        lines: list[tuple[Any, ...]] = nw.from_native(found, eager_only=True).rows()
        return lines


def is_small(table: NamedFrame, columns: int) -> bool:
    """Return whether so many columns of a table can be kept; only DuckDB keeps any."""
    if not table.frame.implementation.is_duckdb():
        return False
    ((rows,),) = table.frame.select(nw.len()).collect(backend="pyarrow").rows()
    return int(rows) * columns <= SMALL


@contextmanager
def keyed(table: NamedFrame, keys: Sequence[Key]) -> Iterator[NamedFrame]:
    """Give the table with its keys kept; where there are too many cells, the table as it is.

    Raises:
        DataError: there is no such column, or its type cannot hold what the key needs.
    """
    if not keys or not is_small(table, len(keys)):
        yield table
        return
    places = {key: f"k{number}" for number, key in enumerate(dict.fromkeys(keys))}
    columns = table.only([table.position(key.column) for key in places])
    named = columns.select(*(raw(table, key).alias(place) for key, place in places.items()))
    native, name = nw.to_native(columns), f"keyed_{next(_numbers)}"
    nw.to_native(named).query("given", f"CREATE TEMP TABLE {name} AS FROM given")
    try:
        kept = native.query("given", f"FROM {name}")
        yield KeyedFrame(table.frame, table.names, table.where, table.project, kept=kept, places=places)
    finally:
        native.query("given", f"DROP TABLE {name}")

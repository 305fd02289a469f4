"""Grouped tables in DuckDB: each is made from a table's rows or from another one, and dropped in the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from conformity.engines.families import Columns, Family
from conformity.engines.packing_sql import Layout, are_kept, digits
from conformity.errors import DataError

_STATE = 8
"""Bytes that a count takes in a table of groups."""

_SHARE = 8
"""Counts of all codes may take this part of DuckDB's memory, in all threads together."""

_USUAL_BITS = 12
"""Up to how many codes, in bits, DuckDB by default counts in an array instead of a hash table."""

_MOST_BITS = 22

_UNITS = {"bytes": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}

_numbers = count()


class Grouping:
    """Grouped tables of one table's rows."""

    def __init__(self, rows: Any, names: Sequence[str], near: Any, where: str = "the table") -> None:
        """Look at what DuckDB states about the columns.

        Args:
            rows: a relation of DuckDB.
            names: its columns that are grouped by.
            near: a relation of the same connection that is planned quickly, for what does not read the rows.
            where: what the table is called in messages.

        Raises:
            DataError: values lie beyond the bounds that the table states.
        """
        self._rows, self._near = rows, near
        self._names = names
        self.digits, self.bits = digits(rows, names), _bits(near)
        if not are_kept(rows, names, self.digits):
            raise DataError(
                f"{where} states bounds for its columns that some of its values do not keep, so that no "
                "count of it can be relied on; write the file anew"
            )
        self._made: dict[Columns, str] = {}
        self._parents: dict[Columns, Columns] = {}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query answers: over ``given``, the rows, as long as there are no tables."""
        lines: list[tuple[Any, ...]] = (
            (self._near if self._made else self._rows).query("given", sql).fetchall()
        )
        return lines

    def layout(self, columns: Columns) -> Layout:
        """Return how columns lie in their grouped table."""
        return Layout(columns, self.digits)

    def table(self, columns: Columns) -> str:
        """Return the name of the table that is grouped by ``columns``."""
        return self._made[columns]

    def counts(self, columns: Columns, parent: Columns) -> bool:
        """Return whether a table says as ``m`` how many rows of a parent's table each of its rows has."""
        return columns in self._made and self._parents.get(columns) == parent

    @contextmanager
    def family(self, family: Family, needed: Iterable[Columns]) -> Iterator[None]:
        """Keep the tables of a family from which others are grouped, and those that are needed.

        Args:
            family: the sets of columns.
            needed: sets of columns of which tables are asked for later.
        """
        kept = {*family.shared, *needed}
        try:
            for columns in (family.base, *family.parents):
                if columns in kept:
                    name = f"grouped_{next(_numbers)}"
                    self._run(f"CREATE TEMP TABLE {name} AS {self.grouped(family, columns, kept=True)}")
                    self._made[columns] = name
            yield
        finally:
            while self._made:
                self._run(f"DROP TABLE {self._made.popitem()[1]}")
            self._parents.clear()

    def grouped(self, family: Family, columns: Columns, *, kept: bool = False) -> str:
        """Return the query that groups by ``columns``, with the count ``n``, from rows or another table.

        What is to be kept has another count, ``m``, of the other table's rows.
        """
        if columns in self._made:
            return f"FROM {self._made[columns]}"
        layout = self.layout(columns)
        if columns == family.base:
            chosen = layout.from_rows(self._names)
            return f"SELECT {chosen}, count(*) AS n FROM given GROUP BY ALL"  # noqa: S608 - our own names
        parent = family.parents[columns]
        chosen = layout.from_cells(self.layout(parent))
        source, count = self._made[parent], ", count(*) AS m" if kept else ""
        if kept:
            self._parents[columns] = parent
        return f"SELECT {chosen}, sum(n)::BIGINT AS n{count} FROM {source} GROUP BY ALL"  # noqa: S608 - as above

    @contextmanager
    def arrays(self) -> Iterator[None]:
        """Let DuckDB count codes within bounds in arrays larger than it does by default."""
        self._run(f"SET perfect_ht_threshold = {self.bits}")
        try:
            yield
        finally:
            self._run(f"SET perfect_ht_threshold = {_USUAL_BITS}")

    def _run(self, sql: str) -> None:
        """Run a statement that answers nothing; over ``given``, the rows, where it reads them."""
        (self._rows if "FROM given" in sql else self._near).query("given", sql)


def _bits(rows: Any) -> int:
    """Return how many codes, in bits, an array may count within the memory that DuckDB has."""
    asked = "SELECT current_setting('memory_limit'), current_setting('threads')"
    ((limit, threads),) = rows.query("given", asked).fetchall()
    number, unit = re.fullmatch(r"([\d.]+) (\w+)", limit).groups()  # type: ignore[union-attr] # its own form
    codes = float(number) * 2.0 ** _UNITS[unit] / (_STATE * _SHARE * int(threads))
    return min(_MOST_BITS, max(_USUAL_BITS, int(codes).bit_length() - 1))

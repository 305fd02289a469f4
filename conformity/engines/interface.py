"""The seam between data and numbers: an engine opens a table and computes tallies of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformity.model.tally import Tally, TallySpec


@dataclass(frozen=True)
class TableSource:
    """Where a table is and how it is written."""

    path: Path
    """A file, a folder of Parquet files, or a glob; absolute."""
    format: str
    """``auto``, ``csv``, ``tsv``, ``parquet``, ``jsonl``, ``arrow``, ``duckdb`` or ``sqlite``."""
    table: str | None = None
    """In a database: the table, as ``name`` or ``schema.name``; its only one when None."""


@dataclass(frozen=True)
class ColumnInfo:
    """A column as the file has it."""

    name: str
    """Its name."""
    kind: str
    """``integer``, ``number``, ``text``, ``boolean``, ``date`` or ``other``."""


class Table(Protocol):
    """An opened table; nothing is read until a tally is asked for."""

    def columns(self) -> tuple[ColumnInfo, ...]:
        """Return the columns in the file's order.

        Raises:
            DataError: the file cannot be read as a table, or has two columns of the same name.
        """
        ...

    def tally(self, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
        """Return one tally for each spec, in order, computed in as few scans as possible.

        Raises:
            DataError: a column is missing or does not hold what a key needs.
        """
        ...


class Engine(Protocol):
    """A way to compute tallies: embedded, distributed, or over a frame in memory."""

    name: str
    """The engine's name and version, for the report."""

    def open(self, source: TableSource) -> Table:
        """Return the table at ``source``.

        Raises:
            DataError: there is no readable table.
        """
        ...

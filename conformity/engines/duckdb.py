"""The embedded engine: DuckDB reads the files, Narwhals says what is counted.

Delimited text and JSON Lines are read as text, every cell as it stands: codes such as ``01`` keep
their zero, and a word in a numeric column is met by the tally that needs a number, never turned into
a null; so are tables of SQLite, whose columns have no types. Parquet, Arrow and tables of DuckDB keep
their types. The connection can open the table's own files, read-only, and its scratch folder, nothing
else: no network, no extensions, no other paths.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw

from conformity.engines import readers
from conformity.engines.columns import NamedFrame
from conformity.engines.databases import identifier
from conformity.engines.interface import ColumnInfo, TableSource
from conformity.engines.sources import Files, files_of
from conformity.engines.tallies import compute
from conformity.engines.translate import translated
from conformity.model.tally import CellCounts, Tally, TallySpec
from conformity.settings import load_settings

_STAGED = "rows_read"
"""The name of the one table of a connection that holds what text files hold."""


class DuckDBTable:
    """A table opened by DuckDB; it reads its files when tallies are asked for.

    Text is read once, into a table of DuckDB's own that spills into the scratch folder: reading it again
    for every scan would cost ten times as much. Other files are read anew, of which only what is needed.
    """

    def __init__(self, table: NamedFrame, opened: readers.Opened, connection: Any) -> None:
        self.named = table
        """The columns and their names, for profiling."""
        self._kinds = opened.kinds
        self._check = opened.check
        self._staged = False
        # The connection and, for Arrow, the data set must outlive the frame made from them.
        self._keep = (connection, opened.source)

    def columns(self) -> tuple[ColumnInfo, ...]:
        """Return the columns in the file's order; for text files the kind is that of the first rows."""
        return tuple(
            ColumnInfo(name=name, kind=kind) for name, kind in zip(self.named.names, self._kinds, strict=True)
        )

    def tally(self, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
        """Return one tally for each spec, in order; :mod:`conformity.engines.tallies` counts the scans.

        The first time, the rows of a text file are counted a second time, without DuckDB.

        Raises:
            DataError: a column is missing, a cell is not what a key needs, the file is damaged, or not
                all of its rows were read.
        """
        with translated(self.named.where):
            if self._check is None or not specs:
                return compute(self.named, specs)
            if not self._staged:
                self.named, self._staged = _staged(self.named, self._keep[0]), True
            *found, rows = compute(self.named, [*specs, CellCounts(keys=())])
        self._check(int(rows.entries[0][0]))
        self._check = None
        return tuple(found)


class DuckDBEngine:
    """Opens files with DuckDB.

    Args:
        scratch: a folder for intermediate results that do not fit into memory; a private temporary
            one by default.
        memory_mb: memory for data, in MiB; a third of what a worker may use by default: two may be open.
        threads: how many threads; as many as the machine has by default.
    """

    def __init__(
        self, scratch: Path | None = None, memory_mb: int | None = None, threads: int | None = None
    ) -> None:
        self.name = f"duckdb {version('duckdb')}"
        self._scratch = scratch
        self._memory_mb = memory_mb or max(256, load_settings().worker_memory_mb // 3)
        self._threads = threads

    def open(self, source: TableSource) -> DuckDBTable:
        """Return the table at ``source``.

        Raises:
            DataError: there is no readable table.
        """
        files = files_of(source)
        with translated(files.where):
            connection = self._connect(_reached(files))
            opened = readers.open_files(connection, files)
        return table_of(connection, opened, files.where)

    def over_arrow(self, data: Any, where: str) -> DuckDBTable:
        """Return the table that an Arrow table in memory is; nothing is copied.

        Raises:
            DataError: two of its columns have the same name.
        """
        with translated(where):
            connection = self._connect(())
            opened = readers.open_arrow(connection, data, where)
        return table_of(connection, opened, where)

    def _connect(self, paths: tuple[Path, ...]) -> Any:
        """Return a connection that can reach ``paths`` and its scratch folder only."""
        scratch = self._scratch or Path(tempfile.mkdtemp(prefix="conformity-"))
        connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "allow_persistent_secrets": "false",
                "preserve_insertion_order": "false",
                "temp_directory": str(scratch),
                # A small file may unpack to anything; what is spilled must leave room for others.
                "max_temp_directory_size": f"{load_settings().spill_mb}MiB",
                "memory_limit": f"{self._memory_mb}MiB",
            }
        )
        if self._scratch is None:
            weakref.finalize(connection, shutil.rmtree, scratch, ignore_errors=True)
        if self._threads:
            connection.execute(f"SET threads = {int(self._threads)}")
        # A path is compared as it is written: as such, and as the reader gives it.
        reachable = [text for path in paths for text in (str(path), readers.literal(path))]
        # DuckDB takes these before external access is off, and holds them fixed from then on.
        connection.execute("SET allowed_paths = ?", [reachable])
        connection.execute("SET allowed_directories = ?", [[str(scratch)]])
        connection.execute("SET enable_external_access = false")
        # How large an array of counts may be is chosen for each query; nothing else can be changed.
        connection.execute("SET allowed_configs = ['perfect_ht_threshold']")
        connection.execute("SET lock_configuration = true")
        return connection


def table_of(connection: Any, opened: readers.Opened, where: str) -> DuckDBTable:
    """Return the table of an opened relation, its columns renamed to ``c0``, ``c1``, ..."""
    relation = opened.relation
    safe = [f"c{number}" for number in range(len(opened.names))]
    if relation.columns != safe:
        relation = relation.select(
            ", ".join(
                f"{identifier(name)} AS {new}" for name, new in zip(relation.columns, safe, strict=True)
            )
        )

    return DuckDBTable(_named(relation, opened.names, where, connection), opened, connection)


def _named(relation: Any, names: tuple[str, ...], where: str, connection: Any) -> NamedFrame:
    """Return the frame of a relation whose columns are called ``c0``, ``c1``, ..."""

    def project(positions: Sequence[int]) -> nw.LazyFrame[Any]:
        """Return some columns, named in one text, which DuckDB takes in linear time."""
        narrowed: nw.LazyFrame[Any] = nw.from_native(
            relation.select(", ".join(f"c{position}" for position in positions))
        )
        return narrowed

    return NamedFrame(
        frame=nw.from_native(relation),
        names=names,
        where=where,
        project=project,
        taken=connection.from_arrow,
    )


def _staged(table: NamedFrame, connection: Any) -> NamedFrame:
    """Read a table's rows into DuckDB's own format, once, and return the frame over them."""
    relation = nw.to_native(table.frame)
    relation.create(_STAGED)
    return _named(connection.table(_STAGED), table.names, table.where, connection)


def _reached(files: Files) -> tuple[Path, ...]:
    """Return the paths that DuckDB opens: the files, and for its own also the log that may lie beside."""
    if files.format == "duckdb":
        return (*files.paths, *(path.with_name(path.name + ".wal") for path in files.paths))
    return files.paths if files.format != "sqlite" else ()

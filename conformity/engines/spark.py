"""The distributed engine: Spark reads the files, Narwhals says what is counted.

The tallies are those of :mod:`conformity.engines.duckdb`, entry by entry, since both engines run the same
expressions over the same cells: see :mod:`conformity.engines.spark_files` for how that is so.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import narwhals as nw

from conformity.engines.columns import NamedFrame
from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.headers import refuse_duplicates
from conformity.engines.interface import ColumnInfo, TableSource
from conformity.engines.spark_errors import translated
from conformity.engines.spark_files import check_rows, frame_of, prepare, safe_frame
from conformity.engines.spark_session import local_session, own_session, quiet, remote_session
from conformity.engines.tallies import compute
from conformity.model.tally import CellCounts, Tally, TallySpec
from conformity.settings import load_settings


class SparkTable:
    """A table opened by Spark; it reads its files whenever tallies are asked for."""

    def __init__(
        self, table: NamedFrame, columns: tuple[ColumnInfo, ...], rows: int | None, engine: SparkEngine
    ) -> None:
        self.named = table
        """The columns and their names."""
        self._columns = columns
        self._rows = rows
        # What the engine has staged must outlive the frame made from it.
        self._keep = engine

    def columns(self) -> tuple[ColumnInfo, ...]:
        """Return the columns in the file's order; for text files the kind is that of the first rows."""
        return self._columns

    def tally(self, specs: Sequence[TallySpec]) -> tuple[Tally, ...]:
        """Return one tally for each spec, in order; :mod:`conformity.engines.tallies` counts the scans.

        The first time, the rows that Spark reads are held against those that the files have.

        Raises:
            DataError: a column is missing, a cell is not what a key needs, the file is damaged, not all of
                its rows were read, or Spark cannot count what is asked.
        """
        with translated(self.named.where), quiet():
            if self._rows is None or not specs:
                return compute(self.named, specs)
            *found, rows = compute(self.named, [*specs, CellCounts(keys=())])
        check_rows(self.named.where, self._rows, int(rows.entries[0][0]))
        self._rows = None
        return tuple(found)


class SparkEngine:
    """Opens files with Spark, once each.

    Args:
        scratch: a folder for tables that Spark cannot read itself; a private temporary one by default.
        memory_mb: the address space that Spark's Java process may use, in MiB; what a worker may use by
            default.
        threads: how many threads count on this machine; as many as it has by default.
        remote: the address of a Spark Connect server; Spark runs on this machine when not given.
        session: a session that exists, to be used instead; it is neither changed nor stopped.
    """

    def __init__(
        self,
        scratch: Path | None = None,
        memory_mb: int | None = None,
        threads: int | None = None,
        remote: str | None = None,
        session: Any = None,
    ) -> None:
        self.name = f"spark {_version()}"
        self._scratch = scratch or Path(tempfile.mkdtemp(prefix="conformity-"))
        if scratch is None:
            weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        self._memory_mb = memory_mb or load_settings().worker_memory_mb
        self._threads = threads or os.cpu_count() or 1
        self._remote = remote
        self._given = session
        self._session: Any = None
        self._opened: dict[TableSource, SparkTable] = {}

    def open(self, source: TableSource) -> SparkTable:
        """Return the table at ``source``.

        Raises:
            DataError: there is no readable table, or Spark cannot be given it.
            MissingLibraryError: pyspark or Java is not installed.
        """
        if source not in self._opened:
            embedded = DuckDBEngine(scratch=self._scratch, threads=self._threads)
            files = prepare(source, embedded, self._scratch, remote=self._remote is not None)
            with translated(files.where):
                frame = frame_of(self.session(), files)
            self._opened[source] = self._table(frame, files.columns, files.where, files.rows)
        return self._opened[source]

    def over(self, frame: Any, where: str = "the data frame") -> SparkTable:
        """Return the table that a Spark data frame is; nothing is read.

        Raises:
            DataError: two of its columns have the same name.
        """
        refuse_duplicates(where, frame.columns)
        columns = tuple(ColumnInfo(name=field.name, kind=_kind(field.dataType)) for field in frame.schema)
        return self._table(safe_frame(frame), columns, where, None)

    def session(self) -> Any:
        """Return the session, started when first asked for.

        Raises:
            DataError: Spark does not start or answer.
            MissingLibraryError: pyspark or Java is not installed.
        """
        if self._session is None:
            if self._given is not None:
                self._session = own_session(self._given)
            elif self._remote is not None:
                self._session = remote_session(self._remote)
            else:
                self._session = local_session(self._memory_mb, self._threads)
        return self._session

    def _table(self, frame: Any, columns: tuple[ColumnInfo, ...], where: str, rows: int | None) -> SparkTable:
        """Return the table over a Spark data frame with columns ``c0``, ``c1``, ..."""

        def project(positions: Sequence[int]) -> nw.LazyFrame[Any]:
            """Return some columns."""
            narrowed: nw.LazyFrame[Any] = nw.from_native(frame.select(*(f"c{n}" for n in positions)))
            return narrowed

        names = tuple(column.name for column in columns)
        named = NamedFrame(frame=nw.from_native(frame), names=names, where=where, project=project)
        return SparkTable(named, columns, rows, self)

    def stop(self) -> None:
        """Stop the Spark that this engine has started on this machine; its tables can no longer be used."""
        if self._session is not None and self._given is None:
            self._session.stop()
        self._session = None
        self._opened.clear()


def _kind(dtype: Any) -> str:
    """Return the kind of a Spark type."""
    name = dtype.typeName()
    kinds = {
        "boolean": ("boolean",),
        "integer": ("byte", "short", "integer", "long"),
        "number": ("float", "double", "decimal"),
        "date": ("date", "timestamp", "timestamp_ntz"),
        "text": ("string", "varchar", "char"),
    }
    return next((kind for kind, names in kinds.items() if name.split("(")[0] in names), "other")


def _version() -> str:
    """Return the version of pyspark; a word when it is not installed, which opening a table will say."""
    try:
        return version("pyspark")
    except PackageNotFoundError:
        return "(not installed)"

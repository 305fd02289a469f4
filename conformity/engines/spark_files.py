"""From files to a Spark data frame whose cells are those that the embedded engine reads.

Parquet is read by Spark itself, wherever it runs. Text files and Arrow are read by DuckDB, whose rows are
counted a second time, and handed to Spark as Parquet in the scratch folder: Spark's own readers of
delimited text and JSON take other rows for whole, other cells for null, and write numbers anew, so that
counts would differ without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw

from conformity.engines.duckdb import DuckDBEngine, DuckDBTable
from conformity.engines.interface import ColumnInfo, TableSource
from conformity.engines.sources import Files, files_of
from conformity.engines.translate import translated
from conformity.errors import DataError
from conformity.model.tally import CellCounts

_PART_SIZE = "256MB"
"""How large a file of staged rows grows; Spark reads several at a time."""


@dataclass(frozen=True)
class SparkFiles:
    """Parquet files for Spark, and what is known of them without Spark."""

    paths: tuple[Path, ...]
    """The files."""
    where: str
    """What to call the table in messages."""
    columns: tuple[ColumnInfo, ...]
    """The columns as handed in, in order."""
    rows: int
    """How many rows there are."""
    partitions: tuple[str, ...] = ()
    """Columns that are in the names of folders, after those of the files."""


def prepare(source: TableSource, embedded: DuckDBEngine, scratch: Path, *, remote: bool) -> SparkFiles:
    """Return the Parquet files that hold the table at ``source``.

    Args:
        source: where the table is.
        embedded: opens the files, to check their heads and to read those that are no Parquet.
        scratch: a folder for rows of files that are no Parquet.
        remote: whether Spark runs elsewhere, where it cannot read ``scratch``.

    Raises:
        DataError: there is no readable table, or Spark cannot be given it.
    """
    files = files_of(source)
    table = embedded.open(source)
    with translated(files.where):
        if files.format == "parquet":
            rows = _rows(files.paths)
            return SparkFiles(files.paths, files.where, table.columns(), rows, files.partitions)
    if remote:
        raise DataError(
            f"{files.where} is no Parquet, and a Spark elsewhere cannot read what is prepared on this "
            "machine; hand in Parquet where both can read it, or leave CONFORMITY_SPARK_REMOTE unset"
        )
    return _stage(files, table, scratch)


def _stage(files: Files, table: DuckDBTable, scratch: Path) -> SparkFiles:
    """Return the rows of a text or Arrow file, counted and written as Parquet."""
    (rows,) = table.tally([CellCounts(keys=())])
    folder = scratch / f"table-{sum(1 for _ in scratch.glob('table-*'))}"
    with translated(files.where):
        relation = nw.to_native(table.named.frame)
        relation.write_parquet(str(folder), file_size_bytes=_PART_SIZE)
        paths = tuple(sorted(folder.glob("*.parquet")))
        staged = SparkFiles(paths, files.where, table.columns(), _rows(paths))
    check_rows(files.where, int(rows.entries[0][0]), staged.rows)
    return staged


def check_rows(where: str, there: int, read: int) -> None:
    """Check that all rows that are there were read.

    Raises:
        DataError: they were not.
    """
    if there != read:
        raise DataError(
            f"{where} has {there:,} rows, but Spark reads {read:,} of them; check that the files are whole, "
            "or use --engine duckdb"
        )


def frame_of(session: Any, files: SparkFiles) -> Any:
    """Return the Spark data frame over the files, its columns called ``c0``, ``c1``, ..."""
    reader = session.read.option("__globPaths__", "false")
    if files.partitions:
        reader = reader.option("basePath", str(_above(files.paths[0], len(files.partitions))))
    frame = reader.parquet(*(str(path) for path in files.paths))
    return safe_frame(frame, _fitting(files.paths, files.partitions))


def safe_frame(frame: Any, fitted: Sequence[Any] | None = None) -> Any:
    """Return a Spark data frame with its columns called ``c0``, ``c1``, ..."""
    chosen = frame if fitted is None else frame.select(*fitted)
    return chosen.toDF(*(f"c{number}" for number in range(len(chosen.columns))))


def _above(path: Path, partitions: int) -> Path:
    """Return the folder above the last ``partitions`` folders that stand for columns."""
    named = [folder for folder in path.parents if "=" in folder.name]
    return named[partitions - 1].parent


def _fitting(paths: Sequence[Path], partitions: Sequence[str]) -> list[Any]:
    """Return the columns in the order of the first file, each of a type that every engine has.

    Whole numbers without sign, which Spark reads as decimals, become whole numbers where they all fit and
    else text, which reads the same in every tally; times in nanoseconds, which it reads as whole numbers,
    become times again.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet
    from pyspark.sql import functions

    fitted = []
    schema = parquet.read_schema(paths[0])
    # By name, since other files may have the columns in another order.
    for name, dtype in zip(schema.names, schema.types, strict=True):
        column = functions.col(_quoted(name))
        if pa.types.is_uint64(dtype):
            column = column.cast("long" if all(_fits_long(file, name) for file in paths) else "string")
        elif pa.types.is_timestamp(dtype) and dtype.unit == "ns":
            column = _from_nanoseconds(functions, column, zoned=dtype.tz is not None)
        fitted.append(column)
    return fitted + [functions.col(_quoted(name)) for name in partitions]


def _fits_long(path: Path, name: str) -> bool:
    """Return whether a file says of a column of unsigned numbers that all are below 2^63."""
    import pyarrow.parquet as parquet

    metadata = parquet.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            part = metadata.row_group(group).column(number)
            if part.path_in_schema == name:
                known = part.statistics
                if known is None or not known.has_min_max or known.max >= 2**63:
                    return False
    return True


def _quoted(name: str) -> str:
    """Return a column's name as Spark takes it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def _from_nanoseconds(functions: Any, column: Any, *, zoned: bool) -> Any:
    """Return the time that a number of nanoseconds means; it fails where microseconds do not suffice."""
    whole = column.isNull() | (column % 1000 == 0)
    micros = functions.when(whole, column.cast("decimal(20, 0)") / 1000).otherwise(
        functions.raise_error(functions.lit("finer than microseconds"))
    )
    moment = functions.timestamp_micros(micros.cast("long"))
    return moment if zoned else moment.cast("timestamp_ntz")


def _rows(paths: Sequence[Path]) -> int:
    """Return how many rows the files say they have."""
    import pyarrow.parquet as parquet

    return sum(parquet.read_metadata(path).num_rows for path in paths)

"""One reader for each file format: files in, a DuckDB relation and the columns' names out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from conformity.engines.databases import attach_duckdb, identifier, stage_sqlite
from conformity.engines.headers import Head, read_head, refuse_duplicates
from conformity.engines.kinds import arrow_kind, duckdb_kind
from conformity.engines.records import check_delimited, check_json_lines
from conformity.engines.sources import Files
from conformity.engines.texts import LONGEST_LINE
from conformity.errors import DataError

BUFFER = 16 * LONGEST_LINE
"""How many bytes of delimited text DuckDB holds at a time, as it does by itself."""


@dataclass(frozen=True)
class Opened:
    """A relation over a table's files."""

    relation: Any
    """The DuckDB relation; nothing has been read beyond headers."""
    names: tuple[str, ...]
    """The columns' names as the file has them, unique."""
    kinds: tuple[str, ...]
    """The columns' kinds."""
    source: Any = None
    """What the relation reads from and must be kept alive."""
    check: Callable[[int], None] | None = None
    """Raises DataError if the number of rows read is not that in the files; None where a file states it."""


def open_files(connection: Any, files: Files) -> Opened:
    """Return the relation over ``files``.

    Raises:
        DataError: the files are not what their format says, or differ in their columns.
    """
    readers: dict[str, Callable[[Any, Files], Opened]] = {
        "csv": _open_delimited,
        "tsv": _open_delimited,
        "jsonl": _open_jsonl,
        "parquet": _open_parquet,
        "arrow": _open_ipc,
        "duckdb": _open_duckdb,
        "sqlite": _open_sqlite,
    }
    opened = readers[files.format](connection, files)
    refuse_duplicates(files.where, opened.names)
    return opened


def literal(path: Path) -> str:
    """Return a path for DuckDB, which would take brackets and stars in it for a pattern."""
    text = str(path)
    for character in "[*?":
        text = text.replace(character, f"\0{character}\1")
    return text.replace("\0", "[").replace("\1", "]")


def _paths(files: Files) -> list[str]:
    """Return the files' paths for DuckDB."""
    return [literal(path) for path in files.paths]


def _open_delimited(connection: Any, files: Files) -> Opened:
    """Return delimited text, every cell as text."""
    head = _common_head(files, "\t" if files.format == "tsv" else None)
    relation = connection.read_csv(
        _paths(files),
        auto_detect=False,
        header=True,
        # Several threads would start in the midst of the file, and take a line within quotes for a row.
        parallel=False,
        max_line_size=LONGEST_LINE,
        buffer_size=BUFFER,
        delimiter=head.delimiter,
        quotechar='"',
        escapechar='"',
        columns={f"c{number}": "VARCHAR" for number in range(len(head.names))},
    )
    check = partial(check_delimited, files.paths, head, files.where)
    return Opened(relation, head.names, head.kinds, check=check)


def _common_head(files: Files, delimiter: str | None) -> Head:
    """Return the head that all files share.

    Raises:
        DataError: a file has other columns than the first.
    """
    first = read_head(files.paths[0], delimiter)
    for path in files.paths[1:]:
        other = read_head(path, delimiter)
        if (other.names, other.delimiter) != (first.names, first.delimiter):
            raise _differs(path, files.paths[0])
    return first


def _differs(path: Path, first: Path) -> DataError:
    """Return the error for a file whose columns are not those of the first."""
    return DataError(
        f"{path.name} has other columns than {first.name}; a table's files must have the same columns"
    )


def _open_jsonl(connection: Any, files: Files) -> Opened:
    """Return JSON Lines, every value as text; numbers and strings of one key may be mixed."""
    # The first pass reads everything, since a key may occur in the last line only.
    found = connection.read_json(_paths(files), format="newline_delimited", records="true", sample_size=-1)
    names = tuple(str(name) for name in found.columns)
    kinds = tuple(duckdb_kind(str(dtype)) for dtype in found.types)
    relation = connection.read_json(
        _paths(files),
        format="newline_delimited",
        records="true",
        columns=dict.fromkeys(names, "VARCHAR"),
    )
    return Opened(relation, names, kinds, check=partial(check_json_lines, files.paths, files.where))


def _open_parquet(connection: Any, files: Files) -> Opened:
    """Return Parquet files with the same columns."""
    import pyarrow.parquet as parquet

    names, kinds = _arrow_columns(parquet.read_schema(files.paths[0]))
    for path in files.paths[1:]:
        if set(_arrow_columns(parquet.read_schema(path))[0]) != set(names):
            raise _differs(path, files.paths[0])
    names, kinds = (*names, *files.partitions), (*kinds, *("text" for _ in files.partitions))
    refuse_duplicates(files.where, names)
    if not files.partitions:
        relation = connection.read_parquet(
            _paths(files), hive_partitioning=False, union_by_name=len(files.paths) > 1
        )
        return Opened(relation, names, kinds)
    return Opened(_partitioned(connection, files, len(names)), names, kinds)


def _partitioned(connection: Any, files: Files, width: int) -> Any:
    """Return the relation over Parquet files with the columns that their folders stand for, as text.

    Folders above the table may look like columns too; those are left out.
    """
    found = connection.sql(
        "FROM read_parquet(?, hive_partitioning = true, hive_types_autocast = false, union_by_name = true)",
        params=[_paths(files)],
    )
    # DuckDB renames columns that differ in case only, so those of the files are taken by their places.
    own = found.columns[: width - len(files.partitions)]
    return found.select(", ".join(identifier(name) for name in (*own, *files.partitions)))


def _open_duckdb(connection: Any, files: Files) -> Opened:
    """Return a table of a DuckDB file."""
    relation = attach_duckdb(connection, files)
    kinds = tuple(duckdb_kind(str(dtype)) for dtype in relation.types)
    return Opened(relation, tuple(str(name) for name in relation.columns), kinds)


def _open_sqlite(connection: Any, files: Files) -> Opened:
    """Return a table of a SQLite file, every value as text."""
    ((scratch,),) = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    path, names, kinds = stage_sqlite(files, Path(scratch))
    return Opened(connection.read_parquet([literal(path)]), names, kinds)


def _open_ipc(connection: Any, files: Files) -> Opened:
    """Return Arrow IPC files, read in batches."""
    import pyarrow.dataset as dataset

    return open_arrow(
        connection, dataset.dataset([str(path) for path in files.paths], format="ipc"), files.where
    )


def open_arrow(connection: Any, data: Any, where: str) -> Opened:
    """Return an Arrow table or data set.

    Raises:
        DataError: two of its columns have the same name.
    """
    names, kinds = _arrow_columns(data.schema)
    refuse_duplicates(where, names)
    return Opened(connection.from_arrow(data), names, kinds, source=data)


def _arrow_columns(schema: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names and kinds of the columns of an Arrow schema."""
    return tuple(str(name) for name in schema.names), tuple(arrow_kind(dtype) for dtype in schema.types)

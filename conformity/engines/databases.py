"""Open a table of a DuckDB or SQLite file: read-only, nothing else in reach, no extension loaded.

DuckDB attaches its own files. SQLite's are read by Python's library, every cell as text, and written once
to the scratch folder as Parquet: DuckDB's reader of SQLite is an extension that would have to be fetched.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformity.engines.headers import kind_of, refuse_duplicates
from conformity.engines.sources import Files
from conformity.engines.values import text_of
from conformity.errors import AbsentError, DataError
from conformity.model.tally import MISSING

_BATCH = 20_000
_SAMPLED_ROWS = 200
_TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'source' AND NOT internal"
)
_VIEWS = "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'source' AND NOT internal"
_COMPUTED = """
    SELECT column_name FROM duckdb_columns()
    WHERE database_name = 'source' AND schema_name = ? AND table_name = ? AND is_generated
"""


def attach_duckdb(connection: Any, files: Files) -> Any:
    """Return the relation over a table of a DuckDB file, attached read-only.

    Only what is stored in the file is read: a view, or a column that is computed when it is read, may ask the
    engine for its own settings, which are no data, or for other files.

    Args:
        connection: may open the file and the log beside it.
        files: one file, and the name of the table, as ``name`` or ``schema.name``.

    Raises:
        DataError: there is no such table, it is a view or has computed columns, or the file was not closed.
    """
    path = _only(files)
    _refuse_log(path, ".wal")
    literal = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{literal}' AS source (READ_ONLY)")
    found, views = (
        sorted((str(schema), str(name)) for schema, name in connection.execute(query).fetchall())
        for query in (_TABLES, _VIEWS)
    )
    _refuse_views(files, found, views)
    schema, name = chosen_table(files, found, "main")
    if computed := connection.execute(_COMPUTED, [schema, name]).fetchall():
        raise DataError(
            f"column {computed[0][0]!r} of {name!r} in {files.where} is computed when it is read; store its "
            "values in a table, with CREATE TABLE ... AS"
        )
    return connection.sql(f"FROM source.{identifier(schema)}.{identifier(name)}")


def stage_sqlite(files: Files, scratch: Path) -> tuple[Path, tuple[str, ...], tuple[str, ...]]:
    """Return a Parquet file with the rows of a SQLite table or view, and its columns' names and kinds.

    Args:
        files: one file, and the name of the table.
        scratch: the folder that the Parquet file is written to.

    Raises:
        DataError: there is no such table, or the file is damaged or was not closed.
    """
    path = _only(files)
    for ending in ("-wal", "-journal"):
        _refuse_log(path, ending)
    with _sqlite(path) as database:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        known = sorted(("main", str(row[0])) for row in database.execute(query))
        _, name = chosen_table(files, known, "main")
        rows = database.execute(f"SELECT * FROM {identifier(name)}")  # noqa: S608 - quoted as an identifier
        names = tuple(str(column[0]) for column in rows.description)
        refuse_duplicates(files.where, names)
        return _write(rows, names, scratch)


def _write(
    rows: sqlite3.Cursor, names: tuple[str, ...], scratch: Path
) -> tuple[Path, tuple[str, ...], tuple[str, ...]]:
    """Write rows batch by batch, and return where, their names, and the kinds of the first ones."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    kinds: tuple[str, ...] = ("text",) * len(names)
    safe = [f"c{number}" for number in range(len(names))]
    schema = pa.schema([(name, pa.string()) for name in safe])
    with tempfile.NamedTemporaryFile(dir=scratch, suffix=".parquet", delete=False) as file:
        path = Path(file.name)
    with parquet.ParquetWriter(path, schema) as writer:
        first = True
        while batch := rows.fetchmany(_BATCH):
            columns = [[_cell(value) for value in column] for column in zip(*batch, strict=True)]
            if first:
                kinds = tuple(_kind(column[:_SAMPLED_ROWS]) for column in columns)
                first = False
            writer.write_table(pa.table(columns, schema=schema))
    return path, names, kinds


def _cell(value: object) -> str | None:
    """Return a SQLite value as text, as it would stand in delimited text."""
    return value if value is None or isinstance(value, str) else text_of(value)


def _kind(cells: Sequence[str | None]) -> str:
    """Return the kind of a column's first cells."""
    return kind_of([text for cell in cells if (text := text_of(cell)) != MISSING])


@contextmanager
def _sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that cannot write, and trusts nothing that the file brings along.

    Raises:
        DataError: the file is no SQLite database, is damaged, or holds text that is not UTF-8.
    """
    try:
        address = f"file:{quote(str(path))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except sqlite3.Error as error:
        if "utf-8" in str(error).lower():
            raise DataError(
                f"{path.name} has text that is not UTF-8; save it with the encoding UTF-8"
            ) from error
        raise DataError(
            f"{path.name} cannot be read as a SQLite database; check that it is whole and not encrypted"
        ) from error


def _refuse_views(files: Files, tables: Sequence[tuple[str, str]], views: Sequence[tuple[str, str]]) -> None:
    """Raise DataError when what is asked for is a view, or there is nothing else."""
    if _meant(files, tables) or not (wanted := _meant(files, views)):
        return
    raise DataError(
        f"{wanted[0][1]!r} in {files.where} is a view, which may show other things than the file holds; "
        "store its rows in a table, with CREATE TABLE ... AS"
    )


def _meant(files: Files, found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return schema and name of those that are asked for; all where no name is given."""
    return [(schema, name) for schema, name in found if files.table in (None, name, f"{schema}.{name}")]


def _only(files: Files) -> Path:
    """Return the one database file."""
    if len(files.paths) > 1:
        raise DataError(f"{files.where} names {len(files.paths)} database files; name one of them")
    return files.paths[0]


def _refuse_log(path: Path, ending: str) -> None:
    """Raise DataError when changes wait beside a database, which its own bytes do not hold."""
    log = path.with_name(path.name + ending)
    if log.exists() and log.stat().st_size:
        raise DataError(
            f"{path.name} has changes that are not in it yet ({log.name}); close it in the program that "
            "writes it, and run again"
        )


def chosen_table(files: Files, found: Sequence[tuple[str, str]], usual: str) -> tuple[str, str]:
    """Return schema and name of the table that is asked for, or of the only one.

    Raises:
        AbsentError: there is none.
        DataError: more than one is meant.
    """
    wanted, meant = files.table, _meant(files, found)
    if len(meant) == 1:
        return meant[0]
    if not found:
        raise AbsentError(f"{files.where} holds no table; hand in a database that does")
    listed = [name if schema == usual else f"{schema}.{name}" for schema, name in meant or found]
    some = ", ".join(repr(name) for name in listed[:10]) + (" and others" if len(listed) > 10 else "")
    if not meant:
        raise AbsentError(f"{files.where} has no table {wanted!r}; it has {some}")
    raise DataError(f"{files.where} has several tables; name one in `table`: {some}")


def identifier(name: str) -> str:
    """Return a name as SQL has it: quoted, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'

"""Copy a table or view of a PostgreSQL database into a Parquet file, in batches, reading only.

Numbers of a fixed type and truth values keep their type. Everything else is copied as the text that
PostgreSQL writes for it (dates and times as ISO 8601, in UTC), as it would stand in a CSV file: Arrow's
types cannot hold an infinite date, and numbers of any length would lose digits.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformity.engines.databases import chosen_table, identifier
from conformity.engines.remote import Address, Bound
from conformity.engines.remote_objects import disk_full, too_large
from conformity.engines.sources import Files
from conformity.errors import DataError, MissingLibraryError

NO_DRIVER = "the driver of PostgreSQL is not installed; run: pip install 'conformity-report[remote]'"
"""What is said when the driver is missing."""

_CONNECT_S = 10
_EXACT_DIGITS = 15
"""How many decimal digits a floating-point number of 64 bits always keeps."""
_NO_PERMISSION = "42501"
_LONGEST_NAME = 63

_SETTINGS = (
    # One state of the database for all queries, and no way to change it.
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL client_encoding = 'UTF8'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL TimeZone = 'UTC'",
    # Rather fail than copy only the rows that a policy shows to this user.
    "SET LOCAL row_security = off",
    # The same rows give the same bytes, so that an unchanged table keeps its digest.
    "SET LOCAL synchronize_seqscans = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)

_TABLES = """
    SELECT n.nspname::pg_catalog.text, c.relname::pg_catalog.text
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""
_COLUMNS = """
    SELECT a.attname::pg_catalog.text, b.typname::pg_catalog.text,
        CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""


def copy_rows(address: Address, folder: Path, most_bytes: int, bound: Bound = "REMOTE_MAX_MB") -> Path:
    """Copy a table or view, and return the Parquet file.

    Args:
        address: where it is.
        folder: an empty folder.
        most_bytes: how large the file may be.
        bound: the setting that says so.

    Raises:
        DataError: the server, the database or the table cannot be reached or read, or it is too large.
        MissingLibraryError: the driver is not installed.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError as error:
        raise MissingLibraryError(NO_DRIVER) from error
    with _connection(dbapi, address) as connection, _told(dbapi, address):
        with closing(connection.cursor()) as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
            schema, table = _table(cursor, address)
            cursor.execute(_COLUMNS, (schema, table))
            query = _query(schema, table, cursor.fetchall(), address)
        with closing(connection.cursor()) as cursor:
            cursor.execute(query)
            path = folder / f"{re.sub(r'[^A-Za-z0-9_-]', '_', table)[:_LONGEST_NAME]}.parquet"
            _write(cursor.fetch_record_batch(), path, address, most_bytes, bound)
        return path


@contextmanager
def _connection(dbapi: Any, address: Address) -> Iterator[Any]:
    """Yield a connection as the user whom the environment names.

    Raises:
        DataError: the server cannot be reached, or does not let the user in.
    """
    _reach(address)
    where = f"{address.place}/{quote(address.path, safe='')}?connect_timeout={_CONNECT_S}"
    try:
        connection = dbapi.connect(where)
    except dbapi.Error as error:
        raise _not_let_in(str(error), address) from error
    with closing(connection):
        yield connection


def _reach(address: Address) -> None:
    """Check that something listens where the server should be.

    Raises:
        DataError: nothing does.
    """
    try:
        socket.create_connection((address.host.strip("[]"), address.port or 0), _CONNECT_S).close()
    except OSError as error:
        raise DataError(
            f"the server {address.place} cannot be reached; check its address, that it runs, and the network"
        ) from error


def _not_let_in(text: str, address: Address) -> DataError:
    """Return the sentence for a server that refuses a connection; its own may be in any language."""
    if re.search(r'database ".*" does not exist', text):
        return DataError(f"the server {address.place} has no database {address.path!r}; correct the address")
    return DataError(
        f"the server {address.place} does not let this user into the database {address.path!r}; check "
        "PGUSER and PGPASSWORD or ~/.pgpass, and PGSSLMODE if it asks for encryption"
    )


def _table(cursor: Any, address: Address) -> tuple[str, str]:
    """Return schema and name of the table that is meant, as the database has them."""
    cursor.execute(_TABLES)
    found = sorted((str(schema), str(name)) for schema, name in cursor.fetchall())
    return chosen_table(Files((), "postgresql", address.name, table=address.table), found, "public")


def _query(schema: str, table: str, columns: list[tuple[Any, ...]], address: Address) -> str:
    """Return the query for all rows of a table.

    Args:
        schema: the table's schema.
        table: its name.
        columns: name, type and type modifier of each column.
        address: where it is, for messages.
    """
    if not columns:
        raise DataError(f"{schema}.{table} at {address.name} has no columns; name another table")
    wanted = ", ".join(
        f"{_value(identifier(name), kind, int(modifier))} AS {identifier(name)}"
        for name, kind, modifier in columns
    )
    return f"SELECT {wanted} FROM {identifier(schema)}.{identifier(table)}"  # noqa: S608 - all quoted


def _value(column: str, kind: str, modifier: int) -> str:
    """Return the expression that a column is copied as."""
    if kind in ("bool", "int2", "int4", "int8", "float8"):
        return f"{column}::pg_catalog.{kind}"
    if kind == "float4":
        # By way of text: 0.1 stays 0.1, where a conversion would give 0.10000000149.
        return f"{column}::pg_catalog.text::pg_catalog.float8"
    if kind == "numeric":
        # The modifier holds the precision in its upper half; it is -1 for numbers of any length.
        if modifier >= 0 and (modifier - 4) >> 16 <= _EXACT_DIGITS:
            return f"{column}::pg_catalog.float8"
        known = f"NULLIF({column}, 'NaN'::pg_catalog.numeric)"
        return f"pg_catalog.trim_scale({known})::pg_catalog.text"
    return f"{column}::pg_catalog.text"


def _write(reader: Any, path: Path, address: Address, most_bytes: int, bound: Bound) -> None:
    """Write batches to a Parquet file as they come.

    Raises:
        DataError: they are more than the file may hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    schema = pa.schema([(field.name, field.type) for field in reader.schema])
    with path.open("xb") as file, parquet.ParquetWriter(file, schema) as writer:
        for batch in reader:
            writer.write_batch(pa.record_batch(batch.columns, schema=schema))
            if file.tell() > most_bytes:
                raise too_large(address, most_bytes, bound)


@contextmanager
def _told(dbapi: Any, address: Address) -> Iterator[None]:
    """Turn what the library raises into one sentence; the server's own may quote the data.

    Raises:
        DataError: in place of any error of the library or the disk.
    """
    import pyarrow as pa

    try:
        yield
    except dbapi.Error as error:
        raise _failed(str(error.sqlstate or ""), address) from error
    except MemoryError:
        # One of Arrow's own errors too, but no fault of the server.
        raise
    except (OSError, pa.ArrowException) as error:
        full = disk_full(error, address) if isinstance(error, OSError) else None
        # What breaks off in the midst of the rows comes without a state.
        raise full or _failed("", address) from error


def _failed(state: str, address: Address) -> DataError:
    """Return the sentence for a query that failed, going by the SQLSTATE of the server."""
    what = f"{address.name}#{address.table}" if address.table else address.name
    if state == _NO_PERMISSION:
        return DataError(
            f"{what} may not be read whole by this user; ask for SELECT on all of its columns, without a "
            "policy that hides rows"
        )
    how = f" with SQLSTATE {state}" if state else ""
    return DataError(f"{what} cannot be copied: the server broke off{how}; its log says why")

"""The database of runs: a file in the data folder, or PostgreSQL; its errors in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conformity.entry.jobs.tables import ABOUT, EDITION, METADATA
from conformity.errors import BusyError, ConformityError, IntegrityError

FILE = "runs.sqlite"
"""The file in the data folder."""

_WAIT_MS = 30_000
_LOCK = 7_260_744_201
"""The advisory lock that writers of whole decisions take in PostgreSQL; SQLite lets one write at a time."""
_BROKEN = ("not a database", "malformed")
_FULL = ("disk is full", "no space left", "disk i/o error")


def address_of(url: str | None, data: Path) -> str:
    """Return the address of the database, as DBOS wants it.

    Args:
        url: of a PostgreSQL database; None for a file.
        data: the folder of runs.
    """
    if url is None:
        return f"sqlite:///{data / FILE}"
    return url.replace("postgres://", "postgresql://", 1)


class Database:
    """Connections to the database of runs, from any thread.

    Args:
        address: what :func:`address_of` gave.
    """

    def __init__(self, address: str) -> None:
        self._where = "the database of runs (CONFORMITY_DATABASE_URL)"
        if address.startswith("sqlite:"):
            self._where = address.removeprefix("sqlite:///")
            self._engine = sa.create_engine(address)
            sa.event.listen(self._engine, "connect", _configure)
            sa.event.listen(self._engine, "begin", _begin)
        else:
            with_driver = address.replace("postgresql://", "postgresql+psycopg://", 1)
            how: dict[str, Any] = {"connect_timeout": 5}
            self._engine = sa.create_engine(with_driver, pool_pre_ping=True, connect_args=how)
        self._ready = False

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            BusyError: it cannot be reached now.
            IntegrityError: it is broken.
        """
        with self._told():
            self._set_up()
            with self._engine.connect().execution_options(reading=True) as connection:
                yield connection

    @contextmanager
    def write(self, *, alone: bool = False) -> Iterator[sa.Connection]:
        """Give a connection whose changes are there when the block ends, all or none.

        Args:
            alone: whether nobody else may decide anything meanwhile.

        Raises:
            BusyError: it cannot be reached or written now.
            IntegrityError: it is broken.
        """
        with self._told():
            self._set_up()
            with self._engine.begin() as connection:
                if alone:
                    self._alone(connection)
                yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _alone(self, connection: sa.Connection) -> None:
        """Wait until nobody else decides; the end of the transaction frees the lock."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))

    def _set_up(self) -> None:
        """Make the tables unless they are there.

        Raises:
            IntegrityError: they were made by a later version.
        """
        if self._ready:
            return
        if self._engine.dialect.name == "sqlite":
            _make_private(Path(self._where))
        with self._engine.begin() as connection:
            self._alone(connection)
            METADATA.create_all(connection)
            edition = connection.scalar(sa.select(sa.func.max(ABOUT.c.edition)))
            if edition is None:
                connection.execute(sa.insert(ABOUT).values(edition=EDITION))
            elif edition > EDITION:
                raise IntegrityError(
                    f"{self._where} was made by a later version of conformity; use that version, or another "
                    "data folder."
                )
        self._ready = True

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Put errors of the library into words."""
        try:
            yield
        except ConformityError:
            raise
        except sa.exc.SQLAlchemyError as error:
            raise _in_words(self._where, error) from error


def _make_private(file: Path) -> None:
    """Make a file for its owner alone, unless it is there: it tells who asked for what."""
    # Where that cannot be, the library says so a moment later.
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _configure(connection: Any, _record: Any) -> None:
    """Prepare a connection to a SQLite file: transactions begin when we say, and wait for one another."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_WAIT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")


def _begin(connection: sa.Connection) -> None:
    """Begin a transaction in a SQLite file; one that writes takes the lock at once, and so never fails."""
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _in_words(where: str, error: sa.exc.SQLAlchemyError) -> ConformityError:
    """Return an error of the library as one of ours; it repeats no address, which may hold a password."""
    text = str(getattr(error, "orig", None) or "").lower()
    if any(word in text for word in _BROKEN):
        return IntegrityError(
            f"{where} is not a database of runs, or broken; move it away, and the runs in it are gone."
        )
    if any(word in text for word in _FULL):
        return BusyError(f"The disk with {where} is full; free some space and ask again.")
    if "readonly" in text or "unable to open" in text:
        return BusyError(f"{where} cannot be written; make its folder writable and ask again.")
    return BusyError(f"{where[:1].upper()}{where[1:]} does not answer; ask again when it is back.")

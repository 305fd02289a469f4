"""What is still to be sent: a table in the database of runs, so that nothing is lost when the server dies.

A message is written down before its run has ended. Whoever sends takes it for a while, so that of several
servers one sends; when that one dies, another takes it after that while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

import sqlalchemy as sa

from conformity.entry.jobs.database import Database, address_of
from conformity.settings import Settings

HOLD_S: Final = 120
"""How long a message belongs to whoever took it to send it, in seconds."""

_METADATA: Final = sa.MetaData()
_TABLE: Final = sa.Table(
    "conformity_webhooks",
    _METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("run_id", sa.String(64), nullable=False),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("ordered_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Index("conformity_webhooks_due", "state", "due_at"),
)

State = Literal["pending", "sent", "given_up"]
"""What became of a message."""


@dataclass(frozen=True)
class Message:
    """Something that is to be told."""

    id: str
    """Its id, the same however often it is sent."""
    run_id: str
    """The run that it is about."""
    owner: str
    """Whose run it is."""
    url: str
    """Where it goes."""
    ordered_at: int
    """When it was ordered, in seconds since 1970."""
    due_at: int
    """When it may be sent, in the same way."""
    attempts: int = 0
    """How often it was tried."""
    state: State = "pending"
    """What became of it."""


class Ledger:
    """All messages of a server; each method may raise the errors of :class:`Database`.

    Args:
        database: the database of runs; the table is made when it is not there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ready = False

    def add(self, message: Message) -> None:
        """Write a message down; one of the same id that is there already is left as it is."""
        with self._writing() as connection:
            if self._found(connection, message.id) is None:
                connection.execute(sa.insert(_TABLE).values(**vars(message)))

    def due(self, now: int, limit: int = 1000) -> list[Message]:
        """Return the messages that may be sent now, the one that has waited longest first."""
        where = sa.and_(_TABLE.c.state == "pending", _TABLE.c.due_at <= now)
        with self._reading() as connection:
            rows = connection.execute(sa.select(_TABLE).where(where).order_by(_TABLE.c.due_at).limit(limit))
            return [Message(**row) for row in rows.mappings()]

    def get(self, name: str) -> Message | None:
        """Return the message of an id, or None."""
        with self._reading() as connection:
            return self._found(connection, name)

    def take(self, message: Message, now: int) -> Message | None:
        """Take a message to send it, and return it as it is then; None when somebody else was quicker."""
        taken = replace(message, due_at=now + HOLD_S, attempts=message.attempts + 1)
        return taken if self._change(message, taken) else None

    def settle(self, taken: Message, *, state: State, due_at: int) -> bool:
        """Note what became of a message, and return whether it was still ours to say.

        Args:
            taken: as :meth:`take` returned it.
            state: what became of it; ``pending`` to try again.
            due_at: when to try again.
        """
        return self._change(taken, replace(taken, state=state, due_at=due_at))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _found(self, connection: sa.Connection, name: str) -> Message | None:
        """Return the message of an id, or None."""
        row = connection.execute(sa.select(_TABLE).where(_TABLE.c.id == name)).mappings().first()
        return Message(**row) if row else None

    def _change(self, old: Message, new: Message) -> bool:
        """Change a pending message unless somebody took it meanwhile, and return whether that was done.

        Whoever takes a message counts an attempt, so that the count tells whose it is.
        """
        same = sa.and_(_TABLE.c.id == old.id, _TABLE.c.state == "pending", _TABLE.c.attempts == old.attempts)
        values = {"state": new.state, "due_at": new.due_at, "attempts": new.attempts}
        with self._writing() as connection:
            return int(connection.execute(sa.update(_TABLE).where(same).values(**values)).rowcount) == 1

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """Give a connection to read with; the table is there."""
        if not self._ready:
            with self._writing():
                pass
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Give a connection to write with, alone; the table is there."""
        with self._database.write(alone=True) as connection:
            if not self._ready:
                _METADATA.create_all(connection)
            yield connection
        self._ready = True


def open_ledger(settings: Settings) -> Ledger:
    """Return the messages of a server; nothing is connected to before they are written or looked for.

    Args:
        settings: name the database, or else the folder of runs.
    """
    return Ledger(Database(address_of(settings.database_url, settings.data_folder)))

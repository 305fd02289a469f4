"""What users do with runs: ask, look, cancel. The ledger alone decides what a run is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conformity.entry.jobs.database import Database
from conformity.entry.jobs.interface import ENDED, EngineState
from conformity.entry.jobs.rows import change, event_of, now, row_of, run_of, written
from conformity.entry.jobs.tables import EVENTS, RUNS, WORKERS
from conformity.errors import BusyError, ConflictError, NotFoundError
from conformity.model.run import Run, RunEvent, RunRequest

_ALIVE_S = 15.0
"""How long after its last beat a worker is still counted."""
_MOST = 1000
"""Runs or events that are read at once."""


class Ledger:
    """The runs as users see them.

    Args:
        database: where they are.
        data: the folder of runs.
    """

    def __init__(self, database: Database, data: Path) -> None:
        self._database = database
        self._data = data

    def add(self, run_id: str, owner: str, request: RunRequest, asked_at: datetime, most: int) -> Run:
        """Return the run of this name, which is added unless it is there.

        Args:
            run_id: its name.
            owner: who asks.
            request: what is asked.
            asked_at: when.
            most: how many runs may wait.

        Raises:
            ConflictError: the name is taken.
            BusyError: too many wait.
        """
        text = written(request)
        with self._database.write(alone=True) as connection:
            row = row_of(connection, run_id)
            if row is not None:
                if (row.owner, row.request) != (owner, text):
                    raise ConflictError(
                        f"The name {run_id} was given to another run; choose another, or ask for the same."
                    )
                return run_of(row, self._data)
            waiting = sa.select(sa.func.count()).where(RUNS.c.status == "queued")
            if (connection.scalar(waiting) or 0) >= most:
                raise BusyError(f"{most} runs wait already; ask again when some of them are done.")
            values: dict[str, Any] = {
                "id": run_id,
                "owner": owner,
                "request": text,
                "asked_at": asked_at.isoformat(),
                "changed_at": now(),
                "status": "queued",
                "stage": "queued",
                "queued": "no",
            }
            zeros = dict.fromkeys(("done", "total", "version", "attempts", "deaths"), 0)
            connection.execute(sa.insert(RUNS).values(**values, **zeros))
            change(connection, row_of(connection, run_id))
            return run_of(row_of(connection, run_id), self._data)

    def get(self, run_id: str, owner: str) -> Run:
        """Return a run.

        Raises:
            NotFoundError: this owner has no such run.
        """
        with self._database.read() as connection:
            return run_of(_owned(connection, run_id, owner), self._data)

    def version(self, run_id: str, owner: str) -> tuple[str, int]:
        """Return status and version of a run.

        Raises:
            NotFoundError: this owner has no such run.
        """
        with self._database.read() as connection:
            row = _owned(connection, run_id, owner)
            return row.status, row.version

    def runs(self, owner: str, limit: int, before: str | None) -> Sequence[Run]:
        """Return runs of an owner, the latest first.

        Raises:
            NotFoundError: this owner has no run called ``before``.
        """
        wanted = sa.select(RUNS).where(RUNS.c.owner == owner).order_by(RUNS.c.number.desc())
        with self._database.read() as connection:
            if before is not None:
                wanted = wanted.where(RUNS.c.number < _owned(connection, before, owner).number)
            rows = connection.execute(wanted.limit(max(0, min(limit, _MOST)))).all()
            return [run_of(row, self._data) for row in rows]

    def events(self, run_id: str, owner: str, after: int) -> Sequence[RunEvent]:
        """Return what happened to a run after an event.

        Raises:
            NotFoundError: this owner has no such run.
        """
        wanted = sa.select(EVENTS).where(EVENTS.c.run == run_id, EVENTS.c.number > after)
        with self._database.read() as connection:
            _owned(connection, run_id, owner)
            rows = connection.execute(wanted.order_by(EVENTS.c.number).limit(_MOST)).all()
            return [event_of(row) for row in rows]

    def has(self, run_id: str, owner: str) -> bool:
        """Tell whether this owner has a run of this name."""
        wanted = sa.select(RUNS.c.number).where(RUNS.c.id == run_id, RUNS.c.owner == owner)
        with self._database.read() as connection:
            return connection.scalar(wanted) is not None

    def cancel(self, run_id: str, owner: str) -> tuple[Run, bool]:
        """Return a run, cancelled unless it has ended or its result is just being put in its place.

        With it comes whether this call cancelled it and nobody had begun it, so that nobody else tidies up.

        Raises:
            NotFoundError: this owner has no such run.
        """
        with self._database.write() as connection:
            row = _owned(connection, run_id, owner, changing=True)
            stopped = row.status not in ENDED and row.stage != "publishing"
            if stopped:
                change(connection, row, status="cancelled", stage="finished", message="cancelled")
            return run_of(row_of(connection, run_id), self._data), stopped and row.worker is None

    def state(self) -> EngineState:
        """Return how many runs and workers there are."""
        by_status = sa.select(RUNS.c.status, sa.func.count()).group_by(RUNS.c.status)
        oldest = sa.select(sa.func.min(RUNS.c.asked_at)).where(RUNS.c.status == "queued")
        alive = sa.select(sa.func.count()).where(WORKERS.c.at > time.time() - _ALIVE_S)
        with self._database.read() as connection:
            counts = Counter({status: count for status, count in connection.execute(by_status).all()})
            first, workers = connection.scalar(oldest), connection.scalar(alive)
        return EngineState(counts, None if first is None else datetime.fromisoformat(first), workers or 0)

    def unfinished(self) -> bool:
        """Tell whether there is anything for a worker to do or to tidy up."""
        wanted = sa.or_(RUNS.c.status.not_in(ENDED), RUNS.c.worker.is_not(None))
        with self._database.read() as connection:
            return connection.scalar(sa.select(RUNS.c.number).where(wanted).limit(1)) is not None

    def close(self) -> None:
        """Close all connections."""
        self._database.close()


def _owned(connection: sa.Connection, run_id: str, owner: str, *, changing: bool = False) -> Any:
    """Return the row of an owner's run.

    Raises:
        NotFoundError: there is none.
    """
    wanted = sa.select(RUNS).where(RUNS.c.id == run_id, RUNS.c.owner == owner)
    row = connection.execute(wanted.with_for_update() if changing else wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such run of yours; list your runs, or ask for it anew.")
    return row

"""Rows of the ledger as values, and how a row changes: each change is an event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from conformity.entry.jobs.tables import EVENTS, RUNS
from conformity.model.base import canonical_json
from conformity.model.run import Run, RunEvent, RunFailure, RunRequest

_REQUEST: TypeAdapter[RunRequest] = TypeAdapter(RunRequest)
_MESSAGE = 500
_SHARED = ("status", "stage", "message", "done", "total")


def written(request: RunRequest) -> str:
    """Return a request as ASCII; the same request is the same text."""
    return json.dumps(json.loads(canonical_json(request)), sort_keys=True)


def now() -> str:
    """Return the present as text."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def run_of(row: Any, data: Path) -> Run:
    """Return a row of the runs as a value; its folder is where the data folder is on this machine."""
    return Run(
        id=row.id,
        owner=row.owner,
        request=_REQUEST.validate_json(row.request),
        status=row.status,
        stage=row.stage,
        message=_text(row.message),
        done=row.done,
        total=row.total,
        asked_at=datetime.fromisoformat(row.asked_at),
        changed_at=datetime.fromisoformat(row.changed_at),
        version=row.version,
        attempts=row.attempts,
        failure=None if row.failure is None else RunFailure.model_validate_json(row.failure),
        folder=str(data / "runs" / row.id),
    )


def event_of(row: Any) -> RunEvent:
    """Return a row of the events as a value."""
    return RunEvent(
        number=row.number,
        at=datetime.fromisoformat(row.at),
        status=row.status,
        stage=row.stage,
        message=_text(row.message),
        done=row.done,
        total=row.total,
    )


def row_of(connection: sa.Connection, run_id: str) -> Any:
    """Return the row of a run, held until the transaction ends; None if there is none."""
    return connection.execute(sa.select(RUNS).where(RUNS.c.id == run_id).with_for_update()).one_or_none()


def change(connection: sa.Connection, row: Any, **values: Any) -> None:
    """Change a row of the runs, and tell it as an event.

    Args:
        connection: a transaction that holds the row.
        row: as it is.
        values: what changes; a message is told once and does not stay.
    """
    shown = {name: values.get(name, getattr(row, name)) for name in _SHARED if name != "message"}
    shown["message"] = line(values.get("message"))
    version, at = row.version + 1, now()
    stored = {**values, "message": shown["message"], "version": version, "changed_at": at}
    connection.execute(sa.update(RUNS).where(RUNS.c.id == row.id).values(**stored))
    connection.execute(sa.insert(EVENTS).values(run=row.id, number=version, at=at, **shown))


def failure(message: str, exit_code: int) -> str:
    """Return why a run failed, as ASCII."""
    text = message.strip()[:20_000] or "It failed without saying why."
    return json.dumps(RunFailure(message=text, exit_code=exit_code).model_dump(mode="json"))


def line(message: str | None) -> str | None:
    """Return a message as one line of ASCII JSON; None if there is none."""
    flat = " ".join((message or "").split())
    return json.dumps(flat[:_MESSAGE]) if flat else None


def _text(stored: str | None) -> str | None:
    """Return a message as it was."""
    return None if stored is None else str(json.loads(stored))

"""An engine of runs that keeps to a script: what a run does, and when it ends, stands in what is asked.

It implements the interface of the real engine in memory, for what the real one cannot be made to do on the
spot: end after so many seconds, fail for a reason of its user's, or fail for a reason of ours.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformity.entry.jobs.interface import EngineState
from conformity.errors import NotFoundError
from conformity.model.run import EnergyRecordRequest, Run, RunEvent, RunFailure, RunRequest

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""A moment at which runs are asked for."""


def scripted(seconds: float, outcome: str = "succeeds") -> EnergyRecordRequest:
    """Return a request for a run that ends after so many seconds: it succeeds, fails, or breaks.

    ``fails`` is a fault that its user can mend, ``breaks`` one of ours.
    """
    return EnergyRecordRequest(record=f"/{outcome}/{seconds}", phase="inference")


class ScriptedRuns:
    """The engine; a run is what its script makes of it at the moment at which it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[tuple[str, str], Run] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, run: Run) -> Run:
        """Keep a run as it is; it does not change."""
        with self._lock:
            self._runs[run.owner, run.id] = run
        return run

    def submit(
        self, request: RunRequest, *, owner: str, asked_at: datetime, run_id: str | None = None
    ) -> Run:
        """Return a new run that has begun."""
        name = run_id or f"scripted-{next(self._numbers):04}"
        run = Run(
            id=name,
            owner=owner,
            request=request,
            status="running",
            stage="measuring",
            asked_at=datetime.now(UTC),
            changed_at=datetime.now(UTC),
            version=1,
            attempts=1,
            folder=str(self._folder / name),
        )
        return self.add(run)

    def get(self, run_id: str, *, owner: str) -> Run:
        """Return a run as it stands."""
        with self._lock:
            run = self._runs.get((owner, run_id))
        if run is None:
            raise NotFoundError(f"There is no run {run_id!r}; runs lists yours.")
        return run if run.status != "running" else _now(run)

    def runs(self, *, owner: str, limit: int = 20, before: str | None = None) -> Sequence[Run]:
        """Return the runs of an owner, the latest first."""
        found = [self.get(name, owner=whose) for whose, name in reversed(self._runs) if whose == owner]
        return found[:limit]

    def events(self, run_id: str, *, owner: str, after: int = 0) -> Sequence[RunEvent]:
        """Return nothing: no script has events."""
        return ()

    def wait(self, run_id: str, *, owner: str, seconds: float, after: int | None = None) -> Run:
        """Return a run as it stands, without waiting."""
        return self.get(run_id, owner=owner)

    def cancel(self, run_id: str, *, owner: str) -> Run:
        """Return a run after ending it, unless it has ended."""
        run = self.get(run_id, owner=owner)
        return run if run.status != "running" else self.add(run.model_copy(update={"status": "cancelled"}))

    def state(self) -> EngineState:
        """Return that nothing waits, and nobody works."""
        return EngineState(runs={}, oldest_queued_at=None, workers=0)

    def close(self) -> None:
        """Keep nothing open."""


def _now(run: Run) -> Run:
    """Return a run as its script wants it at this moment."""
    assert isinstance(run.request, EnergyRecordRequest)
    _, outcome, seconds = run.request.record.split("/")
    end = run.asked_at + timedelta(seconds=float(seconds))
    if datetime.now(UTC) < end:
        return run
    ended = {"stage": "finished", "changed_at": end, "version": 2}
    if outcome == "succeeds":
        return run.model_copy(update={**ended, "status": "succeeded"})
    code = 3 if outcome == "fails" else 70
    failure = RunFailure(message="The record is empty; hand in another.", exit_code=code)
    return run.model_copy(update={**ended, "status": "failed", "failure": failure})

"""The engine of runs over a ledger in a database, and workers that take them from a queue of DBOS.

The server's side needs the ledger alone: DBOS is imported by workers.
"""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from conformity.entry.jobs.folders import RUNS, check_paths, make_data_folder, make_run_folder
from conformity.entry.jobs.interface import ENDED, EngineState
from conformity.entry.jobs.keeping import Keeper
from conformity.entry.jobs.publishing import tidy_up
from conformity.errors import ConformityError, UsageError
from conformity.model.run import AssessmentRequest, Run, RunEvent, RunId, RunRequest
from conformity.settings import Settings

if TYPE_CHECKING:
    from conformity.entry.jobs.ledger import Ledger

_LOOK_S, _LOOK_MOST_S = 0.05, 0.5


class DbosEngine:
    """See :class:`conformity.entry.jobs.interface.JobEngine`.

    Args:
        settings: limits, and where the runs are.
        workers: how many processes are kept alive while there is something to do; 0 leaves it to others.
    """

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings = settings
        self._data = settings.data_folder
        self._workers = workers
        self._opening = threading.Lock()
        self._ledger: Ledger | None = None
        self._keeper: Keeper | None = None

    def submit(
        self, request: RunRequest, *, owner: str, asked_at: datetime, run_id: str | None = None
    ) -> Run:
        """Return the run that does what is asked, begun by this call or an earlier one of this name.

        Raises:
            ConflictError: there is a run of this name, and it was asked for something else.
            BusyError: as many runs wait as may wait; nothing was begun.
            UsageError: the name is none that a run can have, or an assessment has neither manifest nor data.
            PathError: it names something among the runs of others.
        """
        name = _checked(run_id or f"run-{uuid.uuid4().hex}", request)
        ledger = self._open()
        check_paths(request, self._data, name, lambda other: ledger.has(other, owner))
        made = make_run_folder(self._data, name)
        try:
            run = ledger.add(name, owner, request, asked_at, self._settings.runs_waiting)
        except ConformityError:
            if made:
                with contextlib.suppress(OSError):
                    (self._data / RUNS / name).rmdir()
            raise
        self._wake()
        return run

    def get(self, run_id: str, *, owner: str) -> Run:
        """Return a run as it stands.

        Raises:
            NotFoundError: this owner has no such run.
        """
        return self._open().get(run_id, owner)

    def runs(self, *, owner: str, limit: int = 20, before: str | None = None) -> Sequence[Run]:
        """Return the runs of an owner, the latest first.

        Raises:
            NotFoundError: this owner has no run called ``before``.
        """
        return self._open().runs(owner, limit, before)

    def events(self, run_id: str, *, owner: str, after: int = 0) -> Sequence[RunEvent]:
        """Return what happened to a run after an event.

        Raises:
            NotFoundError: this owner has no such run.
        """
        return self._open().events(run_id, owner, after)

    def wait(self, run_id: str, *, owner: str, seconds: float, after: int | None = None) -> Run:
        """Return a run when it has ended or changed, or some time later as it stands then.

        Raises:
            NotFoundError: this owner has no such run.
        """
        ledger, deadline, look = self._open(), time.monotonic() + seconds, _LOOK_S
        while True:
            status, version = ledger.version(run_id, owner)
            changed = after is not None and version > after
            left = deadline - time.monotonic()
            if status in ENDED or changed or left <= 0:
                return ledger.get(run_id, owner)
            time.sleep(min(look, left))
            look = min(look * 1.5, _LOOK_MOST_S)

    def cancel(self, run_id: str, *, owner: str) -> Run:
        """Return the run after asking that it stop; one that has ended is left as it is.

        Raises:
            NotFoundError: this owner has no such run.
        """
        run, never_begun = self._open().cancel(run_id, owner)
        if never_begun:
            tidy_up(run)
        self._wake()
        return run

    def state(self) -> EngineState:
        """Return how the engine stands.

        Raises:
            BusyError: the database cannot be reached now.
        """
        return self._open().state()

    def close(self) -> None:
        """Let go of the database. Runs go on."""
        with self._opening:
            if self._keeper is not None:
                self._keeper.close()
            if self._ledger is not None:
                self._ledger.close()
            self._keeper = self._ledger = None

    def _open(self) -> Ledger:
        """Return the ledger, opened at the first call; then workers are looked after too.

        Raises:
            PathError: the data folder cannot be written.
        """
        with self._opening:
            if self._ledger is None:
                from conformity.entry.jobs.database import Database, address_of
                from conformity.entry.jobs.ledger import Ledger

                make_data_folder(self._data)
                address = address_of(self._settings.database_url, self._data)
                self._ledger = Ledger(Database(address), self._data)
                if self._workers:
                    self._keeper = Keeper(self._settings, self._workers, self._ledger.unfinished)
            return self._ledger

    def _wake(self) -> None:
        """Have somebody look at once whether a worker is needed."""
        if self._keeper is not None:
            self._keeper.wake()


def _checked(name: str, request: RunRequest) -> str:
    """Return the name of a run that can be asked for.

    Raises:
        UsageError: it cannot.
    """
    if isinstance(request, AssessmentRequest) and request.manifest is None and not request.data:
        raise UsageError("Name a manifest, or data files to draft one from.")
    try:
        return TypeAdapter(RunId).validate_python(name)
    except ValidationError as error:
        raise UsageError(
            f"{name[:80]!r} cannot be the name of a run; use 8 to 64 lower case letters, digits and dashes."
        ) from error

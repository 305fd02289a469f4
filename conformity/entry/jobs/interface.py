"""What a server may ask of the engine of runs, whichever engine it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Servers know the engine long before a run is asked for: its records are imported only then.
    from conformity.model.run import Run, RunEvent, RunRequest, RunStatus

LOCAL = "local"
"""The owner of runs that were asked for on this machine, by its user."""

RESULT = "result.json"
"""The file in a run's folder that holds its result: an ``AssessmentSummary`` or a ``ScanResult``."""

PACK = "pack"
"""The folder in a run's folder that holds the pack of an assessment."""

INPUT = "input"
"""The folder in a run's folder for what was uploaded for it."""

ENDED: frozenset[RunStatus] = frozenset(("succeeded", "failed", "cancelled"))
"""The statuses that are for ever."""


@dataclass(frozen=True)
class EngineState:
    """How the engine stands, over all owners: for those who run it, in counts alone."""

    runs: Mapping[RunStatus, int]
    """How many runs there are of each status; a status without a run may be left out."""
    oldest_queued_at: datetime | None
    """When the run that has waited longest was asked for; None when none waits."""
    workers: int
    """How many worker processes are alive: those whose heart has beaten lately."""


class JobEngine(Protocol):
    """Runs: asked for once, done once, whatever dies meanwhile.

    Every method may be called from any thread. ``owner`` is checked everywhere: the run of somebody else
    is not there (:class:`conformity.errors.NotFoundError`), so that nobody learns that it exists.
    """

    def submit(
        self, request: RunRequest, *, owner: str, asked_at: datetime, run_id: str | None = None
    ) -> Run:
        """Return the run that does what is asked, begun by this call or an earlier one of this name.

        Args:
            request: what is asked; paths are absolute and inside the root, which the caller has checked.
            owner: who asks.
            asked_at: the present, in UTC.
            run_id: its name; a new one is made when not given.

        Raises:
            ConflictError: there is a run of this name, and it was asked for something else.
            BusyError: as many runs wait as may wait; nothing was begun.
        """
        ...

    def get(self, run_id: str, *, owner: str) -> Run:
        """Return a run as it stands.

        Raises:
            NotFoundError: this owner has no such run.
        """
        ...

    def runs(self, *, owner: str, limit: int = 20, before: str | None = None) -> Sequence[Run]:
        """Return the runs of an owner, the latest first.

        Args:
            owner: whose.
            limit: at most so many.
            before: only runs asked for before the one of this name; the next page.

        Raises:
            NotFoundError: this owner has no run called ``before``.
        """
        ...

    def events(self, run_id: str, *, owner: str, after: int = 0) -> Sequence[RunEvent]:
        """Return what happened to a run after the event numbered ``after``.

        Raises:
            NotFoundError: this owner has no such run.
        """
        ...

    def wait(self, run_id: str, *, owner: str, seconds: float, after: int | None = None) -> Run:
        """Return a run when it has ended, or ``seconds`` later as it stands then.

        Args:
            run_id: its name.
            owner: whose it is.
            seconds: how long to wait at most.
            after: return as soon as its version is above this one; None to wait for its end.

        Raises:
            NotFoundError: this owner has no such run.
        """
        ...

    def cancel(self, run_id: str, *, owner: str) -> Run:
        """Return the run after asking that it stop; one that has ended is left as it is.

        The process group that works on it is ended; what it had not published is gone.

        Raises:
            NotFoundError: this owner has no such run.
        """
        ...

    def state(self) -> EngineState:
        """Return how the engine stands; for metrics and for ``/readyz``.

        Raises:
            BusyError: the database cannot be reached now.
        """
        ...

    def close(self) -> None:
        """Let go of the database. Runs go on."""
        ...

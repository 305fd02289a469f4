"""The runs that one worker has in hand: each is taken up, done stage by stage, and put away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from conformity.entry.jobs.children import Child, Failure
from conformity.entry.jobs.publishing import publish, tidy_up
from conformity.entry.jobs.shift import Shift
from conformity.errors import BusyError, ConformityError
from conformity.model.run import Run, Stage
from conformity.settings import Settings

_logger = logging.getLogger(__name__)
_AGAIN_S = 0.5
T = TypeVar("T")


class Desk:
    """What a worker does with runs; the queue calls it from threads of its own.

    Args:
        shift: the worker's view of the ledger.
        settings: limits.
    """

    def __init__(self, shift: Shift, settings: Settings) -> None:
        self.stopping = threading.Event()
        self._shift = shift
        self._settings = settings
        self._runs: dict[str, Run] = {}
        self._children: dict[str, Child] = {}

    @property
    def busy(self) -> bool:
        """Whether there is a run in hand."""
        return bool(self._runs)

    @contextmanager
    def taken(self, run_id: str) -> Iterator[Run | None]:
        """Give a run that is taken up; None when there is nothing to do. It is put away at the end."""
        run = self._patiently(lambda: self._shift.begin(run_id))
        if run is not None:
            self._runs[run_id], self._children[run_id] = run, Child(run)
            _logger.info("run_taken run=%s attempt=%d", run_id, run.attempts)
        try:
            yield run
        finally:
            child = self._children.pop(run_id, None)
            if child is not None:
                child.end()
            held = self._runs.get(run_id)
            if held is not None and self.stopping.is_set():
                self._patiently(lambda: self._shift.hand_back(held))
            self._patiently(lambda: self.tidy(run_id))
            self._runs.pop(run_id, None)

    def has(self, run_id: str) -> bool:
        """Tell whether a run is still to be done, and by this worker."""
        run = self._runs.get(run_id)
        if run is None or self.stopping.is_set():
            return False
        return self._patiently(lambda: self._shift.holds(run))

    def do(self, run_id: str, stage: Stage) -> None:
        """Do a stage of a run, with another process if one dies, until it is done or not this worker's."""
        while self._tell(run_id, stage):
            outcome = self._children[run_id].do(
                stage,
                lambda what, done, total: self._progress(run_id, stage, what, done, total),
                lambda: not self.has(run_id),
            )
            if isinstance(outcome, Failure):
                self._fail(run_id, outcome.message, outcome.exit_code)
            if outcome is not None:
                return
            self._take_again(run_id)

    def put_out(self, run_id: str) -> None:
        """Publish what a run made, and end it."""
        # From here on it is decided: who asks to cancel it now comes too late.
        if not self._tell(run_id, "publishing"):
            return
        run = self._runs[run_id]
        try:
            publish(run, self._settings)
        except ConformityError as error:
            self._fail(run_id, error.message, error.exit_code)
        else:
            self._patiently(lambda: self._shift.finish(run))

    def fail(self, run_id: str, error: Exception) -> None:
        """End a run by a fault of ours."""
        told = f"internal error ({type(error).__name__}); the log of the worker says more."
        self._fail(run_id, told, 70)

    def tidy(self, run_id: str) -> None:
        """Remove what a run that has ended does not need any more."""
        run = self._shift.to_tidy(run_id)
        if run is None:
            return
        tidy_up(run)
        self._shift.tidied(run)
        _logger.info("run_ended run=%s status=%s", run_id, run.status)

    def _tell(self, run_id: str, stage: Stage) -> bool:
        """Tell that a stage begins; return whether the run is still to be done, and by this worker."""
        run = self._runs.get(run_id)
        if run is None or self.stopping.is_set():
            return False
        return self._patiently(lambda: self._shift.tell(run, stage, None))

    def _progress(self, run_id: str, stage: Stage, what: str, done: int, total: int) -> None:
        """Tell how far a stage is; a database that does not answer is not waited for."""
        try:
            self._shift.tell(self._runs[run_id], stage, what, done, total)
        except BusyError as error:
            _logger.warning("progress_not_told reason=%s", error.message)

    def _fail(self, run_id: str, message: str, exit_code: int) -> None:
        """End a run that failed, if it is still this worker's."""
        run = self._runs.get(run_id)
        if run is not None:
            self._patiently(lambda: self._shift.fail(run, message, exit_code))

    def _take_again(self, run_id: str) -> None:
        """Take a run up once more after its process died."""
        self._children[run_id].end()
        held = self._runs[run_id]
        run = self._patiently(lambda: self._shift.again(held))
        if run is None:
            self._runs.pop(run_id)
        else:
            self._runs[run_id], self._children[run_id] = run, Child(run)

    def _patiently(self, act: Callable[[], T]) -> T:
        """Return what an act on the database gives, tried until the database answers or the worker stops.

        Raises:
            BusyError: the worker stops, and the database did not answer.
        """
        while True:
            try:
                return act()
            except BusyError as error:
                _logger.warning("database_does_not_answer reason=%s", error.message)
                if self.stopping.wait(_AGAIN_S):
                    raise

"""A worker: its heart beats, it buries workers whose heart does not, and it does what the queue gives it."""

from __future__ import annotations

import logging
import threading
import time

from conformity.entry.jobs.database import Database, address_of
from conformity.entry.jobs.desk import Desk
from conformity.entry.jobs.identity import new_name
from conformity.entry.jobs.publishing import tidy_up
from conformity.entry.jobs.queue import Queue
from conformity.entry.jobs.roll import Hearts, Roll
from conformity.entry.jobs.shift import Shift
from conformity.errors import BusyError
from conformity.settings import Settings

_logger = logging.getLogger(__name__)

_BEAT_S = 1.0
_LOOK_S = 0.2
_PATIENCE_S = 10.0
"""How long a worker that stops waits for what it has in hand to be put down."""


class Worker:
    """One worker process.

    Args:
        settings: limits; its data folder is there.
    """

    def __init__(self, settings: Settings) -> None:
        data = settings.data_folder
        self._address = address_of(settings.database_url, data)
        self._settings = settings
        self._database = Database(self._address)
        self._worker = new_name()
        self._shift = Shift(self._database, data, self._worker)
        self._roll = Roll(self._database, data, self._worker)
        self._desk = Desk(self._shift, settings)
        self._hearts = Hearts()
        self.stopped = False
        """Whether it was asked to stop."""

    def stop(self, *_signal: object) -> None:
        """Ask it to stop: what it has in hand is handed back. A handler of signals too."""
        self.stopped = True
        self._desk.stopping.set()

    def work(self, idle_s: float | None = None) -> None:
        """Do runs until asked to stop.

        Args:
            idle_s: how long there must be nothing to do before it ends by itself; None for never.

        Raises:
            BusyError: the database could not be reached at the start.
        """
        self._roll.beat()
        queue = Queue(self._address, self._worker, self._desk, self._settings.runs)
        pulse = threading.Thread(target=self._live, args=(queue,), daemon=True)
        pulse.start()
        try:
            self._rounds(queue, idle_s)
        finally:
            self._put_down()
            pulse.join(_PATIENCE_S)
            queue.close()
            self._database.close()

    def left_something(self) -> bool:
        """Tell whether there is anything to do, after it has ended."""
        try:
            return self._shift.anything_to_do()
        finally:
            self._database.close()

    def _rounds(self, queue: Queue, idle_s: float | None) -> None:
        """Hand what waits to the queue, again and again."""
        idle_since = time.monotonic()
        while not self._desk.stopping.wait(_LOOK_S) and self._settings.data_folder.is_dir():
            if self._round(queue):
                idle_since = time.monotonic()
            elif idle_s is not None and time.monotonic() - idle_since >= idle_s:
                return

    def _round(self, queue: Queue) -> bool:
        """Hand what waits to the queue; return whether there is anything to do, or nobody can tell."""
        try:
            for run_id, attempts in self._shift.waiting():
                queue.put(run_id, attempts)
                self._shift.handed(run_id)
            return self._desk.busy or self._shift.anything_to_do()
        except BusyError as error:
            _logger.warning("database_does_not_answer reason=%s", error.message)
            return True

    def _live(self, queue: Queue) -> None:
        """Let the heart beat, and bury whose heart does not, until the worker has put everything down."""
        while True:
            try:
                self._roll.beat()
                for worker, beat in self._hearts.stopped(self._roll.beats(), time.monotonic()):
                    self._bury(queue, worker, beat)
            except BusyError as error:
                _logger.warning("heart_not_told reason=%s", error.message)
            except Exception:
                # A heart that stops would cost this worker its runs.
                _logger.exception("heart_failed")
            if self._desk.stopping.wait(_BEAT_S) and not self._desk.busy:
                return

    def _bury(self, queue: Queue, worker: str, beat: int) -> None:
        """Take its runs from a dead worker, and tidy up after those that had ended."""
        for run in self._roll.bury(worker, beat, queue.held_by(worker)):
            tidy_up(run)
            self._shift.tidied(run)
        _logger.warning("worker_dead worker=%s", worker)

    def _put_down(self) -> None:
        """Wait until nothing is in hand, then leave."""
        self._desk.stopping.set()
        deadline = time.monotonic() + _PATIENCE_S
        while self._desk.busy and time.monotonic() < deadline:
            time.sleep(_LOOK_S / 4)
        try:
            if not self._desk.busy:
                self._roll.leave()
        except BusyError as error:
            _logger.warning("worker_not_struck_off reason=%s", error.message)

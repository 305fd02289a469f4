"""Keep workers alive while there is something to do, beside a server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from conformity.entry.jobs.spawning import Detached, is_taken, start_worker
from conformity.errors import ConformityError
from conformity.settings import Settings

_logger = logging.getLogger(__name__)

_LOOK_S = 2.0
_PAUSE_S, _PAUSE_MOST_S = 1.0, 60.0
"""How long to wait before a worker is started again in a place where one has just ended."""

_STARTED: list[Detached] = []
"""Processes that were started here and outlive whoever asked; kept to be reaped."""


class Keeper:
    """A thread that starts a worker wherever one is missing.

    Args:
        settings: limits, which workers get.
        places: how many workers there are to be.
        needed: tells whether there is anything to do.
    """

    def __init__(self, settings: Settings, places: int, needed: Callable[[], bool]) -> None:
        self._settings = settings
        self._places = places
        self._needed = needed
        self._pause_s = _PAUSE_S
        self._not_before = 0.0
        self._looking = threading.Lock()
        self._ended = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._keep, daemon=True, name="conformity-keeper")
        self._thread.start()

    def wake(self) -> None:
        """Look at once, and before this returns: who asked may be gone a moment later."""
        self._try()

    def close(self) -> None:
        """Look no more; workers go on."""
        self._closed = True
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        """Look now and then until closed."""
        while not self._closed:
            self._try()
            self._ended.wait(_LOOK_S)

    def _try(self) -> None:
        """Look, one at a time; what goes wrong is logged, and tried again later."""
        with self._looking:
            try:
                self._look()
            except (ConformityError, OSError) as error:
                _logger.warning("no_worker_started reason=%s", error)

    def _look(self) -> None:
        """Start a worker in each place that has none, if there is anything to do.

        Raises:
            ConformityError: the database does not answer.
            OSError: a process cannot be started.
        """
        _STARTED[:] = [process for process in _STARTED if process.poll() is None]
        data, at = self._settings.data_folder, time.monotonic()
        if at < self._not_before or not self._needed():
            return
        free = [number for number in range(self._places) if not is_taken(data, number)]
        for number in free:
            _STARTED.append(start_worker(self._settings, number))
        if free:
            # A worker takes a moment to take its place. One that ends at once is not started over and over.
            lasted = at - self._not_before > self._pause_s
            self._pause_s = _PAUSE_S if lasted else min(self._pause_s * 2, _PAUSE_MOST_S)
            self._not_before = at + self._pause_s

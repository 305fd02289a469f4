"""Send what is due: once a run has ended, again and again until it is taken or too late."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from conformity.entry.clock import present
from conformity.entry.jobs.interface import ENDED, JobEngine
from conformity.entry.rest.webhooks.configured import ReceiverFile, read_receivers, receiver_at
from conformity.entry.rest.webhooks.messages import message_id
from conformity.entry.rest.webhooks.posting import NO_ANSWER, Network, post
from conformity.errors import NotFoundError, UsageError
from conformity.model.run import Run
from conformity.settings import Settings

if TYPE_CHECKING:
    from conformity.entry.rest.webhooks.ledger import Ledger, Message

WAITS_S: Final = (5, 60, 300, 1800, 7200, 21_600, 43_200)
"""How long to wait after each attempt that failed, in seconds; after the last one nothing more is tried."""

_LOOK_S: Final = 2.0
_NO_RUN_S: Final = 86_400
_GONE: Final = 410

_logger = logging.getLogger(__name__)


class Webhooks:
    """Those who are told that runs have ended.

    Args:
        receivers: who may be told.
        engine: the runs.
        ledger: what is still to be sent.
        network: how the outside is reached.
        clock: the present.
    """

    def __init__(
        self,
        receivers: ReceiverFile,
        engine: JobEngine,
        ledger: Ledger,
        network: Network | None = None,
        clock: Callable[[], datetime] = present,
    ) -> None:
        self._receivers = receivers
        self._engine = engine
        self._ledger = ledger
        self._network = network or Network()
        self._clock = clock

    def check(self, url: str) -> str:
        """Return the address that a run is to be told at; call it before the run is begun.

        Raises:
            UsageError: it is no HTTPS address, or its host and port are not among the receivers.
        """
        receiver_at(url, self._receivers)
        return url

    def order(self, run: Run, url: str) -> None:
        """Write down that somebody is to be told of a run; call it before the caller is told of the run.

        Ordering the same twice is ordering it once.

        Args:
            run: the run, which may have ended.
            url: as :meth:`check` returned it.

        Raises:
            BusyError: the database cannot be written now.
        """
        from conformity.entry.rest.webhooks.ledger import Message

        now = int(self._clock().timestamp())
        self._ledger.add(Message(message_id(run.id, url), run.id, run.owner, url, now, now))

    def sweep(self, stop: threading.Event | None = None) -> int:
        """Send what is due, and return how many messages were tried.

        Args:
            stop: once set, what is left is left for the next time.

        Raises:
            BusyError: the database cannot be reached now.
        """
        tried = 0
        silent: set[str] = set()
        for message in self._ledger.due(int(self._clock().timestamp())):
            if stop is not None and stop.is_set():
                break
            host = urlsplit(message.url).netloc
            status = None if host in silent else self._handle(message)
            if status == NO_ANSWER:
                # Whoever does not answer holds the others up once in a sweep, not for every message.
                silent.add(host)
            tried += status is not None
        return tried

    @asynccontextmanager
    async def life(self, _app: object = None) -> AsyncIterator[None]:
        """Send what is due for as long as the block lasts, in a thread of its own."""
        import anyio.to_thread

        stop = threading.Event()
        thread = threading.Thread(target=self._loop, args=(stop,), name="webhooks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            await anyio.to_thread.run_sync(thread.join, _LOOK_S)

    def _loop(self, stop: threading.Event) -> None:
        """Send what is due until it is time to stop; whatever goes wrong is logged and tried again."""
        try:
            while not stop.wait(_LOOK_S):
                try:
                    self.sweep(stop)
                except Exception as error:
                    # Whatever it was: the thread must live as long as the server.
                    _logger.error("webhooks_not_swept reason=%s", type(error).__name__)
        finally:
            self._ledger.close()

    def _handle(self, message: Message) -> int | None:
        """Send a message if its run has ended, and return the status that came back; None if not sent."""
        now = int(self._clock().timestamp())
        try:
            run = self._engine.get(message.run_id, owner=message.owner)
        except NotFoundError:
            if now - message.ordered_at > _NO_RUN_S:
                self._ledger.settle(message, state="given_up", due_at=now)
            return None
        taken = self._ledger.take(message, now) if run.status in ENDED else None
        if taken is None:
            return None
        status = post(taken, run, self._receivers, self._network, self._clock())
        self._settle(taken, status)
        return status

    def _settle(self, message: Message, status: int) -> None:
        """Note what became of an attempt: taken, to be tried again, or given up."""
        now = int(self._clock().timestamp())
        if 200 <= status < 300:
            self._ledger.settle(message, state="sent", due_at=now)
        elif status == _GONE or message.attempts > len(WAITS_S):
            _logger.error("webhook_given_up message=%s status=%d", message.id, status)
            self._ledger.settle(message, state="given_up", due_at=now)
        else:
            self._ledger.settle(message, state="pending", due_at=now + WAITS_S[message.attempts - 1])


def open_webhooks(settings: Settings, engine: JobEngine) -> Webhooks | None:
    """Return those who are told that runs have ended; None when no file names any.

    Args:
        settings: name the file and the database.
        engine: the runs.

    Raises:
        PathError: the file cannot be read, or others than its owner may open it.
        InputError: it is not such a file.
        UsageError: it lies where callers may name files.
    """
    if settings.webhooks is None:
        return None
    from conformity.entry.rest.webhooks.ledger import open_ledger

    if settings.root and settings.webhooks.resolve().is_relative_to(settings.root.resolve()):
        raise UsageError(
            f"{settings.webhooks} holds secrets and lies in the root, where callers may name files; move it "
            "out of there."
        )

    return Webhooks(read_receivers(settings.webhooks), engine, open_ledger(settings))

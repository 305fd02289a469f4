"""Connections that may neither be too many nor keep the server waiting for the head of a request.

The library behind waits for ever for whoever sends a head letter by letter, or nothing at all.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S: Final = 10.0
"""Longest time from the first moment of a connection, or the first letter of a head, to its end."""

MOST: Final = 1000
"""How many connections there may be; one more is closed at once."""


class Connection(H11Protocol):
    """A connection that is closed when the head of a request does not come in time."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; once a request is being answered nothing is waited for."""
        if self._waiting is None and not self._is_answering():
            self._wait()
        super().data_received(data)
        if self._is_answering():
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        """Tell whether a request has come whose answer has not been sent."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        """Close the connection after a while."""
        self._waiting = asyncio.get_running_loop().call_later(HEAD_S, self.transport.abort)

    def _stop(self) -> None:
        """Wait no longer."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

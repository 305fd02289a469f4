"""A server that ends in good order when it is told to."""

from __future__ import annotations

import threading
from types import FrameType

import uvicorn


class StoppingServer(uvicorn.Server):
    """A server that tells its streams when it is to end, and leaves without an error.

    Args:
        config: what is served, and how.
        stopping: set as soon as a signal asks it to end.
    """

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is being answered and then the server; at once when asked a second time.

        The signal is not raised again afterwards, as the parent class does: to be told to end is no error.
        """
        self._stopping.set()
        self.force_exit = self.should_exit
        self.should_exit = True

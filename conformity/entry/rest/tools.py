"""The tools of MCP inside the application, whose library is imported when they are first asked for.

Importing it takes longer than everything else at the start of the server, and most callers never need it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from conformity.entry.jobs.interface import JobEngine
from conformity.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

PATH = "/mcp"
"""Where the tools are served."""

METHODS = ("GET", "POST", "DELETE")
"""The methods of that path, which the protocol gives."""


@dataclass
class Tools:
    """An application that becomes one when it is first asked."""

    settings: Settings
    """Limits; the root is set."""
    engine: JobEngine
    """The runs."""
    guarded: bool
    """Whether only names of this machine may be asked for."""
    _asked: anyio.Event = field(default_factory=anyio.Event)
    _ready: anyio.Event = field(default_factory=anyio.Event)
    _inner: Starlette = field(default_factory=Starlette)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as soon as there is what answers it."""
        self._asked.set()
        await self._ready.wait()
        await self._inner(scope, receive, send)

    @asynccontextmanager
    async def life(self, _app: FastAPI) -> AsyncIterator[None]:
        """Let it begin when it is asked, and end with the server."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._live)
            yield
            group.cancel_scope.cancel()

    async def _live(self) -> None:
        """Begin when asked, and live until cancelled."""
        await self._asked.wait()
        self._inner.state.lives = []
        await anyio.to_thread.run_sync(self._mount)
        async with AsyncExitStack() as stack:
            for life in self._inner.state.lives:
                await stack.enter_async_context(life(self._inner))
            self._ready.set()
            await anyio.sleep_forever()

    def _mount(self) -> None:
        """Import the library and build the tools, which takes a second."""
        from conformity.entry.mcp.http import mount

        mount(self._inner, self.settings, self.engine, guarded=self.guarded)

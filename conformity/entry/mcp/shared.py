"""What all tools share: the settings and the engine at hand, who asks, hints, and errors put into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from conformity.entry.clock import day, now
from conformity.entry.jobs.interface import LOCAL, PACK, JobEngine
from conformity.entry.mcp.paths import inside, leads_into
from conformity.errors import NotFoundError
from conformity.intake.names import quoted
from conformity.settings import Settings

if TYPE_CHECKING:
    from conformity.model.run import Run

READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
"""Hints of a tool that looks, and changes nothing."""

MAKES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
"""Hints of a tool that makes something new every time, and replaces nothing."""

File = Annotated[str, Field(description="File inside the root folder.")]
Columns = Annotated[list[str], Field(description="Column names as in the file.")]
Manifest = Annotated[str | None, Field(description="Path of conformity.yaml.")]
Day = Annotated[str | None, Field(description="Day whose law applies, YYYY-MM-DD; today.")]
Cursor = Annotated[str | None, Field(description="next_cursor of the page before.")]
Wait = Annotated[int, Field(ge=0, le=45, description="Seconds to wait.")]

MOST_S = 45
"""The longest that a call may take, in seconds: clients drop calls that take a minute."""
_MESSAGE = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """What a tool works with."""

    settings: Settings
    """Limits; the root is set and has no symbolic links."""
    given: JobEngine | None = None
    """The engine of runs, where the caller has one; else one is opened when it is first needed."""

    @cached_property
    def engine(self) -> JobEngine:
        """The engine of runs; its library is imported only when a run is asked for."""
        if self.given is not None:
            return self.given
        from conformity.entry.jobs.choose import open_engine

        return open_engine(self.settings)

    @property
    def data(self) -> Path:
        """The folder of runs and of measured intervals."""
        return self.settings.data_folder

    @property
    def unbound(self) -> Settings:
        """The same limits for what lies in the folder of runs, which may be outside the root."""
        return replace(self.settings, root=None)

    def path(self, ctx: Context[Any, Any], text: str) -> Path:
        """Return the absolute path that a client means; relative ones start at the root.

        Raises:
            ToolError: it is no path, leads out of the root, or this client may not name files.
        """
        self.check(ctx, "paths")
        place = inside(text, self.settings)
        if _caller(ctx.request_context.request) is not None and leads_into(place, self.data):
            # Runs of all callers lie there; each may ask for its own by their ids alone.
            raise ToolError(f"{quoted(text)} belongs to the server; name a run by its run_id.")
        return place

    def owner(self, ctx: Context[Any, Any]) -> str:
        """Return who asks: the authenticated caller of an HTTP request, or the user of this machine."""
        return owner_of(ctx.request_context.request)

    def check(self, ctx: Context[Any, Any], *scopes: str) -> None:
        """Check that whoever asks may do so; the user of this machine may.

        Raises:
            ToolError: the key that was sent lacks a scope.
        """
        caller = _caller(ctx.request_context.request)
        missing = [] if caller is None else [scope for scope in scopes if scope not in caller.scopes]
        if missing:
            raise ToolError(
                f"This key lacks the scope {missing[0]}; ask whoever runs the server for a key with it."
            )


def owner_of(request: Any) -> str:
    """Return who asks by an HTTP request; the user of this machine where there is no request, or no key."""
    caller = _caller(request)
    return LOCAL if caller is None else str(caller.owner)


def _caller(request: Any) -> Any:
    """Return whom the server has authenticated; None where there is no request, or no key."""
    return getattr(getattr(request, "state", None), "caller", None)


async def in_thread(work: Callable[[], T]) -> T:
    """Return what ``work`` gives; it runs in a thread, and longer than a call may take nobody waits for it.

    Raises:
        ToolError: it takes too long.
    """
    with anyio.move_on_after(MOST_S):
        return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    raise ToolError(
        f"This takes longer than {MOST_S} s; use the command line of conformity for it, where nobody waits."
    )


def pack_of(run: Run) -> Path:
    """Return the folder of the report that a run made.

    Raises:
        NotFoundError: it has not ended, or makes no report.
    """
    if run.request.kind != "assessment":
        raise NotFoundError(f"The run {run.id} is no assessment, so it has no report; get_run tells of it.")
    if run.status != "succeeded":
        raise NotFoundError(
            f"The run {run.id} is {run.status}, so it has no report; get_run tells how far it is."
        )
    return Path(run.folder) / PACK


def day_of(text: str | None) -> date:
    """Return the day that a client named, or today.

    Raises:
        UsageError: it is none.
    """
    return day(text, now())


def start_of(cursor: str | None) -> int:
    """Return how many numbers the pages before hold.

    Raises:
        ToolError: the cursor is none.
    """
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 7):
        raise ToolError(f"The cursor {quoted(cursor)} is none; leave it out, or give the last next_cursor.")
    return int(cursor)


def clipped(message: str) -> str:
    """Return a message no longer than a chat can bear: it may quote an argument of any length."""
    return (
        message if len(message) <= _MESSAGE else f"{message[: _MESSAGE // 2]} ... {message[-_MESSAGE // 2 :]}"
    )

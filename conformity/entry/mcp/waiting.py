"""Runs asked for by tools: begun, waited for as long as a call may take, and told of on the way.

In: a request. Out: the run, ended or as it stands. Invariant: a call that is cancelled, or a client that goes
away, ends the waiting and nothing else.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, ValidationError

from conformity.entry.clock import now
from conformity.entry.jobs.interface import ENDED, LOCAL
from conformity.entry.mcp.answers.base import told
from conformity.entry.mcp.listing import refused
from conformity.entry.mcp.shared import Desk
from conformity.entry.mcp.tasks import handed_over

if TYPE_CHECKING:
    from conformity.model.run import Run, RunRequest

_GIVEN = "k-"
"""How names begin that the server makes itself from what callers send."""

_SLICE_S = 2.0
"""How long a thread waits at a time, so that none is held for long by a call that was given up."""

Request = TypeVar("Request", bound=BaseModel)


def request_of(kind: type[Request], **fields: Any) -> Request:
    """Return a request for a run.

    Raises:
        ToolError: an argument is not what it must be.
    """
    try:
        return kind(**fields)
    except ValidationError as error:
        raise ToolError(refused(error)) from error


async def begun(
    desk: Desk, ctx: Context[Any, Any], request: RunRequest, wait_s: float, run_id: str | None = None
) -> Run:
    """Return the run that does what is asked: ended, or as it stands when the time is up.

    Args:
        desk: settings and engine.
        ctx: the call.
        request: what is asked; its paths are inside the root.
        wait_s: how long to wait.
        run_id: its name; asking twice under one name is asking once.

    Raises:
        ConflictError: there is a run of this name, and it was asked for something else.
        BusyError: too many runs wait.
    """
    owner, moment = desk.owner(ctx), now()
    if run_id is not None and run_id.startswith(_GIVEN) and owner != LOCAL:
        # Such a name is made from somebody's key; whoever took it first would stand in their way.
        raise ToolError(f"Names of runs that begin with {_GIVEN} are the server's own; choose another.")

    def ask() -> Run:
        """Ask the engine, whose library is imported only here."""
        return desk.engine.submit(request, owner=owner, asked_at=moment, run_id=run_id)

    run = await anyio.to_thread.run_sync(ask)
    if handed_over(run):
        return run
    return await awaited(desk, ctx, run, wait_s)


async def awaited(desk: Desk, ctx: Context[Any, Any], run: Run, wait_s: float) -> Run:
    """Return a run when it has ended, or as it stands when the time is up; tell its progress meanwhile.

    Args:
        desk: settings and engine.
        ctx: the call.
        run: the run as it was last seen.
        wait_s: how long to wait.
    """
    owner, end = desk.owner(ctx), anyio.current_time() + wait_s
    reported = 0
    while True:
        if run.version > reported:
            # The numbers of events only rise, as the protocol asks; how many there will be nobody knows.
            reported = run.version
            await ctx.report_progress(float(reported), None, progress_of(run))
        left = end - anyio.current_time()
        if run.status in ENDED or left <= 0:
            return run
        wait = partial(desk.engine.wait, run.id, owner=owner, seconds=min(left, _SLICE_S), after=run.version)
        run = await anyio.to_thread.run_sync(wait, abandon_on_cancel=True)


def progress_of(run: Run) -> str:
    """Return what a run is doing, in a line."""
    steps = f" {run.done}/{run.total}" if run.total else ""
    return told(f"{run.stage}{steps}" + (f": {run.message}" if run.message else ""), 160)

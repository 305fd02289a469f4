"""Runs as tasks of the protocol, for clients that declare the extension: the id of a task is that of its run.

In: a call of a tool whose run has not ended. Out: a task at once, and later its status and its result.
Invariant: nothing is kept here; whoever asks for a task asks the engine of runs, so that a task outlives
the server.

Source:
    SEP-2663 (``io.modelcontextprotocol/tasks``) and, for the routing header, SEP-2243.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver.server import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, CallToolRequestParams, CallToolResult, RequestParams
from mcp_types import TextContent as Text
from mcp_types.jsonrpc import HEADER_MISMATCH
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ConfigDict, Field

from conformity.entry.jobs.interface import ENDED
from conformity.entry.mcp.shared import Desk, clipped, owner_of
from conformity.errors import ConformityError, NotFoundError

if TYPE_CHECKING:
    from conformity.model.run import Run

EXTENSION = "io.modelcontextprotocol/tasks"
"""The name under which clients and servers declare that they know tasks."""

_OUR_FAULT = 70
_POLL_MS = 1000
_VERSIONS = frozenset(MODERN_PROTOCOL_VERSIONS)


@dataclass
class _Slot:
    """Where a tool leaves its run, for a client that takes it as a task."""

    run: Run | None = None


_slot: ContextVar[_Slot | None] = ContextVar("conformity_task_slot", default=None)


def handed_over(run: Run) -> bool:
    """Tell whether the client that called the tool takes the run as a task, so that nobody need wait for it.

    Args:
        run: what the tool asked the engine for.
    """
    slot = _slot.get()
    if slot is None:
        return False
    slot.run = run
    return True


class _TaskParams(RequestParams):
    """What every method on a task is given; what else a client sends is passed over."""

    model_config = ConfigDict(extra="ignore")

    task_id: str = Field(alias="taskId")


class Tasks(Extension):
    """The extension: tools hand their runs over, and clients ask for them by ``tasks/get``.

    Args:
        desk: settings and engine.
        answer: gives the result of the tool from a run that has succeeded.
    """

    identifier = EXTENSION

    def __init__(self, desk: Desk, answer: Callable[[Run], CallToolResult]) -> None:
        self._desk = desk
        self._answer = answer

    def methods(self) -> Sequence[MethodBinding]:
        """Return the methods on tasks; the older protocol has none of them."""
        handlers = {"tasks/get": self._get, "tasks/update": self._update, "tasks/cancel": self._cancel}
        return [
            MethodBinding(method, _TaskParams, handler, protocol_versions=_VERSIONS)
            for method, handler in handlers.items()
        ]

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Return a task where the tool began a run that goes on, and the client declared that it takes one.

        The engine holds the run before the tool returns, so that the task can be asked for at once.
        """
        if not _takes_tasks(ctx):
            return await call_next(ctx)
        slot = _Slot()
        token = _slot.set(slot)
        try:
            result = await call_next(ctx)
        finally:
            _slot.reset(token)
        if slot.run is None or slot.run.status in ENDED:
            return result
        return {"resultType": "task", **_task(slot.run)}

    async def _get(self, ctx: ServerRequestContext[Any, Any], params: _TaskParams) -> HandlerResult:
        """Return a task as it stands, with its result when it has ended."""
        run = await self._run(ctx, params.task_id)
        return await anyio.to_thread.run_sync(self._detailed, run)

    async def _update(self, ctx: ServerRequestContext[Any, Any], params: _TaskParams) -> HandlerResult:
        """Return nothing: no run of ours asks its client anything, so what is answered is passed over."""
        await self._run(ctx, params.task_id)
        return {}

    async def _cancel(self, ctx: ServerRequestContext[Any, Any], params: _TaskParams) -> HandlerResult:
        """Return nothing after asking that a run stop; one that has ended stays as it is."""
        await self._run(ctx, params.task_id, cancel=True)
        return {}

    async def _run(self, ctx: ServerRequestContext[Any, Any], task_id: str, *, cancel: bool = False) -> Run:
        """Return the run of a task, after asking that it stop if ``cancel``.

        Raises:
            MCPError: the client did not declare the extension, or has no such run.
        """
        require_client_extension(ctx, EXTENSION)
        _check_name(ctx, task_id)
        owner = owner_of(ctx.request)

        def ask() -> Run:
            """Ask the engine, whose library may have to be imported first."""
            engine = self._desk.engine
            return engine.cancel(task_id, owner=owner) if cancel else engine.get(task_id, owner=owner)

        try:
            return await anyio.to_thread.run_sync(ask)
        except NotFoundError as error:
            raise MCPError(INVALID_PARAMS, clipped(error.message)) from error

    def _detailed(self, run: Run) -> dict[str, Any]:
        """Return a task with what came of it.

        A run that failed for a reason that its user can mend is an answer of the tool, as it would have been
        without a task; only a fault of ours is a failure of the protocol.
        """
        task = _task(run)
        if run.status == "succeeded":
            task["result"] = _plain(self._result(run))
        elif run.failure is not None and run.failure.exit_code == _OUR_FAULT:
            task |= {"status": "failed", "error": {"code": INTERNAL_ERROR, "message": run.failure.message}}
        elif run.failure is not None:
            task["result"] = _plain(_refusal(run.failure.message))
        return task

    def _result(self, run: Run) -> CallToolResult:
        """Return the result of the tool, or why what the run left behind cannot be read."""
        try:
            return self._answer(run)
        except ConformityError as error:
            return _refusal(error.message)


def _takes_tasks(ctx: ServerRequestContext[Any, Any]) -> bool:
    """Tell whether a client declared the extension; on the older protocol it could not be given a task."""
    declared = ctx.session.client_capabilities
    extensions = (declared.extensions if declared else None) or {}
    return ctx.protocol_version in _VERSIONS and EXTENSION in extensions


def _check_name(ctx: ServerRequestContext[Any, Any], task_id: str) -> None:
    """Check that the header by which a request is routed names the task that its body names.

    Raises:
        MCPError: it names another, or none.
    """
    headers = getattr(ctx.request, "headers", None)
    if headers is not None and decode_header_value(headers.get(MCP_NAME_HEADER)) != task_id:
        raise MCPError(HEADER_MISMATCH, "The Mcp-Name header does not name the task of the request.")


def _task(run: Run) -> dict[str, Any]:
    """Return a run as a task: it never expires, so it has no ``ttlMs``."""
    status = {"succeeded": "completed", "failed": "completed", "cancelled": "cancelled"}
    return {
        "taskId": run.id,
        "status": status.get(run.status, "working"),
        "statusMessage": run.message or run.stage,
        "createdAt": _moment(run.asked_at.isoformat()),
        "lastUpdatedAt": _moment(run.changed_at.isoformat()),
        "ttlMs": None,
        "pollIntervalMs": _POLL_MS,
    }


def _moment(iso: str) -> str:
    """Return a time in UTC as JavaScript writes it."""
    return iso.replace("+00:00", "Z")


def _refusal(message: str) -> CallToolResult:
    """Return what a tool answers when its user must mend something."""
    return CallToolResult(content=[Text(text=clipped(message))], is_error=True)


def _plain(result: CallToolResult) -> dict[str, Any]:
    """Return the result of a tool as plain data."""
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)

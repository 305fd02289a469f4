"""A client that takes tasks: it declares the extension, and asks for a task until it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import anyio
from mcp import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientSession
from mcp_types import CallToolResult, Request, RequestParams, Result
from pydantic import ConfigDict, Field

from conformity.entry.mcp.tasks import EXTENSION


class Created(Result):
    """A task, as the call of a tool gives it."""

    model_config = ConfigDict(extra="allow")

    result_type: Literal["task"] = Field(alias="resultType", default="task")
    task_id: str = Field(alias="taskId")


class _Params(RequestParams):
    """The parameters of a request on a task, by their names on the wire."""

    taskId: str  # noqa: N815
    inputResponses: dict[str, Any] | None = None  # noqa: N815


class _Ask(Request[_Params, str]):
    """A request on a task."""

    name_param = "taskId"


class _Plain(Result):
    """Any result."""

    model_config = ConfigDict(extra="allow")


class TakesTasks(ClientExtension):
    """The extension of a client."""

    identifier = EXTENSION

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """Return that a task is a result of a tool, and how it is finished."""
        return [ResultClaim(result_type="task", model=Created, resolve=_resolved)]


async def ask(session: ClientSession, method: str, task: str, **more: Any) -> dict[str, Any]:
    """Return the plain answer to a request on a task, without what the library adds to every answer."""
    request = _Ask(method=method, params=_Params(taskId=task, **more))
    result = await session.send_request(request, _Plain)
    return {key: value for key, value in result.model_dump(by_alias=True).items() if key != "_meta"}


async def ended(session: ClientSession, task: str, pause: float = 0.02) -> dict[str, Any]:
    """Return a task when it has ended."""
    while (found := await ask(session, "tasks/get", task))["status"] == "working":
        await anyio.sleep(pause)
    return found


async def created(client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what the call of a tool gives, a task or a result, as plain data."""
    result = await client.session.call_tool(tool, arguments, allow_claimed=True)
    return {**result.model_dump(by_alias=True)}


async def _resolved(task: Created, context: ClaimContext) -> CallToolResult:
    """Return the result of a tool whose call gave a task."""
    found = await ended(context.session, task.task_id)
    return CallToolResult.model_validate(found["result"])

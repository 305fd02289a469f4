"""Runs as tasks: for clients that declare the extension, asked for by the id of the run, and by nobody else.

Source of what is expected: SEP-2663, "Tasks extension", and SEP-2243 for the routing header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import anyio
import pytest
from mcp import Client, MCPError
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_REQUIRED_CLIENT_CAPABILITY, CallToolResult
from mcp_types.jsonrpc import HEADER_MISMATCH

from conformity.entry.mcp.shared import Desk
from conformity.entry.mcp.tasks import Tasks, _check_name
from conformity.errors import DataError
from conformity.model.run import Run
from conformity.settings import Settings
from tests.support.scripted_runs import NOW, ScriptedRuns, scripted
from tests.support.task_client import TakesTasks, ask, created, ended
from tests.support.task_server import task_server

Work = Callable[[Client], Awaitable[Any]]


def with_client(
    folder: Path, work: Work, *, mode: Literal["legacy", "auto"] = "auto", declares: bool = True
) -> Any:
    """Return what ``work`` gives with a client of the server."""

    async def run() -> Any:
        extensions = [TakesTasks()] if declares else []
        async with Client(task_server(folder), mode=mode, extensions=extensions) as client:
            return await work(client)

    return anyio.run(run)


def refused(folder: Path, work: Work, *, declares: bool = True) -> MCPError:
    """Return the error of the protocol that ``work`` ends with."""

    async def run(client: Client) -> MCPError:
        with pytest.raises(MCPError) as raised:
            await work(client)
        return raised.value

    error: MCPError = with_client(folder, run, declares=declares)
    return error


def test_a_run_that_goes_on_is_a_task_whose_id_is_the_runs(tmp_path: Path) -> None:
    async def work(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
        task = await created(client, "slow_compute", {"seconds": 60})
        return task, await ask(client.session, "tasks/get", task["taskId"])

    task, found = with_client(tmp_path, work)
    assert task["resultType"] == "task"
    assert task["taskId"].startswith("scripted-")
    assert task["status"] == "working"
    assert task["createdAt"].endswith("Z")
    assert task["pollIntervalMs"] == 1000
    assert not {"result", "error", "inputRequests", "requestState", "ttl", "pollInterval", "task"} & set(task)
    del task["_meta"]
    assert found == {**task, "resultType": "complete"}


ENDS = [
    ("slow_compute", {"seconds": 0.05}, "completed", False),
    ("failing_job", {}, "completed", True),
]


@pytest.mark.parametrize(("tool", "arguments", "status", "is_error"), ENDS)
def test_a_task_ends_with_what_the_tool_would_have_answered(
    tmp_path: Path, tool: str, arguments: dict[str, Any], status: str, is_error: bool
) -> None:
    async def work(client: Client) -> dict[str, Any]:
        task = await created(client, tool, arguments)
        return await ended(client.session, task["taskId"])

    found = with_client(tmp_path, work)
    assert found["status"] == status
    result = CallToolResult.model_validate(found["result"])
    assert result.is_error is is_error
    assert "error" not in found


def test_a_fault_of_ours_is_a_failed_task_without_a_result(tmp_path: Path) -> None:
    async def work(client: Client) -> dict[str, Any]:
        task = await created(client, "protocol_error_job", {})
        return await ended(client.session, task["taskId"])

    found = with_client(tmp_path, work)
    assert found["status"] == "failed"
    assert found["error"]["code"] == -32603
    assert "result" not in found


def test_a_client_that_knows_tasks_need_not_see_them(tmp_path: Path) -> None:
    result = with_client(tmp_path, lambda client: client.call_tool("slow_compute", {"seconds": 0.05}))
    assert result.content[0].text.endswith("succeeded")


def test_a_cancelled_task_is_acknowledged_with_nothing_and_stays_cancelled(tmp_path: Path) -> None:
    async def work(client: Client) -> list[dict[str, Any]]:
        task = (await created(client, "slow_compute", {"seconds": 60}))["taskId"]
        return [
            await ask(client.session, method, task)
            for method in ("tasks/update", "tasks/cancel", "tasks/cancel", "tasks/get")
        ]

    *acknowledged, found = with_client(tmp_path, work)
    assert acknowledged == [{"resultType": "complete"}] * 3
    assert found["status"] == "cancelled"
    assert not {"result", "error"} & set(found)


@pytest.mark.parametrize(("declares", "mode"), [(False, "auto"), (True, "legacy")])
def test_who_cannot_be_given_a_task_is_answered_as_ever(
    tmp_path: Path, declares: bool, mode: Literal["legacy", "auto"]
) -> None:
    result = with_client(
        tmp_path,
        lambda client: client.call_tool("slow_compute", {"seconds": 60}),
        mode=mode,
        declares=declares,
    )
    assert result.content[0].text.endswith("running")


def test_a_tool_without_a_run_gives_no_task(tmp_path: Path) -> None:
    found = with_client(tmp_path, lambda client: created(client, "greet", {"name": "Ada"}))
    assert found["content"][0]["text"] == "Hello, Ada!"
    assert "taskId" not in found


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
def test_a_task_that_is_not_there_is_refused(tmp_path: Path, method: str) -> None:
    error = refused(tmp_path, lambda client: ask(client.session, method, "nobody-made-this"))
    assert error.code == INVALID_PARAMS
    assert "nobody-made-this" in error.message


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
def test_tasks_are_for_clients_that_declare_them(tmp_path: Path, method: str) -> None:
    error = refused(tmp_path, lambda client: ask(client.session, method, "x"), declares=False)
    assert error.code == MISSING_REQUIRED_CLIENT_CAPABILITY
    assert "io.modelcontextprotocol/tasks" in str(error.data)


@pytest.mark.parametrize("method", ["tasks/list", "tasks/result"])
def test_what_the_extension_removed_is_not_there(tmp_path: Path, method: str) -> None:
    error = refused(tmp_path, lambda client: ask(client.session, method, "x"))
    assert error.code == METHOD_NOT_FOUND


@pytest.mark.parametrize("headers", [{}, {"mcp-name": "another"}])
def test_the_routing_header_must_name_the_task(headers: dict[str, str]) -> None:
    request: Any = SimpleNamespace(request=SimpleNamespace(headers=headers))
    with pytest.raises(MCPError) as raised:
        _check_name(request, "this-one")
    assert raised.value.code == HEADER_MISMATCH


def test_a_result_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    def broken(_: Run) -> CallToolResult:
        raise DataError("The result cannot be read; ask for a new run.")

    runs = ScriptedRuns(tmp_path)
    run = runs.submit(scripted(0), owner="local", asked_at=NOW)
    found = Tasks(Desk(Settings(root=tmp_path), runs), broken)._detailed(runs.get(run.id, owner="local"))
    assert found["status"] == "completed"
    assert found["result"]["isError"] is True
    assert "ask for a new run" in found["result"]["content"][0]["text"]

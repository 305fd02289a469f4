"""The tools inside an application that knows who calls: each caller for himself, and nobody from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ResourceTemplateReference
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from conformity.entry.mcp.http import PATH, mount, serve
from conformity.entry.rest.auth import Caller
from conformity.errors import UsageError
from conformity.model.run import AssessmentRequest, Run, RunStatus
from conformity.settings import Settings
from tests.support.scripted_runs import NOW, ScriptedRuns
from tests.support.task_client import TakesTasks, ask

Mode = Literal["legacy", "auto"]
ALL = frozenset({"assess", "paths"})
ADDRESS = f"http://127.0.0.1:8321{PATH}"


def run_of(owner: str, folder: Path, status: RunStatus = "succeeded") -> Run:
    """Return a run whose pack says whose it is."""
    pack = folder / f"run-of-{owner}" / "pack"
    pack.mkdir(parents=True, exist_ok=True)
    (pack / "report.html").write_text(f"<p>of {owner}</p>", "utf-8")
    return Run(
        id=f"run-of-{owner}",
        owner=owner,
        request=AssessmentRequest(manifest="/conformity.yaml"),
        status=status,
        stage="finished",
        asked_at=NOW,
        changed_at=NOW,
        folder=str(pack.parent),
    )


class Known:
    """Says who calls, as the authentication of the application does, by two headers."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if "x-owner" in headers:
            scopes = frozenset(headers.get("x-scopes", "assess paths").split())
            scope.setdefault("state", {})["caller"] = Caller(headers["x-owner"], scopes)
        await self._inner(scope, receive, send)


@asynccontextmanager
async def application(folder: Path, *, guarded: bool = True) -> AsyncIterator[ASGIApp]:
    """Yield an application with the tools, as long as it lives."""
    runs = ScriptedRuns(folder)
    for owner in ("ada", "grace", "local"):
        runs.add(run_of(owner, folder))
    app = Starlette()
    app.state.lives = []
    mount(app, Settings(root=folder), runs, guarded=guarded)
    async with AsyncExitStack() as stack:
        for life in app.state.lives:
            await stack.enter_async_context(life(app))
        yield Known(app)


def asked(folder: Path, work: Callable[[Client], Awaitable[Any]], mode: Mode, **headers: str) -> Any:
    """Return what ``work`` gives with a client that sends these headers."""

    async def run() -> Any:
        async with application(folder) as app:
            transport = httpx2.ASGITransport(app=app)
            async with (
                httpx2.AsyncClient(transport=transport, headers=headers) as http,
                Client(
                    streamable_http_client(ADDRESS, http_client=http), mode=mode, extensions=[TakesTasks()]
                ) as client,
            ):
                return await work(client)

    return anyio.run(run)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("owner", ["ada", "grace", None])
def test_a_caller_sees_his_own_runs_alone(tmp_path: Path, mode: Mode, owner: str | None) -> None:
    async def work(client: Client) -> tuple[list[str], list[str]]:
        texts: list[str] = []
        for name in ("ada", "grace", "local"):
            try:
                read = await client.read_resource(f"conformity://runs/run-of-{name}/report.html")
            except MCPError as error:
                assert error.code == -32602  # noqa: PT017 # the others are read
            else:
                texts.append(str(read.contents[0].model_dump()["text"]))
        report = ResourceTemplateReference(uri="conformity://runs/{run_id}/report.html")
        found = await client.complete(report, {"name": "run_id", "value": "run"})
        return texts, found.completion.values

    headers = {} if owner is None else {"x-owner": owner}
    texts, completed = asked(tmp_path, work, mode, **headers)
    assert texts == [f"<p>of {owner or 'local'}</p>"]
    assert completed == [f"run-of-{owner or 'local'}"]


@pytest.mark.parametrize("owner", ["ada", "grace"])
def test_a_task_is_there_for_whoever_began_it_alone(tmp_path: Path, owner: str) -> None:
    async def work(client: Client) -> str:
        try:
            return str((await ask(client.session, "tasks/get", "run-of-ada"))["status"])
        except MCPError as error:
            return str(error.code)

    status = asked(tmp_path, work, "auto", **{"x-owner": owner})
    assert status == ("completed" if owner == "ada" else "-32602")


def sent(folder: Path, headers: Mapping[str, str], *, guarded: bool = True) -> httpx2.Response:
    """Return the answer to a bare request with these headers."""

    async def run() -> httpx2.Response:
        async with application(folder, guarded=guarded) as app:
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport) as http:
                body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
                kept = {"accept": "application/json, text/event-stream", **headers}
                return await http.post(ADDRESS, json=body, headers=kept)

    return anyio.run(run)


@pytest.mark.parametrize(("scopes", "lacking"), [("assess", "paths"), ("archive", "assess and paths")])
def test_who_may_not_name_files_of_the_server_is_refused(tmp_path: Path, scopes: str, lacking: str) -> None:
    answer = sent(tmp_path, {"x-owner": "ada", "x-scopes": scopes})
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == f"The tools need a key for {lacking}."


@pytest.mark.parametrize(
    ("guarded", "headers", "status"),
    [
        (True, {}, 200),
        (True, {"host": "localhost"}, 200),
        (True, {"host": "rebound.example"}, 421),
        (True, {"origin": "https://rebound.example"}, 403),
        (False, {"host": "reports.example"}, 200),
    ],
)
def test_pages_of_others_cannot_reach_it(
    tmp_path: Path, guarded: bool, headers: dict[str, str], status: int
) -> None:
    assert sent(tmp_path, headers, guarded=guarded).status_code == status


def test_alone_it_is_served_to_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conformity serve"):
        serve(Settings(root=tmp_path), "0.0.0.0", 0)

"""Two callers of one server: neither sees, stops or builds on the runs of the other, by any way there is.

What is asked of another's run is answered as what is asked of a run that never was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from conformity.entry.clock import present
from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.app import create_app
from conformity.entry.rest.auth import open_access
from conformity.entry.rest.auth.key_file import change_keys
from conformity.entry.rest.auth.keys import KeyFile, new_key
from conformity.model.run import PromptLogScanRequest
from conformity.settings import Settings

NEVER = "run-00000000000000000000000000000000"


@dataclass(frozen=True)
class Server:
    """A server with two callers; each has a run that was cancelled."""

    client: TestClient
    engine: JobEngine
    keys: dict[str, str]
    runs: dict[str, str]

    def ask(self, who: str, method: str, path: str, **more: Any) -> Any:
        """Return the answer to somebody."""
        headers = {"Authorization": f"Bearer {self.keys[who]}", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def speak(self, who: str, method: str, **params: Any) -> dict[str, Any]:
        """Return what a request of MCP is answered to somebody."""
        headers = {
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25",
            "Content-Type": "application/json",
        }
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self.ask(who, "POST", "/mcp", headers=headers, content=json.dumps(asked))
        assert answer.status_code == 200, answer.text
        lines = [line for line in answer.text.splitlines() if line.startswith("data:")]
        found: dict[str, Any] = json.loads(lines[-1].removeprefix("data:") if lines else answer.text)
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server with a run of each of two callers."""
    root = tmp_path_factory.mktemp("apart")
    made = {name: new_key(name, ("assess", "paths"), present()) for name in ("ann", "bea")}
    change_keys(root / "keys.json", lambda _: KeyFile(keys=tuple(one.kept for one in made.values())))
    settings = Settings(root=root, api_keys=root / "keys.json")
    engine = open_engine(settings, workers=0)
    app = create_app(settings, engine, access=open_access(settings, "0.0.0.0"))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        (root / "log.jsonl").touch()
        request = PromptLogScanRequest(log=str(root / "log.jsonl"))
        runs = {}
        for name in made:
            runs[name] = engine.submit(request, owner=name, asked_at=present()).id
            engine.cancel(runs[name], owner=name)
        yield Server(client, engine, {name: one.key for name, one in made.items()}, runs)


PATHS = [
    ("GET", "/v1/runs/{run}"),
    ("GET", "/v1/runs/{run}/events"),
    ("GET", "/v1/runs/{run}/report"),
    ("GET", "/v1/runs/{run}/result"),
    ("POST", "/v1/runs/{run}/cancel"),
    ("GET", "/v1/findings?run={run}"),
    ("GET", "/runs/{run}"),
    ("GET", "/runs/{run}/report"),
    ("GET", "/runs/{run}/findings"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_the_run_of_another_is_not_there(server: Server, method: str, path: str) -> None:
    own = server.ask("ann", method, path.format(run=server.runs["ann"]))
    others = server.ask("ann", method, path.format(run=server.runs["bea"]))
    never = server.ask("ann", method, path.format(run=NEVER))
    assert own.text.replace(server.runs["ann"], NEVER) != never.text
    assert (others.status_code, never.status_code) == (404, 404)
    assert others.text.replace(server.runs["bea"], NEVER) == never.text


def test_everybody_is_listed_their_own_runs(server: Server) -> None:
    listed = {name: server.ask(name, "GET", "/v1/runs").json()["items"] for name in server.runs}
    ids = {name: {one["id"] for one in runs} for name, runs in listed.items()}
    assert all(server.runs[name] in ids[name] for name in server.runs)
    assert not ids["ann"] & ids["bea"]
    assert ids["ann"] == {server.runs["ann"]}


def test_a_page_of_another_list_cannot_be_turned_to(server: Server) -> None:
    first = server.ask("ann", "GET", "/v1/runs?limit=1").json()
    assert first["next"] is None
    page = server.ask("ann", "GET", "/runs").text
    assert server.runs["ann"][:12] in page
    assert server.runs["bea"] not in page


def test_a_run_waiting_cannot_be_stopped_by_another(server: Server) -> None:
    root = Path(server.engine.get(server.runs["bea"], owner="bea").folder).parents[2]
    waiting = server.engine.submit(
        PromptLogScanRequest(log=str(root / "log.jsonl")), owner="bea", asked_at=present()
    )
    try:
        assert server.ask("ann", "POST", f"/v1/runs/{waiting.id}/cancel").status_code == 404
        assert server.engine.get(waiting.id, owner="bea").status == "queued"
        assert server.ask("bea", "POST", f"/v1/runs/{waiting.id}/cancel").status_code in (200, 202)
        assert server.engine.get(waiting.id, owner="bea").status == "cancelled"
    finally:
        server.engine.cancel(waiting.id, owner="bea")


@pytest.mark.parametrize("name", ["report.json", "report.md", "report.html"])
def test_resources_of_anothers_run_are_not_there(server: Server, name: str) -> None:
    others = server.speak("ann", "resources/read", uri=f"conformity://runs/{server.runs['bea']}/{name}")
    never = server.speak("ann", "resources/read", uri=f"conformity://runs/{NEVER}/{name}")
    assert "result" not in others
    assert json.dumps(others).replace(server.runs["bea"], NEVER) == json.dumps(never)


@pytest.mark.parametrize("tool", ["get_run", "get_findings", "cancel_run"])
def test_tools_do_nothing_with_anothers_run(server: Server, tool: str) -> None:
    own, others, never = (
        json.dumps(server.speak("ann", "tools/call", name=tool, arguments={"run_id": run})["result"])
        for run in (server.runs["ann"], server.runs["bea"], NEVER)
    )
    assert '"isError": true' in others
    assert others.replace(server.runs["bea"], NEVER) == never
    assert own.replace(server.runs["ann"], NEVER) != never


def test_the_tools_need_their_scopes(server: Server) -> None:
    assert server.client.post("/mcp", json={}).status_code == 401

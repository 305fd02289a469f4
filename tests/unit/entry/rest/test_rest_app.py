"""The application as a whole: errors, methods, health, its description, who may do what."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from conformity.entry.rest import problems
from conformity.entry.rest.auth import Access, Caller
from conformity.entry.rest.problems import ProblemError, fault_of, status_of
from conformity.errors import BusyError, CatalogError, ConformityError, IntegrityError, MissingLibraryError
from conformity.errors import NotFoundError as Missing
from tests.support.rest import MANIFEST, YAML, Api, serving


def test_errors_of_the_framework_are_problems(api: Api) -> None:
    for method, path, status in (
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/runs", 405),
        ("GET", "/v1/runs?limit=a", 422),
        ("POST", "/v1/runs", 415),
    ):
        answer = api.client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == status
        assert told["type"].startswith("urn:conformity:problem:")
        assert told["detail"].endswith(".")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/runs", "GET, HEAD, OPTIONS, POST"),
        ("/v1/runs/r-00000000", "GET, HEAD, OPTIONS"),
        ("/v1/runs/r-00000000/cancel", "OPTIONS, POST"),
        ("/v1/runs/r-00000000/events", "GET, HEAD, OPTIONS"),
        ("/healthz", "GET, HEAD, OPTIONS"),
    ],
)
def test_every_path_tells_its_methods(api: Api, path: str, allowed: str) -> None:
    for method in ("OPTIONS", "PATCH"):
        answer = api.client.request(method, path)
        assert answer.status_code == {"OPTIONS": 204, "PATCH": 405}[method]
        assert answer.headers["Allow"] == allowed


def test_head_is_get_without_its_body(api: Api) -> None:
    got = api.client.get("/v1/requirements?limit=2")
    head = api.client.head("/v1/requirements?limit=2")
    assert head.content == b""
    assert {**head.headers, "date": ""} == {**got.headers, "date": ""}
    assert api.client.head("/v1/runs/r-00000000/cancel").status_code == 405
    assert api.client.options("/nowhere-at-all").status_code in (404, 405)


def test_the_server_tells_how_it_is(api: Api) -> None:
    assert api.client.get("/healthz").json() == {"status": "ok"}
    ready = api.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.headers["Retry-After"] == "5"
    assert ready.json() == {"status": "not_ready", "database": "ok", "data": "ok", "workers": "none"}
    with api.worker_alive():
        assert api.client.get("/readyz").json()["workers"] == "ok"


def test_a_server_that_starts_workers_needs_none_to_be_ready(api: Api) -> None:
    state = api.client.app.state  # type: ignore[attr-defined] # an application of FastAPI
    usual = state.service
    state.service = replace(usual, starts_workers=True)
    try:
        ready = api.client.get("/readyz")
    finally:
        state.service = usual
    assert ready.status_code == 200
    assert (ready.json()["status"], ready.json()["workers"]) == ("ready", "on_demand")


def test_a_database_that_does_not_answer_is_told(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_self: object) -> object:
        """Not answer."""
        raise BusyError("postgresql://user:secret@host does not answer; wait.")

    monkeypatch.setattr("conformity.entry.jobs.dbos_engine.DbosEngine.state", busy)
    answer = api.client.get("/readyz")
    assert answer.json()["database"] == "it does not answer (BusyError)"


def test_the_description_is_whole(api: Api) -> None:
    described = api.client.get("/v1/openapi.json").json()
    schemas = described["components"]["schemas"]
    names = set()
    for path, operations in described["paths"].items():
        for operation in operations.values():
            names.add(operation["operationId"])
            assert operation["description"], path
            assert {"500", "503"} <= operation["responses"].keys(), path
    assert len(names) == sum(len(operations) for operations in described["paths"].values())
    text = json.dumps(described)
    assert "$defs" not in text
    for ref in set(part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]):
        assert ref in schemas, ref
    linked = described["paths"]["/v1/runs"]["post"]["responses"]["202"]["links"]
    assert {one["operationId"] for one in linked.values()} <= names
    assert api.client.get("/v1/openapi.json").json() == described


def test_every_example_of_a_body_is_taken(api: Api) -> None:
    described = api.client.get("/v1/openapi.json").json()
    for path in ("/v1/runs", "/v1/classify", "/v1/check"):
        content = described["paths"][path]["post"]["requestBody"]["content"]
        for kind, media in content.items():
            shown = [one["value"] for one in media.get("examples", {}).values()]
            for example in [*shown, *([media["example"]] if "example" in media else [])]:
                answer = api.client.post(path, content=json.dumps(example), headers={"Content-Type": kind})
                # The file of the example is on nobody's machine.
                assert answer.status_code in ((422,) if "manifest_path" in example else (200, 202)), (
                    answer.text
                )


def scoped(monkeypatch: pytest.MonkeyPatch, *scopes: str) -> None:
    """Have every caller be one of some scopes."""
    monkeypatch.setattr("conformity.entry.rest.auth.middleware.HERE", Caller("project", frozenset(scopes)))


def test_callers_do_what_their_scopes_allow(api: Api, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scoped(monkeypatch)
    refused = [
        api.client.post("/v1/runs", content=MANIFEST, headers=YAML),
        api.client.post("/v1/scan/prompt", json={"text": "a"}),
        api.client.get("/v1/reports"),
        api.client.post("/v1/verify", json={"run": done}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert api.client.get("/v1/requirements").status_code == 200
    scoped(monkeypatch, "assess")
    for path, body in (("runs", {"manifest_path": "a"}), ("scan/model", {"path": "a"})):
        assert api.client.post(f"/v1/{path}", json=body).status_code == 403
    archived = {"system": "scorer", "version": "1.0.0"}
    both = {"before": archived, "after": archived}
    assert api.client.post("/v1/compare", json=both).status_code == 403
    assert api.client.post("/v1/runs", content=MANIFEST, headers=YAML).status_code == 202


def test_runs_of_others_are_not_there(api: Api, done: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scoped(monkeypatch, "assess")
    before = api.client.get("/v1/runs").json()["items"]
    for path in ("", "/events", "/result", "/report"):
        assert api.client.get(f"/v1/runs/{done}{path}").status_code == 404
    assert api.client.post(f"/v1/runs/{done}/cancel").status_code == 404
    assert api.client.get(f"/v1/findings?run={done}").status_code == 404
    assert api.client.post("/v1/verify", json={"run": done}).status_code == 404
    assert done not in {run["id"] for run in before}
    same = api.client.post("/v1/runs", content=MANIFEST, headers={**YAML, "Idempotency-Key": "k"})
    monkeypatch.undo()
    assert api.begin("k") != same.json()["id"]


def test_as_many_runs_wait_as_may(tmp_path: Path) -> None:
    with serving(tmp_path, runs_waiting=1) as api:
        api.begin()
        answer = api.client.post("/v1/runs", content=MANIFEST, headers=YAML)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert len(list((api.settings.data_folder / "runs").iterdir())) == 1


def test_a_secured_server_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path, access=Access(trusted={"x": None})) as api:  # type: ignore[dict-item] # never asked
        assert api.client.get("/v1/openapi.json").status_code == 401
        assert api.client.get("/healthz").status_code == 200
        monkeypatch.setattr(Access, "caller_shown", lambda _self, _shown: Caller("ci", frozenset()))
        described = api.client.get("/v1/openapi.json", headers={"Authorization": "Bearer x"}).json()
        assert described["security"] == [{"bearer": []}]
        assert described["paths"]["/healthz"]["get"]["security"] == []


def test_the_tools_answer_when_they_are_first_asked(tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        answer = api.client.post("/mcp", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code in (400, 406, 415)


def test_receivers_are_told_of_runs(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("hooks") / "webhooks.yaml"
    file.touch(0o600)
    secret = "whsec_" + "A" * 32
    file.write_text(f"receivers:\n  - host: hooks.example.org\n    secrets: [{secret}]\n", "utf-8")
    with serving(tmp_path, webhooks=file) as api:
        for url, status in (("https://hooks.example.org/a", 202), ("https://else.example.org/a", 422)):
            path = f"/v1/runs?callback_url={url}"
            answer = api.client.post(path, content=MANIFEST, headers=YAML)
            assert answer.status_code == status, answer.text
        ledger = api.client.app.state.webhooks._ledger  # type: ignore[attr-defined] # an application of FastAPI
        assert [one.url for one in ledger.due(2**40)] == ["https://hooks.example.org/a"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Missing("a"), 404),
        (BusyError("a"), 503),
        (IntegrityError("a"), 409),
        (MissingLibraryError("a"), 501),
        (CatalogError("a"), 500),
    ],
    ids=lambda value: type(value).__name__,
)
def test_our_errors_have_their_status(error: ConformityError, status: int) -> None:
    assert status_of(error) == status


def failing(error: Exception) -> TestClient:
    """Return a client of an application that fails."""
    app = FastAPI()
    app.state.routes = ()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        """Fail."""
        raise error

    return TestClient(app, raise_server_exceptions=False)


def test_faults_of_ours_are_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    for error in (CatalogError("a secret"), ValueError("a secret")):
        answer = failing(error).get("/")
        assert answer.status_code == 500
        assert "secret" not in answer.text
    assert [record.getMessage() for record in caplog.records][-1] == "request_failed type=ValueError"


def test_faults_of_ours_do_not_reach_the_server_behind_which_would_log_their_text() -> None:
    app = FastAPI()
    app.state.routes = ()
    problems.install(app)

    async def broken_off() -> AsyncIterator[bytes]:
        """Yield a part of an answer, then fail."""
        yield b"a"
        raise ValueError("a secret")

    @app.get("/whole")
    def fail() -> None:
        """Fail."""
        raise ValueError("a secret")

    @app.get("/part")
    def stream() -> StreamingResponse:
        """Fail when the answer has begun."""
        return StreamingResponse(broken_off())

    client = TestClient(app)
    assert client.get("/whole").status_code == 500
    assert client.get("/part").content == b"a"


def test_a_problem_keeps_its_headers() -> None:
    answer = failing(ProblemError(409, "No.", headers={"Retry-After": "3"})).get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "3")
    assert failing(ProblemError(409, "No.")).put("/").headers["Allow"] == "GET"
    assert failing(ClientDisconnect()).get("/").status_code == 400


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ({"loc": ("body", "a/b", 0, "c~"), "msg": "Value error, no"}, ("#/a~1b/0/c~0", None, "no")),
        ({"loc": (), "msg": "no"}, ("#", None, "no")),
        ({"loc": ("query", "limit"), "msg": "no"}, (None, "limit", "no")),
        ({"loc": ("query",), "msg": "no"}, (None, "query", "no")),
        ({"loc": ("body", "a\x1b"), "msg": "no"}, ("#/a", None, "no")),
    ],
    ids=["pointer", "whole", "parameter", "all", "unprintable"],
)
def test_faults_say_where(error: dict[str, Any], told: tuple[str | None, str | None, str]) -> None:
    fault = fault_of(error)
    assert (fault.pointer, fault.parameter, fault.detail) == told

"""What the server counts, and that nothing a caller chose becomes a label."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from conformity.entry.jobs.interface import EngineState
from conformity.entry.rest import problems
from conformity.entry.rest.auth import Caller, caller
from conformity.entry.rest.auth.callers import HERE
from conformity.entry.rest.metrics import Counting, Metrics, router
from conformity.errors import BusyError
from tests.support.tokens import NOW


def numbers(text: bytes) -> dict[tuple[str, ...], float]:
    """Return every sample by its name and the values of its labels."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            labels = tuple(value for name, value in sorted(sample.labels.items()) if name != "le")
            if not sample.name.endswith("_bucket"):
                found[(sample.name.removeprefix("conformity_"), *labels)] = sample.value
    return found


def state() -> EngineState:
    """Return how an engine stands."""
    return EngineState({"queued": 2, "running": 1}, NOW - timedelta(seconds=90), 3)


def test_runs_and_workers_are_told() -> None:
    found = numbers(Metrics(state, lambda: NOW).text())
    assert found["engine_up",] == 1
    assert {name[1]: value for name, value in found.items() if name[0] == "runs"} == {
        "queued": 2,
        "running": 1,
        "succeeded": 0,
        "failed": 0,
        "cancelled": 0,
    }
    assert (found["queue_length",], found["queue_oldest_seconds",], found["workers_alive",]) == (2, 90, 3)


def test_an_empty_queue_has_waited_no_time() -> None:
    found = numbers(Metrics(lambda: EngineState({}, None, 0), lambda: NOW).text())
    assert (found["queue_length",], found["queue_oldest_seconds",], found["workers_alive",]) == (0, 0, 0)


def test_an_engine_that_cannot_be_asked_is_told_as_that_alone() -> None:
    def gone() -> EngineState:
        raise BusyError("postgresql://user:secret@host")

    text = Metrics(gone).text()
    assert numbers(text)["engine_up",] == 0
    assert b"conformity_runs" not in text
    assert b"secret" not in text


@pytest.fixture
def counted() -> tuple[TestClient, Metrics]:
    """Return a client of an application that is counted."""
    metrics = Metrics(state, lambda: NOW)
    app = FastAPI()
    problems.install(app)

    @app.get("/v1/runs/{run}")
    def run(run: str, _one: Annotated[Caller, Depends(caller)]) -> str:
        """Answer, or break."""
        if run == "broken":
            raise RuntimeError
        return run

    @app.api_route("/odd", methods=["PROPFIND"])
    def odd() -> None:
        """Answer a method that is seldom used."""

    app.router.routes.append(Mount("/app", routes=[Route("/pages/{page}", lambda _request: _broken())]))
    app.state.metrics = metrics
    app.include_router(router)
    app.add_middleware(Counting, metrics=metrics)
    return TestClient(_AsHere(app), raise_server_exceptions=False), metrics


def _broken() -> None:
    """Break."""
    raise RuntimeError


class _AsHere:
    """Calls an application as the user of this machine."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def] # ASGI
        """Call it."""
        scope.setdefault("state", {})["caller"] = HERE
        await self.app(scope, receive, send)


def test_requests_are_counted_by_the_template_of_their_route(counted: tuple[TestClient, Metrics]) -> None:
    client, metrics = counted
    for path in ("/v1/runs/r-1", "/v1/runs/r-2", "/v1/runs/broken", "/secret-path", "/app/pages/p-1"):
        client.get(path)
    client.request("PROPFIND", "/odd")
    found = numbers(metrics.text())
    requests = {name[1:]: value for name, value in found.items() if name[0] == "http_requests_total"}
    assert requests == {
        ("GET", "/v1/runs/{run}", "200"): 2,
        ("GET", "/v1/runs/{run}", "500"): 1,
        ("GET", "none", "404"): 1,
        ("GET", "/pages/{page}", "500"): 1,
        ("other", "/odd", "200"): 1,
    }
    assert found["http_request_duration_seconds_count", "GET", "/v1/runs/{run}"] == 3
    text = metrics.text()
    assert b"r-1" not in text
    assert b"secret-path" not in text
    assert b"PROPFIND" not in text


def test_metrics_are_read_by_prometheus(counted: tuple[TestClient, Metrics]) -> None:
    client, _ = counted
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert numbers(answer.content)["engine_up",] == 1

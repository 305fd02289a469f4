"""What the server counts of itself, in the form that Prometheus reads.

Requests are counted by the template of their route, never by their path: no id of a run, and nothing that a
caller chose, becomes a label.

Source:
    Prometheus, "Metric and label naming"; OpenMetrics 1.0, section 4.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Final, get_args

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformity.entry.clock import present
from conformity.entry.jobs.interface import EngineState
from conformity.entry.rest import openapi
from conformity.entry.rest.auth.callers import Caller, require
from conformity.errors import ConformityError
from conformity.model.run import RunStatus

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of the text form."""

router = APIRouter(tags=["health"])
"""The route of this module; ``app.state.metrics`` is what it shows."""

_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_HEADERS: Final = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-store"}
_NO_ROUTE: Final = "none"


class Metrics:
    """Counts of one server.

    Args:
        state: returns how the engine of runs stands; it is asked each time somebody reads the metrics.
        clock: the present.
    """

    def __init__(self, state: Callable[[], EngineState], clock: Callable[[], datetime] = present) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "conformity_http_requests",
            "Requests answered, by the template of their route, their method and the status.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "conformity_http_request_duration_seconds",
            "Time until the answer began, in seconds.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._registry.register(_Runs(state, clock))

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            route: the template of its route.
            method: its method.
            status: the status of the answer.
            seconds: the time until the answer began.
        """
        name = method if method in _METHODS else "other"
        self._requests.labels(route, name, str(status)).inc()
        self._seconds.labels(route, name).observe(seconds)

    def text(self) -> bytes:
        """Return everything counted, in the text form; it may take the time of a question to the database."""
        return generate_latest(self._registry)


class _Runs(Collector):
    """The runs of all callers, in counts alone, asked for anew each time."""

    def __init__(self, state: Callable[[], EngineState], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Return no names, so that nothing is asked of the engine before somebody reads the metrics."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the counts; only that the engine cannot be asked, when it cannot."""
        try:
            state = self._state()
        except ConformityError:
            yield _gauge("conformity_engine_up", "Whether the engine of runs can be asked.", 0)
            return
        yield _gauge("conformity_engine_up", "Whether the engine of runs can be asked.", 1)
        runs = GaugeMetricFamily("conformity_runs", "Runs by status.", labels=("status",))
        for status in get_args(RunStatus):
            runs.add_metric((status,), state.runs.get(status, 0))
        yield runs
        oldest = state.oldest_queued_at
        waited = max(0.0, (self._clock() - oldest).total_seconds()) if oldest else 0.0
        yield _gauge("conformity_queue_length", "Runs that wait.", state.runs.get("queued", 0))
        yield _gauge("conformity_queue_oldest_seconds", "How long the oldest of them has waited.", waited)
        yield _gauge("conformity_workers_alive", "Worker processes that are alive.", state.workers)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """Return one number."""
    return GaugeMetricFamily(name, text, value=value)


@dataclass(frozen=True)
class Counting:
    """Middleware that counts requests and times them."""

    app: ASGIApp
    """What answers."""
    metrics: Metrics
    """Where they are counted."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and count it once its answer begins; one that fails is counted as 500."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.monotonic()
        status = 500
        took: float | None = None

        async def counted(message: Message) -> None:
            """Pass a part of the answer on, and note the status and the time of the first."""
            nonlocal status, took
            if message["type"] == "http.response.start":
                status, took = message["status"], time.monotonic() - begun
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            seconds = time.monotonic() - begun if took is None else took
            self.metrics.count(_template(scope), scope["method"], status, seconds)


def _template(scope: Scope) -> str:
    """Return the template of the route that answered; ``none`` where there was none."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else _NO_ROUTE


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=PlainTextResponse,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **openapi.problems(),
    },
)
def metrics(request: Request, _caller: Annotated[Caller, Depends(require("metrics"))]) -> Response:
    """Show what the server counts of itself, in the text form of Prometheus."""
    return Response(request.app.state.metrics.text(), headers=_HEADERS)

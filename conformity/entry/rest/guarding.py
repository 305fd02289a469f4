"""Put the guards around an application: count, let in, hold to limits; each request passes them in turn."""

from __future__ import annotations

from fastapi import FastAPI

from conformity.entry.jobs.interface import JobEngine
from conformity.entry.rest.auth.access import Access
from conformity.entry.rest.auth.middleware import Authentication
from conformity.entry.rest.limiting import Limiting
from conformity.entry.rest.limits import Buckets, Limits, Slots, limits_of
from conformity.entry.rest.metrics import Counting, Metrics
from conformity.entry.rest.webhooks import open_webhooks
from conformity.settings import Settings


def guard(app: FastAPI, settings: Settings, engine: JobEngine, access: Access | None = None) -> None:
    """Make an application ask who calls, hold callers to limits, count, and tell others of ended runs.

    Call it once, when ``app.state.lives`` is there. What is mounted later is guarded too. Afterwards
    ``app.state.access``, ``app.state.metrics`` and ``app.state.webhooks`` (None where there are no
    receivers) are there.

    Args:
        app: the application.
        settings: limits, and the file of receivers.
        engine: the runs.
        access: who is let in; None for everybody, which is for this machine alone.

    Raises:
        PathError: the file of receivers cannot be read, or others than its owner may open it.
        InputError: it is not such a file.
    """
    app.state.metrics = Metrics(engine.state)
    app.state.webhooks = open_webhooks(settings, engine)
    if app.state.webhooks is not None:
        app.state.lives.append(app.state.webhooks.life)
    protect(app, access or Access(), limits_of(settings), app.state.metrics)


def protect(app: FastAPI, access: Access, limits: Limits, metrics: Metrics) -> None:
    """Put the guards around an application; the one that is added last sees a request first.

    Args:
        app: the application.
        access: who is let in.
        limits: how much one caller may ask for.
        metrics: what counts requests.
    """
    app.state.access = access
    app.add_middleware(
        Limiting,
        limits=limits,
        buckets=Buckets(limits.requests_per_minute),
        slots=Slots(limits.streams),
    )
    app.add_middleware(Authentication, access=access, failures=Buckets(limits.failures_per_minute))
    app.add_middleware(Counting, metrics=metrics)

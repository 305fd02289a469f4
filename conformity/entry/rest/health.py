"""Whether the server lives, and whether it can do what it is there for."""

from __future__ import annotations

import os
from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from conformity.entry.rest import openapi
from conformity.entry.rest.openapi import document
from conformity.entry.rest.service import Given
from conformity.errors import ConformityError
from conformity.model.base import Line, Value

router = APIRouter(tags=["health"])
"""The routes of this module."""

_AGAIN_S = 5


class Health(Value):
    """That the server lives."""

    status: Literal["ok"] = "ok"
    """It answers."""


class Readiness(Value):
    """Whether the server can take runs."""

    status: Literal["ready", "not_ready"]
    """Whether it can."""
    database: Line
    """``ok``, or why the runs cannot be asked for."""
    data: Line
    """``ok``, or why the folder of runs cannot be written."""
    workers: Line
    """``ok``; ``on_demand`` where runs that wait start one; ``none`` where they wait for somebody else to."""


@router.get("/healthz", operation_id="health", openapi_extra={"security": []})
async def healthz() -> Health:
    """Tell that the server answers."""
    return Health()


@router.get(
    "/readyz",
    operation_id="ready",
    openapi_extra={"security": []},
    responses={
        503: {
            "description": "It cannot; the body says why.",
            "content": {"application/json": {"schema": openapi.schema_of(Readiness)}},
        }
    },
)
def readyz(response: Response, service: Given) -> Readiness:
    """Tell whether the database answers, the folder of runs can be written, and somebody does the runs."""
    database, workers = "ok", "ok"
    try:
        if not service.engine.state().workers:
            workers = "on_demand" if service.starts_workers else "none"
    except ConformityError as error:
        database, workers = _short(error), "none"
    data = "ok" if os.access(service.data, os.W_OK | os.X_OK) else "the folder of runs cannot be written"
    is_ready = database == data == "ok" and workers != "none"
    response.headers["Cache-Control"] = "no-store"
    if not is_ready:
        response.status_code = 503
        response.headers["Retry-After"] = str(_AGAIN_S)
    return Readiness(
        status="ready" if is_ready else "not_ready", database=database, data=data, workers=workers
    )


@router.get("/v1/openapi.json", include_in_schema=False)
def description(request: Request) -> Response:
    """Answer with the description of the API, which is made once."""
    state = request.app.state
    if not hasattr(state, "description"):
        state.description = document(request.app, secured=not state.access.open)
    return JSONResponse(state.description)


def _short(error: ConformityError) -> str:
    """Return why the database does not answer; where it is, is told to nobody."""
    return f"it does not answer ({type(error).__name__})"

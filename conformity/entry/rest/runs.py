"""Runs: see how far they are, hear what happens to them, and ask that one stop."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Path, Request, Response
from fastapi.responses import StreamingResponse

from conformity.entry.jobs.interface import ENDED
from conformity.entry.rest import openapi
from conformity.entry.rest.events import stream
from conformity.entry.rest.freshness import is_known
from conformity.entry.rest.pages import Cursor, Limit, add_link, cursor_for, no_cursor, place_of
from conformity.entry.rest.service import Given, Known
from conformity.entry.rest.views import RETRY_S, RunPage, RunView, view_of
from conformity.errors import NotFoundError
from conformity.model.run import Run

router = APIRouter(prefix="/v1/runs", tags=["runs"])
"""The routes of this module."""

RunName = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9-]{7,63}$",
        description="The run's name.",
        examples=["r-0123456789abcdef01234567"],
    ),
]
"""The name of a run, in a path."""

IfNoneMatch = Annotated[
    str | None, Header(description="`ETag` of what the client has; 304 if that is the present one.")
]
"""What a client has already."""

NOT_MODIFIED: openapi.Json = {"description": "It is as the client has it."}
"""The answer to a client that has the present version, for the description."""

_LAST_EVENT = Header(alias="Last-Event-ID", ge=0, le=2**31, description="Number of the last event received.")
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("", operation_id="listRuns", responses=openapi.problems(404, 422))
def list_runs(
    request: Request,
    response: Response,
    service: Given,
    caller: Known,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> RunPage:
    """List the runs that the caller asked for, the latest first."""
    before = place_of(cursor) if cursor else None
    try:
        runs = service.engine.runs(owner=caller.owner, limit=limit + 1, before=before)
    except NotFoundError as error:
        raise no_cursor() from error
    following = cursor_for(runs[limit - 1].id) if len(runs) > limit else None
    add_link(request, response, following)
    return RunPage(items=tuple(view_of(run, service.root) for run in runs[:limit]), next=following)


@router.get("/{run_id}", operation_id="getRun", responses={304: NOT_MODIFIED, **openapi.problems(404, 422)})
def get_run(
    run_id: RunName, response: Response, service: Given, caller: Known, if_none_match: IfNoneMatch = None
) -> RunView:
    """Show a run as it stands; ask again with ``If-None-Match``, or listen to its events."""
    run = service.engine.get(run_id, owner=caller.owner)
    etag = f'"{run.version}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if run.status not in ENDED:
        headers["Retry-After"] = str(RETRY_S)
    if is_known(if_none_match, etag):
        return Response(status_code=304, headers=headers)  # type: ignore[return-value] # an answer of its own
    response.headers.update(headers)
    return view_of(run, service.root)


@router.post("/{run_id}/cancel", operation_id="cancelRun", responses=openapi.problems(404, 422))
def cancel_run(run_id: RunName, service: Given, caller: Known) -> RunView:
    """Ask that a run stop; one that has ended is left as it is."""
    return view_of(service.engine.cancel(run_id, owner=caller.owner), service.root)


@router.get(
    "/{run_id}/events",
    operation_id="listenToRun",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events: `data` is a RunEvent as JSON, `id` its number; the last is "
            "called `end`, the others `progress`.",
            "content": {
                "text/event-stream": {
                    "itemSchema": {
                        "type": "object",
                        "required": ["data"],
                        "properties": {
                            "id": {"type": "string"},
                            "event": {"type": "string", "enum": ["progress", "end"]},
                            "data": {
                                "type": "string",
                                "contentMediaType": "application/json",
                                "contentSchema": {"$ref": "#/components/schemas/RunEvent"},
                            },
                        },
                    },
                    "example": "id: 2\nevent: progress\n"
                    'data: {"number": 2, "at": "2026-11-23T12:00:00Z", "status": "running", '
                    '"stage": "measuring", "message": null, "done": 3, "total": 40}\n\n',
                }
            },
        },
        204: {"description": "The run has ended and the client has all events; it need not come again."},
        **openapi.problems(404, 422),
    },
)
@router.head("/{run_id}/events", include_in_schema=False)
async def listen_to_run(
    run_id: RunName,
    request: Request,
    service: Given,
    caller: Known,
    last_event_id: Annotated[int, _LAST_EVENT] = 0,
) -> Response:
    """Listen to what happens to a run, from the first event or from where the client was, until it ends."""

    def look() -> tuple[Run, bool]:
        """Return the run, and whether the client has heard all of it."""
        run = service.engine.get(run_id, owner=caller.owner)
        return run, run.status in ENDED and not service.engine.events(
            run_id, owner=caller.owner, after=last_event_id
        )

    run, is_over = await anyio.to_thread.run_sync(look)
    if is_over:
        return Response(status_code=204)
    lines = stream(service, run, owner=caller.owner, after=last_event_id)
    body = () if request.method == "HEAD" else lines
    return StreamingResponse(body, media_type="text/event-stream", headers=_STREAM_HEADERS)

"""What came of runs: the report in the format that the client accepts, the result in short, the findings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Query, Request, Response

from conformity.entry.jobs.interface import ENDED, PACK, RESULT
from conformity.entry.rest import openapi
from conformity.entry.rest.accepting import wanted
from conformity.entry.rest.answers import AssessmentAnswer, ScanAnswer, assessment_answer, scan_answer
from conformity.entry.rest.auth.callers import Caller
from conformity.entry.rest.formats import (
    REPORT_FORMATS,
    Report,
    ReportFormat,
    available,
    described,
    report_in,
)
from conformity.entry.rest.freshness import is_known
from conformity.entry.rest.pages import Cursor, Limit, add_link
from conformity.entry.rest.problems import ProblemError
from conformity.entry.rest.runs import NOT_MODIFIED, IfNoneMatch, RunName
from conformity.entry.rest.service import Given, Known, Service
from conformity.entry.rest.views import RETRY_S
from conformity.errors import UsageError
from conformity.model.found import FindingsPage, Wanted
from conformity.model.run import Run, RunId
from conformity.model.summary import AssessmentSummary, ScanResult

router = APIRouter(tags=["results"])
"""The routes of this module."""

FormatName = Literal["json", "html", "pdf", "md", "sarif", "junit"]
"""The formats by name."""

_AT_ONCE = anyio.CapacityLimiter(2)


@router.get(
    "/v1/runs/{run_id}/result",
    operation_id="getResult",
    responses=openapi.problems(404, 409, 422),
)
def get_result(run_id: RunName, service: Given, caller: Known) -> AssessmentAnswer | ScanAnswer:
    """Show in short what came of a run."""
    run = succeeded(service, caller, run_id)
    content = (Path(run.folder) / RESULT).read_bytes()
    if run.request.kind == "assessment":
        return assessment_answer(AssessmentSummary.model_validate_json(content))
    modules = run.request.modules if run.request.kind == "table_scan" else ()
    return scan_answer(ScanResult.model_validate_json(content), modules)


@router.get(
    "/v1/runs/{run_id}/report",
    operation_id="getReport",
    response_class=Response,
    responses={
        200: {
            "description": "The report, in the format that the client accepts.",
            "content": described(REPORT_FORMATS),
            "headers": {"ETag": {"schema": {"type": "string"}}},
        },
        304: NOT_MODIFIED,
        **openapi.problems(404, 406, 409, 422),
    },
)
async def get_report(
    run_id: RunName,
    service: Given,
    caller: Known,
    accept: Annotated[str | None, Header(description="Media types that will do, with their quality.")] = None,
    format: Annotated[FormatName | None, Query(description="A format by name; counts over `Accept`.")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Show the report of an assessment as JSON, HTML, PDF, Markdown, SARIF or JUnit."""
    pack = await anyio.to_thread.run_sync(partial(pack_of, service, caller, run_id))
    chosen = negotiated(available(pack), accept, format)
    report = await anyio.to_thread.run_sync(
        partial(report_in, pack, chosen, service.unbound), limiter=_AT_ONCE
    )
    return sent(report, if_none_match)


@router.get("/v1/findings", operation_id="listFindings", responses=openapi.problems(404, 409, 422))
async def list_findings(
    request: Request,
    response: Response,
    service: Given,
    caller: Known,
    run: Annotated[RunId, Query(description="The run.", examples=["r-0123456789abcdef01234567"])],
    article: Annotated[
        str | None,
        Query(max_length=100, description="A provision, such as `10` or `art10.2`, and what lies below it."),
    ] = None,
    verdict: Annotated[
        Wanted | None, Query(description="A verdict; `open` for all that is missed or not settled.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> FindingsPage:
    """List the findings of a run, missed criteria first."""
    pack = await anyio.to_thread.run_sync(partial(pack_of, service, caller, run))
    from conformity.pipeline.found import findings_of

    look = partial(
        findings_of, pack, service.unbound, article=article, verdict=verdict, limit=limit, cursor=cursor
    )
    try:
        page = await anyio.to_thread.run_sync(look, limiter=_AT_ONCE)
    except UsageError as error:
        # There is nothing on the provision, or the cursor leads nowhere: all else was checked before.
        raise ProblemError(404, error.message) from error
    add_link(request, response, page.next_cursor)
    return page


def succeeded(service: Service, caller: Caller, run_id: str) -> Run:
    """Return a run that has succeeded.

    Raises:
        NotFoundError: the caller has no such run.
        ProblemError: it has not ended, or failed, or was cancelled (409).
    """
    run = service.engine.get(run_id, owner=caller.owner)
    if run.status == "succeeded":
        return run
    if run.status in ENDED:
        raise ProblemError(
            409, f"The run {run_id} is {run.status}, so there is no result; see the run for why."
        )
    raise ProblemError(
        409, f"The run {run_id} is {run.status}; come again.", headers={"Retry-After": str(RETRY_S)}
    )


def pack_of(service: Service, caller: Caller, run_id: str) -> Path:
    """Return the pack of a run.

    Raises:
        NotFoundError: the caller has no such run.
        ProblemError: it has no pack: it has not succeeded, or is no assessment (409).
    """
    run = succeeded(service, caller, run_id)
    if run.request.kind != "assessment":
        raise ProblemError(409, f"The run {run_id} measured one file and has no report; see its result.")
    return Path(run.folder) / PACK


def negotiated(offered: tuple[ReportFormat, ...], accept: str | None, name: str | None) -> ReportFormat:
    """Return the format that a client wants.

    Args:
        offered: those that there are.
        accept: the header ``Accept``.
        name: a format by name, which counts over the header.

    Raises:
        ProblemError: there is none that will do (406).
    """
    media_type = wanted(accept, [one.media_type for one in offered])
    for one in offered:
        if (one.name == name) if name else (one.media_type == media_type):
            return one
    listed = ", ".join(one.media_type for one in offered)
    raise ProblemError(406, f"This report can be had as {listed}.")


def sent(report: Report, if_none_match: str | None) -> Response:
    """Return a report as an answer, empty if the client has it."""
    headers = report.headers
    if is_known(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(report.content, headers=headers, media_type=report.format.content_type)

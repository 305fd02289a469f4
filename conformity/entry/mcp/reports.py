"""The tools that make a report, follow its run, and list its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from conformity.entry.mcp.answers.findings import FindingsAnswer, findings
from conformity.entry.mcp.answers.reports import RunAnswer
from conformity.entry.mcp.apps import SHOWS_REPORT
from conformity.entry.mcp.outcomes import answer_of
from conformity.entry.mcp.shared import READS, Cursor, Day, Desk, Manifest, Wait, day_of, in_thread, pack_of
from conformity.entry.mcp.waiting import awaited, begun, request_of
from conformity.model.base import Depth

if TYPE_CHECKING:
    from conformity.model.run import Run

_REPORT_FOLDER = "conformity-report"
_CANCELS = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)
_RunId = Annotated[str, Field(description="run_id from an earlier answer.")]
_Runs = Annotated[CallToolResult, RunAnswer]


def add_report_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that make a report and follow its run."""
    _add_generate(server, desk)
    _add_runs(server, desk)
    _add_findings(server, desk)


def _add_generate(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tool that makes a report."""

    @server.tool(
        title="Generate conformity report",
        meta=SHOWS_REPORT,
        annotations=ToolAnnotations(
            read_only_hint=False,
            # A report in the same folder is replaced by the new one.
            destructive_hint=True,
            idempotent_hint=False,
            # A manifest may name tables elsewhere; they are copied only from places that were allowed.
            open_world_hint=bool(desk.settings.remote),
        ),
    )
    async def generate_conformity_report(
        ctx: Context[Any, Any],
        manifest: Manifest = None,
        data: Annotated[
            list[str] | None,
            Field(description="Without a manifest: data files; one is drafted beside the first of them."),
        ] = None,
        depth: Annotated[
            Depth | None, Field(description="full measures what takes longer than seconds too.")
        ] = None,
        wait_seconds: Wait = 20,
        output: Annotated[
            str | None, Field(description="Folder for the report; conformity-report beside the manifest.")
        ] = None,
        as_of: Day = None,
        language: Annotated[str, Field(description="en, de, el, es, fr, it, nl or pl.")] = "en",
        previous: Annotated[
            str | None, Field(description="Report folder of the version before; needs a manifest.")
        ] = None,
        run_id: Annotated[
            str | None, Field(description="A name for the run; asking twice under one name is asking once.")
        ] = None,
    ) -> _Runs:
        """Measure an AI system, judge every requirement of the EU AI Act, write HTML, PDF and JSON.

        Give a manifest, or only data: then every guess is named. What cannot be measured stays not
        collected. If it takes longer than wait_seconds, the run goes on: follow it with get_run.
        """
        from conformity.model.run import AssessmentRequest
        from conformity.render.languages import check_language

        desk.check(ctx, "assess")
        check_language(language)
        if manifest is None and not data:
            raise ToolError(
                "Give `manifest`, or `data` with at least one file to draft one from; draft_manifest only "
                "drafts."
            )
        if manifest is None and previous is not None:
            raise ToolError("`previous` needs a `manifest`; a drafted one follows no version before it.")
        first = desk.path(ctx, manifest if manifest is not None else (data or [""])[0])
        request = request_of(
            AssessmentRequest,
            manifest=None if manifest is None else str(first),
            data=() if manifest is not None else tuple(str(desk.path(ctx, one)) for one in data or ()),
            output=str(desk.path(ctx, output) if output else first.parent / _REPORT_FOLDER),
            as_of=None if as_of is None else day_of(as_of),
            depth=depth,
            language=language,
            previous=None if previous is None else str(desk.path(ctx, previous)),
        )
        return await answered(desk, await begun(desk, ctx, request, wait_seconds, run_id))


def _add_runs(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that follow a run."""

    @server.tool(title="Get run", annotations=READS)
    async def get_run(
        ctx: Context[Any, Any], run_id: _RunId, wait_seconds: Wait = 20, cursor: Cursor = None
    ) -> _Runs:
        """Wait for a run to end, and return its result, or how far it is.

        Of a scan with many numbers, cursor gives the next ones.
        """
        owner = desk.owner(ctx)
        run = await anyio.to_thread.run_sync(lambda: desk.engine.get(run_id, owner=owner))
        run = await awaited(desk, ctx, run, wait_seconds)
        return await in_thread(lambda: answer_of(run, desk.settings, cursor))

    @server.tool(title="Cancel run", annotations=_CANCELS)
    async def cancel_run(ctx: Context[Any, Any], run_id: _RunId) -> _Runs:
        """Stop a run and discard what it has not published; one that has ended stays as it is."""
        desk.check(ctx, "assess")
        owner = desk.owner(ctx)
        run = await anyio.to_thread.run_sync(lambda: desk.engine.cancel(run_id, owner=owner))
        return await in_thread(lambda: answer_of(run, desk.settings))


def _add_findings(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tool that lists findings."""

    @server.tool(title="Get findings", annotations=READS)
    async def get_findings(
        ctx: Context[Any, Any],
        run_id: Annotated[str | None, Field(description="The run that made the report.")] = None,
        pack: Annotated[str | None, Field(description="Or the folder of a report.")] = None,
        article: Annotated[
            str | None, Field(description="Only on this provision: 10, art10.2.f or Annex IV(2).")
        ] = None,
        verdict: Annotated[
            str | None,
            Field(description="met, not_met, undetermined, not_collected, not_applicable or open."),
        ] = None,
        limit: Annotated[int, Field(ge=1, le=20, description="Most on a page.")] = 10,
        cursor: Cursor = None,
    ) -> Annotated[CallToolResult, FindingsAnswer]:
        """List findings of a report, missed criteria first: what was measured, its bound, what to do."""
        if (run_id is None) == (pack is None):
            raise ToolError("Give `run_id` of a finished report, or `pack` with the folder of one; not both.")
        owner = desk.owner(ctx)

        def work() -> CallToolResult:
            """Read the pack."""
            from conformity.pipeline.found import findings_of

            folder = (
                desk.path(ctx, pack)
                if pack is not None
                else pack_of(desk.engine.get(str(run_id), owner=owner))
            )
            # The pack of a run lies where the server keeps its runs, which may be elsewhere.
            page = findings_of(
                folder,
                desk.unbound if pack is None else desk.settings,
                article=article,
                verdict=verdict,
                limit=limit,
                cursor=cursor,
            )
            return findings(page)

        return await in_thread(work)


async def answered(desk: Desk, run: Run) -> CallToolResult:
    """Return what to answer to a tool that began a run.

    Raises:
        ToolError: the run failed.
    """
    if run.status == "failed" and run.failure is not None:
        raise ToolError(f"{run.failure.message} (run {run.id})")
    return await in_thread(lambda: answer_of(run, desk.settings))

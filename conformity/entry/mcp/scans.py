"""The tools that measure one file alone: a table, a prompt, a model file."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult
from pydantic import Field

from conformity.entry.clock import now
from conformity.entry.mcp.answers.reports import RunAnswer
from conformity.entry.mcp.answers.scans import ScanAnswer, scan
from conformity.entry.mcp.reports import answered
from conformity.entry.mcp.shared import READS, Columns, Desk, File, Wait, in_thread
from conformity.entry.mcp.waiting import begun, request_of

_PROMPT = 200_000
"""The longest prompt that is scanned, in characters."""

_Runs = Annotated[CallToolResult, RunAnswer]


def add_scan_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that measure one file alone."""
    _add_tables(server, desk)
    _add_prompt(server, desk)
    _add_model(server, desk)


def _add_tables(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that measure a table."""

    @server.tool(title="Analyze bias", annotations=READS)
    async def analyze_bias(
        ctx: Context[Any, Any],
        data: File,
        protected: Columns,
        positive: Annotated[list[str], Field(description="Values that mean the favourable outcome.")],
        negative: Annotated[list[str], Field(description="Values that mean the unfavourable outcome.")],
        prediction: Annotated[str | None, Field(description="Column of the system's outcome.")] = None,
        label: Annotated[str | None, Field(description="Column of the true outcome.")] = None,
        wait_seconds: Wait = 30,
    ) -> _Runs:
        """Measure fairness and accuracy of a table per group and intersection, with intervals.

        Selection rates, disparate impact ratio, demographic parity, equal opportunity, equalized odds. The
        Act sets no number; a bound is the provider's to fix before testing (Art. 9(8)).
        """
        from conformity.model.run import TableScanRequest

        desk.check(ctx, "assess")
        request = request_of(
            TableScanRequest,
            data=str(desk.path(ctx, data)),
            modules=("fairness", "accuracy"),
            protected=tuple(protected),
            label=label,
            prediction=prediction,
            positive=tuple(positive),
            negative=tuple(negative),
        )
        return await answered(desk, await begun(desk, ctx, request, wait_seconds))

    @server.tool(title="Scan dataset privacy", annotations=READS)
    async def scan_dataset_privacy(
        ctx: Context[Any, Any], data: File, quasi_identifiers: Columns, wait_seconds: Wait = 30
    ) -> _Runs:
        """Measure how far people in a table can be singled out, and find direct identifiers.

        k-anonymity over the quasi-identifiers; columns with e-mail addresses, IBANs, payment cards and the
        like.
        """
        from conformity.model.run import TableScanRequest

        desk.check(ctx, "assess")
        request = request_of(
            TableScanRequest,
            data=str(desk.path(ctx, data)),
            modules=("privacy", "data_quality"),
            quasi_identifiers=tuple(quasi_identifiers),
        )
        return await answered(desk, await begun(desk, ctx, request, wait_seconds))


def _add_prompt(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tool that looks into a prompt."""

    @server.tool(title="Scan prompt", annotations=READS)
    async def scan_prompt(
        ctx: Context[Any, Any],
        text: Annotated[
            str, Field(max_length=_PROMPT, description="One prompt, or a document given to a model.")
        ],
    ) -> Annotated[CallToolResult, ScanAnswer]:
        """Look for prompt injection and jailbreak attempts in a text, which is kept nowhere.

        What is not flagged is not shown to be safe.
        """
        desk.check(ctx, "assess")
        moment = now()

        def work() -> CallToolResult:
            """Scan it."""
            from conformity.pipeline.scanning import scan_prompt_text

            return scan(scan_prompt_text(text, moment, desk.settings), ("security",))

        return await in_thread(work)


def _add_model(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tool that looks into a model file."""

    @server.tool(title="Scan model file", annotations=READS)
    async def scan_model_file(ctx: Context[Any, Any], model: File, wait_seconds: Wait = 30) -> _Runs:
        """Look in a model file for code that would run on loading; it is never loaded.

        What is not found is not shown to be safe.
        """
        from conformity.model.run import ModelScanRequest

        desk.check(ctx, "assess")
        request = request_of(ModelScanRequest, model=str(desk.path(ctx, model)))
        return await answered(desk, await begun(desk, ctx, request, wait_seconds))

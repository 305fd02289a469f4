"""The tools that verify a report, and compare two."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult
from pydantic import Field

from conformity.entry.mcp.answers.packs import (
    ComparisonAnswer,
    VerificationAnswer,
    comparison,
    verification,
)
from conformity.entry.mcp.shared import READS, Desk, in_thread

_Folder = Annotated[str, Field(description="Folder of a report.")]


def add_pack_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that verify a report, and compare two."""

    @server.tool(title="Verify report", annotations=READS)
    async def verify_report(
        ctx: Context[Any, Any],
        path: Annotated[str, Field(description="Folder of a report or an archive, or a report in PDF.")],
        keys: Annotated[
            list[str] | None, Field(description="Files with public keys that you trust, PEM.")
        ] = None,
    ) -> Annotated[CallToolResult, VerificationAnswer]:
        """Verify a report in numbered steps: digests, law, findings, documents, signatures, chain.

        Nothing is fetched, written or executed. Without a trusted key nobody can tell who made it.
        """
        place = desk.path(ctx, path)
        trusted = [desk.path(ctx, key) for key in keys or ()]

        def work() -> CallToolResult:
            """Verify it in a process of its own: what is verified may be a stranger's."""
            from conformity.entry.apart import told_by
            from conformity.model.verification import Verification

            options = [text for key in trusted for text in ("--key", str(key))]
            root = desk.settings.root or place.parent
            said = told_by(["verify", str(place), "--json", *options], root, (0, 5))
            return verification(Verification.model_validate_json(said))

        return await in_thread(work)

    @server.tool(title="Compare reports", annotations=READS)
    async def compare_reports(
        ctx: Context[Any, Any],
        before: _Folder,
        after: _Folder,
        other_system: Annotated[bool, Field(description="Compare two different systems.")] = False,
    ) -> Annotated[CallToolResult, ComparisonAnswer]:
        """Tell what changed between two reports of a system, and how surely; what got worse first.

        It does not decide whether a change is a substantial modification.
        """
        first, second = desk.path(ctx, before), desk.path(ctx, after)

        def work() -> CallToolResult:
            """Compare them."""
            from conformity.pipeline.comparing import compare

            return comparison(compare(first, second, desk.settings, other_system=other_system))

        return await in_thread(work)

"""The tools that draft and check a manifest."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from conformity.entry.mcp.answers.manifests import CheckAnswer, check
from conformity.entry.mcp.shared import READS, Cursor, Day, Desk, Manifest, day_of, in_thread, start_of

_DRAFTS = ToolAnnotations(
    # A draft that is there is never replaced, so a second call changes nothing.
    read_only_hint=False,
    destructive_hint=False,
    idempotent_hint=True,
    open_world_hint=False,
)
_Checks = Annotated[CallToolResult, CheckAnswer]


def add_manifest_tools(server: MCPServer[Any], desk: Desk) -> None:
    """Add the tools that draft and check a manifest."""

    @server.tool(title="Draft manifest", annotations=_DRAFTS)
    async def draft_manifest(
        ctx: Context[Any, Any],
        data: Annotated[list[str], Field(min_length=1, description="Data files inside the root folder.")],
    ) -> _Checks:
        """Draft conformity.yaml beside the first data file; one that is there is never replaced.

        Every guess in it is named, and everything that only a person can say is asked.
        """
        desk.check(ctx, "assess")
        places = [desk.path(ctx, one) for one in data]

        def work() -> CallToolResult:
            """Draft it, and check the draft."""
            from conformity.pipeline.checking import check_manifest as checked
            from conformity.pipeline.drafting import draft_beside

            place = draft_beside(places, desk.settings)
            return check(checked(place, desk.settings, as_of=day_of(None)), drafted=True)

        return await in_thread(work)

    @server.tool(title="Check manifest", annotations=READS)
    async def check_manifest(
        ctx: Context[Any, Any],
        manifest: Manifest = None,
        text: Annotated[
            str | None, Field(description="Or its text; files it names are not looked at.")
        ] = None,
        as_of: Day = None,
        cursor: Cursor = None,
    ) -> _Checks:
        """Check a manifest without measuring: errors with place and fix, and what is not said yet."""
        if (manifest is None) == (text is None):
            raise ToolError("Give `manifest` with its path, or `text`; not both.")

        def work() -> CallToolResult:
            """Check the file or the text."""
            from conformity.pipeline.checking import check_manifest as checked
            from conformity.pipeline.checking import check_manifest_text as checked_text

            if manifest is not None:
                found = checked(desk.path(ctx, manifest), desk.settings, as_of=day_of(as_of))
            else:
                found = checked_text(text or "", "conformity.yaml", desk.settings, as_of=day_of(as_of))
            return check(found, start_of(cursor))

        return await in_thread(work)

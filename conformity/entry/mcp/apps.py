"""The report inside a chat: a page that a host shows beside the answer of a tool (MCP Apps).

In: nothing but the page in ``templates/mcp``. Out: the resource, and the mark that binds a tool to it.
Invariant: the page is the same for every run; it reads a run's report through the host, as its user may.

Source:
    SEP-1865 (``io.modelcontextprotocol/ui``), revision 2026-01-26.
"""

from __future__ import annotations

from typing import Any

from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource

REPORT = "ui://conformity/report.html"
"""The address of the page."""

SHOWS_REPORT: dict[str, Any] = {"ui": {"resourceUri": REPORT}}
"""What a tool says of itself when its answer can be shown in the page."""


def report_app() -> Apps:
    """Return the extension with the page; it needs no other address, and asks for no right."""
    apps = Apps()
    apps.add_resource(
        FunctionResource(
            uri=REPORT,
            name="report_page",
            title="Conformity report",
            description="Shows the report of a run inside the conversation.",
            mime_type=APP_MIME_TYPE,
            meta={"ui": {"prefersBorder": True}},
            fn=_page,
        )
    )
    return apps


def _page() -> str:
    """Return the page."""
    from conformity.render.assets import templates_folder

    return (templates_folder() / "mcp" / "report.html").read_text(encoding="utf-8")

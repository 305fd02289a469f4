"""A server with the tools that the official suite of tasks calls, over our own extension and transport.

The suite calls tools by fixed names, which our server must not have. Here they begin scripted runs, and all
the rest is what our server is made of. ``python -m tests.support.task_server FOLDER`` serves it over HTTP and
prints its address.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, TextContent

from conformity.entry.mcp.shared import Desk
from conformity.entry.mcp.tasks import Tasks
from conformity.entry.mcp.waiting import begun
from conformity.model.run import Run
from conformity.settings import Settings
from tests.support.scripted_runs import ScriptedRuns, scripted

_Context = Context[Any, Any]


def task_server(folder: Path, engine: ScriptedRuns | None = None) -> MCPServer[Any]:
    """Return the server.

    Args:
        folder: the root, and where the runs have their folders.
        engine: the runs; new ones if none are given.
    """
    desk = Desk(replace(Settings(), root=folder), engine or ScriptedRuns(folder))
    server: MCPServer[Any] = MCPServer("tasks", log_level="ERROR", extensions=[Tasks(desk, _told)])

    @server.tool()
    async def greet(name: str) -> CallToolResult:
        """Greet somebody at once."""
        return CallToolResult(content=[TextContent(text=f"Hello, {name}!")])

    @server.tool()
    async def slow_compute(ctx: _Context, seconds: float, label: str = "") -> CallToolResult:
        """End after so many seconds."""
        return _told(await begun(desk, ctx, scripted(seconds), 0))

    @server.tool()
    async def failing_job(ctx: _Context) -> CallToolResult:
        """Fail for a reason that the user can mend."""
        return _told(await begun(desk, ctx, scripted(0.5, "fails"), 0))

    @server.tool()
    async def protocol_error_job(ctx: _Context) -> CallToolResult:
        """Fail for a reason of ours."""
        return _told(await begun(desk, ctx, scripted(0.5, "breaks"), 0))

    return server


def _told(run: Run) -> CallToolResult:
    """Return a run in words."""
    return CallToolResult(content=[TextContent(text=f"{run.id} {run.status}")])


def main(folder: Path) -> None:
    """Serve over HTTP at a free port of this machine until killed."""
    import uvicorn

    from conformity.entry.mcp.http import PATH

    app = task_server(folder).streamable_http_app(streamable_http_path=PATH, stateless_http=True)
    with socket.create_server(("127.0.0.1", 0)) as bound:
        print(f"serving MCP at http://127.0.0.1:{bound.getsockname()[1]}{PATH}", file=sys.stderr, flush=True)
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run([bound])


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Calls of the MCP server in this process, in either era of the protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio
from mcp import Client
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult

from conformity.entry.jobs.interface import JobEngine
from conformity.entry.mcp.server import build_server
from conformity.settings import Settings

Era = Literal["legacy", "auto"]
MOST_BYTES = 4096
"""No answer is longer, as JSON, whatever it holds."""

T = TypeVar("T")


def with_client(server: MCPServer[Any], work: Callable[[Client], Awaitable[T]], era: Era = "auto") -> T:
    """Return what ``work`` gives with a client of a server."""

    async def run() -> T:
        async with Client(server, mode=era) as client:
            return await work(client)

    return anyio.run(run)


def call(
    root: Path, tool: str, era: Era = "auto", engine: JobEngine | None = None, **arguments: Any
) -> CallToolResult:
    """Return the answer of one call; that it is short is checked."""

    async def work(client: Client) -> CallToolResult:
        return await client.call_tool(tool, arguments)

    answer = with_client(build_server(Settings(root=root.resolve()), engine), work, era)
    check_short(answer)
    return answer


def check_short(answer: CallToolResult) -> None:
    """Check that an answer is no longer than it may be."""
    size = len(answer.model_dump_json(by_alias=True, exclude_none=True).encode())
    assert size <= MOST_BYTES, size


def words(answer: CallToolResult) -> str:
    """Return the text of an answer."""
    block = answer.content[0]
    assert block.type == "text"
    return block.text


def structure(answer: CallToolResult) -> dict[str, Any]:
    """Return the structure of an answer that is no error."""
    assert not answer.is_error, words(answer)
    assert answer.structured_content is not None
    return dict(answer.structured_content)

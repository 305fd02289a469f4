"""Every way to start the server on standard input and output gives the same server."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters

pytestmark = pytest.mark.slow

PROGRAMS = Path(sys.executable).parent
SERVER = Path(__file__).resolve().parents[2] / "mcp_server.py"
COMMANDS: list[list[object]] = [
    [PROGRAMS / "conformity", "mcp"],
    [PROGRAMS / "conformity-mcp"],
    [PROGRAMS / "data-gov-server"],
    [PROGRAMS / "python", SERVER],
    # What `mcp dev` starts inside the inspector.
    [PROGRAMS / "mcp", "run", SERVER],
]


def test_every_way_to_start_gives_the_same_server(tmp_path: Path) -> None:
    found: list[tuple[str, int, int]] = []

    async def started(command: Sequence[object]) -> None:
        """Ask one server what it offers."""
        program, *arguments = map(str, command)
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
        server = StdioServerParameters(
            command=program,
            args=arguments,
            env={"CONFORMITY_ROOT": str(tmp_path), "PATH": "/usr/bin:/bin", **kept},
        )
        async with Client(server) as client:
            tools, prompts = await client.list_tools(), await client.list_prompts()
            name = client.server_info.name if client.server_info else ""
            found.append((name, len(tools.tools), len(prompts.prompts)))

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for command in COMMANDS:
                group.start_soon(started, command)

    anyio.run(run)
    assert len(found) == len(COMMANDS)
    assert set(found) == {("conformity", found[0][1], 3)}
    assert found[0][1] >= 15

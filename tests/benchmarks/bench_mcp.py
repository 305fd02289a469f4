"""Measure the processor time of the MCP server to its first reply: ``python tests/benchmarks/bench_mcp.py``.

Goal: at most 50 ms more than a bare ``MCPServer`` with one tool, by the least of several starts of each,
taken in turns: what other programs do to the caches only ever adds. The size of the list of tools is
printed too. Run on demand; CI checks what is imported instead (``tests/contract/test_startup.py``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

GOAL_MS = 50
RUNS = 15
BARE = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("bare", log_level="ERROR")
@server.tool()
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b
server.run("stdio")
"""
OURS = ["-m", "conformity.entry.mcp"]
HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}


def ask(process: subprocess.Popen[str], number: int, method: str, params: dict[str, Any]) -> str:
    """Send a request and return the line of its reply."""
    assert process.stdin is not None
    assert process.stdout is not None
    request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def spent_ms(process: subprocess.Popen[str]) -> float:
    """Return the processor time of all threads of a process so far, in milliseconds."""
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def first_reply(arguments: list[str], root: str) -> tuple[float, float, int]:
    """Return the time to the first reply, that of listing the tools after it, and the bytes of the list."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "CONFORMITY_ROOT": root},
    ) as process:
        ask(process, 1, "initialize", HELLO)
        first = spent_ms(process)
        assert process.stdin is not None
        process.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        listed = ask(process, 2, "tools/list", {})
        second = spent_ms(process)
        process.kill()
    tools = json.loads(listed)["result"]["tools"]
    return first, second - first, len(json.dumps(tools, ensure_ascii=False, separators=(",", ":")))


def main() -> int:
    """Print both times and their difference; return 1 when the goal is missed."""
    with tempfile.TemporaryDirectory() as root:
        pairs = [(first_reply(["-c", BARE], root), first_reply(OURS, root)) for _ in range(RUNS)]
    bare = min(one[0][0] for one in pairs)
    ours = min(one[1][0] for one in pairs)
    more = ours - bare
    listing = min(one[1][1] for one in pairs)
    size = pairs[0][1][2]
    print(f"bare MCPServer {bare:6.0f} ms")
    print(f"conformity     {ours:6.0f} ms  {ours / bare:.2f} x bare, {more:+.0f} ms; goal +{GOAL_MS} ms")
    print(f"tools/list     {listing:6.0f} ms, {size:,} bytes, about {size / 4:,.0f} tokens at 4 bytes each")
    return 1 if more > GOAL_MS else 0


if __name__ == "__main__":
    raise SystemExit(main())

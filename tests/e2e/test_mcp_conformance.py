"""The real server over HTTP, checked by the official programs: the conformance suite and the inspector.

The versions are in ``tests/node/package.json``; what the server is known to miss, and why, stands beside it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio
import pytest
from mcp import Client

from conformity.entry.mcp.apps import REPORT
from tests.support.mcp_http import Serving, serving
from tests.support.node_tools import INSPECTOR, LISTED, SUITE, needs_node_tools, run_tool

pytestmark = [pytest.mark.slow, needs_node_tools]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Return a server that all tests here share."""
    with serving(tmp_path_factory.mktemp("root")) as started:
        yield started


@pytest.fixture
def address(server: Serving) -> str:
    """Return where the server is."""
    return server.address


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_what_a_revision_requires_is_kept(address: str, revision: str, tmp_path: Path) -> None:
    known = LISTED / f"expected-{revision}.yml"
    done = run_tool(
        SUITE, "server", "--url", address, "--requirements", revision, "--expected-failures", known,
        folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Baseline check passed" in done.stdout


def test_headers_are_held_against_the_request(address: str, tmp_path: Path) -> None:
    """The suite does not count this scenario yet, since its own server fails it; ours does not."""
    done = run_tool(
        SUITE, "server", "--url", address, "--scenario", "http-header-validation", folder=tmp_path
    )
    assert done.returncode == 0, done.stdout[-3000:]


def inspected(address: str, folder: Path, *arguments: str) -> str:
    """Return what the inspector prints."""
    done = run_tool(INSPECTOR, "--cli", address, "--transport", "http", *arguments, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_inspector_finds_no_fault_in_the_tools(address: str, tmp_path: Path) -> None:
    listed = json.loads(inspected(address, tmp_path, "--method", "tools/list", "--strict"))
    assert "generate_conformity_report" in [tool["name"] for tool in listed["tools"]]


CALLS: list[tuple[list[str], str]] = [
    (
        ["tools/call", "--tool-name", "explain_requirement", "--tool-arg", "requirement=art10.2.f"],
        "Art. 10(2)(f)",
    ),
    (["resources/read", "--uri", "conformity://requirements/art10.2.f"], "Art. 10(2)(f)"),
    (["resources/read", "--uri", REPORT], "text/html;profile=mcp-app"),
    (["prompts/get", "--prompt-name", "fix_open_findings", "--prompt-args", "run_id=x"], "get_findings"),
    (["tools/list", "--app-info", "--advertise-apps"], REPORT),
]


def test_the_inspector_gets_what_it_asks_for(address: str, tmp_path: Path) -> None:
    def asked(number: int) -> str:
        """Return what one call gives."""
        folder = tmp_path / str(number)
        folder.mkdir()
        return inspected(address, folder, "--method", *CALLS[number][0])

    with ThreadPoolExecutor(max_workers=3) as pool:
        given = list(pool.map(asked, range(len(CALLS))))
    assert [part for (_, part), text in zip(CALLS, given, strict=True) if part not in text] == []


def test_the_list_of_tools_costs_the_server_less_than_25_ms(server: Serving) -> None:
    """In processor time, which does not depend on what else the machine does."""
    calls = 20

    async def cost() -> float:
        async with Client(server.address) as client:
            await client.session.list_tools()
            before = _processor_s(server.process.pid)
            for _ in range(calls):
                await client.session.list_tools()
            return (_processor_s(server.process.pid) - before) / calls

    assert anyio.run(cost) < 0.025


def _processor_s(pid: int) -> float:
    """Return how long a process has used a processor."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

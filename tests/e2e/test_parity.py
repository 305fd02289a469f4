"""The same manifest through every surface gives the same assessment, byte for byte, at one moment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client, StdioServerParameters

from tests.support.cases import CRITERION, manifest, system

MOMENT = "1795348800"
"""2026-11-22 12:00 UTC."""
RECORD = "assessment.json"
_LISTENS = re.compile(r"serving (http://\S+)")
_SECONDS = 120


def environment(root: Path) -> dict[str, str]:
    """Return what every surface is started with."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(root),
        "SOURCE_DATE_EPOCH": MOMENT,
        "CONFORMITY_ROOT": str(root),
        **kept,
    }


def conformity(root: Path, *arguments: str) -> None:
    """Run the command line; what it printed is shown where it fails."""
    command = [sys.executable, "-m", "conformity", *arguments]
    ended = subprocess.run(
        command,
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def by_command(root: Path) -> bytes:
    """Assess on the command line."""
    conformity(root, "assess", "conformity.yaml", "-o", "pack", "--formats", "json")
    return (root / "pack" / RECORD).read_bytes()


def by_pipeline(root: Path) -> bytes:
    """Assess as the action for code hosts does."""
    conformity(root, "ci", "conformity.yaml", "-o", "out", "--formats", "json", "--fail-on", "never")
    return (root / "out" / "pack" / RECORD).read_bytes()


def by_tool(root: Path, server: StdioServerParameters | str) -> bytes:
    """Assess with the MCP tool, and wait for the run's end."""

    async def ask() -> str:
        async with Client(server) as client:
            answer = await client.call_tool(
                "generate_conformity_report",
                {"manifest": "conformity.yaml", "output": "pack", "wait_seconds": 1},
            )
            until = time.monotonic() + _SECONDS
            while True:
                assert answer.structured_content is not None, answer.content
                told = answer.structured_content
                if told["status"] not in ("queued", "running") or time.monotonic() > until:
                    return str(told["status"])
                answer = await client.call_tool("get_run", {"run_id": told["run_id"], "wait_seconds": 20})

    assert anyio.run(ask) == "succeeded"
    return (root / "pack" / RECORD).read_bytes()


def by_stdio(root: Path) -> bytes:
    """Assess with the MCP tool over standard input and output."""
    return by_tool(
        root,
        StdioServerParameters(
            command=sys.executable, args=["-m", "conformity", "mcp"], env=environment(root), cwd=root
        ),
    )


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Yield the address of the server of the REST API."""
    command = [sys.executable, "-m", "conformity", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=root, env=environment(root), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        try:
            found = next(filter(None, map(_LISTENS.search, process.stderr)), None)
            assert found, "the server did not start"
            yield found[1]
        finally:
            process.terminate()
            process.communicate(timeout=30)


def by_http(root: Path) -> bytes:
    """Assess with the MCP tool over HTTP, where the REST API is."""
    with served(root) as address:
        return by_tool(root, f"{address}/mcp")


def by_rest(root: Path) -> bytes:
    """Upload manifest and table, wait for the run's end, and fetch the record."""
    with served(root) as address, httpx2.Client(base_url=address, timeout=60) as client:
        parts = {
            "manifest": ("conformity.yaml", (root / "conformity.yaml").read_bytes(), "application/yaml"),
            "files": ("test.csv", (root / "test.csv").read_bytes(), "text/csv"),
        }
        begun = client.post("/v1/runs", params={"formats": "json"}, files=parts)
        assert begun.status_code == 202, begun.text
        where, until = begun.headers["location"], time.monotonic() + _SECONDS
        while (now := client.get(where).json())["status"] in ("queued", "running"):
            assert time.monotonic() < until, now
            time.sleep(0.2)
        assert now["status"] == "succeeded", now
        report = client.get(f"{where}/report", headers={"accept": "application/json"})
        assert report.status_code == 200, report.text
        return report.content


SURFACES = {"ci": by_pipeline, "mcp-stdio": by_stdio, "mcp-http": by_http, "rest": by_rest}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return what the command line makes."""
    root = tmp_path_factory.mktemp("cli")
    system(root)
    return by_command(root)


@pytest.mark.slow
@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_gives_the_same_assessment(surface: str, expected: bytes, tmp_path: Path) -> None:
    system(tmp_path)
    assert SURFACES[surface](tmp_path) == expected


@pytest.mark.slow
def test_another_bound_is_another_assessment(expected: bytes, tmp_path: Path) -> None:
    system(tmp_path, text=manifest(criteria=CRITERION.replace("0.5", "0.6")))
    assert by_command(tmp_path) != expected

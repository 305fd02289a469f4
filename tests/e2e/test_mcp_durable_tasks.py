"""A task outlives the server that made it: killed in mid-task, another finishes it and has its documents."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, MCPError
from mcp_types import ResourceTemplateReference, TextResourceContents

from tests.support.cases import system
from tests.support.mcp_http import serving
from tests.support.task_client import TakesTasks, ask, created, ended

pytestmark = pytest.mark.slow

HEAVY = ("numpy", "pandas", "duckdb", "pyarrow", "scipy", "sklearn", "polars")
"""Libraries with parts in C that measure; what a process has loaded of them stands in its map of memory."""


def test_a_server_killed_in_mid_task_is_no_loss(tmp_path: Path) -> None:
    system(tmp_path)
    with serving(tmp_path) as first:
        task = anyio.run(_begin, first.address)
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
    assert task["status"] == "working"
    with serving(tmp_path) as second:
        anyio.run(_finish, second.address, task["taskId"])
        loaded = Path(f"/proc/{second.process.pid}/maps").read_text()
    assert [name for name in HEAVY if f"/{name}/" in loaded] == []


async def _begin(address: str) -> dict[str, Any]:
    """Return the task that the call of the tool gives."""
    async with Client(address, extensions=[TakesTasks()]) as client:
        return await created(client, "generate_conformity_report", {"manifest": "conformity.yaml"})


async def _finish(address: str, task: str) -> None:
    """Ask another server for the task until it has ended, and read what came of it."""
    async with Client(address, extensions=[TakesTasks()]) as client:
        with anyio.fail_after(300):
            found = await ended(client.session, task, pause=0.3)
        assert found["status"] == "completed", found
        told = found["result"]["structuredContent"]
        assert told["run_id"] == task
        assert sum(told["report"]["counts"].values()) == 224
        await _check_documents(client, task)
        await _check_completion(client, task)
        assert (await ask(client.session, "tasks/cancel", task)) == {"resultType": "complete"}
        assert (await ask(client.session, "tasks/get", task))["status"] == "completed"


async def _check_documents(client: Client, run: str) -> None:
    """Check every document of a run, its type, and that no number in it is about a few people."""
    base, found = f"conformity://runs/{run}", {}
    kinds = {"md": "text/markdown", "html": "text/html", "json": "application/json", "pdf": "application/pdf"}
    for ending, kind in kinds.items():
        found[ending] = await _read(client, f"{base}/report.{ending}", kind)
    assert found["md"].startswith("# Conformity assessment: Scorer 2.0")
    assert found["html"].startswith("<!DOCTYPE html>")
    assert found["pdf"].startswith("JVBERi0xLjc")
    record = json.loads(found["json"])
    (first, *_) = [one for finding in record["findings"] for one in finding["evidence"]]
    evidence = await _read(client, f"{base}/evidence/{first}", "application/json")
    assert json.loads(evidence)["id"] == first
    for missing in (f"{base}/evidence/EV-0000000000", "conformity://runs/nobody-made-this/report.html"):
        with pytest.raises(MCPError) as raised:
            await client.read_resource(missing)
        assert raised.value.code == -32602


async def _read(client: Client, uri: str, kind: str) -> str:
    """Return what a resource holds, which must be of a kind."""
    (content,) = (await client.read_resource(uri)).contents
    assert content.mime_type == kind
    return content.text if isinstance(content, TextResourceContents) else content.blob


async def _check_completion(client: Client, run: str) -> None:
    """Check that the ids of runs and of their evidence are completed."""
    of_run = ResourceTemplateReference(uri="conformity://runs/{run_id}/report.html")
    found = await client.complete(of_run, {"name": "run_id", "value": run[:3]})
    assert found.completion.values == [run]
    of_evidence = ResourceTemplateReference(uri="conformity://runs/{run_id}/evidence/{evidence_id}")
    typed = {"name": "evidence_id", "value": "EV-"}
    found = await client.complete(of_evidence, typed, context_arguments={"run_id": run})
    assert len(found.completion.values) > 3
    found = await client.complete(of_evidence, typed, context_arguments={"run_id": "half"})
    assert found.completion.values == []

"""The resources that a client can read: reports, evidence, requirements, the schema of a manifest.

In: an address. Out: the text or the bytes behind it, and ids that complete the beginning of one.
Invariant: an address is never a path; a run is looked up by its id and its owner.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

import anyio.to_thread
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from conformity.entry.mcp.completion import add_completion
from conformity.entry.mcp.shared import Desk, clipped
from conformity.entry.mcp.shelf import Shelf
from conformity.errors import ConformityError, NotFoundError, UsageError

T = TypeVar("T")
_Context = Context[Any, Any]

_HOUR_MS = 3_600_000
CACHE_HINTS: Mapping[CacheableMethod, CacheHint] = {
    # These are the same for everybody until another version is installed; resources belong to whoever asked.
    "tools/list": CacheHint(_HOUR_MS, "public"),
    "prompts/list": CacheHint(_HOUR_MS, "public"),
    "resources/list": CacheHint(_HOUR_MS, "public"),
    "resources/templates/list": CacheHint(_HOUR_MS, "public"),
    "server/discover": CacheHint(_HOUR_MS, "public"),
    "resources/read": CacheHint(0, "private"),
}
"""How long a client may keep which answers."""

_JSON = "application/json"


def add_resources(server: MCPServer[Any], desk: Desk) -> None:
    """Add the resources that a client can read, and the completion of their ids."""
    shelf = Shelf(desk)
    _add_law(server)
    _add_texts(server, shelf)
    _add_files(server, shelf)
    add_completion(server, shelf)


def _add_law(server: MCPServer[Any]) -> None:
    """Add the catalogue of the law, and the schema of a manifest."""

    @server.resource(
        "conformity://schema/manifest.json", title="Schema of a manifest", mime_type="application/schema+json"
    )
    async def manifest_schema() -> str:
        """Return the JSON Schema of conformity.yaml."""
        return await _given(_manifest_schema)

    @server.resource("conformity://requirements", title="Requirements of the EU AI Act", mime_type=_JSON)
    async def requirements() -> str:
        """Return id, citation and title of every requirement in the catalogue."""
        return await _given(_requirements)

    @server.resource(
        "conformity://requirements/{requirement_id}", title="Requirement of the EU AI Act", mime_type=_JSON
    )
    async def requirement(requirement_id: str) -> str:
        """Return what a requirement asks, of whom, from when, and what would show it, with its citation."""
        return await _given(lambda: _requirement(requirement_id))


def _add_texts(server: MCPServer[Any], shelf: Shelf) -> None:
    """Add what is made for a chat from the records of a run."""

    @server.resource(
        "conformity://runs/{run_id}/report.md", title="Report in short", mime_type="text/markdown"
    )
    async def report_md(run_id: str, ctx: _Context) -> str:
        """Return the verdicts and the open points of a run in Markdown."""
        return await _given(lambda: shelf.summary(run_id, shelf.desk.owner(ctx)))

    @server.resource("conformity://runs/{run_id}/report.json", title="Report as data", mime_type=_JSON)
    async def report_json(run_id: str, ctx: _Context) -> str:
        """Return the assessment of a run: findings, plan and manifest, without figures about a few people."""
        return await _given(lambda: shelf.record(run_id, shelf.desk.owner(ctx)))

    @server.resource(
        "conformity://runs/{run_id}/evidence/{evidence_id}", title="Evidence of a run", mime_type=_JSON
    )
    async def evidence(run_id: str, evidence_id: str, ctx: _Context) -> str:
        """Return what one step of a run measured, without figures about a few people."""
        return await _given(lambda: shelf.observation(run_id, evidence_id, shelf.desk.owner(ctx)))


def _add_files(server: MCPServer[Any], shelf: Shelf) -> None:
    """Add the documents of a run, as they are in its pack."""

    @server.resource("conformity://runs/{run_id}/report.html", title="Report", mime_type="text/html")
    async def report_html(run_id: str, ctx: _Context) -> str:
        """Return the report of a run as a page that needs nothing else."""
        return (await _given(lambda: shelf.file(run_id, "report.html", shelf.desk.owner(ctx)))).decode()

    @server.resource(
        "conformity://runs/{run_id}/report.pdf", title="Report as PDF", mime_type="application/pdf"
    )
    async def report_pdf(run_id: str, ctx: _Context) -> bytes:
        """Return the report of a run as PDF; it is confidential, since it carries the exact record."""
        return await _given(lambda: shelf.file(run_id, "report.pdf", shelf.desk.owner(ctx)))


async def _given(work: Callable[[], T]) -> T:
    """Return what ``work`` gives, done in a thread.

    Raises:
        ResourceNotFoundError: there is nothing at this address for whoever asks.
        ResourceError: what is there cannot be used as it is.
    """
    try:
        return await anyio.to_thread.run_sync(work)
    except (NotFoundError, UsageError) as error:
        raise ResourceNotFoundError(clipped(error.message)) from error
    except ConformityError as error:
        raise ResourceError(clipped(error.message)) from error


@cache
def _manifest_schema() -> str:
    """Return the schema of a manifest as text."""
    from conformity.model.schemas import manifest_schema

    return json.dumps(manifest_schema(), ensure_ascii=False)


@cache
def _requirements() -> str:
    """Return the rows of the catalogue in short, as text."""
    from conformity.pipeline import knowing

    rows = [
        {"id": str(row.id), "citation": row.ref, "title": row.title, "a_tool_can": row.automation}
        for row in knowing.list_requirements()
    ]
    return json.dumps({"requirements": rows}, ensure_ascii=False)


def _requirement(requirement_id: str) -> str:
    """Return one row of the catalogue as text.

    Raises:
        UsageError: there is no such row; the message names the nearest.
    """
    from conformity.entry.mcp.answers.law import requirement
    from conformity.pipeline import knowing

    return requirement(knowing.explain_requirement(requirement_id)).model_dump_json()

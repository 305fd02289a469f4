"""The tools as clients see them: fifteen, typed, told in few words; errors in sentences, secrets in none."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Annotated, Any

import jsonschema  # type: ignore[import-untyped] # ships no types
import pytest
from mcp import Client, MCPError
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import Tool
from pydantic import Field

from conformity.entry.mcp.listing import ToolServer, without_filler
from conformity.entry.mcp.server import build_server
from conformity.errors import DataError
from conformity.settings import Settings
from tests.support.mcp_calls import Era, with_client, words

TOOLS = [
    "generate_conformity_report",
    "get_run",
    "cancel_run",
    "get_findings",
    "draft_manifest",
    "check_manifest",
    "classify_system",
    "explain_requirement",
    "analyze_bias",
    "scan_dataset_privacy",
    "scan_prompt",
    "scan_model_file",
    "track_energy",
    "verify_report",
    "compare_reports",
]
WRITES = {"generate_conformity_report", "cancel_run", "draft_manifest", "track_energy"}
DESTROYS = {"generate_conformity_report", "cancel_run"}
REPEATS_DIFFER = {"generate_conformity_report", "track_energy"}
MOST_TOKENS = 5000
BYTES_A_TOKEN = 3.5
"""Fewer than most tokenisers of JSON make of one, so that the count errs on the safe side."""


async def listed(client: Client) -> list[Tool]:
    """Return the tools of a server."""
    return (await client.list_tools()).tools


@pytest.mark.parametrize("era", ["legacy", "auto"])
def test_both_eras_list_the_same_tools_in_the_same_order(tmp_path: Path, era: Era) -> None:
    tools = with_client(build_server(Settings(root=tmp_path)), listed, era)
    assert [tool.name for tool in tools] == TOOLS


def test_every_tool_has_a_title_four_hints_and_described_arguments(tmp_path: Path) -> None:
    for tool in with_client(build_server(Settings(root=tmp_path)), listed):
        hints = tool.annotations
        assert hints is not None
        assert hints.read_only_hint == (tool.name not in WRITES), tool.name
        assert hints.destructive_hint == (tool.name in DESTROYS), tool.name
        assert hints.idempotent_hint == (tool.name not in REPEATS_DIFFER), tool.name
        assert hints.open_world_hint is False
        assert tool.title
        assert tool.description
        assert "  " not in tool.description
        for name, schema in tool.input_schema["properties"].items():
            assert schema.get("description"), (tool.name, name)
        assert tool.output_schema is not None
        assert tool.output_schema["properties"]
        for schema in (tool.input_schema, tool.output_schema):
            jsonschema.Draft202012Validator.check_schema(schema)


def test_a_report_reaches_out_only_where_places_were_allowed(tmp_path: Path) -> None:
    tools = with_client(build_server(Settings(root=tmp_path, remote=("s3://bucket",))), listed)
    reaching = {tool.name for tool in tools if tool.annotations and tool.annotations.open_world_hint}
    assert reaching == {"generate_conformity_report"}


def test_the_list_of_tools_is_short(tmp_path: Path) -> None:
    tools = with_client(build_server(Settings(root=tmp_path)), listed)
    plain = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]
    size = len(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode())
    assert size / BYTES_A_TOKEN < MOST_TOKENS


def test_a_schema_loses_filler_and_means_the_same() -> None:
    schema: dict[str, Any] = {
        "title": "Arguments",
        "properties": {
            "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Title"},
            "kind": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "title": "Kind"},
            "names": {"items": {"title": "Name", "type": "string"}, "type": "array", "default": ["title"]},
        },
        "allOf": [{"title": "All", "required": ["title"]}],
    }
    assert without_filler(schema) == {
        "properties": {
            "title": {"type": "string"},
            "kind": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "names": {"items": {"type": "string"}, "type": "array", "default": ["title"]},
        },
        "allOf": [{"required": ["title"]}],
    }


def erring() -> ToolServer:
    """Return a server whose tools go wrong in every way."""
    server = ToolServer("erring", log_level="ERROR")

    @server.tool()
    async def ours(size: Annotated[int, Field(ge=1)] = 1) -> str:
        """Raise an error of ours."""
        raise DataError(f"{'x' * 5000}; shorten it.")

    @server.tool()
    async def told() -> str:
        """Raise an error of a tool."""
        raise ToolError("Give something; anything will do.")

    @server.tool()
    async def unforeseen() -> str:
        """Raise an error that holds a value of the data."""
        raise ValueError("row 7: secret@example.com")

    @server.tool()
    async def protocol() -> str:
        """Raise an error of the protocol."""
        raise MCPError(-32602, "No such thing.")

    return server


@pytest.mark.parametrize(
    ("tool", "arguments", "part"),
    [
        pytest.param("ours", {}, "; shorten it.", id="ours"),
        pytest.param("told", {}, "Give something; anything will do.", id="a tool's"),
        pytest.param("ours", {"size": 0}, "ours: size: Input should be greater than", id="an argument"),
        pytest.param("ours", {"sise": 1}, "ours has no argument 'sise'; did you mean 'size'?", id="a name"),
        pytest.param("none", {}, "none", id="a tool that is not there"),
    ],
)
def test_what_can_be_mended_is_said_in_a_sentence(tool: str, arguments: dict[str, Any], part: str) -> None:
    async def work(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    answer = with_client(erring(), work)
    assert answer.is_error
    assert part in words(answer)
    assert "Error executing tool" not in words(answer)
    assert len(words(answer)) < 1100


def test_of_an_unforeseen_error_only_the_kind_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async def work(client: Client) -> Any:
        return await client.call_tool("unforeseen", {})

    caplog.set_level(logging.ERROR, logger="conformity.entry.mcp.listing")
    answer = with_client(erring(), work)
    assert words(answer) == "internal error (ValueError); the server's log says more."


def test_an_error_of_the_protocol_stays_one() -> None:
    async def work(client: Client) -> str:
        with pytest.raises(MCPError) as raised:
            await client.call_tool("protocol", {})
        return str(raised.value)

    assert "No such thing." in with_client(erring(), work)

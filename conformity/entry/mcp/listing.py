"""The server as clients see it: short schemas, errors in words, and nothing told that it should not be.

In: what the tools return or raise. Out: lists without filler, and errors of one sentence. Invariant: of an
error that nobody foresaw only its kind is told; its text may hold values of the data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, InputRequiredResult, Tool
from pydantic import ValidationError

from conformity.entry.mcp.shared import clipped
from conformity.errors import ConformityError
from conformity.intake.names import advice, listed, quoted

_logger = logging.getLogger(__name__)


class ToolServer(MCPServer[Any]):
    """An MCP server whose tools raise errors of ours as they are, and are added when first asked for.

    Args:
        given: as for :class:`MCPServer`.
        later: adds the tools; called once, before they are first listed or called.
        named: as for :class:`MCPServer`.
    """

    def __init__(self, *given: Any, later: Callable[[ToolServer], None] | None = None, **named: Any) -> None:
        super().__init__(*given, **named)
        self._later = later

    async def list_tools(self) -> list[Tool]:
        """Return the tools in the order in which they were added, their schemas without filler."""
        self._add_tools()
        return [_short(tool) for tool in await super().list_tools()]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Return what a tool answers.

        Raises:
            ToolError: something the user can mend, in a sentence; or an error of ours, by its kind alone.
            MCPError: an error of the protocol.
        """
        self._add_tools()
        self._check_names(name, arguments)
        try:
            return await super().call_tool(name, arguments, context)
        except MCPError:
            raise
        except ToolError as error:
            raise ToolError(_words(name, error)) from error.__cause__

    def _add_tools(self) -> None:
        """Add the tools that are to be added later, if this is the first time that anybody needs them."""
        later, self._later = self._later, None
        if later is not None:
            later(self)

    def _tool_input_schema(self, name: str) -> dict[str, Any] | None:
        """Return what a tool takes; the library asks for it before it calls one."""
        self._add_tools()
        return super()._tool_input_schema(name)

    def _check_names(self, name: str, arguments: dict[str, Any]) -> None:
        """Check that a tool has the arguments that it is given; one misspelt would be passed over.

        Raises:
            ToolError: it has not.
        """
        schema = self._tool_input_schema(name)
        known = sorted(schema.get("properties", {})) if schema else []
        for given in arguments if schema else ():
            if given not in known:
                raise ToolError(f"{name} has no argument {quoted(given)}; {advice(given, known)}.")


def _words(name: str, error: ToolError) -> str:
    """Return what to tell of an error."""
    cause = error.__cause__
    if isinstance(cause, ConformityError):
        return clipped(cause.message)
    if isinstance(error, UnexpectedToolError):
        _logger.error("tool_failed", exc_info=cause)
        return f"internal error ({type(cause).__name__}); the server's log says more."
    if isinstance(cause, ValidationError):
        return clipped(refused(cause, f"{name}: "))
    # The library puts the tool's name before what the tool said.
    return clipped(str(error).removeprefix(f"Error executing tool {name}: "))


def refused(error: ValidationError, before: str = "") -> str:
    """Return which arguments do not fit, and why; the values are not repeated.

    Args:
        error: what pydantic found.
        before: what stands before the sentence.
    """
    faults = {
        ".".join(str(part) for part in one["loc"]) or "the arguments": one["msg"]
        for one in error.errors(include_url=False, include_input=False)
    }
    told = "; ".join(f"{quoted(place)[1:-1]}: {what}" for place, what in list(faults.items())[:5])
    return f"{before}{told}. Correct {listed(list(faults)[:5])} and call it again."


def _short(tool: Tool) -> Tool:
    """Return a tool with its schemas made short."""
    return tool.model_copy(
        update={
            # Docstrings are indented and wrapped for people who read the code.
            "description": " ".join((tool.description or "").split()),
            "input_schema": without_filler(tool.input_schema),
            "output_schema": None if tool.output_schema is None else _lean(tool.output_schema),
        }
    )


def without_filler(schema: Any) -> Any:
    """Return a schema without what says nothing: titles made from names, `or null` of what may be left out.

    What it lets through is let through by the schema as it was.
    """
    if isinstance(schema, list):
        return [without_filler(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    choices = schema.get("anyOf")
    if choices and {"type": "null"} in choices:
        rest = [one for one in choices if one != {"type": "null"}]
        kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        schema = {**kept, **(rest[0] if len(rest) == 1 else {"anyOf": rest})}
    return {
        key: {name: without_filler(inner) for name, inner in value.items()}
        if key in ("properties", "$defs")
        else value
        if key in ("default", "enum", "const", "required")
        else without_filler(value)
        for key, value in schema.items()
        if key != "title"
    }


def _lean(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an answer with its fields and their types; what lies within them is left open.

    Every client reads all schemas before it calls anything; those of answers tell it what to expect.
    """
    fields = without_filler(schema)["properties"]
    # What is a model of ours comes as a reference, and is an object.
    kinds = {name: {"type": inner.get("type", "object")} for name, inner in fields.items()}
    return {"type": "object", "properties": kinds}

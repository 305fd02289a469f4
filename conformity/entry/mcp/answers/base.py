"""What all answers share: their size, texts of others made harmless, and lists cut to fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mcp_types import CallToolResult, ContentBlock, TextContent
from pydantic import BaseModel, ConfigDict

from conformity.entry.plain import plain

MOST_BYTES = 3800
"""The most that an answer may have as JSON, text, links and structure together: 4 kB with its envelope."""


class Answer(BaseModel):
    """A typed answer.

    Its fields have no descriptions in the schema: clients read all schemas, whether they need them or not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def told(text: object, most: int = 200) -> str:
    """Return a text on one line, without what is not printable, at most so long.

    Args:
        text: what may come from a manifest, a data file or a file name.
        most: how many characters it may have.
    """
    line = plain(" ".join(str(text).split()))
    return line if len(line) <= most else f"{line[: most - 3]}..."


def more(shown: int, of: int, where: str) -> str:
    """Return how many of how many are shown, and which call gives the rest, such as ``3 of 9; ...``."""
    return f"{shown} of {of}; {of - shown} more: {where}" if shown < of else str(of)


def result(answer: Answer, text: str, links: Sequence[ContentBlock] = ()) -> CallToolResult:
    """Return an answer as structured content, with a text for clients that show text, and links."""
    return CallToolResult(
        content=[TextContent(text=text), *links],
        structured_content=answer.model_dump(mode="json", exclude_none=True),
    )


def size(answer: CallToolResult) -> int:
    """Return how many bytes an answer has as JSON."""
    return len(answer.model_dump_json(by_alias=True, exclude_none=True).encode())


def fitted(build: Callable[[int], CallToolResult], most: int) -> CallToolResult:
    """Return the longest answer that is short enough.

    Args:
        build: gives the answer with so many items in each of its lists.
        most: how many items there are at most.
    """
    answer = build(most)
    for items in range(most - 1, -1, -1):
        if size(answer) <= MOST_BYTES:
            break
        answer = build(items)
    return answer


def lines(*parts: str | Sequence[str] | None) -> str:
    """Return the parts that there are, a line each."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif part:
            found.extend(part)
    return "\n".join(found)


def loose(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain data, for a field whose schema says only that it is an object."""
    return answer.model_dump(mode="json", exclude_none=True)

"""Markdown of texts that others wrote: nothing in them becomes markup, a link, a picture or a mention.

Source:
    GitHub Flavored Markdown 0.29, sections 6.1 (escapes), 4.10 (tables), 6.9 (automatic links).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from conformity.render.exports.plain import one_line

_MARKS = re.compile(r"([\\`*_\[\]|~$^])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ENTITY = re.compile("[&<>]")
_LINK = re.compile(r"(?i)(:)(?=//)|(\b(?:mailto|xmpp|javascript|data|vbscript))(:)|(\bwww)(\.)")
_MENTION = re.compile(r"@(?=\w)")
_START = re.compile(r"^(?:([#+=-])|(\d{1,9})([.)])(?!\S))")
_PLAIN_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@ -]*")


def escaped(text: str) -> str:
    """Return a text as Markdown that shows it letter by letter, on one line."""
    found = _ENTITY.sub(lambda match: _ENTITIES[match.group()], one_line(text))
    found = _MARKS.sub(r"\\\1", found)
    found = _LINK.sub(_unlinked, found)
    # Inside a code span a name is no mention of anybody.
    found = _MENTION.sub("`@`", found)
    return _START.sub(_unstarted, found)


def code(text: str) -> str:
    """Return an id or a number as code, or escaped where it holds anything but what ids are made of."""
    found = one_line(text)
    return f"`{found}`" if _PLAIN_CODE.fullmatch(found) else escaped(found)


def short(text: str, letters: int) -> str:
    """Return a text of at most so many letters, cut with an ellipsis; to be escaped afterwards."""
    found = one_line(text)
    return found if len(found) <= letters else f"{found[: letters - 1].rstrip()}…"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table as lines; its cells are Markdown already and hold no bar that is not escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _unlinked(match: re.Match[str]) -> str:
    """Return the mark that would begin an automatic link with a backslash before it."""
    if match[1]:
        return "\\:"
    return f"{match[2]}\\:" if match[2] else f"{match[4]}\\."


def _unstarted(match: re.Match[str]) -> str:
    """Return what would begin a heading or a list, escaped."""
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"

"""Find the guesses that a drafted manifest still marks as such, so that a person can confirm them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformity.intake.yaml_text import FieldPath, Tree

_MARK = re.compile(r"#\s*GUESS:\s*(.+)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'')
"""A scalar in quotes, which may hold what looks like a comment."""
_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line in YAML."""


@dataclass(frozen=True)
class MarkedGuess:
    """Something that is still marked as a guess."""

    path: FieldPath
    """The field."""
    value: str
    """What was guessed, as JSON writes it; a text without its quotes."""
    reason: str
    """Why."""


def marked_guesses(text: str, tree: Tree) -> tuple[MarkedGuess, ...]:
    """Return the fields whose line ends in a comment that calls them a guess, in the order of the file.

    Args:
        text: the manifest.
        tree: its data and places.
    """
    on_line: dict[int, list[FieldPath]] = {}
    for path, spot in tree.spots.items():
        if path and isinstance(path[-1], str):
            on_line.setdefault(spot.line, []).append(path)
    return tuple(
        MarkedGuess(path, _shown(_value(tree.data, path)), reason)
        for number, reason in _marks(text)
        # A line in brackets holds several fields; what is guessed about a column, its roles, stands last.
        if (path := max(on_line.get(number, ()), key=lambda one: tree.spots[one].column, default=()))
    )


def _marks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines with a mark, counted from 1, and the reason after it."""
    for number, line in enumerate(_BREAK.split(text), 1):
        if found := _MARK.search(_QUOTED.sub(lambda one: "_" * len(one.group()), line)):
            yield number, line[found.start(1) :].strip()


def _value(data: Any, path: FieldPath) -> Any:
    """Return what stands at a path."""
    for part in path:
        data = data[part]
    return data


def _shown(value: Any) -> str:
    """Return a value for a person to read."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

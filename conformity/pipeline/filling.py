"""Fill answers into the text of a manifest: each in its place, and everything else stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from conformity.intake.yaml_text import Spot, Tree, YamlProblemError, dotted, parse

_KEY = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[^\s:#]+)[ \t]*:[ \t]*""")

_BREAKS = "\n\r\x85\u2028\u2029"
"""What ends a line of YAML (YAML 1.2.2, section 5.4, and 1.1 before it)."""


def fillable(text: str) -> frozenset[str]:
    """Return the fields, as people write them, whose value stands on one line, so that another fits there.

    Args:
        text: a manifest; nothing of it can be filled in while it cannot be read.
    """
    tree = _tree(text)
    return frozenset(
        dotted(path) for path, spot in tree.spots.items() if _start(text, path, spot) is not None
    )


def filled(text: str, answers: Mapping[str, str], points: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a manifest with answers filled in.

    Args:
        text: the manifest.
        answers: what to write, by field; fields that are not :func:`fillable` are left aside.
        points: points of the Act to name beside an answer, by the field of the answer.
    """
    tree = _tree(text)
    changes = []
    for path, spot in tree.spots.items():
        start = _start(text, path, spot)
        field = dotted(path)
        if start is None or field not in answers:
            continue
        named = (points or {}).get(field, ())
        changes.append((start, spot.end, _written(answers[field]) + _points(text, spot, named)))
    for start, end, value in sorted(changes, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _tree(text: str) -> Tree:
    """Return what a text holds; nothing when it cannot be read."""
    try:
        return parse(text)
    except YamlProblemError:
        return Tree(None, {})


def _start(text: str, path: Sequence[str | int], spot: Spot) -> int | None:
    """Return where the value of a field begins; None when it is not on one line behind its key."""
    if spot.end is None or not path or isinstance(path[-1], int):
        return None
    key = _KEY.match(text, _line_start(text, spot) + spot.column - 1)
    return key.end() if key is not None and key.end() <= spot.end else None


def _line_start(text: str, spot: Spot) -> int:
    """Return the position at which the line of a field begins, whose value ends on the same line."""
    return max(text.rfind(mark, 0, spot.end) for mark in _BREAKS) + 1


def _points(text: str, spot: Spot, named: Sequence[str]) -> str:
    """Return what names points behind an answer: on a line of its own, or within the same braces."""
    if not named:
        return ""
    begin = _line_start(text, spot)
    before = text[begin : begin + spot.column - 1]
    joint = f"\n{' ' * len(before)}" if before.strip() in ("", "-") else ", "
    return f"{joint}points: [{', '.join(map(_written, named))}]"


def _written(value: str) -> str:
    """Return a text as YAML in double quotes, on one line; every text of JSON is one of YAML."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08X}"
        for letter in json.dumps(value, ensure_ascii=False)
    )

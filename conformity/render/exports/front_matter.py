"""YAML for the head of a model card; every text in it is quoted, so that none of them can be anything else.

Source:
    YAML 1.2.2, sections 7.3.1 (double-quoted style) and 10.2 (JSON schema).
"""

from __future__ import annotations

import json
from typing import Any

from conformity.render.exports.plain import one_line


def front_matter(head: dict[str, Any]) -> list[str]:
    """Return plain data as YAML between two lines of dashes, in its order."""
    return ["---", *_mapping(head, ""), "---"]


def _mapping(value: dict[str, Any], indent: str) -> list[str]:
    """Return a mapping as lines."""
    lines: list[str] = []
    for key, one in value.items():
        if isinstance(one, dict):
            lines += [f"{indent}{key}:", *_mapping(one, indent + "  ")]
        elif isinstance(one, list):
            lines += [f"{indent}{key}:", *_list(one, indent)] if one else [f"{indent}{key}: []"]
        else:
            lines.append(f"{indent}{key}: {_scalar(one)}")
    return lines


def _list(values: list[Any], indent: str) -> list[str]:
    """Return a list as lines; a mapping in it begins on the line of its dash."""
    lines: list[str] = []
    for one in values:
        if isinstance(one, dict):
            first, *rest = _mapping(one, indent + "  ")
            lines += [f"{indent}- {first.strip()}", *rest]
        else:
            lines.append(f"{indent}- {_scalar(one)}")
    return lines


def _scalar(value: str | float) -> str:
    """Return a text, cleaned and quoted, or a number."""
    if isinstance(value, str):
        return json.dumps(one_line(value), ensure_ascii=False)
    # YAML 1.1 readers take a number with an exponent for a text unless it has a point.
    text = json.dumps(value)
    return text if "." in text else text.replace("e", ".0e", 1)

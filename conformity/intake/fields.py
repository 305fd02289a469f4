"""Which fields a manifest has, read from its JSON Schema, for messages that name what was expected."""

from __future__ import annotations

from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from conformity.intake.names import listed, quoted
from conformity.intake.yaml_text import FieldPath
from conformity.model.manifest import Manifest
from conformity.model.trials import LOOPBACK

Node = dict[str, Any]
"""A piece of JSON Schema."""

_PATTERNS = {
    "^[a-z0-9][a-z0-9._-]{0,63}$": (
        "a short name of lower case letters, digits, dots, dashes and underscores, such as `test-data`"
    ),
    "^sha256:[0-9a-f]{64}$": "a digest written as `sha256:` and 64 hex digits in lower case",
    r"^\d+\.\d+\.\d+$": "a version of three numbers in quotes, such as '1.0.0'",
    "^[a-z0-9_-]{1,40}$": "a name in lower case letters, digits, dashes and underscores, such as openai",
    "^[A-Z]{3}$": "a country code of three capitals (ISO 3166-1 alpha-3), such as FRA",
    LOOPBACK: "an address on this machine, such as http://127.0.0.1:8080/v1/chat/completions",
}
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
}


@cache
def manifest_schema() -> Node:
    """Return the JSON Schema of a manifest."""
    return Manifest.model_json_schema()


def plain(node: Node) -> Node:
    """Return the schema behind a reference or behind 'this or nothing'."""
    while True:
        if "$ref" in node:
            node = manifest_schema()["$defs"][node["$ref"].rsplit("/", 1)[1]]
            continue
        choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
        if len(choices) != 1:
            return node
        node = choices[0]


def place(loc: tuple[str | int, ...]) -> tuple[FieldPath, Node]:
    """Return the path in the file, and the schema there, of a location that pydantic reports.

    Pydantic puts the tag of a discriminated union, or the name of a union's member, between the
    keys; these are no part of the path in the file.

    Args:
        loc: ``error["loc"]``.
    """
    node: Node = manifest_schema()
    path: list[str | int] = []
    for part in loc:
        inner = plain(node)
        if "discriminator" in inner:
            node = plain({"$ref": inner["discriminator"]["mapping"][part]})
        elif isinstance(part, int):
            node = inner["items"]
            path.append(part)
        elif part in inner.get("properties", {}):
            node = inner["properties"][part]
            path.append(part)
        else:  # the name of a union's member: the value itself was reached
            break
    return tuple(path), node


def field_names(node: Node) -> tuple[str, ...]:
    """Return the names of the fields that a mapping may have; none for other values."""
    return tuple(plain(node).get("properties", ()))


def kinds_of_subject() -> tuple[str, ...]:
    """Return the values that the field ``kind`` of a subject may have."""
    items = manifest_schema()["properties"]["subjects"]["items"]
    return tuple(items["discriminator"]["mapping"])


@cache
def date_fields() -> frozenset[str]:
    """Return the names of all fields that hold a date or a moment, below the manifest's own.

    They are read from the types, since every manifest needs them: to make its JSON Schema takes long.
    """
    found: set[str] = set()
    seen: set[type[BaseModel]] = set()
    waiting: list[Any] = [field.annotation for field in Manifest.model_fields.values()]
    while waiting:
        model = waiting.pop()
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            waiting.extend(get_args(model))
        elif model not in seen:
            seen.add(model)
            found.update(name for name, field in model.model_fields.items() if _holds_date(field.annotation))
            waiting.extend(field.annotation for field in model.model_fields.values())
    return frozenset(found)


def _holds_date(kind: Any) -> bool:
    """Tell whether a type is a date or a moment, or leaves the choice of one."""
    if kind is AwareDatetime or (isinstance(kind, type) and issubclass(kind, date)):
        return True
    return get_origin(kind) in (Annotated, Union, UnionType) and any(map(_holds_date, get_args(kind)))


def expected(node: Node) -> str:
    """Return in words what the schema at ``node`` accepts."""
    inner = plain(node)
    if "enum" in inner:
        return "one of " + listed(inner["enum"])
    if "const" in inner:
        return quoted(inner["const"])
    if "pattern" in inner:
        return _PATTERNS[inner["pattern"]]
    formats = {choice.get("format") for choice in _choices(inner)}
    if "date-time" in formats:
        return "a date such as 2026-01-31, or a moment with its zone such as 2026-01-31T12:00:00Z"
    if "date" in formats:
        return "a date such as 2026-01-31"
    if "anyOf" in inner:
        return "a single value: text, a number, true or false"
    return _TYPES[inner.get("type", "object")]


def _choices(node: Node) -> list[Node]:
    """Return the alternatives of a node, or the node alone."""
    choices: list[Node] = node.get("anyOf", [node])
    return choices

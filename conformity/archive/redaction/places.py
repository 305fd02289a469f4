"""Places in JSON records: find, read and replace texts by the keys and numbers that lead to them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Keys and numbers from the record to a value in it."""


def pointer(path: Path) -> str:
    """Return a place as RFC 6901 writes it.

    >>> pointer(("manifest", "criteria", 0, "a/b"))
    '/manifest/criteria/0/a~1b'
    """
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield the place and the text of every string in a record, in its order."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    elif isinstance(value, str):
        yield path, value


def matching(value: Any, wanted: str) -> Iterator[tuple[Path, str]]:
    """Yield every string at, or below, the places that a pointer with ``*`` means.

    Args:
        value: a record.
        wanted: a JSON pointer, in which ``*`` stands for every member of a list.
    """
    parts = [part.replace("~1", "/").replace("~0", "~") for part in wanted.split("/")[1:]]
    for path in _expanded(value, parts, ()):
        yield from leaves(at(value, path), path)


def at(value: Any, path: Path) -> Any:
    """Return what stands at a place that exists."""
    for part in path:
        value = value[part]
    return value


def replaced(value: Any, texts: Mapping[Path, str]) -> Any:
    """Return a copy of a record with other texts at some places."""
    made = copy.deepcopy(value)
    for path, text in texts.items():
        at(made, path[:-1])[path[-1]] = text
    return made


def _expanded(value: Any, parts: list[str], path: Path) -> Iterator[Path]:
    """Yield the places that exist and that a pointer means."""
    if not parts:
        yield path
        return
    first, rest = parts[0], parts[1:]
    if isinstance(value, list):
        numbers = range(len(value)) if first == "*" else [int(first)] if first.isdecimal() else []
        for number in numbers:
            if number < len(value):
                yield from _expanded(value[number], rest, (*path, number))
    elif isinstance(value, dict) and first in value:
        yield from _expanded(value[first], rest, (*path, first))

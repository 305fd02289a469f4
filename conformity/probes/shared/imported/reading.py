"""Read JSON that another program wrote: bounded, no key repeated, and only what is a number taken for one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from conformity.errors import DataError

MAX_BYTES = 64 * 1024**2
"""Longest file that is read."""

MAX_NAME = 80
"""Longest name of a file that is printed."""


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        DataError: it cannot be read, or is longer.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}); check the path") from error
    if len(raw) > most:
        raise DataError(f"{path.name} is larger than {most} bytes; hand in a smaller report")
    return raw


def parsed(raw: bytes, name: str) -> Any:
    """Return what a text in JSON holds; NaN and infinities stay, and :func:`number` takes them for nothing.

    Args:
        raw: the text, in UTF-8.
        name: the file, for the error.

    Raises:
        DataError: it is no JSON, names a key twice, or is nested too deeply.
    """
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{name} is not JSON in which each key stands once; hand in the file as the program wrote it"
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of which no key is repeated: two readers could take two different values.

    Raises:
        ValueError: a key is repeated.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is repeated")
    return found


def number(value: object) -> float | None:
    """Return a finite number, or None for anything else: NaN, an infinity, a truth value, a text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """Return a number of things: whole, not negative and below 2**53; None for anything else.

    Programs write counts as 12 and as 12.0.
    """
    found = number(value)
    if found is None or found < 0 or found >= 2**53 or found != int(found):
        return None
    return int(found)


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; what is none is left out, and so is what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(value: object, *keys: str) -> Any:
    """Return what stands under keys within keys; None where one is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def printable(value: object, most: int = MAX_NAME) -> str:
    """Return a name that a file gives so that it can be printed: one line, cut to a length."""
    text = "".join(c if c.isprintable() else " " for c in str(value)[: most * 4])
    text = " ".join(text.split())
    return (text if len(text) <= most else text[: most - 1] + "…") or "(no name)"


def listed(names: Iterable[str], most: int = 10) -> str:
    """Return some names, and how many more there are."""
    every = list(names)
    listed, more = ", ".join(every[:most]), len(every) - most
    return f"{listed} and {more} more" if more > 0 else listed

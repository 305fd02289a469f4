"""JSON that means one thing only, no name twice and no number out of range; and the forms of records."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

MOST_JSON = 128 * 1024 * 1024
"""The largest JSON text that is read."""

_EXACT = 2**53
_DEEP = "it is nested deeper than any record"


def loaded(content: bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ValueError: it is no UTF-8 or no JSON, is too large or too deep, names a member twice, or holds a
            number that cannot be kept exactly.
    """
    if len(content) > MOST_JSON:
        raise ValueError("it is larger than any record")
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refused, parse_int=_integer
        )
    except RecursionError:
        raise ValueError(_DEEP) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object.

    Raises:
        ValueError: a name occurs twice.
    """
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _refused(text: str) -> Any:
    """Refuse what is no JSON.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{text} is no number")


def _integer(text: str) -> int:
    """Return a whole number.

    Raises:
        ValueError: it is beyond what every reader of JSON keeps exactly (RFC 8259, section 6).
    """
    if len(text) > 17 or abs(int(text)) > _EXACT:
        raise ValueError("a whole number is too large to be kept exactly")
    return int(text)


def indented(value: Any) -> bytes:
    """Return the form in which records for people are written: two blanks, a line feed at the end."""
    try:
        return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode("utf-8")
    except RecursionError:
        raise ValueError(_DEEP) from None


def canonical(value: Any) -> bytes:
    """Return the one canonical form of a value.

    Raises:
        ValueError: a number is not finite, or a text holds half a character.

    Source:
        RFC 8785, JSON Canonicalization Scheme.
    """
    pieces: list[str] = []
    try:
        _write(value, pieces)
    except RecursionError:
        raise ValueError(_DEEP) from None
    return "".join(pieces).encode("utf-8")


def _write(value: Any, pieces: list[str]) -> None:
    """Append the canonical form of a value."""
    if isinstance(value, dict):
        # Members are sorted by their UTF-16 units (RFC 8785, 3.2.3).
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        for number, name in enumerate(names):
            pieces.append("," if number else "{")
            pieces.append(json.dumps(name, ensure_ascii=False) + ":")
            _write(value[name], pieces)
        pieces.append("}" if names else "{}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            pieces.append("," if number else "[")
            _write(one, pieces)
        pieces.append("]" if value else "[]")
    elif isinstance(value, float):
        pieces.append(_number(value))
    else:
        pieces.append(json.dumps(value, ensure_ascii=False))


def _number(value: float) -> str:
    """Return a number as ECMAScript writes it (ECMA-262, Number::toString; RFC 8785, 3.2.2.3).

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(value):
        raise ValueError("a number is not finite")
    if value == 0:
        return "0"
    text = repr(value)
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(text), "f").removesuffix(".0")
    # From here on both write the same digits; ECMAScript pads no power with zeros, and keeps its sign.
    digits, _, power = text.partition("e")
    return f"{digits.removesuffix('.0')}e{int(power):+d}"

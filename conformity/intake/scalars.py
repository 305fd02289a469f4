"""What an unquoted scalar means: the core schema of YAML 1.2, and nothing else."""

from __future__ import annotations

import re

Scalar = None | bool | int | float | str
"""A leaf of the manifest."""

_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps (RFC 8785, appendix D)."""
_TOO_LARGE = "a whole number of 2**53 or more cannot be kept exactly; put it in quotes"


def plain_scalar(text: str) -> Scalar:
    """Return the value of an unquoted scalar: nothing, a truth value, a number, or the text itself.

    ``yes``, ``no``, ``on``, dates and ``1_000`` are text, unlike in YAML 1.1.

    Args:
        text: the scalar as written, without surrounding blanks.

    Raises:
        ValueError: a number that is not finite, or a whole number of 2**53 or more, which JSON does
            not keep exactly; the text says what to write instead.

    Source:
        YAML 1.2.2, section 10.3.2 (core schema, tag resolution).
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return _finite(float(text), text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number; put it in quotes if it is meant as text")
    return text


def _whole(text: str) -> int:
    """Return the whole number that ``text`` spells."""
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    digits = (text[2:] if base != 10 else text.lstrip("+-")).lstrip("0") or "0"
    # Twenty digits are too many in every base here; int() itself refuses thousands of them.
    size = int(digits, base) if len(digits) < 20 else _EXACT + 1
    if size > _EXACT:
        raise ValueError(_TOO_LARGE)
    return -size if text[0] == "-" else size


def _finite(number: float, text: str) -> float:
    """Return ``number`` unless reading ``text`` overflowed."""
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large for a number; put it in quotes if it is meant as text")
    if number.is_integer() and abs(number) > _EXACT:
        # Canonical JSON writes it without a point, and what reads it back takes it for an integer.
        raise ValueError(_TOO_LARGE)
    return number

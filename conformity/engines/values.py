"""From a cell's raw value to the text that a tally shows: the same for every file format.

A file may hold the same fact as ``1``, ``1.0``, ``"1"`` or ``" 1 "``. Engines group by what the
file has; the functions here then say which of those are the same key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from conformity.errors import DataError
from conformity.model.tally import MISSING, UNRECOGNISED, BinKey, OutcomeKey

WHITESPACE = " \t\n\r\x0b\x0c\u0085\u00a0\u2028\u2029\ufeff"
"""Characters that are removed around text before it is looked at; the same in every engine.

All of Java's line ends are among them: in Spark ``$`` matches before one at the end of a text, elsewhere not.
"""

NUMBER = r"^[+-]?([0-9]{1,40}\.?[0-9]{0,40}|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?$"
"""What text must look like to be read as a number; bounded, so that no engine overflows on it."""

_NUMBER = re.compile(NUMBER)
_LARGEST_PLAIN = 1e15


def text_of(value: object) -> str:
    """Return ``value`` as trimmed text, or :data:`MISSING` for null, NaN and blank text.

    Whole numbers have no decimal point whatever their type, so that a column of integers reads the
    same when a missing cell has turned it into floating point.
    """
    if value is None:
        return MISSING
    if isinstance(value, str):
        return value.strip(WHITESPACE) or MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _float_text(value: float) -> str:
    """Return the shortest text that reads back as ``value``, without ``.0``."""
    if value != value:
        return MISSING
    if value.is_integer() and abs(value) < _LARGEST_PLAIN:
        return str(int(value))
    return repr(value)


def _plain(value: Decimal) -> str:
    """Return a decimal number without exponent and trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def same_outcome(value: object) -> str:
    """Return a text that is equal for values that mean the same outcome.

    Numbers are compared by value, truth values as 1 and 0: ``1``, ``1.0``, ``"01"``, ``true`` and
    ``"True"`` are one value. Other text is compared as it is, without the space around it.
    """
    text = text_of(value)
    if text.lower() in {"true", "false"}:
        return "1" if text.lower() == "true" else "0"
    return _plain(Decimal(text)) if _NUMBER.match(text) else text


class Outcomes:
    """The declared values of an outcome, ready to label cells with."""

    def __init__(self, key: OutcomeKey) -> None:
        self._positive = {same_outcome(value) for value in key.positive}
        self._negative = {same_outcome(value) for value in key.negative}
        if both := self._positive & self._negative:
            raise DataError(
                f"column {key.column!r} declares {sorted(both)[0]!r} both as positive and as negative "
                "(numbers and truth values are compared by value); correct the manifest"
            )

    def label(self, value: object) -> str:
        """Return ``1``, ``0``, :data:`MISSING` or :data:`UNRECOGNISED` for a raw value."""
        if text_of(value) == MISSING:
            return MISSING
        same = same_outcome(value)
        if same in self._positive:
            return "1"
        return "0" if same in self._negative else UNRECOGNISED


def bin_labels(edges: Iterable[float]) -> tuple[str, ...]:
    """Return the names of the bins that rising ``edges`` make, from the lowest to the highest.

    Each edge belongs to the bin above it.

    >>> bin_labels((25, 60))
    ('< 25', '25 to < 60', '>= 60')
    >>> bin_labels(())
    ('any number',)
    """
    texts = [text_of(float(edge)) for edge in edges]
    if not texts:
        return ("any number",)
    between = [f"{low} to < {high}" for low, high in pairwise(texts)]
    return (f"< {texts[0]}", *between, f">= {texts[-1]}")


def bin_label(key: BinKey, index: int) -> str:
    """Return the name of bin ``index`` of ``key``; a negative index means a missing cell."""
    return MISSING if index < 0 else bin_labels(key.edges)[index]


_SHAPE = 30
"""To how many letters forms are cut."""


class _Mask(dict[int, str]):
    """What stands for a character in a form, by its number; found out once for each."""

    def __missing__(self, code: int) -> str:
        """Return and keep what stands for a character."""
        character = chr(code)
        self[code] = "9" if character.isdigit() else "a" if character.isalpha() else character
        return self[code]


_MASK = _Mask()


def shape_of(text: str) -> str:
    """Return the form of a text without its content, for a message: ``J. Doe 7`` -> ``a. aaa 9``."""
    return text[:_SHAPE].translate(_MASK) + ("…" if len(text) > _SHAPE else "")

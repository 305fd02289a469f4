"""One exchange with a language model, however it was logged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_MONTH = re.compile(r"(\d{4})-(\d{2})(?:-\d{2}.*)?$", re.DOTALL)
_LATEST = 4_102_444_800


@dataclass(frozen=True)
class Exchange:
    """A prompt with what belongs to it."""

    prompt: str | None
    """What was asked, or handed to the model to read; None where it is blank."""
    answer: str | None = None
    """What the system answered; None where that is not logged."""
    system: str | None = None
    """The operator's instructions; None where they are not logged."""
    period: str | None = None
    """The month, as YYYY-MM; None where it is not known."""


def text_or_none(value: object) -> str | None:
    """Return a text that is not blank; None for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def month(value: object) -> str | None:
    """Return the month of a moment: ISO 8601, or seconds, milli- or nanoseconds since 1970; None if none.

    >>> month("2026-07-27T10:00:00Z"), month(1785150000), month("soon")
    ('2026-07', '2026-07', None)
    """
    if isinstance(value, datetime):
        return f"{value:%Y-%m}"
    if isinstance(value, str) and not value.isdigit():
        found = _MONTH.match(value.strip())
        return f"{found[1]}-{found[2]}" if found and 1 <= int(found[2]) <= 12 else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    seconds = float(value)
    while seconds > _LATEST:
        seconds /= 1000
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m}" if seconds > 0 else None

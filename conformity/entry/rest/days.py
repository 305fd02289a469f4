"""Days in requests, written in one way only."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _as_written(given: object) -> object:
    """Return the day that is written as YYYY-MM-DD; digits alone would be taken for seconds since 1970.

    Raises:
        ValueError: it is written in another way, or there is no such day.
    """
    if not isinstance(given, str):
        return given
    if not _DAY.fullmatch(given):
        raise ValueError("write the day as YYYY-MM-DD")
    return date.fromisoformat(given)


Day = Annotated[date, BeforeValidator(_as_written)]
"""A day, as YYYY-MM-DD."""

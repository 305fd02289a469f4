"""Dates as files write them, whatever the order of day and month."""

from __future__ import annotations

import re
from datetime import date


def birth_date(text: str) -> bool:
    """Return whether ``text`` is a date since 1890, whatever the order of day and month."""
    return as_date(text) is not None


def year_of(text: str) -> int | None:
    """Return the year of a date; None when ``text`` is none."""
    found = as_date(text)
    return found.year if found else None


def as_date(text: str) -> date | None:
    """Return the date that a text is, a year of two digits taken for one of the last century."""
    bare = re.sub("[ T]00:00.*", "", text)
    if re.fullmatch("(?:19|20)[0-9]{6}", bare):
        return day_of(bare[:4], bare[4:6], bare[6:])
    parts = re.split("[-/.]", bare)
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if len(parts[0]) == 4:
        return day_of(*parts)
    if len(parts[2]) not in (2, 4) or max(len(part) for part in parts[:2]) > 2:
        return None
    year = parts[2] if len(parts[2]) == 4 else "19" + parts[2]
    return day_of(year, parts[1], parts[0]) or day_of(year, parts[0], parts[1])


def day_of(year: str, month: str, day: str) -> date | None:
    """Return a date from 1890 to 2100, or None when there is no such day."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1890 <= found.year <= 2100 else None

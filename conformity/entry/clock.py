"""The one place that reads the clock; everything below is told the time."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

from conformity.errors import UsageError


def now() -> datetime:
    """Return the present moment in UTC, or the one that ``SOURCE_DATE_EPOCH`` fixes.

    Raises:
        UsageError: the variable is not a whole number of seconds.

    Source:
        reproducible-builds.org, SOURCE_DATE_EPOCH specification.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed is None:
        return datetime.now(UTC).replace(microsecond=0)
    if not fixed.isdigit():
        raise UsageError(f"SOURCE_DATE_EPOCH={fixed!r} is not a whole number of seconds; unset it.")
    return datetime.fromtimestamp(int(fixed), UTC)


def present() -> datetime:
    """Return the present moment in UTC, whatever ``SOURCE_DATE_EPOCH`` says: keys expire by it."""
    return datetime.now(UTC)


def day(text: str | None, moment: datetime) -> date:
    """Return the day written as YYYY-MM-DD, or the day of ``moment`` when there is no text.

    Raises:
        UsageError: the text is not a date.
    """
    if text is None:
        return moment.date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a date; write it as YYYY-MM-DD.") from error

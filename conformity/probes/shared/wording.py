"""Sentences that several probes use; none of them prints a small count of people."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.settings import DISCLOSURE_LIMIT

_NAMES_LISTED = 5
_NAME_LENGTH = 40


def rows_in_words(count: int) -> str:
    """Return a number of rows in words that do not disclose a small one."""
    if count < DISCLOSURE_LIMIT:
        return f"fewer than {DISCLOSURE_LIMIT} rows"
    return f"{count} rows"


def group_in_words(group: Sequence[str]) -> str:
    """Return the name of a group, its values quoted and cut to a readable length."""
    short = (value if len(value) <= _NAME_LENGTH else value[: _NAME_LENGTH - 1] + "…" for value in group)
    return " and ".join(f"'{value}'" for value in short)


def groups_in_words(groups: Sequence[Sequence[str]]) -> str:
    """Return the names of a few groups, and how many more there are."""
    listed = ", ".join(group_in_words(group) for group in groups[:_NAMES_LISTED])
    more = len(groups) - _NAMES_LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def attribute_in_words(by: Sequence[str]) -> str:
    """Return the name of an attribute, or of the intersection of several."""
    return " × ".join(by)

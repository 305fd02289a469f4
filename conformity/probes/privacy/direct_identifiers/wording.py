"""Sentences about what was found; none holds a value, and none a count of values below ten."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.engines.matches import Confidence, Identified, Match
from conformity.settings import DISCLOSURE_LIMIT

_NAMES = 5
_LEVELS: dict[Confidence, str] = {"confirmed": "high", "likely": "medium", "possible": "low"}


def found_note(one: Identified) -> str:
    """Return what a column holds, how surely, and on which evidence."""
    column, kind, level = one.column, one.title, _LEVELS[one.confidence]
    tested = _tested(one.tested, one.verified)
    if one.inside:
        found = f"Texts in column {column!r} hold {kind} ({one.confidence}, {level} confidence): {tested}"
    else:
        found = f"Column {column!r} holds {kind} ({one.confidence}, {level} confidence): {tested}"
    return found + _seen(one) + _form(one)


def _seen(one: Identified) -> str:
    """Return which further detectors saw it, if any."""
    if not one.detectors:
        return ""
    return f"; seen by {' and '.join(one.detectors)}" + (" too" if one.own else " only")


def _form(one: Identified) -> str:
    """Return the end of a sentence, with a frequent form of the values if there is one."""
    return f"; a frequent form is {one.shape!r}." if one.shape else "."


def _tested(tested: int, verified: int) -> str:
    """Return how many different values passed, in words that disclose no small number."""
    if tested < DISCLOSURE_LIMIT:
        return f"fewer than {DISCLOSURE_LIMIT} different values were checked"
    return f"of {tested} different values checked, {verified / tested:.0%} pass"


def dismissed_note(match: Match) -> str:
    """Return that values have a form, but pass its check only as often as chance allows."""
    chance = match.kind.chance or 0.0
    passed = "too few" if match.tested < DISCLOSURE_LIMIT else f"only {match.verified / match.tested:.0%}"
    return (
        f"Values of column {match.column!r} have the form of a {match.kind.title}, but {passed} of the "
        f"different values tested pass its check; chance alone gives about {chance:.0%}. They are not "
        "counted as identifiers."
    )


def named(columns: Sequence[str]) -> str:
    """Return the names of a few columns, and how many more there are."""
    listed = ", ".join(repr(column[:60]) for column in columns[:_NAMES])
    more = len(columns) - _NAMES
    return f"{listed} and {more} more" if more > 0 else listed

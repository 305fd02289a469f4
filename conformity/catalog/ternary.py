"""Logic with three values: what is not known stays unknown unless the rest decides."""

from __future__ import annotations

from typing import Literal

Ternary = Literal["yes", "no", "unknown"]
"""A truth value that may be unknown."""


def both(*values: Ternary) -> Ternary:
    """Return ``no`` if any value is, else ``unknown`` if any is, else ``yes``.

    Source:
        Kleene, Introduction to Metamathematics (1952), section 64: strong three-valued conjunction.
    """
    if "no" in values:
        return "no"
    return "unknown" if "unknown" in values else "yes"


def either(*values: Ternary) -> Ternary:
    """Return ``yes`` if any value is, else ``unknown`` if any is, else ``no``."""
    return negated(both(*(negated(value) for value in values)))


def negated(value: Ternary) -> Ternary:
    """Return the opposite; unknown stays unknown."""
    opposites: dict[Ternary, Ternary] = {"yes": "no", "no": "yes", "unknown": "unknown"}
    return opposites[value]


def truth(value: bool) -> Ternary:
    """Return ``yes`` or ``no``."""
    return "yes" if value else "no"

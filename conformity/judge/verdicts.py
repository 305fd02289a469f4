"""Verdicts and how they combine."""

from __future__ import annotations

from collections.abc import Iterable

from conformity.model.finding import Verdict

_PRECEDENCE: tuple[Verdict, ...] = ("not_met", "not_collected", "undetermined", "met")
"""Which of several verdicts stands for all: a known miss first, then what is unknown."""

STANDING: dict[Verdict, int] = {"met": 3, "undetermined": 2, "not_met": 1, "not_collected": 0}
"""How good a verdict is. Leaving evidence out leads to ``not_collected``, so it never improves one."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that stands for all of them; ``not_collected`` when there is none."""
    given = set(verdicts)
    for verdict in _PRECEDENCE:
        if verdict in given:
            return verdict
    return "not_collected"

"""Verdicts and how they combine."""

from __future__ import annotations

from collections.abc import Iterable

from conformity.model.finding import Verdict

_PRECEDENCE: tuple[Verdict, ...] = ("not_met", "not_collected", "undetermined", "met")
"""Which of several verdicts stands for all: a known miss first, then what is unknown."""

_FROM_THE_WORST: tuple[Verdict, ...] = ("not_collected", "not_met", "undetermined", "met")
"""The verdicts in order; compared are places alone, so that no number stands for one."""

STANDING: dict[Verdict, int] = {verdict: place for place, verdict in enumerate(_FROM_THE_WORST)}
"""How good a verdict is. Leaving evidence out leads to ``not_collected``, so it never improves one."""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that stands for all of them; ``not_collected`` when there is none."""
    given = set(verdicts)
    for verdict in _PRECEDENCE:
        if verdict in given:
            return verdict
    return "not_collected"

"""Verdicts as marks: a word and an icon, never a colour alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from conformity.model.finding import Verdict
from conformity.render.views.context import Context

ICONS: dict[Verdict, str] = {
    "met": "✓",
    "not_met": "✖",
    "undetermined": "▲",
    "not_collected": "○",
    "not_applicable": "–",
}
"""One shape for each verdict, in the order in which they are listed."""

COLOURS: dict[Verdict, str] = {
    "met": "#0B6E4F",
    "not_met": "#B42318",
    "undetermined": "#8A4B00",
    "not_collected": "#475467",
    "not_applicable": "#475467",
}
"""The colours of the style sheet, for drawings."""

DECIDE: tuple[Verdict, ...] = ("not_met", "undetermined")
"""The verdicts on something that was looked at and leaves a point open, worst first."""


@dataclass(frozen=True)
class Mark:
    """A verdict, ready to print."""

    key: Verdict
    """Its id, which is also its class in the style sheet."""
    word: str
    """Its word."""
    icon: str
    """Its shape."""


@dataclass(frozen=True)
class VerdictCount:
    """How many findings have a verdict."""

    mark: Mark
    """The verdict."""
    n: str
    """How many."""
    noun: str
    """``requirement`` or ``requirements``."""
    meaning: str
    """What the verdict means."""


def mark(context: Context, verdict: Verdict) -> Mark:
    """Return the word and the shape of a verdict."""
    return Mark(verdict, context.words["verdict"][verdict], ICONS[verdict])


def counts(context: Context, verdicts: Iterable[Verdict]) -> tuple[VerdictCount, ...]:
    """Return how often each of the five verdicts occurs, also those that do not."""
    found = Counter(verdicts)
    cover, meaning = context.words["cover"], context.words["verdict_meaning"]
    return tuple(
        VerdictCount(
            mark=mark(context, verdict),
            n=context.locale.integer(found[verdict]),
            noun=cover["requirement_one" if found[verdict] == 1 else "requirement_other"],
            meaning=meaning[verdict],
        )
        for verdict in ICONS
    )

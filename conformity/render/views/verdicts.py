"""Verdicts as marks: a word and an icon, never a colour alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from conformity.model.finding import Finding, Verdict
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

    key: Verdict | Literal["dated"]
    """Its id, which is also its class in the style sheet; ``dated`` is a plain remark and no verdict."""
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
    alone: str
    """How many of them rest on a signature alone, or empty."""
    allowed: str
    """How many of them are on provisions that only allow something, or empty."""


def remark(word: str) -> Mark:
    """Return a mark that is neither good nor bad, such as that a bound was fixed beforehand."""
    return Mark("dated", word, "◆")


def mark(context: Context, verdict: Verdict) -> Mark:
    """Return the word and the shape of a verdict."""
    return Mark(verdict, context.words["verdict"][verdict], ICONS[verdict])


def is_met_by_signature(finding: Finding) -> bool:
    """Tell whether a requirement is met because somebody signed for it, and nothing was measured."""
    declared = finding.declared
    signed = declared is not None and bool(declared.sign_offs)
    return finding.verdict == "met" and signed and not finding.measured


def counts(context: Context, findings: Sequence[Finding]) -> tuple[VerdictCount, ...]:
    """Return how often each of the five verdicts occurs, also those that do not."""
    found = Counter(finding.verdict for finding in findings)
    alone = Counter(finding.verdict for finding in findings if is_met_by_signature(finding))
    allowed = Counter(
        finding.verdict for finding in findings if context.requirement_of(finding).requirement.permits
    )
    cover, meaning = context.words["cover"], context.words["verdict_meaning"]
    return tuple(
        VerdictCount(
            mark=mark(context, verdict),
            n=context.locale.integer(found[verdict]),
            noun=context.plural("cover", "requirement", found[verdict]),
            meaning=meaning[verdict],
            alone=cover["signature_alone"].format(n=context.locale.integer(alone[verdict]))
            if alone[verdict]
            else "",
            # What is set aside asks for nothing either way.
            allowed=cover["only_may"].format(n=context.locale.integer(allowed[verdict]))
            if allowed[verdict] and verdict != "not_applicable"
            else "",
        )
        for verdict in ICONS
    )

"""Counts and marks of the findings of one article, as the matrix of verdicts shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformity.model.finding import Finding
from conformity.model.plan import PlannedRequirement
from conformity.render.views.context import Context
from conformity.render.views.verdicts import ICONS, Mark, mark


@dataclass(frozen=True)
class Cell:
    """One count of the matrix."""

    n: str
    """How many, empty for none."""
    mark: Mark
    """Of which verdict."""


@dataclass(frozen=True)
class StripMark:
    """One requirement in the strip of marks, or neighbours for which nothing was collected."""

    mark: Mark
    """The verdict."""
    anchor: str
    """Where the finding is."""
    icons: str
    """The shape, once for each requirement."""
    label: str
    """Citation and verdict, for readers that do not see the mark."""


Pair = tuple[Finding, PlannedRequirement]
"""A finding and its requirement."""


def cells(context: Context, pairs: Sequence[Pair]) -> tuple[Cell, ...]:
    """Return the counts of one row of the matrix."""
    found = [finding.verdict for finding, _ in pairs]
    return tuple(
        Cell(context.locale.integer(found.count(key)) if key in found else "", mark(context, key))
        for key in ICONS
    )


def strip(context: Context, pairs: Sequence[Pair]) -> Iterator[StripMark]:
    """Yield one mark for each requirement that is not set aside."""
    shown = [pair for pair in pairs if pair[0].verdict != "not_applicable"]
    for _, several in groupby(enumerate(shown), key=lambda one: _run(one[0], one[1][0])):
        members = [pair for _, pair in several]
        refs = [row.requirement.ref for _, row in members]
        verdict = mark(context, members[0][0].verdict)
        label = f"{refs[0]} … {refs[-1]}" if len(refs) > 1 else refs[0]
        yield StripMark(
            verdict,
            context.anchors[members[0][0].requirement],
            verdict.icon * len(members),
            f"{label}: {verdict.word}",
        )


def _run(place: int, finding: Finding) -> int:
    """Return 0 for findings whose marks stand together, or a number of its own for any other."""
    return 0 if finding.verdict == "not_collected" else place + 1

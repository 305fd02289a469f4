"""Findings as lists print them: the verdict, why, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from conformity.entry.web.views import mark
from conformity.model.found import FoundFinding
from conformity.render.views.verdicts import Mark


@dataclass(frozen=True)
class Point:
    """A requirement judged, ready to print."""

    href: str
    """The page of the requirement."""
    ref: str
    """Its citation."""
    title: str
    """Its name."""
    mark: Mark
    """Its verdict."""
    reason: str
    """Why."""
    to_do: tuple[str, ...]
    """What to hand in, fix or measure."""


def points(findings: Iterable[FoundFinding]) -> tuple[Point, ...]:
    """Return findings, ready to print."""
    return tuple(
        Point(
            f"/requirements/{one.requirement}", one.ref, one.title, mark(one.verdict), one.reason, one.to_do
        )
        for one in findings
    )

"""Findings of a pack as they are listed: each with what was measured, against which bound, and what to do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import CriterionId, EvidenceId, Line, Prose, RequirementId, Sha256, Value
from conformity.model.finding import Basis, Verdict

Wanted = Verdict | Literal["open"]
"""Which findings are wanted; ``open`` for all that are missed, undetermined or not collected."""


class FoundReading(Value):
    """One measured number as a report prints it, held against a bound."""

    evidence: EvidenceId
    """The observation it comes from."""
    about: str
    """The group or columns; empty for the whole subject."""
    figure: Prose
    """The number with its unit and interval, or why none is told."""
    verdict: Verdict
    """On which side of the bound it lies."""


class FoundCriterion(Value):
    """One bound of the provider, judged."""

    criterion: CriterionId
    """The criterion."""
    bound: Prose
    """What is bounded, and how."""
    verdict: Verdict
    """Worst of its readings."""
    reason: Prose
    """Why."""
    readings: tuple[FoundReading, ...] = ()
    """What was held against it, missed ones first."""


class FoundFinding(Value):
    """One requirement judged, for a list."""

    requirement: RequirementId
    """The requirement."""
    ref: Line
    """Its citation."""
    title: Line
    """Its name."""
    verdict: Verdict
    """The verdict on the provider's criteria; never a statement that a system conforms to the law."""
    basis: Basis | None
    """What it rests on."""
    reason: Prose
    """Why."""
    criteria: tuple[FoundCriterion, ...] = ()
    """The bounds behind it."""
    evidence: tuple[EvidenceId, ...] = ()
    """All observations that speak to it."""
    to_do: tuple[Prose, ...] = ()
    """What to hand in, fix or measure so that the verdict can change."""


class FindingsPage(Value):
    """A page of the findings of a pack, missed ones first."""

    system: Line
    """Name and version of the system."""
    assessment_version: Line
    """Version of the assessment."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    total: Annotated[int, Field(ge=0)]
    """How many findings were asked for, on all pages."""
    start: Annotated[int, Field(ge=0)]
    """How many of them the pages before hold."""
    findings: tuple[FoundFinding, ...]
    """Those of this page."""
    next_cursor: Line | None
    """What to ask for the next page with; none on the last."""

    def first(self, count: int) -> FindingsPage:
        """Return a page with only the first findings of this one, and the cursor that goes on after them."""
        kept = self.findings[:count]
        end = self.start + len(kept)
        cursor = cursor_of(end, self.assessment_sha256) if end < self.total else None
        return self.model_copy(update={"findings": kept, "next_cursor": cursor})


def cursor_of(end: int, assessment_sha256: str) -> str:
    """Return the cursor of the page that begins after ``end`` findings of an assessment."""
    return f"{end}.{assessment_sha256.removeprefix('sha256:')[:12]}"

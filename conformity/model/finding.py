"""Findings: one requirement judged, with what the verdict rests on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import (
    CriterionId,
    EvidenceId,
    ExhibitId,
    Prose,
    RequirementId,
    SignOffId,
    Value,
)
from conformity.model.measurement import Measurement

Verdict = Literal["met", "not_met", "undetermined", "not_collected", "not_applicable"]
"""The verdict on a requirement's criteria; never a statement that a system conforms to the law."""


class Reading(Value):
    """A measurement as it was held against a criterion."""

    evidence: EvidenceId
    """The observation it comes from."""
    measurement: Measurement
    """The measurement."""
    verdict: Verdict
    """On which side of the bound it lies."""
    reason: Prose
    """Why."""
    more_needed: Annotated[int, Field(ge=1)] | None = None
    """About how many more cases would settle it, if the estimate stayed the same."""


class CriterionJudgement(Value):
    """One criterion judged."""

    criterion: CriterionId
    """The criterion."""
    verdict: Verdict
    """Worst of its readings."""
    reason: Prose
    """Why."""
    readings: tuple[Reading, ...] = ()
    """What was held against it."""


class Declared(Value):
    """What people handed in and signed for a requirement."""

    verdict: Verdict
    """``met`` only by a sign-off over exhibits that are unchanged since."""
    reason: Prose
    """Why."""
    sign_offs: tuple[SignOffId, ...] = ()
    """The sign-offs that count."""
    exhibits: tuple[ExhibitId, ...] = ()
    """The exhibits that speak to it."""


class Finding(Value):
    """One requirement judged."""

    requirement: RequirementId
    """The requirement."""
    verdict: Verdict
    """The verdict."""
    reason: Prose
    """Why, in a sentence or two."""
    measured: tuple[CriterionJudgement, ...] = ()
    """The measured side."""
    declared: Declared | None = None
    """The declared side."""
    evidence: tuple[EvidenceId, ...] = ()
    """All observations that speak to it, whether or not a criterion was fixed for them."""
    to_do: tuple[Prose, ...] = ()
    """What to hand in, fix or measure so that the verdict can change."""

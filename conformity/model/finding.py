"""Findings: one requirement judged, with what the verdict rests on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import (
    CriterionId,
    EvidenceId,
    ExhibitId,
    Instant,
    Prose,
    RequirementId,
    Sha256,
    SignOffId,
    Value,
)
from conformity.model.measurement import Measurement

Verdict = Literal["met", "not_met", "undetermined", "not_collected", "not_applicable"]
"""The verdict on a requirement's criteria; never a statement that a system conforms to the law."""


Basis = Literal["measured", "declared", "measured_and_declared", "imported", "imported_and_declared", "none"]
"""What a verdict rests on: numbers of this tool, statements of people, both, or neither so far; ``imported``
where all numbers are those of other programs."""


class LockedOrder(Value):
    """What came first: the lock of a bound, the data, or the test (Art. 9(8))."""

    locked_at: Instant
    """Since when the bound has been in the lock without a change."""
    criterion_sha256: Sha256
    """Digest of the bound's canonical JSON, as in the lock."""
    lock_sha256: Sha256
    """Digest of the lock."""
    produced_on: date | None
    """The day on which the data came into being, where declared."""
    measured_at: Instant
    """When the run began that measured."""
    holds: bool
    """Whether the lock came before both."""


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
    order: Annotated[LockedOrder | None, Field(exclude_if=lambda value: value is None)] = None
    """What came first, where the bound stands in a lock as it was judged."""


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
    basis: Annotated[Basis | None, Field(exclude_if=lambda value: value is None)] = None
    """What the verdict rests on; none where the requirement does not apply, and in older records."""
    measured: tuple[CriterionJudgement, ...] = ()
    """The measured side."""
    declared: Declared | None = None
    """The declared side."""
    evidence: tuple[EvidenceId, ...] = ()
    """All observations that speak to it, whether or not a criterion was fixed for them."""
    to_do: tuple[Prose, ...] = ()
    """What to hand in, fix or measure so that the verdict can change."""

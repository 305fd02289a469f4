"""The register of non-conformities: what is missed or missing, who mends it, and what closed it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from conformity.model.base import (
    CriterionId,
    EvidenceId,
    ExhibitId,
    Instant,
    Line,
    NonConformityId,
    Prose,
    RequirementId,
    Sha256,
    SignOffId,
    Value,
)
from conformity.model.finding import Verdict

Severity = Literal["critical", "major", "minor"]
"""How grave a non-conformity is. The Act has no such grades: they are the tool's, or the provider's."""


class Correction(Value):
    """What the provider undertakes about a requirement that is missed or not settled (Art. 20(1))."""

    requirement: RequirementId
    """The requirement."""
    severity: Severity | None = None
    """How grave the provider holds it to be; the tool's own grade is told beside it."""
    owner: Line
    """Who answers for the correction."""
    corrective_action: Prose
    """What will be done."""
    due: date
    """By when."""
    remarks: Prose | None = None
    """Anything a reader must know."""


class Closure(Value):
    """What closed a non-conformity."""

    on: date
    """The day of the assessment that found the requirement met."""
    reason: Prose
    """Why it is met, as that assessment says."""
    evidence: tuple[EvidenceId, ...] = ()
    """The observations on which that rests."""
    sign_offs: tuple[SignOffId, ...] = ()
    """The sign-offs on which that rests."""
    exhibits: tuple[ExhibitId, ...] = ()
    """The documents for which people signed."""
    evidence_sha256: Sha256
    """Digest of that assessment's evidence, which holds the observations and the digests of the documents."""


class NonConformity(Value):
    """One entry of the register; its id stays the same from version to version."""

    id: NonConformityId
    """``NC-`` and the requirement; with a number from the second time on that the requirement is missed."""
    requirement: RequirementId
    """The requirement."""
    kind: Literal["missed", "gap", "declared"]
    """Whether the requirement is not met, is not settled though a declaration needs it, or neither, and the
    provider lists it."""
    verdict: Verdict
    """How the requirement stands now."""
    reason: Prose
    """Why, as the finding says."""
    blocks: bool
    """Whether a declaration of conformity must wait for it."""
    rule: Prose
    """By which rule it is here, and blocks or not."""
    severity: Severity
    """How grave it is."""
    severity_rule: Prose
    """By which rule it is as grave as that."""
    owner: Line | None
    """Who answers for the correction; none when nobody is named."""
    corrective_action: Prose
    """What will be done; as the provider says, or else what the finding asks for."""
    planned: bool
    """Whether the provider fixed owner, action and day; otherwise they are proposals of the tool."""
    due: date | None
    """By when; none when the provider fixed no day."""
    remarks: Prose | None = None
    """Anything the provider adds."""
    opened_on: date
    """The day of the assessment that first found it."""
    opened_in: Line
    """The version of that assessment."""
    state: Literal["open", "closed"] = "open"
    """Whether it still stands."""
    closure: Closure | None = None
    """What closed it."""

    @model_validator(mode="after")
    def _closed_by_something(self) -> NonConformity:
        """Check that an entry is closed if, and only if, it says by what."""
        if (self.state == "closed") != (self.closure is not None):
            raise ValueError("a closed entry says what closed it, and an open one nothing")
        return self


class Previous(Value):
    """The version of the assessment before this one."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    """Its version."""
    assessed_at: Instant
    """When it was judged."""
    sha256: Sha256
    """Digest of its ``assessment.json``."""
    criteria_lock_sha256: Annotated[Sha256 | None, Field(exclude_if=lambda value: value is None)] = None
    """Digest of the lock of bounds that it, or the last version before it that had one, carried."""
    altered_bounds: Annotated[tuple[CriterionId, ...], Field(exclude_if=lambda value: not value)] = ()
    """Bounds that it held otherwise, though the present ones are not said to be fixed after it."""

"""Short answers: what an operation came to, for a terminal, a script or a chat."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from conformity.model.base import Line, Prose, RequirementId, Sha256, Value
from conformity.model.classification import Outcome
from conformity.model.evidence import Isolation, Observation, SubjectRecord
from conformity.model.finding import Verdict


class VerdictCounts(Value):
    """How many requirements have which verdict; there is no score."""

    met: Annotated[int, Field(ge=0)] = 0
    """The criteria that the provider fixed are met."""
    not_met: Annotated[int, Field(ge=0)] = 0
    """At least one of them is missed."""
    undetermined: Annotated[int, Field(ge=0)] = 0
    """Measured, but not settled."""
    not_collected: Annotated[int, Field(ge=0)] = 0
    """Nothing to judge was handed in."""
    not_applicable: Annotated[int, Field(ge=0)] = 0
    """Does not concern this system in this role."""


class OpenPoint(Value):
    """A requirement that is not met, and what to do about it."""

    requirement: RequirementId
    """The requirement."""
    ref: Line
    """Its citation."""
    title: Line
    """Its name."""
    verdict: Verdict
    """Its verdict."""
    reason: Prose
    """Why."""
    to_do: tuple[Prose, ...]
    """What to hand in, fix or measure."""


class WrittenFile(Value):
    """A file in a pack."""

    name: Line
    """Its name in the pack."""
    path: Line
    """Where it is."""
    size_bytes: Annotated[int, Field(ge=0)]
    """Its size."""


class AssessmentSummary(Value):
    """An assessment in short."""

    system: Line
    """Name and version of the system."""
    assessment_version: Line
    """Version of the assessment."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    outcome: Outcome
    """What kind of system it is."""
    classification: Prose
    """The same in words, with its citation."""
    counts: VerdictCounts
    """How many requirements have which verdict."""
    open_points: tuple[OpenPoint, ...]
    """Everything that is not met: missed criteria first."""
    missing_information: tuple[Prose, ...] = ()
    """Questions that must be answered, and placeholders that must be filled."""
    gate: Annotated[int, Field(ge=0)]
    """Exit code of a gate: 0 all met, 1 something missed, 4 something open."""
    left_out: Annotated[int, Field(ge=0)] = 0
    """Steps that were left to a full run, since they take longer."""
    pack: Line
    """The folder that was written."""
    files: tuple[WrittenFile, ...]
    """What is in it."""
    caveat: Prose = (
        "Verdicts are about criteria that the provider fixed. This is not a declaration of conformity "
        "and not legal advice."
    )
    """What this is not."""


class ScanResult(Value):
    """What one module alone measured on one file."""

    subject: SubjectRecord
    """The file."""
    observations: tuple[Observation, ...]
    """What was seen."""
    isolation: Isolation
    """How the worker was kept apart."""

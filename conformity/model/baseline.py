"""What is open now, laid beside what was open in an assessment that a pipeline measures itself by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import CriterionId, Instant, Line, RequirementId, Sha256, Value
from conformity.model.finding import Verdict
from conformity.model.summary import VerdictCounts

Change = Literal["new", "worse", "known"]
"""What became of an open requirement: it was not open before; it was, and is worse now; it is as it was."""

FailOn = Literal["open", "missed", "never"]
"""What fails a pipeline: anything that is open, missed criteria alone, or nothing."""


class OpenSince(Value):
    """A requirement that is open now, and whether it was before."""

    requirement: RequirementId
    """The requirement."""
    verdict: Verdict
    """Its verdict now."""
    before: Verdict | None
    """Its verdict in the baseline; none where that does not have the requirement."""
    change: Change
    """What became of it."""
    missed: tuple[CriterionId, ...] = ()
    """Bounds that are missed now and were not missed before."""


class AgainstBaseline(Value):
    """An assessment held against an earlier one of the same system."""

    version: Line
    """Version of the baseline."""
    assessed_at: Instant
    """When the baseline was judged."""
    sha256: Sha256
    """Digest of its ``assessment.json``."""
    points: tuple[OpenSince, ...]
    """Every requirement that is open now, in the order of the plan."""
    settled: tuple[RequirementId, ...]
    """Requirements that were open in the baseline and are not now."""
    loosened: tuple[CriterionId, ...]
    """Bounds of the baseline that are gone, or are another bound now."""
    gate: Annotated[int, Field(ge=0)]
    """Exit code of a gate on what is new or worse: 0 nothing, 1 something missed, 4 something open."""

    @property
    def fresh(self) -> tuple[OpenSince, ...]:
        """Return what is new or worse."""
        return tuple(point for point in self.points if point.change != "known")


class PipelineOutcome(Value):
    """What an assessment in a pipeline came to: ``outcome.json``."""

    outcome_schema: Literal["conformity/pipeline-outcome/v1"] = "conformity/pipeline-outcome/v1"
    """Format of this record; readers refuse newer ones."""
    counts: VerdictCounts
    """How many requirements have which verdict."""
    summary_gate: Annotated[int, Field(ge=0)]
    """Exit code of the gate on everything that is open."""
    gate: Annotated[int, Field(ge=0)]
    """Exit code that counts: after the baseline, and what the pipeline is to fail on."""
    fail_on: FailOn
    """What fails the pipeline."""
    against: AgainstBaseline | None
    """What is new since the baseline; none without one."""
    folder: Line
    """The folder of what may be shown."""
    pack: Line | None
    """The folder of the pack; none where a server keeps it."""
    files: tuple[Line, ...]
    """Its files for code hosts, by name."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""

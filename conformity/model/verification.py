"""What verifying tells: numbered steps, each passed, failed, or not to be told, with the reasons."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from conformity.model.base import Line, Sha256, Value

StepOutcome = Literal["passed", "failed", "cannot_tell"]
"""How a step ended; what cannot be told is never passed."""

StepId = Literal[
    "files",
    "digests",
    "records",
    "law",
    "findings",
    "documents",
    "signature",
    "seal",
    "time_stamp",
    "chain",
]
"""What a step looks at."""

VerifiedKind = Literal[
    "assessment", "declaration", "documents", "redacted-copy", "archive", "report", "unknown"
]
"""What was verified: a folder of one of these kinds, an archive, a PDF alone, or nothing known here."""


class VerifiedStep(Value):
    """One step."""

    number: Annotated[int, Field(ge=1)]
    """Its number; the same step always has the same."""
    step: StepId
    """What it looks at."""
    title: Line
    """The same in words."""
    outcome: StepOutcome
    """How it ended."""
    faults: tuple[Line, ...] = ()
    """What is wrong."""
    unknown: tuple[Line, ...] = ()
    """What cannot be told, and why."""
    seen: tuple[Line, ...] = ()
    """What was found, for the reader."""

    @model_validator(mode="after")
    def _outcome_follows(self) -> Self:
        """Check that the outcome is the one to which the reasons lead."""
        due = "failed" if self.faults else "cannot_tell" if self.unknown else "passed"
        if self.outcome != due:
            raise ValueError(f"a step with these reasons is `{due}`")
        return self


class Verification(Value):
    """All steps of one verification."""

    verification_schema: Literal["conformity/verification/v1"] = "conformity/verification/v1"
    """Format of this record; readers refuse newer ones."""
    tool: Line
    """Name and version of the tool that verified."""
    place: Line
    """What was verified, as it was named."""
    kind: VerifiedKind
    """What it is."""
    sha256: Sha256 | None
    """The digest under which it is known: of a folder's list of digests, of the last line of an archive's
    index, of a PDF; none where there is none."""
    steps: tuple[VerifiedStep, ...]
    """The steps, in order."""

    def count(self, outcome: StepOutcome) -> int:
        """Return how many steps ended in a way."""
        return sum(step.outcome == outcome for step in self.steps)

    @property
    def failed(self) -> bool:
        """Whether any step failed."""
        return self.count("failed") > 0

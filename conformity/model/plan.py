"""The plan: which requirements are looked at, and which probe looks at which subject."""

from __future__ import annotations

from datetime import date
from typing import Literal

from conformity.model.base import Depth, Line, ProbeId, Prose, StepId, SubjectId, Value
from conformity.model.classification import Classification
from conformity.model.probe import ProbeSpec
from conformity.model.requirement import Requirement


class PlannedRequirement(Value):
    """A requirement, copied in, with whether it concerns this system."""

    requirement: Requirement
    """The row of law as it stood."""
    applies: Literal["yes", "no", "unknown"]
    """Whether it concerns this system in this role."""
    reason: Prose
    """Why, or what must be answered to know."""
    duty_from: date | None = None
    """The day from which it binds; before that the assessment is preparation."""


LEFT_OUT = "Left to a full run; run with --depth full."
"""Why a step that takes longer does not run at standard depth."""


class Step(Value):
    """One probe run on one subject."""

    id: StepId
    """``<probe>@<subject>``."""
    probe: ProbeId
    """The probe."""
    subject: SubjectId
    """The subject; for exhibits, the exhibit's id."""
    blocked: Line | None = None
    """Why it cannot run as declared, such as a role that no column has."""


class Plan(Value):
    """What will be done; the same manifest, catalogue and day give the same plan."""

    as_of: date
    """The day whose law applies."""
    law: Line
    """The text of the Act that the catalogue paraphrases."""
    classification: Classification
    """What kind of system it is."""
    requirements: tuple[PlannedRequirement, ...]
    """All requirements, also those that do not apply, with the reason."""
    probes: tuple[ProbeSpec, ...]
    """The probes used, with methods and limits."""
    steps: tuple[Step, ...]
    """What runs."""
    depth: Depth = "full"
    """Whether the probes that take longer run too."""

    @property
    def left_out(self) -> int:
        """Return how many steps are left to a full run."""
        return sum(step.blocked == LEFT_OUT for step in self.steps)

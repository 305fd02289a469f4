"""Reproduction: what came of computing a pack's numbers, verdicts and documents again."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import (
    EvidenceId,
    Line,
    ProbeId,
    Prose,
    RequirementId,
    Sha256,
    StepId,
    SubjectId,
    Value,
)
from conformity.model.finding import Verdict

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far two numbers may lie apart, relatively and near zero, to be the same but for a computation's last
digits. Counts, numbers of cases and units must be equal."""

Outcome = Literal["identical", "within_tolerance", "decisions_only", "differs", "inputs_withheld"]
"""What came of computing an evidence item again: the same numbers; the same but for the last digits; other
numbers, for a reason that is told, which lead to the same verdicts; other numbers or another reason why there
are none; or it was not computed, since what it rests on was not there."""

OUTCOMES: tuple[Outcome, ...] = (
    "identical",
    "within_tolerance",
    "decisions_only",
    "differs",
    "inputs_withheld",
)
"""All of them, in the order in which they are told."""


class Reproduced(Value):
    """One evidence item computed again."""

    evidence: EvidenceId
    """The observation in the pack."""
    step: StepId
    """Its step."""
    probe: ProbeId
    """Its probe."""
    subject: SubjectId
    """Its subject."""
    outcome: Outcome
    """What came of it."""
    rests_on: Literal["data", "tallies", "plan", "nothing"]
    """From what it was computed: the data; the sealed tallies; the plan and the manifest alone, which say
    why it cannot run; or nothing."""
    numbers: Annotated[int, Field(ge=0)] = 0
    """How many measurements the pack holds of it."""
    reason: Line | None = None
    """What differs, what was compared instead, or what was not there; none where all is identical."""


class SubjectNow(Value):
    """A subject or exhibit held against the file that lies in its place now."""

    id: SubjectId
    """Its id."""
    state: Literal["same", "changed", "not_found", "not_read", "not_recorded"]
    """Whether the file has the digest recorded; is another; is not there; cannot be read, or is not fetched;
    or no digest was recorded."""
    recorded: Sha256 | None = None
    """The digest in the pack."""
    now: Sha256 | None = None
    """The digest of what lies there now."""
    reason: Line | None = None
    """Why it was not read."""


class TallyDifference(Value):
    """A tally that came out another way from the data."""

    step: StepId
    """The first step that rests on it."""
    name: Line
    """What it counts."""
    recorded: Annotated[int, Field(ge=0)]
    """How many entries the pack's tally has."""
    now: Annotated[int, Field(ge=0)]
    """How many entries it has now."""
    differing: Annotated[int, Field(ge=0)] | None = None
    """How many entries only one of the two has; none where the pack's tally could not be read."""


class Tallies(Value):
    """The tallies of a pack held against those of the data."""

    identical: Annotated[int, Field(ge=0)] = 0
    """How many have the same digest."""
    not_recomputed: Annotated[int, Field(ge=0)] = 0
    """How many were not counted again."""
    differing: tuple[TallyDifference, ...] = ()
    """Those that came out another way."""


class VerdictChanged(Value):
    """A requirement whose verdict is another one when it is judged again."""

    requirement: RequirementId
    """The requirement."""
    recorded: Verdict
    """The verdict in the pack."""
    now: Verdict
    """The verdict from the numbers computed again."""


class Verdicts(Value):
    """The verdicts of a pack held against those that follow from the numbers computed again."""

    identical: Annotated[int, Field(ge=0)]
    """How many are the same, with those on their criteria."""
    changed: tuple[VerdictChanged, ...] = ()
    """The others; the same verdict twice where only that on a criterion changed."""
    not_following: Line | None = None
    """Why the findings do not follow from the records of the pack as they are; none when they do."""


class DocumentAgain(Value):
    """A document of the pack rendered again."""

    name: Line
    """Its file."""
    outcome: Literal["identical", "differs", "cannot_tell"]
    """Whether it has the same bytes; for a sealed PDF, whether it begins with them."""
    reason: Line | None = None
    """Why it cannot be told, or what was compared."""


class Reproduction(Value):
    """What came of computing a pack again, from its sealed tallies or from the data."""

    reproduction_schema: Literal["conformity/reproduction/v1"] = "conformity/reproduction/v1"
    """Format of this record."""
    pack: Line
    """Where the pack lies."""
    assessment_sha256: Sha256
    """Digest of its ``assessment.json``."""
    made_by: Line
    """The tool that made it."""
    tool: Line
    """The tool that computed it again."""
    source: Literal["tallies", "data"]
    """From what: the sealed tallies alone, or the data as well."""
    engine: Literal["duckdb", "spark"] | None = None
    """What counted in the data; none where they were not given."""
    subjects: tuple[SubjectNow, ...] = ()
    """Every subject and exhibit held against its file; empty where no data were given."""
    items: tuple[Reproduced, ...]
    """Every evidence item, in the evidence's order."""
    tallies: Tallies = Tallies()
    """The tallies held against those of the data."""
    verdicts: Verdicts
    """The verdicts held against those that follow now."""
    documents: tuple[DocumentAgain, ...] = ()
    """The documents rendered again; empty where that was not asked for."""

    def count(self, outcome: Outcome) -> int:
        """Return how many evidence items came out in one way."""
        return sum(item.outcome == outcome for item in self.items)

    @property
    def differs(self) -> bool:
        """Tell whether anything is not as the pack says; what was not computed is not counted."""
        return bool(
            self.count("differs")
            or any(subject.state == "changed" for subject in self.subjects)
            or self.tallies.differing
            or self.verdicts.changed
            or self.verdicts.not_following
            or any(document.outcome == "differs" for document in self.documents)
        )


class StaleThing(Value):
    """A subject or exhibit that no longer holds as evidence."""

    id: SubjectId
    """Its id."""
    reason: Prose
    """Why: it is too old, has changed, or was made with something that has."""


class VerdictLost(VerdictChanged):
    """A requirement whose verdict is another one on a later day."""

    reason: Prose
    """Why, as it is judged on that day."""


class Staleness(Value):
    """What of a pack still holds on a day."""

    pack: Line
    """Where the pack lies."""
    assessed_on: date
    """The day on which it was judged."""
    as_of: date
    """The day for which it is told."""
    limits: Annotated[int, Field(ge=0)]
    """How many age limits the manifest sets; without one, age alone makes nothing stale."""
    subjects: tuple[SubjectNow, ...] = ()
    """Every subject and exhibit held against its file; empty where no data were given."""
    stale: tuple[StaleThing, ...] = ()
    """What no longer holds as evidence, and why."""
    verdicts: tuple[VerdictLost, ...] = ()
    """The verdicts that are others on that day."""

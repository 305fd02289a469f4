"""Evidence: everything that was observed in a run, and on what it was observed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, model_validator

from conformity.model.base import (
    EvidenceId,
    Instant,
    Line,
    ProbeId,
    Prose,
    Sha256,
    StepId,
    SubjectId,
    Value,
    digest_of,
)
from conformity.model.measurement import Measurement


class Package(Value):
    """A piece of software that took part."""

    name: Line
    """Its name."""
    version: Line
    """Its version."""


class SubjectRecord(Value):
    """A subject or exhibit as it was found."""

    id: SubjectId
    """The id in the manifest."""
    kind: Line
    """What kind of thing it is."""
    path: Line
    """Where it was, relative to the manifest."""
    files: Annotated[int, Field(ge=0)]
    """How many files it consists of."""
    size_bytes: Annotated[int, Field(ge=0)]
    """Their size together."""
    sha256: Sha256 | None
    """Digest of the file; for several, of their sorted names and digests; none when unreadable."""
    problem: Line | None = None
    """Why it could not be read."""


class TallyRef(Value):
    """A sealed tally from which the measurements can be recomputed."""

    name: Line
    """What it counts, such as ``cell_counts[SEX, label, prediction]``."""
    sha256: Sha256
    """Digest of its canonical JSON; the file in ``tallies/`` bears this name."""
    entries: Annotated[int, Field(ge=0)]
    """How many entries it has."""


class Observation(Value):
    """What one step saw, or why it saw nothing; build it with :meth:`of`."""

    id: EvidenceId
    """``EV-`` and ten hex digits of the digest of the content."""
    step: StepId
    """The step."""
    probe: ProbeId
    """The probe."""
    probe_version: Annotated[int, Field(ge=1)]
    """The probe's version."""
    subject: SubjectId
    """The subject."""
    outcome: Literal["measured", "not_available", "error"]
    """Whether there are numbers; if not, whether that was foreseeable or a failure."""
    reason: Line | None = None
    """Why there are no numbers."""
    measurements: tuple[Measurement, ...] = ()
    """The numbers."""
    notes: tuple[Prose, ...] = ()
    """What a reader must know about these numbers in particular."""
    tallies: tuple[TallyRef, ...] = ()
    """The tallies behind them."""
    collected_at: Instant
    """When the run that made this observation began."""
    isolation: Annotated[Line | None, Field(exclude_if=lambda value: value is None)] = None
    """How the worker was kept apart; none in records from before this was kept, and where none was needed.
    It does not enter the id: the same thing seen from behind another wall is the same evidence."""

    @classmethod
    def of(cls, **fields: Any) -> Observation:
        """Return an observation with its id computed from its content."""
        draft = cls.model_validate({**fields, "id": "EV-"}, context=_UNSEALED)
        return draft.model_copy(update={"id": _id_of(draft)})

    @model_validator(mode="after")
    def _id_matches(self, info: ValidationInfo) -> Observation:
        """Check that the id is the digest of the content, and that the outcome fits the content."""
        if (self.outcome == "measured") != bool(self.measurements):
            raise ValueError("an observation holds measurements if, and only if, its outcome is `measured`")
        if self.outcome != "measured" and not self.reason:
            raise ValueError("an observation without measurements says why")
        if info.context is not _UNSEALED and self.id != _id_of(self):
            raise ValueError(f"evidence id {self.id} does not match its content")
        return self


_UNSEALED: dict[str, str] = {}


def _id_of(observation: Observation) -> EvidenceId:
    """Return ``EV-`` and the first ten hex digits of the digest of everything but id and isolation."""
    content = observation.model_dump(mode="json", exclude={"id", "isolation"})
    return EvidenceId("EV-" + digest_of(content)[7:17])


class Isolation(Value):
    """How the workers were kept apart from the rest of the machine."""

    mechanism: Line
    """The mechanism's name."""
    guarantees: tuple[Line, ...]
    """What it was seen to prevent."""
    gaps: tuple[Line, ...] = ()
    """What it does not prevent."""


class Evidence(Value):
    """All observations of a run; content-addressed."""

    collected_at: Instant
    """When the run began."""
    subjects: tuple[SubjectRecord, ...]
    """What was looked at, subjects and exhibits."""
    observations: tuple[Observation, ...]
    """What was seen, one for each step, in the plan's order."""
    software: tuple[Package, ...]
    """What it was seen with."""
    platform: Line
    """Operating system, processor architecture and Python."""
    isolation: Isolation
    """How the workers ran."""
    seed: Annotated[int | None, Field(exclude_if=lambda value: value is None)] = None
    """The seed of everything drawn at random, where it was not the usual one; with it the run is repeated."""

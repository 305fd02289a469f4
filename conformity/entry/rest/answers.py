"""What the API tells of results: nothing of where files lie, no number about a few people."""

from __future__ import annotations

from collections.abc import Collection

from conformity.entry.answers import MeasurementAnswer, measurement_answer
from conformity.entry.telling import Telling
from conformity.model.base import Line, Prose, Sha256, Value
from conformity.model.classification import Outcome
from conformity.model.evidence import Isolation, Observation
from conformity.model.summary import AssessmentSummary, OpenPoint, ScanResult, VerdictCounts


class PackFile(Value):
    """A file in the pack of a run."""

    name: Line
    """Its name."""
    size_bytes: int
    """Its size."""


class AssessmentAnswer(Value):
    """An assessment in short."""

    kind: Line = "assessment"
    """What it is."""
    system: Line
    """Name and version of the system."""
    assessment_version: Line
    """Version of the assessment."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``, which the report as JSON is."""
    outcome: Outcome
    """What kind of system it is."""
    classification: Prose
    """The same in words, with its citation."""
    counts: VerdictCounts
    """How many requirements have which verdict; there is no score."""
    open_points: tuple[OpenPoint, ...]
    """Everything that is not met: missed criteria first."""
    missing_information: tuple[Prose, ...]
    """Questions that must be answered, and placeholders that must be filled."""
    gate: int
    """What a gate would end with: 0 all met, 1 something missed, 4 something open."""
    left_out: int
    """Steps that were left to a full run, since they take longer."""
    files: tuple[PackFile, ...]
    """What is in the pack."""
    caveat: Prose
    """What this is not."""


class ObservationTold(Value):
    """What one probe saw."""

    probe: Line
    """The probe."""
    outcome: Line
    """Whether it measured, or why not."""
    reason: str | None
    """Why there are no numbers."""
    measurements: tuple[MeasurementAnswer, ...]
    """The numbers."""
    notes: tuple[str, ...]
    """What must be known about the numbers."""


class ScanAnswer(Value):
    """What one module alone measured on one file; what is not flagged is not shown to be safe."""

    kind: Line = "scan"
    """What it is."""
    file: Line
    """The file."""
    sha256: Sha256 | None
    """Its digest."""
    size_bytes: int
    """Its size."""
    observations: tuple[ObservationTold, ...]
    """What was seen."""
    isolation: Isolation
    """How the worker was kept apart."""


def assessment_answer(summary: AssessmentSummary) -> AssessmentAnswer:
    """Return an assessment in short, without the places of its files."""
    shown = summary.model_dump(exclude={"pack", "files"})
    files = [
        PackFile(name=file.name, size_bytes=file.size_bytes) for file in summary.files if "/" not in file.name
    ]
    return AssessmentAnswer.model_validate({**shown, "files": tuple(files)})


def scan_answer(result: ScanResult, modules: Collection[str] = ()) -> ScanAnswer:
    """Return what was measured, as far as it may be told.

    Args:
        result: what was measured.
        modules: which measurements are wanted; all when empty.
    """
    telling = Telling.of(result.observations)
    chosen = [one for one in result.observations if not modules or one.probe.split("/")[0] in modules]
    return ScanAnswer(
        file=result.subject.path,
        sha256=result.subject.sha256,
        size_bytes=result.subject.size_bytes,
        observations=tuple(_observation(one, telling) for one in chosen),
        isolation=result.isolation,
    )


def _observation(seen: Observation, telling: Telling) -> ObservationTold:
    """Return what one probe saw, as far as it may be told."""
    return ObservationTold(
        probe=seen.probe,
        outcome=seen.outcome,
        reason=telling.words(seen.reason) if seen.reason else None,
        measurements=tuple(measurement_answer(one, telling) for one in seen.measurements),
        notes=tuple(telling.words(note) for note in seen.notes),
    )

"""The documents of a run, for whoever asked for it.

In: the id of a run, and who asks. Out: bytes of a report, a record or an observation fit to be quoted.
Invariant: the run of somebody else is not there; no figure is given that the report withholds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformity.entry.answers import MeasurementAnswer, measurement_answer
from conformity.entry.mcp.shared import Desk, pack_of
from conformity.errors import NotFoundError
from conformity.intake.names import advice, quoted
from conformity.model.base import Value
from conformity.settings import DISCLOSURE_LIMIT

if TYPE_CHECKING:
    from conformity.entry.telling import Telling
    from conformity.model.evidence import Observation

_MEASUREMENTS = 400


class ObservationAnswer(Value):
    """What one step saw, as far as it may be told in a chat."""

    id: str
    """Its id."""
    probe: str
    """The probe."""
    subject: str
    """The file that was looked at, as the manifest names it."""
    outcome: str
    """``measured``, ``not_available`` or ``error``."""
    reason: str | None
    """Why there are no numbers."""
    collected_at: str
    """When the run began that saw it."""
    measurements: tuple[MeasurementAnswer, ...]
    """The numbers."""
    measurements_in_all: int
    """How many there are."""
    notes: tuple[str, ...]
    """What must be known about the numbers."""


@dataclass(frozen=True)
class Shelf:
    """The documents of all runs of the engine."""

    desk: Desk
    """Settings and engine."""

    def file(self, run_id: str, name: str, owner: str) -> bytes:
        """Return a file of a run's pack as it is.

        Raises:
            NotFoundError: this owner has no such run, or it has no such document.
        """
        place = self._pack(run_id, owner) / name
        try:
            return place.read_bytes()
        except OSError as error:
            raise NotFoundError(
                f"The run {quoted(run_id)} has no {name}; it was asked for without."
            ) from error

    def summary(self, run_id: str, owner: str) -> str:
        """Return the summary of a run in Markdown.

        Raises:
            NotFoundError: this owner has no such run, or it has no report.
        """
        from conformity.pipeline.quoting import quotable_summary

        return quotable_summary(self._pack(run_id, owner), self.desk.unbound)

    def record(self, run_id: str, owner: str) -> str:
        """Return the assessment of a run as JSON, without the figures that its report withholds.

        Raises:
            NotFoundError: this owner has no such run, or it has no report.
        """
        from conformity.pipeline.quoting import quotable_record

        return quotable_record(self._pack(run_id, owner), self.desk.unbound)

    def observation(self, run_id: str, evidence_id: str, owner: str) -> str:
        """Return one observation of a run as JSON, by the rules of what may be told in a chat.

        Raises:
            NotFoundError: this owner has no such run, or it has no such observation.
        """
        from conformity.entry.telling import Telling
        from conformity.pipeline.quoting import evidence_of

        observations = evidence_of(self._pack(run_id, owner), self.desk.unbound).observations
        chosen = next((one for one in observations if one.id == evidence_id), None)
        if chosen is None:
            near = advice(evidence_id, [str(one.id) for one in observations])
            raise NotFoundError(f"The run {quoted(run_id)} has no evidence {quoted(evidence_id)}; {near}")
        # What may be told of one depends on all: a withheld number could follow from the others.
        return _told(chosen, Telling.of(observations, DISCLOSURE_LIMIT)).model_dump_json()

    def evidence_ids(self, run_id: str, owner: str) -> Sequence[str]:
        """Return the ids of all observations of a run.

        Raises:
            NotFoundError: this owner has no such run, or it has no report.
        """
        from conformity.pipeline.quoting import evidence_of

        found = evidence_of(self._pack(run_id, owner), self.desk.unbound)
        return [str(one.id) for one in found.observations]

    def run_ids(self, owner: str, limit: int) -> Sequence[str]:
        """Return the ids of the latest runs of an owner that have a report."""
        runs = self.desk.engine.runs(owner=owner, limit=limit)
        return [run.id for run in runs if run.request.kind == "assessment" and run.status == "succeeded"]

    def _pack(self, run_id: str, owner: str) -> Path:
        """Return the pack of a run.

        Raises:
            NotFoundError: this owner has no such run, it has not ended, or it wrote no report.
        """
        return pack_of(self.desk.engine.get(run_id, owner=owner))


def _told(seen: Observation, telling: Telling) -> ObservationAnswer:
    """Return an observation as far as it may be told."""
    return ObservationAnswer(
        id=seen.id,
        probe=seen.probe,
        subject=seen.subject,
        outcome=seen.outcome,
        reason=None if seen.reason is None else telling.words(seen.reason),
        collected_at=seen.collected_at.isoformat(),
        measurements=tuple(measurement_answer(one, telling) for one in seen.measurements[:_MEASUREMENTS]),
        measurements_in_all=len(seen.measurements),
        notes=tuple(telling.words(note) for note in seen.notes),
    )

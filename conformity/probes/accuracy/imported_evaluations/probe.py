"""Take over the scores of evaluations that Inspect made."""

from __future__ import annotations

from collections.abc import Iterator

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, Result, in_order
from conformity.probes.accuracy.imported_evaluations.intervals import UNENDED, missing, result_of
from conformity.probes.accuracy.imported_evaluations.logs import Evaluation, evaluation_of, files_of
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.imported.origin import imported, notes_of, nothing_read
from conformity.probes.shared.imported.reading import listed

_SCORE = ("task", "scorer", "measure")
_Found = tuple[str, tuple[str, ...], tuple[str, ...], Result]


class ImportedEvaluationsProbe:
    """Read logs of Inspect."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the scores of all tasks, with intervals where the logs give what they need.

        Raises:
            NotMeasurableError: there is no log, or none that is read.
            DataError: a file is no log, or two are of one task.
        """
        subject = imported(target, "inspect")
        runs = [evaluation_of(file) for file in files_of(target.path)]
        tasks = [run.task for run in runs]
        if len(set(tasks)) < len(tasks):
            raise DataError(f"two logs in {subject.path} are of one task; keep the one that counts")
        if not any(run.scores or run.status != "success" for run in runs):
            raise NotMeasurableError(nothing_read(subject.path))
        every = [one for run in runs for one in _numbers(run)]
        notes = [note for run in runs for note in (*notes_of(run.origin, subject), *_notes(run))]
        return ProbeResult(
            in_order(
                Measurement(
                    metric=MetricId(metric), subject=SubjectId(subject.id), by=by, group=group, result=result
                )
                for metric, by, group, result in every
            ),
            tuple(dict.fromkeys(notes)),
        )


def _numbers(run: Evaluation) -> Iterator[_Found]:
    """Yield the results of one task."""
    lost = max((missing(score, run) for score in run.scores), default=0)
    ended = run.status == "success"
    yield "imported_samples", ("task",), (run.task,), _count(run.total if ended else None)
    yield "imported_unscored_samples", ("task",), (run.task,), _count(lost if ended and run.scores else None)
    if not run.scores:
        yield "imported_score", ("task",), (run.task,), UNENDED
    for score in run.scores:
        yield "imported_score", _SCORE, (run.task, score.scorer, score.measure), result_of(score, run)


def _count(value: int | None) -> Result:
    """Return a number of samples, or that there is none."""
    if value is None:
        return UNENDED
    return Count(value=value, unit="samples")


def _notes(run: Evaluation) -> list[str]:
    """Return what a reader must know of one task."""
    notes = [f"Task {run.task}: the model asked was {run.model}."]
    if run.status != "success":
        notes.append(f"Task {run.task}: the run ended as {run.status}, and nothing of it counts.")
    if run.left:
        notes.append(
            f"Task {run.task}: numbers of groups or of several reducers that are not read: {run.left}."
        )
    open_ones = [score.scorer for score in run.scores if missing(score, run)]
    if open_ones:
        notes.append(f"Task {run.task}: some samples have no score by {listed(dict.fromkeys(open_ones))}.")
    return notes


PROBE = ImportedEvaluationsProbe()
"""The probe."""

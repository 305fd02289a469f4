"""Count the dangerous and the unknown names that a model file would import."""

from __future__ import annotations

from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file

_UNIT = "names"
_NAMED = 40
_NAME_LENGTH = 200


class ModelFileScanProbe:
    """Scan a model file without loading it."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many dangerous and suspicious names the file would import.

        Raises:
            NotMeasurableError: it could not be read to its end, and no dangerous name was found.
            ModelFileError: there is no file.
        """
        if not isinstance(target.subject, ModelSubject):
            raise ModelFileError(f"{target.subject.id} is not a model; declare it with `kind: model`")
        if not target.path.is_file():
            raise ModelFileError(f"there is no model file at {target.subject.path}; give one file")
        scan = scan_model_file(target.path, target.subject.format, target.scratch)
        if scan.problems and not scan.dangerous:
            raise NotMeasurableError(f"the model file was not examined: {scan.problems[0]}"[:500])
        return _result(scan, SubjectId(target.subject.id))


def _result(scan: ModelScan, subject: SubjectId) -> ProbeResult:
    """Return the counts, and the names in notes."""
    suspicious: Result = Count(value=len(scan.suspicious), unit=_UNIT)
    if scan.problems:
        suspicious = NotAvailable(
            why="undefined", reason=f"the file was read in part: {scan.problems[0]}"[:500]
        )
    notes = [
        f"{word}: {_listed(names)}"
        for word, names in (("Dangerous", scan.dangerous), ("Suspicious", scan.suspicious))
        if names
    ]
    if scan.problems:
        notes.append("The file was read in part; there may be more than was found.")
    if not scan.globals and not scan.problems:
        notes.append("The file imports nothing.")
    return ProbeResult(
        measurements=(
            Measurement(
                metric=MetricId("dangerous_globals"),
                subject=subject,
                result=Count(value=len(scan.dangerous), unit=_UNIT),
            ),
            Measurement(metric=MetricId("suspicious_globals"), subject=subject, result=suspicious),
        ),
        notes=tuple(notes),
    )


def _listed(names: frozenset[Global]) -> str:
    """Return the names in order, no more than a reader can use; what is not printable is escaped."""
    ordered = sorted(ascii(str(name))[1:-1][:_NAME_LENGTH] for name in names)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return ", ".join(ordered[:_NAMED]) + more


PROBE = ModelFileScanProbe()
"""The probe."""

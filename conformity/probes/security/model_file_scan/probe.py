"""Count what a model file would import and do when it is loaded."""

from __future__ import annotations

from collections.abc import Iterable

from conformity.errors import ModelFileError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result
from conformity.model.subject import ModelSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.model_files.machine import Global
from conformity.probes.shared.model_files.scan import ModelScan, scan_model_file

_NAMED = 40
_NAME_LENGTH = 200
_TOLD = 10
_NO_NUMBERS = ("dangerous_content", "dangerous_globals")
_PROGRAM = "it is a program, not a model in a file; what it does when it runs is not examined, only contained"
_UNITS = {"content": "findings", "globals": "names"}


class ModelFileScanProbe:
    """Scan a model file, or a folder of them, without loading it."""

    def examine(self, target: Target) -> ProbeResult:
        """Return how many names and other things in the file are dangerous, or need a look.

        Raises:
            NotMeasurableError: it could not be read to its end, and nothing dangerous was found; or it is a
                program.
            ModelFileError: there is no file.
        """
        if not isinstance(target.subject, ModelSubject):
            raise ModelFileError(f"{target.subject.id} is not a model; declare it with `kind: model`")
        if not (target.path.is_file() or target.path.is_dir()):
            raise ModelFileError(f"there is no model file at {target.subject.path}; give one file or folder")
        if target.subject.format == "command":
            raise NotMeasurableError(_PROGRAM)
        scan = scan_model_file(target.path, target.subject.format, target.scratch)
        if scan.problems and scan.verdict != "dangerous":
            raise NotMeasurableError(f"the model file was not examined: {scan.problems[0]}"[:500])
        return _result(scan, SubjectId(target.subject.id))


def _result(scan: ModelScan, subject: SubjectId) -> ProbeResult:
    """Return the counts, and what was found in notes."""
    counts = {
        "content_for_review": _content(scan, "review"),
        "dangerous_content": _content(scan, "dangerous"),
        "dangerous_globals": len(scan.dangerous),
        "suspicious_globals": len(scan.suspicious),
    }
    return ProbeResult(
        measurements=tuple(
            Measurement(metric=MetricId(metric), subject=subject, result=_counted(metric, count, scan))
            for metric, count in sorted(counts.items())
        ),
        notes=tuple(_notes(scan)),
    )


def _content(scan: ModelScan, severity: str) -> int:
    """Return how much content of a severity was found."""
    return sum(content.severity == severity for content in scan.contents)


def _counted(metric: str, count: int, scan: ModelScan) -> Result:
    """Return a count; of a file read in part, only what is dangerous and was found."""
    if scan.problems and (metric not in _NO_NUMBERS or count == 0):
        return NotAvailable(why="undefined", reason=f"the file was read in part: {scan.problems[0]}"[:500])
    return Count(value=count, unit=_UNITS["globals" if metric.endswith("globals") else "content"])


def _notes(scan: ModelScan) -> Iterable[str]:
    """Yield what a reader must know."""
    for word, names in (("Dangerous", scan.dangerous), ("On no list", scan.suspicious)):
        if names:
            yield f"{word}: {_listed(names)}"
    for word, severity in (("Dangerous", "dangerous"), ("To be looked at", "review")):
        told = [content.what for content in scan.contents if content.severity == severity]
        if told:
            more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
            yield f"{word}: {'; '.join(told[:_TOLD])}{more}."
    if scan.problems:
        yield "The file was read in part; there may be more than was found."
    elif not scan.globals and not scan.contents:
        yield "The file imports nothing."


def _listed(names: frozenset[Global]) -> str:
    """Return the names in order, no more than a reader can use; what is not printable is escaped."""
    ordered = sorted(ascii(str(name))[1:-1][:_NAME_LENGTH] for name in names)
    more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
    return ", ".join(ordered[:_NAMED]) + more


PROBE = ModelFileScanProbe()
"""The probe."""

"""Count the issues that Giskard's scan found; their texts, which name values of the data, are not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformity.errors import DataError
from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, in_order
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.imported.origin import Origin, imported, notes_of, nothing_read
from conformity.probes.shared.imported.reading import listed, parsed, printable, read_bytes

_LEVELS = ("major", "medium", "minor")
_MOST_DETECTORS = 200
_Issues = dict[str, Counter[str]]
"""How many issues of which level, by detector."""


class ImportedIssuesProbe:
    """Read the JSON of a scan report."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the issues, in all, by level and by detector.

        Raises:
            NotMeasurableError: no detector is named.
            DataError: the file is no such report.
        """
        subject = imported(target, "giskard")
        issues = _issues(parsed(read_bytes(target.path), target.path.name), target.path.name)
        if not issues:
            raise NotMeasurableError(nothing_read(subject.path))
        return ProbeResult(
            in_order(
                Measurement(
                    metric=MetricId(metric),
                    subject=SubjectId(subject.id),
                    by=("detector",) if group else (),
                    group=group,
                    result=Count(value=value, unit="issues"),
                )
                for metric, group, value in _numbers(issues)
            ),
            (*notes_of(Origin("Giskard"), subject), *_notes(issues)),
        )


def _issues(data: Any, name: str) -> _Issues:
    """Return the issues of a report by detector and level.

    Raises:
        DataError: it is no report as ``ScanReport.to_json`` writes it.

    Source:
        Giskard 2, ``giskard.scanner.report.ScanReport.to_json``.
    """
    if not isinstance(data, dict) or len(data) > _MOST_DETECTORS:
        raise DataError(f"{name} is no scan report of Giskard; write it with `report.to_json`")
    found: _Issues = {}
    for detector, levels in data.items():
        if not isinstance(levels, dict) or not all(_are_texts(one) for one in levels.values()):
            raise DataError(f"{name} is no scan report of Giskard; write it with `report.to_json`")
        counts = found.setdefault(printable(detector), Counter())
        for level, texts in levels.items():
            if level not in _LEVELS:
                raise DataError(
                    f"{name} holds an issue of a level that is not known; hand in one of Giskard 2"
                )
            counts[level] += len(texts)
    return found


def _are_texts(value: object) -> bool:
    """Tell whether a value is a list of texts, such as the descriptions of issues."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _numbers(issues: _Issues) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Yield the counts: metric, group and value."""
    total: Counter[str] = sum(issues.values(), Counter())
    yield "imported_issues", (), total.total()
    for level in _LEVELS:
        yield f"imported_{level}_issues", (), total[level]
    for detector, counts in issues.items():
        yield "imported_detector_issues", (detector,), counts.total()


def _notes(issues: _Issues) -> tuple[str, ...]:
    """Return what a reader must know: which detectors found nothing, and what that does not mean."""
    silent = sorted(detector for detector, counts in issues.items() if not counts.total())
    if not silent:
        return ()
    return (
        f"Detectors without an issue: {listed(silent)}. The report does not say whether they had anything to "
        "look at, or failed.",
    )


PROBE = ImportedIssuesProbe()
"""The probe."""

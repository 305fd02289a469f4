"""Take over what Evidently counted in a data set, and which of its tests failed."""

from __future__ import annotations

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, in_order
from conformity.probes.data_quality.imported_checks.snapshots import (
    DRIFTED,
    MISSING,
    REPEATED,
    ROWS,
    Snapshot,
    snapshot_of,
)
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.shared.imported.origin import Origin, imported, notes_of, nothing_read
from conformity.probes.shared.imported.reading import listed, parsed, read_bytes

_METRICS = {
    "imported_drifted_columns": (DRIFTED, "columns"),
    "imported_duplicate_rows": (REPEATED, "rows"),
    "imported_missing_values": (MISSING, "cells"),
    "imported_rows": (ROWS, "rows"),
}
"""Which of Evidently's metrics stands where, and what it counts."""


class ImportedChecksProbe:
    """Read a report of Evidently."""

    def examine(self, target: Target) -> ProbeResult:
        """Return the counts of the report and how its tests ended.

        Raises:
            NotMeasurableError: the report holds nothing that is read, or another version wrote it.
            DataError: it is no report of Evidently.
        """
        subject = imported(target, "evidently")
        found = snapshot_of(parsed(read_bytes(target.path), target.path.name), target.path.name)
        made = found.checks.passed + found.checks.failed + found.checks.open
        if not found.counts and not made:
            raise NotMeasurableError(nothing_read(subject.path))
        results: dict[str, Result] = {
            metric: _count(found, what, unit) for metric, (what, unit) in _METRICS.items()
        }
        for ending, value in vars(found.checks).items():
            results[f"imported_checks_{ending}"] = _checks(value, made)
        return ProbeResult(
            in_order(
                Measurement(metric=MetricId(metric), subject=SubjectId(subject.id), result=result)
                for metric, result in results.items()
            ),
            (*notes_of(Origin("Evidently"), subject), *_notes(found)),
        )


def _count(found: Snapshot, what: str, unit: str) -> Result:
    """Return a count of the report, or that the report does not hold it."""
    if what in found.counts:
        return Count(value=found.counts[what], unit=unit)
    return NotAvailable(
        why="not_collected", reason=f"the report does not hold {what}; add it and run it again"
    )


def _checks(value: int, made: int) -> Result:
    """Return a number of tests; of a report without any there is none, and it is not zero."""
    if made:
        return Count(value=value, unit="checks")
    reason = "the report holds no test; add some with `include_tests` and run it again"
    return NotAvailable(why="not_collected", reason=reason)


def _notes(found: Snapshot) -> list[str]:
    """Return what a reader must know: which columns drifted, over how many rows, and what is not read."""
    notes = []
    if found.drifted:
        notes.append(f"Columns that drifted by the bounds of the report: {listed(found.drifted)}.")
    if ROWS not in found.counts:
        notes.append("The report does not say how many rows it is about.")
    if DRIFTED in found.counts:
        notes.append(
            "How many rows the data have with which these were compared, the report does not say: a column "
            "that did not drift may have had too few."
        )
    if found.left:
        notes.append(f"Metrics in the file that are not read: {listed(found.left)}.")
    return notes


PROBE = ImportedChecksProbe()
"""The probe."""

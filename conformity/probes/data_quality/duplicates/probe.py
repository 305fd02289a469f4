"""Count the rows that repeat other rows."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import ClassSizes, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult


class DuplicatesProbe:
    """Compares rows in all columns of the file."""

    def tallies(self, table: TableSubject) -> tuple[ClassSizes]:
        """Return the sizes of classes of rows that are equal in all columns."""
        return (ClassSizes(),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the number and share of repeated rows.

        Raises:
            NotMeasurableError: there are no rows.
        """
        sizes = [(int(size), int(classes)) for size, classes in tallies[0].entries]
        rows = sum(size * classes for size, classes in sizes)
        if rows == 0:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        repeated = sum((size - 1) * classes for size, classes in sizes)
        return ProbeResult(
            (
                Measurement(
                    metric=MetricId("duplicate_rows"),
                    subject=table.id,
                    result=Count(value=repeated, unit="rows"),
                ),
                Measurement(
                    metric=MetricId("duplicate_share"),
                    subject=table.id,
                    result=Scalar(value=repeated / rows, unit="1", n=rows),
                ),
            )
        )


PROBE = DuplicatesProbe()
"""The probe that `probe.yaml` beside this file describes."""

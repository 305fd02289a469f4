"""How far predicted numbers lie from the labels: size of errors, bias, explained variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, Result, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.estimates import results_of
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.residuals import (
    Residuals,
    mean_absolute_error_of,
    mean_error_of,
    read_residuals,
    residual_notes,
    residual_tally,
)
from conformity.probes.shared.squared_errors import explained_of, root_mean_squared_error_of


class RegressionProbe:
    """Holds predicted numbers against labels, for everybody and for each group of each attribute."""

    def tallies(self, table: TableSubject) -> tuple[Sums, ...]:
        """Return sums of labels, predictions and errors: of all rows, then by each protected attribute.

        Raises:
            NotMeasurableError: label or prediction is not bound, is no number, or both are one column.
        """
        attributes = range(len(table.with_role("protected")))
        return (residual_tally(table), *(residual_tally(table, position) for position in attributes))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measurements for the whole table and for each group.

        Raises:
            NotMeasurableError: there are no rows.
        """
        partitions = [read_residuals(table, tally) for tally in tallies]
        found = [
            Measurement(metric=MetricId(metric), subject=table.id, by=groups.by, group=name, result=result)
            for groups in partitions
            for metric, results in _measured(groups)
            for name, result in zip(groups.names, results, strict=True)
        ]
        return ProbeResult(in_order(found), (*residual_notes(partitions[0]), *declared_notes(table)))


def _measured(groups: Residuals) -> Iterator[tuple[str, tuple[Result, ...]]]:
    """Yield each metric with the results of all groups."""
    yield "mean_absolute_error", results_of(mean_absolute_error_of(groups))
    yield "mean_error", results_of(mean_error_of(groups))
    yield "root_mean_squared_error", results_of(root_mean_squared_error_of(groups))
    yield "r_squared", results_of(explained_of(groups))


PROBE = RegressionProbe()
"""The probe that `probe.yaml` beside this file describes."""

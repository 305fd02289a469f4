"""How far predicted numbers lie from the labels: size of errors, bias, explained variance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.estimates import results_of
from conformity.probes.shared.residuals import (
    UNIT,
    Residuals,
    explained_of,
    mean_absolute_error_of,
    mean_error_of,
    read_residuals,
    reasons,
    residual_notes,
    residual_tally,
    root_mean_squared_error_of,
)


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
        found.sort(key=lambda one: (one.metric, one.by, one.group))
        return ProbeResult(tuple(found), residual_notes(partitions[0]))


def _measured(groups: Residuals) -> Iterator[tuple[str, tuple[Result, ...]]]:
    """Yield each metric with the results of all groups."""
    yield "mean_absolute_error", results_of(mean_absolute_error_of(groups))
    yield "mean_error", results_of(mean_error_of(groups))
    roots = root_mean_squared_error_of(groups).tolist()
    yield "root_mean_squared_error", _plain(groups, "root mean squared error", roots, UNIT)
    yield "r_squared", _plain(groups, "R²", explained_of(groups).tolist(), "1")


def _plain(groups: Residuals, name: str, values: Sequence[float], unit: str) -> tuple[Result, ...]:
    """Return results without interval."""
    found: list[Result] = []
    for reason, value, n in zip(reasons(groups, name), values, groups.cases.tolist(), strict=True):
        if reason is not None:
            found.append(reason)
        elif math.isnan(value):
            text = f"all labels are the same, so that there is no variance to explain: no {name} is given"
            found.append(NotAvailable(why="undefined", reason=text, n=n))
        else:
            found.append(Scalar(value=value, unit=unit, n=n))
    return tuple(found)


PROBE = RegressionProbe()
"""The probe that `probe.yaml` beside this file describes."""

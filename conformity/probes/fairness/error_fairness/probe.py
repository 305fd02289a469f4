"""Gaps between groups in the size and the direction of errors of predicted numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import require_roles
from conformity.probes.shared.contents import require_pair
from conformity.probes.shared.estimates import gap_of, small_groups_note
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.residuals import (
    Residuals,
    mean_absolute_error_of,
    mean_error_of,
    read_residuals,
    residual_notes,
    residual_tally,
)


class ErrorFairnessProbe:
    """Compares the groups of each protected attribute in the errors of predicted numbers."""

    def tallies(self, table: TableSubject) -> tuple[Sums, ...]:
        """Return sums of labels, predictions and errors, by each protected attribute.

        Raises:
            NotMeasurableError: a role is not bound, or label or prediction is no number.
        """
        require_pair(table, "numbers")
        require_roles(table, "protected")
        return tuple(residual_tally(table, position) for position in range(len(table.with_role("protected"))))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the gaps between the groups of each attribute.

        Raises:
            NotMeasurableError: there are no rows.
        """
        partitions = [read_residuals(table, tally) for tally in tallies]
        found = [one for groups in partitions for one in _gaps(table, groups)]
        notes = [*residual_notes(partitions[0]), *(_note(groups) for groups in partitions)]
        notes += declared_notes(table)
        return ProbeResult(in_order(found), tuple(note for note in notes if note))


def _gaps(table: TableSubject, groups: Residuals) -> Iterator[Measurement]:
    """Yield the comparisons of the groups of one attribute."""
    for metric, estimate in (
        ("mean_absolute_error_difference", mean_absolute_error_of(groups)),
        ("mean_error_difference", mean_error_of(groups)),
    ):
        result = gap_of(estimate, groups.by, groups.names)
        yield Measurement(metric=MetricId(metric), subject=table.id, by=groups.by, result=result)


def _note(groups: Residuals) -> str:
    """Return which groups of an attribute are too small for an error of their own; empty if none is."""
    return small_groups_note(mean_error_of(groups), groups.by, groups.names)


PROBE = ErrorFairnessProbe()
"""The probe that `probe.yaml` beside this file describes."""

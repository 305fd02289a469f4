"""Gaps between groups in how well scores rank cases, how high they are, and how true they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import Sums, Tally
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.calibration import bias_of, ece_of, mean_score_of
from conformity.probes.shared.cells import require_roles
from conformity.probes.shared.estimates import gap_of, largest_of, small_groups_note
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.ranking import auc_of
from conformity.probes.shared.scores import (
    ScoreGroups,
    coarse_notes,
    group_tallies,
    read_groups,
    require_scores,
    score_notes,
)


class ScoreFairnessProbe:
    """Compares the groups of each protected attribute in their scores."""

    def tallies(self, table: TableSubject) -> tuple[Sums, ...]:
        """Return scores by label and bin, by each protected attribute.

        Raises:
            NotMeasurableError: no protected attribute, no score or no label of two outcomes is bound.
        """
        require_roles(table, "protected")
        require_scores(table)
        return group_tallies(table)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the gaps between the groups of each attribute.

        Raises:
            NotMeasurableError: there are no rows, or scores lie outside their range.
        """
        self.tallies(table)
        partitions = read_groups(table, tallies)
        found = [one for groups in partitions for one in _gaps(table, groups)]
        notes = [
            *score_notes(partitions[0]),
            *coarse_notes(partitions),
            *declared_notes(table),
            *(_note(groups) for groups in partitions),
        ]
        return ProbeResult(in_order(found), tuple(note for note in notes if note))


def _gaps(table: TableSubject, groups: ScoreGroups) -> Iterator[Measurement]:
    """Yield the comparisons of the groups of one attribute."""
    by, names = groups.by, groups.names
    for metric, result in (
        ("auc_difference", gap_of(auc_of(groups), by, names)),
        ("mean_score_difference", gap_of(mean_score_of(groups), by, names)),
        ("calibration_difference", gap_of(bias_of(groups), by, names)),
        ("worst_group_calibration_error", largest_of(ece_of(groups), by, names)),
    ):
        yield Measurement(metric=MetricId(metric), subject=table.id, by=by, result=result)


def _note(groups: ScoreGroups) -> str:
    """Return which groups of an attribute are too small for an AUC of their own; empty if none is."""
    return small_groups_note(auc_of(groups), groups.by, groups.names)


PROBE = ScoreFairnessProbe()
"""The probe that `probe.yaml` beside this file describes."""

"""What a change of the decisions did to the gaps between groups, and to accuracy, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, NotAvailable, Result
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.fairness.mitigation.decisions import (
    Decisions,
    changed_accuracy,
    changed_gap,
    changed_share,
    correct_pairs,
    mcnemar,
    positive_pairs,
    read_decisions,
    selection_pairs,
)
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.cells import outcome_column, require_roles
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.keys import group_keys, outcome_key
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.wording import groups_in_words, rows_in_words
from conformity.settings import MIN_GROUP


class MitigationProbe:
    """Holds two decisions on the same rows against each other."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return for each protected attribute the rows by label and by both decisions.

        Raises:
            NotMeasurableError: a role is not bound, or both decisions are one column.
        """
        require_roles(table, "prediction", "previous_prediction", "protected")
        after, before = table.with_role("prediction")[0], table.with_role("previous_prediction")[0]
        if after.name == before.name:
            raise NotMeasurableError(
                f"column {after.name!r} is bound as prediction and as previous prediction, so that no change "
                "can show; bind the column with the decisions before the change as previous prediction"
            )
        label = outcome_column(table, "label") if _has_label(table) else None
        last = tuple(outcome_key(column) for column in (label, before, after) if column is not None)
        return tuple(CellCounts(keys=(key, *last)) for key in group_keys(table))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the changes of the gaps of each attribute, and of accuracy as a whole.

        Raises:
            NotMeasurableError: a role is not bound, both decisions are one column, or there are no rows.
        """
        self.tallies(table)
        read = [read_decisions(tally) for tally in tallies]
        if not read[0].counts.sum():
            raise NotMeasurableError(f"{table.id!r} has no rows")
        found: list[tuple[str, tuple[str, ...], Result]] = []
        notes = [_blank_note(read[0].counts, has_label=_has_label(table)), *declared_notes(table)]
        for column, decisions in zip(table.with_role("protected"), read, strict=True):
            by = (column.name,)
            found.append(
                ("selection_gap_change", by, changed_gap(selection_pairs(decisions.counts), "decisions"))
            )
            positive = changed_gap(positive_pairs(decisions.counts), "actual positives")
            found.append(("true_positive_gap_change", by, positive if _has_label(table) else _no_label()))
            notes.append(_few_note(column.name, decisions))
        found += _as_a_whole(read[0].counts, has_label=_has_label(table))
        measurements = tuple(
            Measurement(metric=MetricId(metric), subject=table.id, by=by, result=result)
            for metric, by, result in sorted(found, key=lambda one: one[:2])
        )
        return ProbeResult(measurements, tuple(note for note in notes if note))


def _has_label(table: TableSubject) -> bool:
    """Tell whether decisions can be held against labels: bound, of two outcomes, and no decision itself."""
    label = outcome_column(table, "label")
    decided = {
        column.name for role in ("prediction", "previous_prediction") for column in table.with_role(role)
    }
    return label is not None and label.name not in decided


def _no_label() -> NotAvailable:
    """Return that there is no label to hold decisions against."""
    return NotAvailable(
        why="not_collected",
        reason="no column of actual outcomes, other than the decisions, is bound as label; bind one",
    )


def _as_a_whole(counts: Ints, *, has_label: bool) -> list[tuple[str, tuple[str, ...], Result]]:
    """Return what concerns all rows together."""
    right = correct_pairs(counts)
    return [
        ("decisions_changed", (), changed_share(selection_pairs(counts.sum(axis=0, keepdims=True)))),
        ("accuracy_change", (), changed_accuracy(right) if has_label else _no_label()),
        ("accuracy_change_p_value", (), mcnemar(right) if has_label else _no_label()),
    ]


def _blank_note(counts: Ints, *, has_label: bool) -> str:
    """Return how many rows have a blank; empty if none has."""
    blank = int((correct_pairs(counts) if has_label else selection_pairs(counts))[1].sum())
    if not blank:
        return ""
    return (
        f"{rows_in_words(blank)} have a blank label or decision. The changes are those of the other rows, "
        "and their intervals reach as far as the blanks could move them."
    )


def _few_note(attribute: str, decisions: Decisions) -> str:
    """Return which groups are too small to be compared; empty if none is."""
    known, _, _ = selection_pairs(decisions.counts)
    few = [(name,) for name, n in zip(decisions.groups, known.sum(axis=(1, 2)), strict=True) if n < MIN_GROUP]
    if not few:
        return ""
    return (
        f"By {attribute!r}, these groups have fewer than {MIN_GROUP} decisions before and after, and take no "
        f"part in the changes of gaps: {groups_in_words(few)}."
    )


PROBE = MitigationProbe()
"""The probe that `probe.yaml` beside this file describes."""

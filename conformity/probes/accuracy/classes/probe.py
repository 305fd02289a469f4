"""Accuracy of predicted classes: overall, per class and per group, with the confusion counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, Result, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, CellCounts, Tally
from conformity.probes.accuracy.classes.averages import (
    largest_classes,
    macro_f1,
    macro_precision,
    macro_recall,
)
from conformity.probes.accuracy.classes.confusion import Confusion, confusions
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.contents import require_pair
from conformity.probes.shared.keys import group_keys
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.rates import ACCURACY, PRECISION, RECALL
from conformity.probes.shared.trials import rate_results
from conformity.probes.shared.wording import rows_in_words

_MOST_CLASSES = 50
_MOST_COUNTED = 10
_MANY_ROWS = 100
_RECALL = replace(RECALL, name="recall of a class", cases="rows labelled with the class")
_PRECISION = replace(PRECISION, name="precision of a class", cases="rows predicted to be of the class")

_Found = tuple[tuple[str, ...], str, tuple[str, ...], Result]


class ClassesProbe:
    """Holds predicted classes against labels."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return rows by label and prediction: of all rows, then by each protected attribute.

        Raises:
            NotMeasurableError: label or prediction is not bound, holds no classes, or both are one column.
        """
        pair = tuple(CategoryKey(column=column.name) for column in require_pair(table, "classes"))
        return (CellCounts(keys=pair), *(CellCounts(keys=(key, *pair)) for key in group_keys(table)))

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return the measurements for the whole table, for each class and for each group.

        Raises:
            NotMeasurableError: there are no rows.
        """
        label, prediction = (column.name for column in require_pair(table, "classes"))
        everybody = next((seen for _, seen in confusions(tallies[0])), None)
        if everybody is None:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        found = [
            *_overall(everybody),
            *_per_class(everybody, label),
            *_cells(everybody, label, prediction),
            *(
                ((column.name,), "multiclass_accuracy", name, _accuracy(seen))
                for column, tally in zip(table.with_role("protected"), tallies[1:], strict=True)
                for name, seen in confusions(tally)
            ),
        ]
        measurements = [
            Measurement(metric=MetricId(metric), subject=table.id, by=by, group=name, result=result)
            for by, metric, name, result in found
        ]
        return ProbeResult(in_order(measurements), (*_notes(everybody), *declared_notes(table)))


def _overall(seen: Confusion) -> Iterator[_Found]:
    """Yield the metrics of all rows together."""
    yield (), "multiclass_accuracy", (), _accuracy(seen)
    yield (), "macro_recall", (), macro_recall(seen)
    yield (), "macro_precision", (), macro_precision(seen)
    yield (), "macro_f1", (), macro_f1(seen)


def _accuracy(seen: Confusion) -> Result:
    """Return the share of rows with the right class."""
    return rate_results(ACCURACY, seen.hits())[0]


def _per_class(seen: Confusion, label: str) -> Iterator[_Found]:
    """Yield recall and precision of the largest classes."""
    recalls, precisions = rate_results(_RECALL, seen.recalls()), rate_results(_PRECISION, seen.precisions())
    for position in largest_classes(seen, _MOST_CLASSES).tolist():
        name = (seen.classes[position],)
        yield (label,), "class_recall", name, recalls[position]
        yield (label,), "class_precision", name, precisions[position]


def _cells(seen: Confusion, label: str, prediction: str) -> Iterator[_Found]:
    """Yield the confusion counts, unless there are too many classes to read."""
    if len(seen.classes) > _MOST_COUNTED or seen.cases == 0:
        return
    for row, true in enumerate(seen.classes):
        for column, predicted in enumerate(seen.classes):
            count = Count(value=int(seen.counts[row, column]), unit="rows")
            yield (label, prediction), "confusion_count", (true, predicted), count


def _notes(seen: Confusion) -> Iterator[str]:
    """Yield what a reader must know about the classes of all rows."""
    classes = len(seen.classes)
    if seen.blanks:
        yield (
            f"{rows_in_words(seen.blanks)} have a blank label or prediction. They are in no point; "
            "intervals of accuracy, recall and precision reach from the worst to the best that they allow; "
            "macro F1 has none."
        )
    if classes > _MOST_COUNTED:
        yield f"There are {classes} classes; confusion counts are given up to {_MOST_COUNTED}."
    if classes > _MOST_CLASSES:
        yield f"Recall and precision are given for the {_MOST_CLASSES} largest classes."
    if seen.cases > _MANY_ROWS and int(np.trace(seen.counts)) == seen.cases:
        yield (
            "All predictions equal the label. Check that the prediction column holds the system's own output "
            "and is not a copy of the label; if it is a copy, none of these numbers says anything."
        )
    only = [name for name, rows in zip(seen.classes, seen.predictions, strict=True) if rows == 0]
    if only and seen.cases:
        yield (
            f"{len(only)} of {classes} classes are never predicted; macro precision is then not defined, and "
            "their recall is 0."
        )


PROBE = ClassesProbe()
"""The probe that `probe.yaml` beside this file describes."""

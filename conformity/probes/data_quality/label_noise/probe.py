"""Rows that are equal in all features and labelled differently."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.model.tally import CategoryKey, ClassSizes, Diversity, MissingCounts, Tally, TallySpec
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.cells import require_roles
from conformity.probes.shared.wording import rows_in_words


class LabelNoiseProbe:
    """Counts the rows whose label another row with the same features contradicts."""

    def tallies(self, table: TableSubject) -> tuple[TallySpec, ...]:
        """Return the classes of rows equal in all features: their sizes, and the labels in them.

        Raises:
            NotMeasurableError: no label or no feature is bound, or the label holds numbers.
        """
        features = _features(table)
        label = table.with_role("label")[0]
        if label.content == "numbers":
            raise NotMeasurableError(
                f"the label of {table.id!r} holds numbers, which may differ without contradiction"
            )
        keys = tuple(CategoryKey(column=name) for name in features)
        labels = Diversity(keys=keys, sensitive=label.name, shares=False)
        return ClassSizes(keys=keys), labels, MissingCounts()

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return how many rows equal another one in all features, and how many of these are contradicted.

        Raises:
            NotMeasurableError: no label or no feature is bound, or there are no rows.
        """
        self.tallies(table)
        sizes = [(int(size), int(classes)) for size, classes in tallies[0].entries]
        rows = sum(size * classes for size, classes in sizes)
        if rows == 0:
            raise NotMeasurableError(f"{table.id!r} has no rows")
        twins = sum(size * classes for size, classes in sizes if size > 1)
        contradicted = sum(
            int(value)
            for measure, labels, value in tallies[1].entries
            if measure == "rows_with" and int(labels) > 1
        )
        label = table.with_role("label")[0].name
        gaps = next(int(missing) for name, missing, _ in tallies[2].entries if name == label)
        results = _results(rows, twins, contradicted, label=label, all_blank=gaps == rows)
        found = tuple(
            Measurement(metric=MetricId(metric), subject=table.id, result=result)
            for metric, result in sorted(results.items())
        )
        return ProbeResult(found, _notes(table, gaps, rows))


def _features(table: TableSubject) -> tuple[str, ...]:
    """Return the columns whose equality makes a class; those of the label are none.

    Raises:
        NotMeasurableError: no label or no feature is bound.
    """
    for role in ("label", "feature"):
        if not table.with_role(role):
            require_roles(table, role)
    label = table.with_role("label")[0].name
    names = tuple(column.name for column in table.with_role("feature") if column.name != label)
    if not names:
        raise NotMeasurableError(
            f"the only feature of {table.id!r} is its label; bind what it is predicted from"
        )
    return names


def _results(rows: int, twins: int, contradicted: int, *, label: str, all_blank: bool) -> dict[str, Result]:
    """Return all metrics; without twins or labels, nothing can be contradicted and nothing is shown."""
    metrics: dict[str, Result] = {"rows_with_twin": Count(value=twins, unit="rows")}
    why: NotAvailable | None = None
    if all_blank:
        why = NotAvailable(
            why="not_collected", reason=f"the label {label!r} is blank in every row; hand it in", n=rows
        )
    elif twins == 0:
        why = NotAvailable(
            why="undefined",
            reason="no two rows are equal in all features, so that no label can contradict another",
            n=rows,
        )
    if why is not None:
        return metrics | {"contradictory_rows": why, "contradictory_share": why}
    return metrics | {
        "contradictory_rows": Count(value=contradicted, unit="rows"),
        "contradictory_share": Scalar(value=contradicted / twins, unit="1", n=twins),
    }


def _notes(table: TableSubject, gaps: int, rows: int) -> tuple[str, ...]:
    """Return what a reader must know about blank labels and about several names of one outcome."""
    notes = []
    column = table.with_role("label")[0]
    if 0 < gaps < rows:
        notes.append(
            f"{rows_in_words(gaps)} have a blank label. A blank counts as a label of its own, so that the "
            "contradictions counted are the most there can be."
        )
    if len(column.positive) > 1 or len(column.negative) > 1:
        notes.append(
            f"Column {column.name!r} has several values for one outcome. Labels are compared as they stand "
            "in the file, so that two values of the same outcome count as a contradiction."
        )
    return tuple(notes)


PROBE = LabelNoiseProbe()
"""The probe that `probe.yaml` beside this file describes."""

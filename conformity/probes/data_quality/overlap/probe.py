"""Count the rows of a table that the training table holds too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement
from conformity.model.subject import TableSubject
from conformity.model.tally import RowHashes, Tally, TallySpec
from conformity.probes.data_quality.overlap.common_rows import overlap
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.sketches import Sketch, read_sketch
from conformity.probes.shared.wording import groups_in_words, rows_in_words

_OUTCOME = {"label", "prediction", "previous_prediction", "score"}
_NO_PART_OF_A_CASE = {"direct_identifier", "weight", "cluster"}
_PURPOSES = ("validation", "testing", "operation")


class OverlapProbe:
    """Compares rows in the columns that are bound in both tables and describe a case."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return the same hashes of the table and of every training table.

        Raises:
            NotMeasurableError: the table is for training itself, there is no training table, or they have
                no columns in common.
        """
        training = _training(table, others)
        spec = RowHashes(columns=_columns(table, training))
        return {one.id: (spec,) for one in (table, *training)}

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return how many rows of the table a training table holds too.

        Raises:
            NotMeasurableError: a table has no rows.
        """
        training = _training(table, others)
        sketches = [read_sketch(tallies[one.id][0]) for one in (table, *training)]
        for one, sketch in zip((table, *training), sketches, strict=True):
            if sketch.rows == 0:
                raise NotMeasurableError(f"{one.id!r} has no rows")
        rows, share = overlap(sketches[0], sketches[1:])
        found = {"overlap_rows": rows, "overlap_share": share}
        return ProbeResult(
            tuple(
                Measurement(metric=MetricId(metric), subject=table.id, result=found[metric])
                for metric in sorted(found)
            ),
            _notes(_columns(table, training), sketches[1:]),
        )


def _training(table: TableSubject, others: Sequence[TableSubject]) -> tuple[TableSubject, ...]:
    """Return the tables for training.

    Raises:
        NotMeasurableError: there is none, or ``table`` has a purpose of which the question is not asked.
    """
    if table.purpose not in _PURPOSES:
        raise NotMeasurableError(
            f"{table.id!r} is for {table.purpose}; overlap is measured on tables for "
            "validation, testing and operation"
        )
    found = tuple(one for one in others if one.purpose == "training")
    if not found:
        raise NotMeasurableError(
            "no table has the purpose `training`; hand in the training data to compare with"
        )
    return found


def _columns(table: TableSubject, training: Sequence[TableSubject]) -> tuple[str, ...]:
    """Return the columns to compare: those that describe a case and are bound everywhere.

    Raises:
        NotMeasurableError: there are none.
    """
    bound = [{column.name for column in one.columns} for one in training]
    common = [column for column in table.columns if all(column.name in names for names in bound)]
    cases = [c.name for c in common if set(c.roles) - _OUTCOME - _NO_PART_OF_A_CASE]
    if not cases:
        raise NotMeasurableError(
            f"no column that describes a case is bound in {table.id!r} and in the training table; bind them"
        )
    return tuple(sorted(cases))


def _notes(columns: Sequence[str], training: Sequence[Sketch]) -> tuple[str, ...]:
    """Return which columns are compared, and how far equal rows could be different people."""
    rows, repeated = sum(one.rows for one in training), sum(one.repeated for one in training)
    return (
        f"Compared in {len(columns)} columns that are bound in both tables: "
        f"{groups_in_words([(name,) for name in columns])}.",
        f"Within training, {rows_in_words(repeated)} of {rows_in_words(rows)} repeat another in these "
        "columns: the more do, the more of the overlap is different people who are alike.",
    )


PROBE = OverlapProbe()
"""The probe that `probe.yaml` beside this file describes."""

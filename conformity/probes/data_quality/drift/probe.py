"""Measure how far the columns of a table are from those of the training table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conformity.model.base import MetricId, SubjectId
from conformity.model.measurement import Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import ColumnProfiles, Tally, TallySpec
from conformity.probes.data_quality.drift.columns import Drift, drift
from conformity.probes.data_quality.profiles import ColumnProfile, read_profiles
from conformity.probes.interface import NotMeasurableError, ProbeResult

_LEFT_OUT = {"direct_identifier", "weight", "cluster", "time"}
_PURPOSES = ("validation", "testing", "operation")
_MOST_COLUMNS = 20
_VALUES, _NUMBERS = "drift_total_variation", "drift_kolmogorov_smirnov"


class DriftProbe:
    """Compares every column that is bound in both tables."""

    def asks(
        self, table: TableSubject, others: Sequence[TableSubject]
    ) -> Mapping[SubjectId, tuple[TallySpec, ...]]:
        """Return profiles of the common columns of the table and of the training table.

        Raises:
            NotMeasurableError: the table is for training itself, there is no one training table, or they
                have no column in common.
        """
        training = _training(table, others)
        spec = ColumnProfiles(columns=_columns(table, training))
        return {table.id: (spec,), training.id: (spec,)}

    def compare(
        self,
        table: TableSubject,
        others: Sequence[TableSubject],
        tallies: Mapping[SubjectId, Sequence[Tally]],
    ) -> ProbeResult:
        """Return the distances of the columns that could be furthest apart.

        Raises:
            NotMeasurableError: a table has no rows.
        """
        training = _training(table, others)
        here, there = (read_profiles(tallies[one.id][0]) for one in (table, training))
        columns = _columns(table, training)
        for one, profiles in ((table, here), (training, there)):
            if profiles[columns[0]].counts["rows"] == 0:
                raise NotMeasurableError(f"{one.id!r} has no rows")
        found = {column: drift(here[column], there[column]) for column in columns}
        apart = {column: one for column, one in found.items() if isinstance(one, Drift)}
        # A bound on all columns holds when it holds for those whose limits reach furthest.
        kept = sorted(apart, key=lambda column: (-apart[column].interval.high, column))[:_MOST_COLUMNS]
        measurements = [
            Measurement(metric=MetricId(metric), subject=table.id, by=(column,), result=result)
            for column, one in found.items()
            if column in kept or isinstance(one, NotAvailable)
            for metric, result in _results(one, here[column])
        ]
        return ProbeResult(in_order(measurements), _notes(training, len(apart), len(kept), len(found)))


def _training(table: TableSubject, others: Sequence[TableSubject]) -> TableSubject:
    """Return the training table.

    Raises:
        NotMeasurableError: there is none, there are several, or ``table`` is for something else.
    """
    if table.purpose not in _PURPOSES:
        raise NotMeasurableError(
            f"{table.id!r} is for {table.purpose}; drift is measured on tables for "
            "validation, testing and operation"
        )
    found = [one for one in others if one.purpose == "training"]
    if len(found) != 1:
        raise NotMeasurableError(
            f"{len(found) or 'no'} tables have the purpose `training`; hand in one to compare with"
        )
    return found[0]


def _columns(table: TableSubject, training: TableSubject) -> tuple[str, ...]:
    """Return the columns that are compared, sorted.

    Raises:
        NotMeasurableError: there are none.
    """
    bound = {column.name for column in training.columns}
    columns = [c.name for c in table.columns if c.name in bound and set(c.roles) - _LEFT_OUT]
    if not columns:
        raise NotMeasurableError(f"no column is bound in {table.id!r} and in {training.id!r}; bind them")
    return tuple(sorted(columns))


def _results(one: Drift | NotAvailable, profile: ColumnProfile) -> Iterator[tuple[str, Result]]:
    """Yield what is said of one column."""
    if isinstance(one, NotAvailable):
        yield (_NUMBERS if profile.is_numeric else _VALUES), one
        return
    distance = Scalar(value=one.distance, unit="1", n=one.n, interval=one.interval)
    yield (_NUMBERS if one.numbers else _VALUES), distance
    if one.psi is None:
        reason = "a value fills a hundredth of the rows or more, so that bands of equal size cannot be made"
        yield "drift_psi", NotAvailable(why="undefined", reason=reason, n=one.n)
    else:
        yield "drift_psi", Scalar(value=one.psi, unit="1", n=one.n)
    if one.divergence is not None:
        yield "drift_jensen_shannon", Scalar(value=one.divergence, unit="1", n=one.n)


def _notes(training: TableSubject, compared: int, kept: int, bound: int) -> tuple[str, ...]:
    """Return how many columns were compared with which table, and how many are shown."""
    notes = [f"{compared} of {bound} columns are compared with the training table {training.id!r}."]
    if kept < compared:
        notes.append(f"The {kept} whose distance could be largest are given.")
    return tuple(notes)


PROBE = DriftProbe()
"""The probe that `probe.yaml` beside this file describes."""

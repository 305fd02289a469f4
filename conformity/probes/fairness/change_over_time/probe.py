"""How selection rates of groups, and the gap between them, change from period to period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformity.model.base import MetricId
from conformity.model.measurement import Measurement, Result
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.fairness.change_over_time.drift import gap_drift, rate_drifts, trends
from conformity.probes.fairness.change_over_time.series import Series, read_series
from conformity.probes.fairness.comparison import Comparison, compare, rate_by_group
from conformity.probes.interface import ProbeResult
from conformity.probes.shared.cells import outcome_column, require_roles
from conformity.probes.shared.intervals import Ints
from conformity.probes.shared.keys import group_keys, outcome_key
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.periods import time_key
from conformity.probes.shared.rates import SELECTION
from conformity.probes.shared.trials import rate_results, trials_of

ALL_GROUPS = "(all groups)"
"""In place of a group, for the gap across the groups in one period."""

_GAP = Comparison("selection_gap_in_period", "difference", (SELECTION,))


class ChangeOverTimeProbe:
    """Compares groups in each period, and the last period with the first."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts, ...]:
        """Return for each protected attribute the rows by period, group and prediction.

        Raises:
            NotMeasurableError: a role is not bound.
        """
        require_roles(table, "prediction", "protected", "time")
        column = outcome_column(table, "prediction")
        assert column is not None
        return tuple(
            CellCounts(keys=(time_key(table), key, outcome_key(column))) for key in group_keys(table)
        )

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return rates and gaps by period, their change from the first to the last, and trends.

        Raises:
            NotMeasurableError: a role is not bound, there are no rows, or only one period.
        """
        self.tallies(table)
        read = [read_series(table, tally) for tally in tallies]
        found = [*_as_a_whole(read[0])]
        for series in read:
            found += _by_group(series)
        measurements = tuple(
            Measurement(metric=MetricId(metric), subject=table.id, by=by, group=group, result=result)
            for metric, by, group, result in sorted(found, key=lambda one: one[:3])
        )
        notes = dict.fromkeys(
            note
            for note in (*(one for series in read for one in series.notes), *declared_notes(table))
            if note
        )
        return ProbeResult(measurements, tuple(notes))


_Found = tuple[str, tuple[str, ...], tuple[str, ...], Result]


def _as_a_whole(series: Series) -> Iterator[_Found]:
    """Yield the rate of all rows by period, its change and its trend."""
    everybody = series.counts.sum(axis=1)
    for period, result in zip(series.line.periods, _rates(everybody), strict=True):
        yield "selection_rate_in_period", (series.time,), (period,), result
    whole = everybody[:, None]
    yield "selection_rate_drift", (), (), rate_drifts(whole)[0]
    yield "selection_trend_p_value", (), (), trends(whole, series.line.scores)[0]


def _by_group(series: Series) -> Iterator[_Found]:
    """Yield the gap by period, and changes and trends of the groups and of the gap."""
    by = (series.attribute,)
    for place, period in enumerate(series.line.periods):
        groups = series.groups(place)
        result = compare(groups, _GAP, {SELECTION: rate_by_group(groups, SELECTION)})
        yield _GAP.metric, (series.attribute, series.time), (ALL_GROUPS, period), result
    yield "selection_gap_drift", by, (), gap_drift(series.counts)
    changed, tested = rate_drifts(series.counts), trends(series.counts, series.line.scores)
    for name, drift, trend in zip(series.names, changed, tested, strict=True):
        yield "selection_rate_drift", by, (name,), drift
        yield "selection_trend_p_value", by, (name,), trend


def _rates(counts: Ints) -> tuple[Result, ...]:
    """Return the selection rate of every period from (p, 4, 4) rows."""
    return rate_results(SELECTION, trials_of(counts, SELECTION))


PROBE = ChangeOverTimeProbe()
"""The probe that `probe.yaml` beside this file describes."""

"""How accuracy changes from period to period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformity.model.base import MetricId
from conformity.model.measurement import Interval, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.absent import unrecognised
from conformity.probes.shared.cells import (
    STATES,
    outcome_column,
    require_roles,
    require_two_outcomes,
)
from conformity.probes.shared.intervals import (
    LEVEL,
    Ints,
    difference_high,
    difference_low,
    quantile,
)
from conformity.probes.shared.keys import outcome_key
from conformity.probes.shared.notes import declared_notes
from conformity.probes.shared.periods import Timeline, time_key, timeline, trend_p_value
from conformity.probes.shared.rates import ACCURACY
from conformity.probes.shared.trials import Trials, rate_results, trials_of
from conformity.settings import MIN_GROUP


class StabilityProbe:
    """Measures accuracy in each period, and the worst drop since the first."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts]:
        """Return the rows by period, label and prediction.

        Raises:
            NotMeasurableError: a role is not bound, or label and prediction are one column.
        """
        require_roles(table, "time")
        require_two_outcomes(table)
        outcomes = [outcome_column(table, role) for role in ("label", "prediction")]
        keys = (time_key(table), *(outcome_key(column) for column in outcomes if column is not None))
        return (CellCounts(keys=keys),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return accuracy by period, the worst drop, and a test of a trend.

        Raises:
            NotMeasurableError: a role is not bound, there are no rows, or only one period.
        """
        (spec,) = self.tallies(table)
        time = spec.keys[0].column
        rows: dict[str, int] = {}
        for entry in tallies[0].entries:
            rows[str(entry[0])] = rows.get(str(entry[0]), 0) + int(entry[-1])
        if not sum(rows.values()):
            raise NotMeasurableError(f"{table.id!r} has no rows")
        line = timeline(time, rows)
        seen = trials_of(_counts(tallies[0], line), ACCURACY)
        found = [
            Measurement(
                metric=MetricId("accuracy_in_period"),
                subject=table.id,
                by=(time,),
                group=(name,),
                result=result,
            )
            for name, result in zip(line.periods, rate_results(ACCURACY, seen), strict=True)
        ]
        for metric, result in (
            ("accuracy_trend_p_value", _trend(seen, line)),
            ("worst_accuracy_drop", _worst_drop(seen)),
        ):
            found.append(Measurement(metric=MetricId(metric), subject=table.id, result=result))
        return ProbeResult(
            in_order(found), tuple(note for note in (line.note, *declared_notes(table)) if note)
        )


def _counts(tally: Tally, line: Timeline) -> Ints:
    """Return the rows by period and state of label and prediction, (p, 4, 4)."""
    counts = np.zeros((len(line.periods), 4, 4), dtype=np.int64)
    for label, outcome, prediction, rows in tally.entries:
        place = line.places.get(str(label))
        if place is not None:
            counts[place, STATES[str(outcome)], STATES[str(prediction)]] += int(rows)
    return counts


def _able(seen: Trials) -> Ints | NotAvailable:
    """Return the periods with enough cases, at least two, or why there are not."""
    if strange := int(seen.strange.sum()):
        return unrecognised(ACCURACY, strange, int(seen.cases.min()))
    able = np.flatnonzero(seen.cases >= MIN_GROUP)
    if len(able) < 2:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than two periods have {MIN_GROUP} {ACCURACY.cases}; a change needs two",
        )
    return able


def _worst_drop(seen: Trials) -> Result:
    """Return the largest accuracy of the first period minus that of a later one, with its interval.

    The highest upper limit over the later periods covers the true worst drop at least as often as its own
    would; the lower end shares its error among them (Bonferroni).

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10, for each period.
    """
    able = _able(seen)
    if isinstance(able, NotAvailable):
        return able
    first, later = able[:1], able[1:]
    value = float((seen.rates[first] - seen.rates[later]).max())
    plain, strict = seen.limits(quantile(LEVEL)), seen.limits(quantile(LEVEL, len(later)))
    high = float(difference_high(plain.take(first), plain.take(later)).max())
    low = float(difference_low(strict.take(first), strict.take(later)).max())
    method = "Newcombe hybrid score, widest over the later periods, lower end Bonferroni-adjusted"
    if seen.blanks[able].any():
        method += ", blanks counted both ways"
    interval = Interval(low=min(low, value), high=max(high, value), level=LEVEL, method=method)
    return Scalar(value=value, unit="1", n=int(seen.cases[able].min()), interval=interval)


def _trend(seen: Trials, line: Timeline) -> Result:
    """Return the p-value of no trend of accuracy over the periods."""
    able = _able(seen)
    if isinstance(able, NotAvailable):
        return able
    n = int(seen.cases.sum())
    value = trend_p_value(seen.successes, seen.cases, line.scores)
    if value is None:
        return NotAvailable(
            why="undefined", reason="all predictions are right, or all are wrong, so there is no trend", n=n
        )
    return Scalar(value=value, unit="1", n=n)


PROBE = StabilityProbe()
"""The probe that `probe.yaml` beside this file describes."""

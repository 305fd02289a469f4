"""Measure how old the rows of a table are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import accumulate

from conformity.model.base import MetricId
from conformity.model.measurement import Count, Measurement, NotAvailable, Result, Scalar, in_order
from conformity.model.subject import TableSubject
from conformity.model.tally import MISSING, CellCounts, PeriodKey, Tally
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import DISCLOSURE_LIMIT, MIN_GROUP

_PERIOD = re.compile(r"^(\d{4})(?:-(?:Q([1-4])|(\d{2})))?$")
_MOST_YEARS = 30


class TimelinessProbe:
    """Counts rows by year, and months from the rows to the day on which the table came into being."""

    def tallies(self, table: TableSubject) -> tuple[CellCounts]:
        """Return the rows by period.

        Raises:
            NotMeasurableError: no column is bound as time.
        """
        columns = table.with_role("time")
        if not columns:
            raise NotMeasurableError(
                f"no column of {table.id!r} has the role `time`; name one in the manifest"
            )
        return (CellCounts(keys=(PeriodKey(column=columns[0].name),)),)

    def measure(self, table: TableSubject, tallies: Sequence[Tally]) -> ProbeResult:
        """Return shares of years, and the ages of the newest and of the median rows.

        Raises:
            NotMeasurableError: no row has a date.
        """
        periods = Counter({str(period): int(rows) for period, rows in tallies[0].entries})
        missing = periods.pop(MISSING, 0)
        if not periods.total():
            raise NotMeasurableError(f"no row of {table.id!r} has a date, or there are no rows")
        years = Counter[str]()
        for period, rows in periods.items():
            years[period[:4]] += rows
        column = table.with_role("time")[0].name
        found = [
            Measurement(
                metric=MetricId("year_share"),
                subject=table.id,
                by=(column,),
                group=(year,),
                result=Scalar(value=rows / years.total(), unit="1", n=years.total()),
            )
            for year, rows in sorted(years.items())[-_MOST_YEARS:]
        ]
        ages = _ages(periods, table.produced_on)
        found += [
            Measurement(metric=MetricId(metric), subject=table.id, result=result)
            for metric, result in ages.items()
        ]
        return ProbeResult(in_order(found), _notes(missing, len(years)))


def _span(period: str) -> tuple[int, int]:
    """Return the first and the last month of a period, in months since year 0.

    >>> _span("2024-02"), _span("2024-Q1"), _span("2024")
    ((24289, 24289), (24288, 24290), (24288, 24299))
    """
    match = _PERIOD.match(period)
    assert match is not None, "the engine names periods by year, quarter or month"
    year, quarter, month = match.groups()
    if month:
        first = int(year) * 12 + int(month) - 1
        return first, first
    if quarter:
        first = int(year) * 12 + (int(quarter) - 1) * 3
        return first, first + 2
    return int(year) * 12, int(year) * 12 + 11


def _ages(periods: Counter[str], produced_on: date | None) -> dict[str, Result]:
    """Return the ages of rows, and how many are dated later than the table."""
    names = ("data_age", "median_age", "rows_dated_later")
    if produced_on is None:
        return dict.fromkeys(
            names,
            NotAvailable(
                why="not_collected",
                reason="the manifest does not say when the table came into being: `produced_on`",
            ),
        )
    made = produced_on.year * 12 + produced_on.month - 1
    total = periods.total()
    later = sum(rows for period, rows in periods.items() if _span(period)[0] > made)
    few = NotAvailable(why="too_few_cases", reason=f"fewer than {MIN_GROUP} rows with a date", n=total)
    return {
        "data_age": few if total < MIN_GROUP else _months(made, _newest(periods), total),
        "median_age": few if total < MIN_GROUP else _months(made, _median(periods), total),
        "rows_dated_later": Count(value=later, unit="rows"),
    }


def _newest(periods: Counter[str]) -> int:
    """Return the month from which on enough rows are dated that it tells of nobody in particular."""
    falling = sorted(periods, key=_span, reverse=True)
    return _reached(periods, falling, DISCLOSURE_LIMIT)


def _median(periods: Counter[str]) -> int:
    """Return the month by whose end half of the rows are dated."""
    rising = sorted(periods, key=lambda period: (_span(period)[1], period))
    return _reached(periods, rising, (periods.total() + 1) // 2)


def _reached(periods: Counter[str], order: Sequence[str], rows: int) -> int:
    """Return the last month of the period with which so many rows are reached, in this order."""
    counted = list(accumulate(periods[period] for period in order))
    return _span(order[bisect_left(counted, rows)])[1]


def _months(made: int, month: int, total: int) -> Scalar:
    """Return how many months lie between a month and that in which the table was made; 0 if it is later."""
    return Scalar(value=max(0, made - month), unit="months", n=total)


def _notes(missing: int, years: int) -> tuple[str, ...]:
    """Return how many rows have no date, and whether years are left out."""
    notes = [f"{rows_in_words(missing)} have no date and are not counted."] if missing else []
    if years > _MOST_YEARS:
        notes.append(f"Of {years} years the last {_MOST_YEARS} are given.")
    return tuple(notes)


PROBE = TimelinessProbe()
"""The probe that `probe.yaml` beside this file describes."""

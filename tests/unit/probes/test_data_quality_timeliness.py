"""The age of rows, counted by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.data_quality.timeliness.probe import PROBE, _span
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs

TIME = Column(name="when", roles=("time",))
MADE = date(2026, 3, 15)


def subject(produced_on: date | None = MADE, column: Column = TIME) -> TableSubject:
    """Return a table with a column of dates."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "t",
            "title": "T",
            "path": "t.csv",
            "purpose": "training",
            "produced_on": produced_on,
            "columns": [column],
        }
    )


def probed(tmp_path: Path, table: TableSubject, **counts: int) -> ProbeResult:
    """Return what the probe finds in rows with these dates; ``_`` in a name stands for a hyphen."""
    dates = [name[1:].replace("_", "-") for name, rows in counts.items() for _ in range(rows)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["when,x", *(f"{day},1" for day in dates)]) + "\n")
    return PROBE.measure(
        table, DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(PROBE.tallies(table))
    )


def found(result: ProbeResult) -> dict[tuple[str, tuple[str, ...]], Result]:
    """Return the results by metric and group; check that they are sorted and unique."""
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return {(str(one.metric), one.group): one.result for one in result.measurements}


def test_ages_by_hand(tmp_path: Path) -> None:
    result = probed(tmp_path, subject(), d2023_01_31=50, d2024_07_01=30, d2025_12_24=9, d2026_01_05=1, d=4)
    values = found(result)
    # Ten rows are dated in December 2025 or later: three months. Half are dated by January 2023: 38 months.
    assert values["data_age", ()] == Scalar(value=3, unit="months", n=90)
    assert values["median_age", ()] == Scalar(value=38, unit="months", n=90)
    assert values["rows_dated_later", ()] == Count(value=0, unit="rows")
    assert values["year_share", ("2023",)] == Scalar(value=50 / 90, unit="1", n=90)
    assert values["year_share", ("2026",)] == Scalar(value=1 / 90, unit="1", n=90)
    assert result.notes == ("fewer than 10 rows have no date and are not counted.",)


def test_rows_dated_after_the_table(tmp_path: Path) -> None:
    values = found(probed(tmp_path, subject(), d2026_03_31=20, d2026_04_01=15))
    assert values["rows_dated_later", ()] == Count(value=15, unit="rows")
    assert values["data_age", ()] == Scalar(value=0, unit="months", n=35)


def test_quarters_and_years(tmp_path: Path) -> None:
    assert (_span("2024-02"), _span("2024-Q3")) == ((24289, 24289), (24294, 24296))
    assert _span("2024") == (24288, 24299)
    values = found(probed(tmp_path, subject(), d2024=40, d2025_Q2=40))
    assert values["data_age", ()] == Scalar(value=9, unit="months", n=80)  # June 2025
    assert values["median_age", ()] == Scalar(value=15, unit="months", n=80)  # December 2024
    assert {group for metric, group in values if metric == "year_share"} == {("2024",), ("2025",)}


def test_few_rows_have_no_age(tmp_path: Path) -> None:
    values = found(probed(tmp_path, subject(), d2026_01_01=5))
    for metric in ("data_age", "median_age"):
        result = values[metric, ()]
        assert isinstance(result, NotAvailable)
        assert result.why == "too_few_cases"


def test_without_a_day_of_production_there_is_no_age(tmp_path: Path) -> None:
    values = found(probed(tmp_path, subject(None), d2026_01_01=50))
    for metric in ("data_age", "median_age", "rows_dated_later"):
        result = values[metric, ()]
        assert isinstance(result, NotAvailable)
        assert result.why == "not_collected"
    assert values["year_share", ("2026",)] == Scalar(value=1, unit="1", n=50)


def test_the_last_thirty_years_are_given(tmp_path: Path) -> None:
    result = probed(tmp_path, subject(), **{f"d{year}": 2 for year in range(1980, 2015)})
    years = [group for metric, group in found(result) if metric == "year_share"]
    assert years == [(str(year),) for year in range(1985, 2015)]
    assert result.notes == ("Of 35 years the last 30 are given.",)


def test_what_is_not_measurable(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="has the role `time`"):
        PROBE.tallies(subject(column=Column(name="when", roles=("feature",))))
    for dates in ({}, {"d": 3}):
        with pytest.raises(NotMeasurableError, match="no row of 't' has a date"):
            probed(tmp_path, subject(), **dates)
    with pytest.raises(DataError, match="must hold dates"):
        probed(tmp_path, subject(), dnever=3)


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "data_quality/timeliness"]
    assert load_probe(spec.id) is PROBE
    values = found(probed(tmp_path, subject(), d2026_01_01=50))
    units = {str(metric.id): metric.unit for metric in spec.metrics}
    assert {metric for metric, _ in values} == set(units)
    for (metric, _), result in values.items():
        assert isinstance(result, Count | Scalar)
        assert result.unit == units[metric]

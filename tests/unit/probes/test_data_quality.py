"""Data quality probes on tables counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.errors import DataError
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import TableSubject
from conformity.probes.data_quality.completeness.probe import PROBE as COMPLETENESS
from conformity.probes.data_quality.duplicates.probe import PROBE as DUPLICATES
from conformity.probes.data_quality.group_sizes.probe import PROBE as GROUP_SIZES
from conformity.probes.interface import NotMeasurableError, ProbeResult, TableProbe
from conformity.probes.registry import load_probe, probe_specs

Found = dict[tuple[str, tuple[str, ...], tuple[str, ...]], Result]


def subject(*columns: dict[str, Any]) -> TableSubject:
    """Return a table with some columns bound."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "people",
            "title": "People",
            "path": "people.csv",
            "purpose": "testing",
            "columns": columns,
        }
    )


SEX = {"name": "sex", "roles": ["protected"]}
AGE = {"name": "age", "roles": ["protected"], "edges": [30]}
PAY = {"name": "pay", "roles": ["feature"]}


def probed(probe: TableProbe, table: TableSubject, tmp_path: Path, content: str) -> ProbeResult:
    """Return what a probe finds in a CSV file with this content."""
    path = tmp_path / "people.csv"
    path.write_text(content)
    tallies = DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(probe.tallies(table))
    return probe.measure(table, tallies)


def found(result: ProbeResult) -> Found:
    """Return the results by metric, columns and group; check that they are sorted and unique."""
    keys = [(one.metric, one.by, one.group) for one in result.measurements]
    assert keys == sorted(set(keys))
    return {(str(one.metric), one.by, one.group): one.result for one in result.measurements}


PEOPLE = "sex,age,pay,extra\nf,20,,x\nf,30,5,x\nm,40,,\n,50,7,\n"


def test_missing_cells_per_column_and_group(tmp_path: Path) -> None:
    result = probed(COMPLETENESS, subject(SEX, AGE, PAY), tmp_path, PEOPLE)
    values = found(result)
    assert values["rows", (), ()] == Count(value=4, unit="rows")
    assert values["missing_cells", ("pay",), ()] == Count(value=2, unit="cells")
    assert values["missing_share", ("pay",), ()] == Scalar(value=0.5, unit="1", n=4)
    assert values["missing_cells", ("extra",), ()] == Count(value=2, unit="cells")
    # Over age and pay: women have 1 gap in 4 cells, the man 1 in 2, the unknown 0 in 2.
    share = "missing_share_in_group"
    assert values[share, ("sex",), ("f",)] == Scalar(value=0.25, unit="1", n=2)
    assert values[share, ("sex",), ("m",)] == Scalar(value=0.5, unit="1", n=1)
    assert values[share, ("sex",), ("(missing)",)] == Scalar(value=0, unit="1", n=1)
    # Over sex and pay: 1 gap in 2 cells below 30, 2 in 6 from 30 on.
    assert values[share, ("age",), ("< 30",)] == Scalar(value=0.5, unit="1", n=1)
    assert values[share, ("age",), (">= 30",)] == Scalar(value=2 / 6, unit="1", n=3)
    assert result.notes == ()


def test_columns_that_are_absent_or_blank_are_said(tmp_path: Path) -> None:
    gone = {"name": "gone", "roles": ["feature"]}
    result = probed(COMPLETENESS, subject(SEX, PAY, gone), tmp_path, "sex,pay\nf,\nm, \n")
    values = found(result)
    for metric in ("missing_cells", "missing_share"):
        absent = values[metric, ("gone",), ()]
        assert isinstance(absent, NotAvailable)
        assert absent.why == "not_collected"
    assert result.notes == (
        "Bound in the manifest but absent from the file: 'gone'.",
        "Bound in the manifest but blank in every row: 'pay'.",
    )


def test_an_attribute_that_is_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"people.csv has no column 'sex'; did you mean 'Sex'\?"):
        probed(COMPLETENESS, subject(SEX), tmp_path, "Sex,pay\nf,1\n")


def test_an_attribute_alone_has_no_share_of_other_columns(tmp_path: Path) -> None:
    values = found(probed(COMPLETENESS, subject(SEX), tmp_path, PEOPLE))
    share = values["missing_share_in_group", ("sex",), ("f",)]
    assert isinstance(share, NotAvailable)
    assert share.why == "undefined"


def test_repeated_rows(tmp_path: Path) -> None:
    content = "a,b\n1,x\n1,x\n1, x\n2,\n2,\n3,y\n"
    values = found(probed(DUPLICATES, subject(PAY), tmp_path, content))
    assert values["duplicate_rows", (), ()] == Count(value=3, unit="rows")
    assert values["duplicate_share", (), ()] == Scalar(value=0.5, unit="1", n=6)


def test_no_repeated_rows(tmp_path: Path) -> None:
    values = found(probed(DUPLICATES, subject(PAY), tmp_path, "a,b\n1,x\n"))
    assert values["duplicate_rows", (), ()] == Count(value=0, unit="rows")


def test_group_sizes_alone_and_combined(tmp_path: Path) -> None:
    values = found(probed(GROUP_SIZES, subject(SEX, AGE), tmp_path, PEOPLE))
    assert values["group_size", ("sex",), ("f",)] == Count(value=2, unit="rows")
    assert values["group_share", ("sex",), ("f",)] == Scalar(value=0.5, unit="1", n=4)
    assert values["group_size", ("sex",), ("(missing)",)] == Count(value=1, unit="rows")
    assert values["smallest_group", ("sex",), ()] == Count(value=1, unit="rows")
    assert values["group_size", ("age",), (">= 30",)] == Count(value=3, unit="rows")
    assert values["group_size", ("sex", "age"), ("f", "< 30")] == Count(value=1, unit="rows")
    assert values["smallest_group", ("sex", "age"), ()] == Count(value=1, unit="rows")


@pytest.mark.parametrize("content", ["sex,x\nf,1\nf,2\n", "sex,x\n,1\n ,2\n"])
def test_one_group_has_no_smallest(tmp_path: Path, content: str) -> None:
    smallest = found(probed(GROUP_SIZES, subject(SEX), tmp_path, content))["smallest_group", ("sex",), ()]
    assert isinstance(smallest, NotAvailable)
    assert smallest.why == "undefined"
    assert smallest.n == 2


@pytest.mark.parametrize("probe", [COMPLETENESS, DUPLICATES, GROUP_SIZES])
def test_no_rows_is_not_measurable(probe: TableProbe, tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="'people' has no rows"):
        probed(probe, subject(SEX), tmp_path, "sex,pay\n")


def test_no_attribute_is_not_measurable(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="has the role `protected`"):
        probed(GROUP_SIZES, subject(PAY), tmp_path, PEOPLE)


@pytest.mark.parametrize("name", ["completeness", "duplicates", "group_sizes"])
def test_measurements_are_the_declared_metrics(name: str, tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == f"data_quality/{name}"]
    probe: Any = load_probe(spec.id)
    values = found(probed(probe, subject(SEX, AGE, PAY), tmp_path, PEOPLE))
    assert {metric for metric, _, _ in values} == {metric.id for metric in spec.metrics}
    units = {str(metric.id): metric.unit for metric in spec.metrics}
    for (metric, _, _), result in values.items():
        assert isinstance(result, Count | Scalar)
        assert result.unit == units[metric]

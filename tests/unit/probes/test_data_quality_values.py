"""Cells that cannot be right, constant columns and outliers, counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from conformity.engines.duckdb import DuckDBEngine
from conformity.engines.interface import TableSource
from conformity.model.measurement import Count, NotAvailable, Result, Scalar
from conformity.model.subject import Column, TableSubject
from conformity.probes.data_quality.values.probe import PROBE
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.registry import load_probe, probe_specs

AGE = {"name": "age", "roles": ["feature"], "minimum": 0, "maximum": 120}
SEX = {"name": "sex", "roles": ["protected"], "allowed": ["f", "m", 1]}
NOTE = {"name": "note", "roles": ["feature"]}
IDENTITY = {"name": "id", "roles": ["direct_identifier"]}


def subject(*columns: dict[str, Any]) -> TableSubject:
    """Return a table with some columns bound."""
    return TableSubject.model_validate(
        {"kind": "table", "id": "t", "title": "T", "path": "t.csv", "purpose": "testing", "columns": columns}
    )


def probed(tmp_path: Path, table: TableSubject, content: str) -> ProbeResult:
    """Return what the probe finds in a CSV file with this content."""
    path = tmp_path / "t.csv"
    path.write_text(content)
    return PROBE.measure(
        table, DuckDBEngine(threads=1).open(TableSource(path, "auto")).tally(PROBE.tallies(table))
    )


def found(result: ProbeResult) -> dict[tuple[str, str], Result]:
    """Return the results by metric and column; check that they are sorted and unique."""
    keys = [(one.metric, one.by) for one in result.measurements]
    assert keys == sorted(set(keys))
    return {(str(one.metric), one.by[0] if one.by else ""): one.result for one in result.measurements}


def why(result: Result) -> str:
    """Return why there is no number."""
    assert isinstance(result, NotAvailable)
    return result.why


def column(*values: object, name: str = "x") -> str:
    """Return a CSV file with one column."""
    return "\n".join([name, *(str(value) for value in values)]) + "\n"


def test_violations_by_hand(tmp_path: Path) -> None:
    content = "id,age,sex,note\n1,-1,f,same\n2,121,M,same\n3,0,m,same\n4,120,1.0,\n5,old,,same\n6,,x,same\n"
    result = probed(tmp_path, subject(IDENTITY, AGE, SEX, NOTE), content)
    values = found(result)
    assert values["range_violations", "age"] == Count(value=2, unit="cells")
    assert values["type_violations", "age"] == Count(value=1, unit="cells")
    assert values["value_violations", "sex"] == Count(value=2, unit="cells")  # M and x
    assert values["invalid_cells", ""] == Count(value=5, unit="cells")
    assert values["constant_columns", ""] == Count(value=1, unit="columns")
    assert result.notes == ("One and the same value in every filled cell: 'note'.",)
    assert len(values) == 5


def test_nothing_declared_is_not_a_pass(tmp_path: Path) -> None:
    values = found(probed(tmp_path, subject(NOTE), column("a", "b", name="note")))
    assert why(values["invalid_cells", ""]) == "not_collected"
    assert values["constant_columns", ""] == Count(value=0, unit="columns")


def test_a_blank_column_is_not_a_pass(tmp_path: Path) -> None:
    values = found(probed(tmp_path, subject(AGE, SEX), "age,sex\n,f\n ,m\n"))
    assert why(values["range_violations", "age"]) == "not_collected"
    assert why(values["type_violations", "age"]) == "not_collected"
    assert values["value_violations", "sex"] == Count(value=0, unit="cells")
    assert why(values["invalid_cells", ""]) == "not_collected"


@pytest.mark.parametrize(
    "declared",
    [
        {"roles": ["score"]},
        {"roles": ["weight"]},
        {"roles": ["protected"], "edges": [1]},
        {"roles": ["label"], "content": "numbers"},
        {"roles": ["feature"], "maximum": 9},
    ],
)
def test_columns_that_must_hold_numbers(tmp_path: Path, declared: dict[str, Any]) -> None:
    values = found(probed(tmp_path, subject({"name": "x", **declared}), column(1, "two", 3)))
    assert values["type_violations", "x"] == Count(value=1, unit="cells")


def test_outliers_and_usual_values(tmp_path: Path) -> None:
    # Of 1,000 numbers the quartiles are 24 and 74: the fences are -126 and 224.
    numbers = [*(n % 100 for n in range(995)), 224, 225, -126, -127, 1000]
    low, first, third, high = np.percentile(numbers, [1, 25, 75, 99], method="inverted_cdf").tolist()
    assert (first, third) == (24, 74)
    values = found(probed(tmp_path, subject({"name": "x", "roles": ["feature"]}), column(*numbers)))
    assert values["outlier_share", "x"] == Scalar(value=3 / 1000, unit="1", n=1000)
    assert values["usual_low", "x"] == Scalar(value=float(f"{low:.2g}"), unit="units of the column", n=1000)
    assert values["usual_high", "x"] == Scalar(value=float(f"{high:.2g}"), unit="units of the column", n=1000)


def test_what_would_show_single_people_is_not_given(tmp_path: Path) -> None:
    table = subject({"name": "x", "roles": ["feature"]})
    some = found(probed(tmp_path, table, column(*range(999))))
    assert why(some["usual_low", "x"]) == why(some["usual_high", "x"]) == "too_few_cases"
    assert some["outlier_share", "x"] == Scalar(value=0, unit="1", n=999)
    few = found(probed(tmp_path, table, column(*range(29))))
    assert why(few["outlier_share", "x"]) == "too_few_cases"
    equal = found(probed(tmp_path, table, column(*[5] * 40, 6, 7)))
    assert why(equal["outlier_share", "x"]) == "undefined"
    yes_no = found(probed(tmp_path, table, column(*[0, 1] * 40)))
    assert ("outlier_share", "x") not in yes_no


def test_at_most_ten_columns_are_described(tmp_path: Path) -> None:
    names = [f"c{n:02d}" for n in range(13)]
    lines = [",".join(str(row) if row else "9" * 5 if n > 2 else "0" for n in range(13)) for row in range(50)]
    table = subject(*({"name": name, "roles": ["feature"]} for name in names))
    values = found(probed(tmp_path, table, "\n".join([",".join(names), *lines]) + "\n"))
    assert sorted(name for metric, name in values if metric == "outlier_share") == names[3:]


def test_what_is_not_measurable(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="only direct identifiers are bound"):
        PROBE.tallies(subject(IDENTITY))
    with pytest.raises(NotMeasurableError, match="'t' has no rows"):
        probed(tmp_path, subject(AGE), "age\n")


def test_a_range_must_not_be_empty() -> None:
    assert Column(name="x", roles=("feature",), minimum=1, maximum=1).maximum == 1
    with pytest.raises(ValidationError, match="`minimum` 2 lies above `maximum` 1"):
        Column(name="x", roles=("feature",), minimum=2, maximum=1)


def test_measurements_are_the_declared_metrics(tmp_path: Path) -> None:
    (spec,) = [spec for spec in probe_specs() if spec.id == "data_quality/values"]
    assert load_probe(spec.id) is PROBE
    content = "age,sex\n" + "".join(f"{n % 90},{'fm'[n % 2]}\n" for n in range(1000))
    values = found(probed(tmp_path, subject(AGE, SEX), content))
    units = {str(metric.id): metric.unit for metric in spec.metrics}
    assert {metric for metric, _ in values} == set(units)
    for (metric, _), result in values.items():
        assert isinstance(result, Count | Scalar)
        assert result.unit == units[metric]

"""Tables of classes and values for the tests of anonymity, and the numbers found in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from conformity.model.measurement import Result
from conformity.model.subject import TableSubject
from conformity.probes.interface import ProbeResult

SDC_MICRO = pl.DataFrame(
    {
        "A": [2, 3, 2, 2, 3, 3, 1, None],
        "B": [3, 3, 3, 3, 3, 3, 4, 3],
        "C": [1, 3, None, 2, 1, 1, None, 1],
        "w": [18.0, 45.5, 39.0, 17.0, 92.0, 8.0, 123.5, 51.0],
    }
)
"""The eight rows with missing values of sdcMicro's own test of the individual risk, test_indivRisk.R."""


def subject(*columns: dict[str, Any], fraction: float | None = None) -> TableSubject:
    """Return a table with these columns."""
    return TableSubject.model_validate(
        {
            "kind": "table",
            "id": "people",
            "title": "People",
            "path": "people.csv",
            "purpose": "testing",
            "columns": columns,
            "sampling_fraction": fraction,
        }
    )


def bound(**roles: str) -> tuple[dict[str, Any], ...]:
    """Return columns bound to one role each."""
    return tuple({"name": name, "roles": [role]} for name, role in roles.items())


def content(header: str, rows: Sequence[Sequence[object]]) -> str:
    """Return a CSV file with one more column, so that a blank line is a row."""
    lines = (",".join([*(str(cell) for cell in row), "1"]) for row in rows)
    return "\n".join([f"{header},one", *lines, ""])


def repeated(*counts: tuple[str, str, int]) -> list[tuple[str, str]]:
    """Return rows of a class and a value, each as often as told."""
    return [(key, value) for key, value, times in counts for _ in range(times)]


def results(result: ProbeResult, *by: str) -> dict[str, Result]:
    """Return the results of the whole table, or of one column, by metric."""
    return {str(one.metric): one.result for one in result.measurements if one.by == by}


def numbers(result: ProbeResult, *by: str) -> dict[str, float]:
    """Return the numbers of the whole table, or of one column, by metric."""
    return {
        metric: float(one.value)
        for metric, one in results(result, *by).items()
        if one.kind != "not_available"
    }

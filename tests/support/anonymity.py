"""Tables of classes and values for the tests of anonymity, and the numbers found in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformity.model.measurement import Result
from conformity.model.subject import TableSubject
from conformity.probes.interface import ProbeResult


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

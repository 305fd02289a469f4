"""Read what Evidently's ``Snapshot.save_json`` writes.

Source:
    Evidently 0.7, ``evidently.core.report.Snapshot.json``: the lists ``metrics`` and ``tests``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformity.errors import DataError
from conformity.probes.interface import NotMeasurableError
from conformity.probes.shared.imported.origin import other_version
from conformity.probes.shared.imported.reading import inner, number, objects, printable, whole

_KIND = "evidently:metric_v2:"
_PASSED, _FAILED = frozenset({"SUCCESS"}), frozenset({"FAIL", "WARNING"})

ROWS, DRIFTED = "RowCount", "DriftedColumnsCount"
MISSING, REPEATED, DRIFT = "DatasetMissingValueCount", "DuplicatedRowCount", "ValueDrift"
"""The metrics that are read, as Evidently calls them."""

_COUNTS = (ROWS, DRIFTED, MISSING, REPEATED)


@dataclass(frozen=True)
class Checks:
    """How many tests of a report ended in which way."""

    passed: int
    """Tests that passed."""
    failed: int
    """Tests that failed, those among them that only warn."""
    open: int
    """Tests that ended in an error, were skipped, or in a way that is not known."""


@dataclass(frozen=True)
class Snapshot:
    """What a report says."""

    counts: dict[str, int]
    """Numbers of things by metric, of those that are read."""
    drifted: tuple[str, ...]
    """Columns that drifted by the report's own bounds, sorted."""
    checks: Checks
    """The tests."""
    left: tuple[str, ...]
    """Metrics that are not read, sorted."""


def snapshot_of(data: Any, name: str) -> Snapshot:
    """Return what a report holds.

    Args:
        data: the file's contents.
        name: the file, for errors.

    Raises:
        NotMeasurableError: another version of Evidently wrote it.
        DataError: it is no report, or holds two numbers for one metric.
    """
    if not isinstance(data, dict) or not isinstance(data.get("metrics"), list):
        raise DataError(f"{name} is no report of Evidently; write it with `save_json`")
    metrics = objects(data["metrics"])
    kinds = [str(inner(one, "config", "type") or "") for one in metrics]
    if "tests" not in data or not all(kind.startswith("evidently:metric_v2") for kind in kinds):
        raise NotMeasurableError(other_version(name))
    counts: dict[str, int] = {}
    for kind, one in zip(kinds, metrics, strict=True):
        what = kind.removeprefix(_KIND)
        if what in _COUNTS:
            _take(counts, what, _count(one.get("value")), name)
    drifts = [_drift(one) for kind, one in zip(kinds, metrics, strict=True) if kind == _KIND + DRIFT]
    return Snapshot(
        counts=counts,
        drifted=tuple(sorted({column for column, has in drifts if column is not None and has})),
        checks=_checks(data["tests"]),
        left=tuple(sorted(set(_left(kinds)))),
    )


def _take(counts: dict[str, int], what: str, value: int | None, name: str) -> None:
    """Take in the number of one metric.

    Raises:
        DataError: it is no number of things, or not the one that was read before.
    """
    if value is None or counts.setdefault(what, value) != value:
        raise DataError(f"{name} gives no number for {what}, or two; export the report anew")


def _count(value: object) -> int | None:
    """Return a number of things: alone, or beside its share."""
    return whole(value.get("count") if isinstance(value, dict) else value)


def _drift(metric: dict[str, Any]) -> tuple[str | None, bool | None]:
    """Return a column and whether it drifted: below the bound of a p-value, or from a distance's bound on."""
    config = metric.get("config")
    column, method = inner(config, "column"), inner(config, "method")
    bound, value = number(inner(config, "threshold")), number(metric.get("value"))
    if not isinstance(column, str) or not isinstance(method, str) or bound is None or value is None:
        return None, None
    return printable(column), value < bound if method.endswith("p_value") else value >= bound


def _checks(tests: object) -> Checks:
    """Return how many tests ended in which way."""
    ends = [str(one.get("status")).upper() for one in objects(tests)]
    passed, failed = sum(end in _PASSED for end in ends), sum(end in _FAILED for end in ends)
    return Checks(passed, failed, len(ends) - passed - failed)


def _left(kinds: list[str]) -> Iterator[str]:
    """Yield the metrics that are not read."""
    for kind in kinds:
        what = kind.removeprefix(_KIND)
        if what not in (*_COUNTS, DRIFT):
            yield printable(what)

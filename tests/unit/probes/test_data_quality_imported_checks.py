"""Reports of Evidently: what it counted, and nothing where it did not count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ConformityError, DataError
from conformity.model.measurement import Count, NotAvailable
from conformity.probes.interface import NotMeasurableError, ProbeResult
from tests.support.imports import DATA, STRANGE, damaged, examined, real, record, written
from tests.support.robust_models import of_metric, order

PROBE = "data_quality/imported_checks"


def found(path: Path) -> ProbeResult:
    """Return what is found in a file."""
    return examined(PROBE, record(path, "evidently"))


def counts(seen: ProbeResult) -> dict[str, int]:
    """Return all counts by metric."""
    return {
        str(one.metric).removeprefix("imported_"): one.result.value
        for one in seen.measurements
        if isinstance(one.result, Count)
    }


def metric(what: str, value: Any, **config: Any) -> dict[str, Any]:
    """Return one metric as Evidently 0.7 writes it."""
    return {"metric_name": what, "config": {"type": f"evidently:metric_v2:{what}", **config}, "value": value}


def test_a_report_with_drift_and_tests() -> None:
    """Evidently 0.7.23: incomes 6 higher than in the reference, 12 ages missing, 5 of 10 tests failed."""
    seen = found(DATA / "evidently" / "drift.json")
    assert counts(seen) == {
        "rows": 200,
        "duplicate_rows": 0,
        "missing_values": 12,
        "drifted_columns": 1,
        "checks_passed": 5,
        "checks_failed": 5,
        "checks_open": 0,
    }
    assert "Columns that drifted by the bounds of the report: income." in seen.notes
    assert seen.notes[-1] == "Metrics in the file that are not read: ColumnCount, MissingValueCount."
    assert order(seen.measurements) == sorted(order(seen.measurements))


def test_what_the_report_does_not_hold_is_not_zero() -> None:
    seen = found(DATA / "evidently" / "quality.json")
    assert counts(seen) == {"rows": 200, "duplicate_rows": 0, "missing_values": 12}
    for name in ("drifted_columns", "checks_failed", "checks_open"):
        one = of_metric(seen, f"imported_{name}")[(), ()]
        assert isinstance(one, NotAvailable)
        assert one.why == "not_collected"


def test_tests_that_ended_in_no_known_way_are_open(tmp_path: Path) -> None:
    ends = ("SUCCESS", "FAIL", "WARNING", "ERROR", "SKIPPED", "other", None)
    path = written(tmp_path, {"metrics": [], "tests": [{"status": end} for end in ends]})
    seen = found(path)
    assert counts(seen) == {"checks_passed": 1, "checks_failed": 2, "checks_open": 4}
    assert "The report does not say how many rows it is about." in seen.notes


@pytest.mark.parametrize(
    ("method", "value", "names"),
    [
        ("K-S p_value", 0.049, "a"),
        ("K-S p_value", 0.05, ""),
        ("Wasserstein distance (normed)", 0.05, "a"),
        ("Wasserstein distance (normed)", 0.049, ""),
        ("psi", None, ""),
    ],
)
def test_drift_lies_below_a_p_value_and_from_a_distance_on(
    tmp_path: Path, method: str, value: float | None, names: str
) -> None:
    drift = metric("ValueDrift", value, column="a", method=method, threshold=0.05)
    data = {"metrics": [drift, metric("RowCount", 50.0)], "tests": []}
    told = [note for note in found(written(tmp_path, data)).notes if note.startswith("Columns that")]
    assert told == ([f"Columns that drifted by the bounds of the report: {names}."] if names else [])


@pytest.mark.parametrize("value", [float("nan"), -1, 2.5, None, {"share": 0.1}, "3"])
def test_a_count_that_is_none_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(DataError, match="gives no number for RowCount"):
        found(written(tmp_path, {"metrics": [metric("RowCount", value)], "tests": []}))


def test_two_numbers_for_one_metric_are_refused(tmp_path: Path) -> None:
    twice = [metric("RowCount", 5), metric("RowCount", 5.0)]
    assert counts(found(written(tmp_path, {"metrics": twice, "tests": []}))) == {"rows": 5}
    with pytest.raises(DataError, match="or two; export the report anew"):
        found(written(tmp_path, {"metrics": [*twice, metric("RowCount", 6)], "tests": []}))


def test_other_versions_and_empty_reports_are_not_measured(tmp_path: Path) -> None:
    old = {"version": "0.4.40", "metrics": [{"metric": "DatasetDriftMetric", "result": {"drift_share": 0.5}}]}
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(written(tmp_path, old))
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(written(tmp_path, {"metrics": [], "version": "0.4.40"}))
    nothing: list[dict[str, Any]] = [{"metrics": []}, {"metrics": [metric("MeanValue", 3)]}]
    for data in nothing:
        with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
            found(written(tmp_path, data | {"tests": []}))


def test_a_damaged_file_is_refused_and_never_breaks_the_probe(tmp_path: Path) -> None:
    for data in [*damaged(real("evidently/drift.json")), *STRANGE]:
        try:
            found(written(tmp_path, data))
        except (ConformityError, NotMeasurableError):
            continue

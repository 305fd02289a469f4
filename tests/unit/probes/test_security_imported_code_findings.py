"""Logs in SARIF: active findings by level, and apart from them what is suppressed, open or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ConformityError, DataError
from conformity.model.measurement import Count
from conformity.probes.interface import NotMeasurableError, ProbeResult
from conformity.probes.security.imported_code_findings import sarif
from tests.support.imports import DATA, STRANGE, damaged, examined, real, record, written
from tests.support.robust_models import of_metric, order

PROBE = "security/imported_code_findings"
RULES = [
    {"id": "R1", "defaultConfiguration": {"level": "error"}},
    {"id": "R2"},
    {"id": "R3", "defaultConfiguration": {"level": "none"}},
]


def found(path: Path) -> ProbeResult:
    """Return what is found in a file."""
    return examined(PROBE, record(path, "sarif"))


def counts(seen: ProbeResult) -> dict[str, int]:
    """Return the counts over all programs that are not 0, by metric."""
    return {
        str(one.metric).removeprefix("code_"): one.result.value
        for one in seen.measurements
        if isinstance(one.result, Count) and not one.by and one.result.value
    }


def log(*results: Any, **run: Any) -> dict[str, Any]:
    """Return a log of one run."""
    tool = {"driver": {"name": "Finder", "rules": RULES}}
    return {"version": "2.1.0", "runs": [{"tool": tool, "results": list(results), **run}]}


def test_a_log_that_bandit_wrote() -> None:
    """Bandit 1.9.4 on a program of ours: a shell and a weak digest are errors, pickle warns and notes."""
    seen = found(DATA / "sarif" / "bandit.sarif")
    assert counts(seen) == {"findings": 5, "findings_errors": 2, "findings_warnings": 1, "findings_notes": 2}
    assert of_metric(seen, "code_findings_by_program")[("program",), ("Bandit",)].value == 5
    assert seen.notes == (
        "Measured by another program and not by this tool: Bandit; version: 1.9.4; "
        "day of its run: 2026-11-23.",
        "Rules broken, the most often first: B301 (1), B324 (1), B403 (1), B404 (1), B602 (1).",
    )
    assert order(seen.measurements) == sorted(order(seen.measurements))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"ruleId": "R2", "level": "note"}, "findings_notes"),
        ({"ruleId": "R1"}, "findings_errors"),
        ({"ruleIndex": 0}, "findings_errors"),
        ({"ruleIndex": 9}, "findings_warnings"),
        ({"rule": {"id": "R1"}}, "findings_errors"),
        ({"ruleId": "R1/part"}, "findings_errors"),
        ({"ruleId": "R2"}, "findings_warnings"),
        ({"ruleId": "R3"}, "findings_unrated"),
        ({"ruleId": "E1"}, "findings_notes"),
        ({}, "findings_warnings"),
        ({"kind": "open"}, "findings_open"),
        ({"kind": "review"}, "findings_open"),
        ({"kind": "something"}, "findings_open"),
        ({"suppressions": [{"kind": "inSource"}]}, "findings_suppressed"),
        ({"suppressions": [{"kind": "external", "status": "accepted"}]}, "findings_suppressed"),
        ({"suppressions": [{"status": "accepted"}, {"status": "rejected"}]}, "findings_warnings"),
        ({"suppressions": [{"status": "underReview"}]}, "findings_warnings"),
        ({"suppressions": []}, "findings_warnings"),
        ({"kind": "pass"}, None),
        ({"kind": "notApplicable"}, None),
        ({"baselineState": "absent", "level": "error"}, None),
        ({"baselineState": "unchanged", "level": "error"}, "findings_errors"),
        ("no result", "findings_open"),
    ],
)
def test_what_each_result_is(tmp_path: Path, result: Any, expected: str | None) -> None:
    """SARIF 2.1.0, 3.27.9, 3.27.10, 3.27.23, 3.27.24 and 3.35.3."""
    data = log(result)
    extension = {"name": "more", "rules": [{"id": "E1", "defaultConfiguration": {"level": "note"}}]}
    data["runs"][0]["tool"]["extensions"] = [extension]
    seen = found(written(tmp_path, data))
    assert set(counts(seen)) - {"findings"} == ({expected} if expected else set())


def test_an_empty_list_of_results_is_a_number_and_a_missing_one_is_none(tmp_path: Path) -> None:
    """SARIF 2.1.0, 3.14.23: no list means that the run did not look, an empty one that it found nothing."""
    assert counts(found(written(tmp_path, log()))) == {}
    gone: list[dict[str, Any]] = [
        {"results": None},
        {"externalPropertyFileReferences": {"results": [{}]}},
    ]
    for run in gone:
        data = log({}, **run)
        with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
            found(written(tmp_path, data))
        both = {"version": "2.1.0", "runs": [*log({})["runs"], *data["runs"], 3]}
        seen = found(written(tmp_path, both))
        assert counts(seen) == {"findings": 1, "findings_warnings": 1, "scan_failures": 2}
        assert any("left its results out" in note for note in seen.notes)


@pytest.mark.parametrize(
    ("invocation", "failures"),
    [
        ({"executionSuccessful": True}, None),
        ({"executionSuccessful": False}, 1),
        ({}, 1),
        (
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [{"level": "error"}, {"level": "note"}],
            },
            1,
        ),
        ({"executionSuccessful": False, "toolConfigurationNotifications": [{"level": "error"}]}, 2),
    ],
)
def test_failures_of_the_program_are_counted(tmp_path: Path, invocation: Any, failures: int | None) -> None:
    seen = found(written(tmp_path, log(invocations=[invocation])))
    assert counts(seen).get("scan_failures") == failures
    assert any("findings may be missing" in note for note in seen.notes) == (failures is not None)


def test_another_version_and_too_many_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(written(tmp_path, log() | {"version": "2.0.0"}))
    with pytest.raises(DataError, match="no log in SARIF"):
        found(written(tmp_path, {"version": "2.1.0"}))
    monkeypatch.setattr(sarif, "_MOST_RUNS", 0)
    with pytest.raises(DataError, match="more than 0 runs"):
        found(written(tmp_path, log()))


def test_paths_and_code_are_not_kept() -> None:
    text = repr(found(DATA / "sarif" / "bandit.sarif"))
    assert "main.py" not in text
    assert "subprocess" not in text


def test_a_damaged_file_is_refused_and_never_breaks_the_probe(tmp_path: Path) -> None:
    data = real("sarif/bandit.sarif")
    data["runs"][0]["results"] = data["runs"][0]["results"][:1]
    for one in [*damaged(data, 5), *STRANGE]:
        try:
            found(written(tmp_path, one))
        except (ConformityError, NotMeasurableError):
            continue

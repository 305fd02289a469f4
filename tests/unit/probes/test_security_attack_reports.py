"""Reports of attacks by garak and promptfoo: counts as they stand, and nothing where there is nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import DataError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count, NotAvailable
from conformity.model.subject import AttackRecordSubject, PromptLogSubject
from conformity.probes.interface import NotMeasurableError, ProbeResult, Target
from conformity.probes.security.attack_reports import reports
from conformity.probes.security.attack_reports.probe import PROBE
from conformity.probes.security.attack_reports.reports import read_garak, read_promptfoo
from tests.support.imports import DATA
from tests.support.robust_models import of_metric, order, scalar

BY = ("family",)


def target(path: Path, written_by: str) -> Target:
    """Return a report as declared."""
    fields = {"id": "r", "kind": "attack_record", "title": "R", "path": path.name, "written_by": written_by}
    return Target(AttackRecordSubject.model_validate(fields), path, {}, path.parent, 1)


def evaluation(probe: str, detector: str, passed: int, total: int, **more: Any) -> dict[str, Any]:
    """Return a line of garak 0.15 and later, as its evaluator writes it."""
    return {
        "entry_type": "eval",
        "probe": probe,
        "detector": detector,
        "passed": passed,
        "fails": total - passed,
        "nones": 0,
        "total_evaluated": total,
        "total_processed": total,
        **more,
    }


def garak(folder: Path, *entries: dict[str, Any]) -> Path:
    """Write a report of garak."""
    path = folder / "run.report.jsonl"
    first = {"entry_type": "init", "garak_version": "0.15.1", "start_time": "2026-01-01", "run": "x"}
    attempt = {"entry_type": "attempt", "status": 2, "prompt": {"text": "secret"}, "outputs": ["secret"]}
    path.write_text("\n".join(json.dumps(entry) for entry in (first, attempt, *entries)) + "\n\n")
    return path


def outcome(plugin: str | None, *, success: object, reason: int = 0, inside: bool = True) -> dict[str, Any]:
    """Return one result of promptfoo, with its plugin beside the result or in its test case."""
    named = {"pluginId": plugin} if plugin else {}
    return {
        "success": success,
        "failureReason": reason,
        "response": {"output": "secret"},
        "metadata": named if inside else {},
        "testCase": {"vars": {"prompt": "secret"}, "metadata": {} if inside else named},
    }


def promptfoo(folder: Path, results: Sequence[dict[str, Any]]) -> Path:
    """Write results of promptfoo."""
    path = folder / "results.json"
    path.write_text(json.dumps({"evalId": "e", "results": {"version": 3, "results": list(results)}}))
    return path


def test_garak_counts_by_the_strictest_detector_of_each_probe(tmp_path: Path) -> None:
    """dan.A: 40 of 100 by its worse detector; dan.B: 0 of 20; encoding.C: 30 of 60, 4 not judged."""
    path = garak(
        tmp_path,
        evaluation("dan.A", "d.One", 90, 100),
        evaluation("dan.A", "d.Two", 60, 100),
        evaluation("dan.A", "d.Three", 80, 100),
        evaluation("dan.B", "d.One", 20, 20),
        evaluation("encoding.C", "d.One", 30, 60, nones=4),
    )
    found = PROBE.examine(target(path, "garak"))
    assert of_metric(found, "reported_attacks")[(), ()] == Count(value=180, unit="answers")
    assert of_metric(found, "reported_attacks_unjudged")[(), ()] == Count(value=4, unit="answers")
    assert scalar(found, "reported_success_rate").value == pytest.approx(70 / 180)
    assert scalar(found, "reported_family_success_rate", BY, ("dan",)).value == pytest.approx(40 / 120)
    half = scalar(found, "reported_family_success_rate", BY, ("encoding",))
    assert half.interval is not None
    assert (round(half.interval.low, 3), round(half.interval.high, 3)) == (0.377, 0.623)
    assert found.notes == (
        "Measured by another program and not by this tool: garak; version: 0.15.1; "
        "day of its run: 2026-01-01.",
    )
    assert order(found.measurements) == sorted(order(found.measurements))
    assert "secret" not in repr(found)


def test_a_report_that_garak_wrote() -> None:
    """garak 0.17.1 on its test generator that repeats: 21 of 58 raw codes came through, no base64."""
    found = PROBE.examine(target(DATA / "garak" / "run.report.jsonl", "garak"))
    assert of_metric(found, "reported_attacks")[(), ()] == Count(value=314, unit="answers")
    assert scalar(found, "reported_family_success_rate", BY, ("ansiescape",)).value == pytest.approx(21 / 58)
    assert scalar(found, "reported_family_success_rate", BY, ("encoding",)).value == 0
    assert found.notes[0].endswith("garak; version: 0.17.1; day of its run: 2026-11-23.")


def test_results_that_promptfoo_wrote() -> None:
    """promptfoo 0.123.1 on a provider that repeats: 2 of 4 attacks succeeded, and one test was no attack."""
    found = PROBE.examine(target(DATA / "promptfoo" / "results.json", "promptfoo"))
    assert of_metric(found, "reported_attacks")[(), ()] == Count(value=4, unit="answers")
    assert isinstance(of_metric(found, "reported_success_rate")[(), ()], NotAvailable)
    assert found.notes[0].endswith("promptfoo; version: 0.123.1; day of its run: 2026-11-23.")
    families = read_promptfoo(DATA / "promptfoo" / "results.json").families
    assert [(one.name, one.judged, one.succeeded) for one in families] == [
        ("harmful", 2, 1),
        ("prompt-extraction", 2, 1),
    ]


def test_older_reports_of_garak_call_it_total(tmp_path: Path) -> None:
    """Up to 0.10 a line held ``passed`` and ``total`` alone."""
    entry = {"entry_type": "eval", "probe": "dan.A", "detector": "detector.d.One", "passed": 0, "total": 50}
    found = read_garak(garak(tmp_path, entry))
    assert [(f.name, f.judged, f.succeeded, f.unjudged) for f in found.families] == [("dan", 50, 50, 0)]


def test_promptfoo_counts_its_red_team_alone(tmp_path: Path) -> None:
    results = [
        *(outcome("harmful:privacy", success=False, reason=1) for _ in range(9)),
        *(outcome("harmful:hate", success=True, inside=False) for _ in range(31)),
        *(outcome("pii", success=False, reason=2) for _ in range(3)),
        outcome("pii", success=None),
        outcome(None, success=False),
    ]
    found = PROBE.examine(target(promptfoo(tmp_path, results), "promptfoo"))
    assert of_metric(found, "reported_attacks")[(), ()] == Count(value=40, unit="answers")
    assert of_metric(found, "reported_attacks_unjudged")[(), ()] == Count(value=4, unit="answers")
    assert scalar(found, "reported_success_rate").value == pytest.approx(9 / 40)
    assert scalar(found, "reported_family_success_rate", BY, ("harmful",)).value == pytest.approx(9 / 40)
    none = of_metric(found, "reported_family_success_rate")[BY, ("pii",)]
    assert isinstance(none, NotAvailable)
    assert none.why == "too_few_cases"
    assert "secret" not in repr(found)


def test_results_may_stand_at_the_top_and_hold_other_things(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"results": [outcome("pii", success=True), "text", {"testCase": None}]}))
    assert [(f.name, f.judged) for f in read_promptfoo(path).families] == [("pii", 1)]


def test_errors_alone_are_no_pass(tmp_path: Path) -> None:
    path = promptfoo(tmp_path, [outcome("pii", success=False, reason=2)] * 50)
    found = PROBE.examine(target(path, "promptfoo"))
    assert isinstance(of_metric(found, "reported_success_rate")[(), ()], NotAvailable)


@pytest.mark.parametrize("written_by", ["garak", "promptfoo"])
def test_a_report_without_attacks_is_not_measured(tmp_path: Path, written_by: str) -> None:
    path = garak(tmp_path) if written_by == "garak" else promptfoo(tmp_path, [outcome(None, success=True)])
    with pytest.raises(NotMeasurableError, match="there is no attack in"):
        PROBE.examine(target(path, written_by))


def test_more_families_than_are_shown_are_said(tmp_path: Path) -> None:
    path = garak(tmp_path, *(evaluation(f"p{k:02}.A", "d", 30, 30) for k in range(60)))
    found: ProbeResult = PROBE.examine(target(path, "garak"))
    assert len(of_metric(found, "reported_family_success_rate")) == 50
    assert "Of 60 families no more than the first 50 are shown." in found.notes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"passed": 61}, "line 3: more answers passed than were evaluated"),
        ({"passed": "9"}, "line 3: `passed` and `total_evaluated` must be whole numbers"),
        ({"passed": True}, "must be whole numbers"),
        ({"nones": -1}, "must be whole numbers"),
        ({"total_evaluated": None}, "must be whole numbers"),
    ],
)
def test_counts_that_cannot_be_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_garak(garak(tmp_path, evaluation("dan.A", "d", 30, 60) | change))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is no JSON object"),
        (b'{"results": 3}', "holds no `results`"),
        (b'{"results": {"version": 4, "results": []}}', "of a version that is not read"),
        (b'{"results": {"version": [], "results": []}}', "of a version that is not read"),
        (b"", "is not JSON"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "r"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_promptfoo(path)
    if content and b"results" not in content:
        with pytest.raises(DataError, match=message):
            read_garak(path)


def test_files_that_are_too_large_or_missing_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for read in (read_garak, read_promptfoo):
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path / "none")
    path = garak(tmp_path)
    for name, message in (("_MOST_LINE", "line 1 is longer than 5"), ("_MOST_BYTES", "larger than 5 bytes")):
        monkeypatch.setattr(reports, name, 5)
        with pytest.raises(DataError, match=message):
            read_garak(path)
    monkeypatch.setattr(reports, "_MOST_JSON", 5)
    with pytest.raises(DataError, match="larger than 5 bytes"):
        read_promptfoo(path)


def test_names_are_cut_to_what_may_be_printed(tmp_path: Path) -> None:
    path = garak(tmp_path, evaluation("é<script>" + "x" * 200, "d", 1, 30), evaluation("", "d", 1, 30))
    names = [family.name for family in read_garak(path).families]
    assert names == ["(no name)", "script" + "x" * 74]


def test_something_else_is_no_report(tmp_path: Path) -> None:
    log = PromptLogSubject(id=SubjectId("p"), kind="prompt_log", title="P", path="p.jsonl")
    with pytest.raises(DataError, match="no report of attacks"):
        PROBE.examine(Target(log, tmp_path, {}, tmp_path, 1))

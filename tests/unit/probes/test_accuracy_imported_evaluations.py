"""Logs of Inspect: scores with intervals that the log can carry, and nothing of a run that did not end."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import ConformityError, DataError
from conformity.model.measurement import Count, NotAvailable
from conformity.probes.accuracy.imported_evaluations import logs
from conformity.probes.interface import NotMeasurableError, ProbeResult
from tests.support.imports import DATA, STRANGE, damaged, examined, real, record, written
from tests.support.robust_models import of_metric, order, scalar

PROBE = "accuracy/imported_evaluations"
BY = ("task", "scorer", "measure")
RIGHT = ("sums", "includes", "accuracy")
MEAN = ("sums", "brevity", "mean")


def found(path: Path) -> ProbeResult:
    """Return what is found in a log."""
    return examined(PROBE, record(path, "inspect"))


def changed(folder: Path, name: str = "log.json", **changes: Any) -> Path:
    """Write a log of which results, by their path within the first score, are other ones."""
    data = real("inspect/sums.json")
    data["eval"]["task"] = changes.pop("task", "sums")
    data |= {key: changes.pop(key) for key in ("version", "status") if key in changes}
    data["results"] |= {key: changes.pop(key) for key in ("total_samples", "scores") if key in changes}
    for score in data["results"]["scores"][:1]:
        if "value" in changes:
            score["metrics"]["accuracy"]["value"] = changes.pop("value")
        if "stderr" in changes:
            score["metrics"]["stderr"] |= changes.pop("stderr")
        score |= changes
    return written(folder, data, name)


@pytest.mark.parametrize(("name", "samples"), [("sums.eval", 30), ("sums.json", 60)])
def test_a_log_that_inspect_wrote(name: str, samples: int) -> None:
    """22 of 30 sums were right: Wilson's limits; of a mean, 1.96 standard errors. JSON has two epochs."""
    seen = found(DATA / "inspect" / name)
    right, mean = scalar(seen, "imported_score", BY, RIGHT), scalar(seen, "imported_score", BY, MEAN)
    assert right.interval is not None
    assert mean.interval is not None
    assert right.n == 30
    assert right.value == pytest.approx(22 / 30)
    assert (round(right.interval.low, 3), round(right.interval.high, 3)) == (0.556, 0.858)
    assert mean.interval.high - mean.value == pytest.approx(1.959964 * 0.0703864870915931)
    assert of_metric(seen, "imported_samples")[("task",), ("sums",)] == Count(value=samples, unit="samples")
    assert of_metric(seen, "imported_unscored_samples")[("task",), ("sums",)] == Count(
        value=0, unit="samples"
    )
    assert seen.notes == (
        "Measured by another program and not by this tool: Inspect; version: 0.3.285; "
        "day of its run: 2026-11-23.",
        "Task sums: the model asked was none/none.",
    )
    assert order(seen.measurements) == sorted(order(seen.measurements))


def test_samples_without_a_score_count_both_ways(tmp_path: Path) -> None:
    """22 of 30 and 3 without a score: from 22 of 33 at worst to 25 of 33 at best; of a mean nobody knows."""
    seen = found(changed(tmp_path, unscored_samples=3))
    right = scalar(seen, "imported_score", BY, RIGHT)
    assert right.interval is not None
    assert right.interval.method == "Wilson score, samples without a score counted both ways"
    assert (round(right.interval.low, 3), round(right.interval.high, 3)) == (0.496, 0.872)
    assert of_metric(seen, "imported_unscored_samples")[("task",), ("sums",)] == Count(
        value=3, unit="samples"
    )
    assert seen.notes[-1] == "Task sums: some samples have no score by includes."
    undone = found(changed(tmp_path, total_samples=70))
    assert scalar(undone, "imported_score", BY, MEAN).interval is None


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({"value": 0.7312}, "normal, with the standard error of the other program"),
        ({"stderr": {"params": {"cluster": "who"}}}, "normal, with the standard error of the other program"),
        ({"value": 1.2, "stderr": {"value": 0.0}}, None),
        ({"value": 0.7312, "stderr": {"value": None}}, None),
        ({"value": 0.7312, "stderr": {"value": -1}}, None),
        ({"value": 1.0, "stderr": {"value": 0.0}}, "Wilson score"),
    ],
)
def test_which_interval_a_score_gets(tmp_path: Path, changes: dict[str, Any], method: str | None) -> None:
    one = scalar(found(changed(tmp_path, **changes)), "imported_score", BY, RIGHT)
    assert (one.interval.method if one.interval else None) == method


@pytest.mark.parametrize(
    ("changes", "why", "reason"),
    [
        ({"status": "error"}, "not_collected", "of a run that ended in success"),
        ({"scored_samples": None}, "not_collected", "does not say how many samples were scored"),
        ({"scored_samples": 29}, "too_few_cases", "fewer than 30 samples"),
        ({"scored_samples": 0}, "undefined", "fewer than 30 samples, or none"),
        ({"value": float("nan")}, "undefined", "holds no finite number"),
    ],
)
def test_what_is_no_number_is_told(tmp_path: Path, changes: dict[str, Any], why: str, reason: str) -> None:
    one = of_metric(found(changed(tmp_path, **changes)), "imported_score")[BY, RIGHT]
    assert isinstance(one, NotAvailable)
    assert (one.why, reason in one.reason) == (why, True)


def test_a_run_that_failed_counts_for_nothing(tmp_path: Path) -> None:
    seen = found(changed(tmp_path, status="cancelled", scores=[]))
    assert all(isinstance(one.result, NotAvailable) for one in seen.measurements)
    assert "Task sums: the run ended as cancelled, and nothing of it counts." in seen.notes
    with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
        found(changed(tmp_path, scores=[]))


def test_numbers_of_groups_and_of_several_reducers_are_told_and_not_read(tmp_path: Path) -> None:
    scores = real("inspect/sums.json")["results"]["scores"]
    grouped = {"name": "accuracy", "group": "old", "value": 1.0}
    scores[1]["metrics"]["old"] = grouped
    seen = found(changed(tmp_path, scores=scores))
    assert "Task sums: numbers of groups or of several reducers that are not read: 1." in seen.notes
    twice = found(changed(tmp_path, scores=[scores[0], scores[0], scores[1]]))
    assert [key[1][1] for key in of_metric(twice, "imported_score")] == ["brevity"]
    bare = found(changed(tmp_path, scores=[{"name": "x", "metrics": 3}, scores[1]]))
    assert len(of_metric(bare, "imported_score")) == 1


def test_a_folder_of_logs_is_read_each_task_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(tmp_path, "b.json", task="other")
    (tmp_path / "a.eval").write_bytes((DATA / "inspect" / "sums.eval").read_bytes())
    (tmp_path / "notes.txt").write_text("nothing")
    assert {key[1][0] for key in of_metric(found(tmp_path), "imported_score")} == {"sums", "other"}
    changed(tmp_path, "c.json")
    with pytest.raises(DataError, match=r"two logs in .* are of one task"):
        found(tmp_path)
    monkeypatch.setattr(logs, "_MOST_FILES", 2)
    with pytest.raises(DataError, match="holds more than 2 logs"):
        found(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotMeasurableError, match="holds nothing that is read"):
        found(tmp_path / "empty")


def test_other_versions_and_unended_logs_are_not_measured(tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="in a version or form that is not read"):
        found(changed(tmp_path, version=3))
    with zipfile.ZipFile(tmp_path / "run.eval", "w") as archive:
        archive.writestr("_journal/start.json", "{}")
    with pytest.raises(NotMeasurableError, match="has no header, so that its run has not ended"):
        found(tmp_path / "run.eval")


def test_a_damaged_file_is_refused_and_never_breaks_the_probe(tmp_path: Path) -> None:
    data = real("inspect/sums.json")
    small = {key: data[key] for key in ("version", "status", "results")} | {
        "eval": {key: data["eval"][key] for key in ("task", "model", "created", "packages")}
    }
    for one in [*damaged(small, 5), *STRANGE]:
        try:
            found(written(tmp_path, one))
        except (ConformityError, NotMeasurableError):
            continue

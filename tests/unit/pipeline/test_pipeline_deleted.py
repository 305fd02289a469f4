"""A table that was deleted as declared may be gone: the assessment goes on, and says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import AbsentError, DataError, PathError
from conformity.intake.manifest import read_manifest
from conformity.model.summary import AssessmentSummary
from conformity.pipeline.assessing import assess
from conformity.pipeline.deleted import deletions, gone_records, without_gone
from conformity.pipeline.remote import all_places
from conformity.plan import make_plan
from conformity.settings import Settings
from tests.support.cases import GOOD, conformity, manifest, system
from tests.support.counted_here import counted_here
from tests.support.servers import s3

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = """\
  - id: other
    kind: table
    title: Other set
    path: other.csv
    purpose: testing
    columns:
      - {name: sex, roles: [protected]}
      - {name: yhat, roles: [prediction], positive: [0], negative: [1]}
"""
USE = """\
special_category_use:
  - subject: other
    columns: [sex]
    why_needed: Gaps by sex show only where it is known.
    keep_until: 2026-12-31
"""
DELETED = USE + "    deleted_on: 2026-11-01\n"


@pytest.fixture(scope="module", autouse=True)
def _counting_here() -> Iterator[None]:
    """Count tables in this process: how workers are started is not what is tested here."""
    with counted_here():
        yield


def declared(folder: Path, use: str = DELETED, *, path: str = "other.csv", there: bool = False) -> Path:
    """Write a system of two tables, of which the second is there or not."""
    text = manifest(extra=use).replace("criteria:", SECOND.replace("other.csv", path) + "criteria:", 1)
    if there:
        (folder / "other.csv").write_text(GOOD, encoding="utf-8")
    return system(folder, GOOD, text)


def run(place: Path) -> tuple[AssessmentSummary, dict[str, Any], dict[str, Any]]:
    """Assess, and return the summary, the assessment and the evidence as they were written."""
    pack = place.parent / "pack"
    summary = assess(
        place,
        pack,
        formats=("json", "html"),
        moment=MOMENT,
        as_of=MOMENT.date(),
        settings=Settings(),
        on_progress=lambda _what, _done, _total: None,
    )
    return summary, *(json.loads((pack / name).read_bytes()) for name in ("assessment.json", "evidence.json"))


@pytest.mark.parametrize("path", ["other.csv", "nowhere/other.csv", "parts/*.csv"])
def test_a_table_that_was_deleted_is_told_of_and_the_rest_is_measured(tmp_path: Path, path: str) -> None:
    _, assessment, evidence = run(declared(tmp_path, path=path))
    first, gone = evidence["subjects"]
    assert first["sha256"] is not None
    assert (gone["id"], gone["sha256"], gone["files"], gone["size_bytes"]) == ("other", None, 0, 0)
    assert gone["problem"] == (
        "Nothing lies at its path; the manifest says that it was deleted on 2026-11-01."
    )
    seen = {
        table: [o for o in evidence["observations"] if o["subject"] == table] for table in ("test", "other")
    }
    assert any(o["outcome"] == "measured" for o in seen["test"])
    assert seen["other"]
    assert {(o["outcome"], o["reason"], len(o["measurements"])) for o in seen["other"]} == {
        (
            "not_available",
            "The table other is not there; the manifest says that it was deleted on 2026-11-01.",
            0,
        )
    }
    findings = {f["requirement"]: f for f in assessment["findings"]}
    row = findings["art4a.1.e"]
    assert "is said to have been deleted on 2026-11-01, in time" in json.dumps(row)
    assert row["verdict"] != "met"
    lock = (tmp_path / "pack" / "manifest.lock.yaml").read_text("utf-8")
    assert lock.count("# sha256:") == 1
    assert "deleted on 2026-11-01" in (tmp_path / "pack" / "report.html").read_text("utf-8")


def test_what_is_declared_deleted_and_still_there_is_measured_and_found(tmp_path: Path) -> None:
    _, assessment, evidence = run(declared(tmp_path, there=True))
    assert [record["sha256"] is None for record in evidence["subjects"]] == [False, False]
    assert "and is still there on 2026-11-22" in json.dumps(assessment["findings"])


@pytest.mark.parametrize("use", ["", USE])
def test_a_table_that_is_missing_without_having_been_deleted_is_an_error(tmp_path: Path, use: str) -> None:
    with pytest.raises(PathError, match=r"there is nothing at 'other\.csv'"):
        run(declared(tmp_path, use))
    assert not (tmp_path / "pack").exists()


def test_a_deletion_declared_for_one_table_excuses_no_other(tmp_path: Path) -> None:
    place = declared(tmp_path)
    (tmp_path / "test.csv").unlink()
    with pytest.raises(PathError, match=r"there is nothing at 'test\.csv'"):
        run(place)


@pytest.mark.parametrize("use", [DELETED, USE])
def test_a_table_elsewhere_may_be_gone_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    manifest_read = read_manifest(declared(tmp_path, use, path="s3://bucket/other.csv"))
    settings = Settings(remote=("s3://bucket",))
    with s3() as server:
        (server.folder / "bucket").mkdir()
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        if use == USE:
            with pytest.raises(AbsentError, match=r"there is nothing at s3://bucket/other\.csv"):
                all_places(manifest_read, settings, lambda *_: None).__enter__()
        else:
            with all_places(manifest_read, settings, lambda *_: None) as places:
                assert list(places.located) == list(places.roots) == ["test"]
                assert places.gone == {"other": date(2026, 11, 1)}
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
            # What may not be read is not gone.
            with pytest.raises(DataError, match="may not be read"):
                all_places(manifest_read, settings, lambda *_: None).__enter__()


def test_a_path_out_of_the_root_is_refused_even_if_declared_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "system"
    folder.mkdir()
    (tmp_path / "elsewhere.csv").write_text(GOOD, encoding="utf-8")
    place = declared(folder)
    (folder / "other.csv").symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(PathError, match="out of"):
        run(place)


def test_the_command_goes_on_or_ends_in_one_sentence(tmp_path: Path) -> None:
    place = declared(tmp_path)
    ran = conformity("assess", place, "-o", tmp_path / "pack", "--formats", "json")
    assert (ran.code, ran.err) == (0, "")
    (tmp_path / "missing").mkdir()
    ran = conformity("assess", declared(tmp_path / "missing", USE), "-o", tmp_path / "second")
    assert ran.code == 3
    assert "there is nothing at 'other.csv'" in ran.err


def test_steps_on_other_tables_stay_as_they_are(tmp_path: Path) -> None:
    loaded = read_manifest(declared(tmp_path))
    gone = deletions(loaded.manifest)
    assert gone == {"other": date(2026, 11, 1)}
    assert list(gone_records(loaded.manifest, gone)) == ["other"]
    plan = make_plan(loaded.manifest, MOMENT.date())
    changed = without_gone(plan, gone)
    for before, after in zip(plan.steps, changed.steps, strict=True):
        assert (before == after) == (before.subject != "other")
    assert without_gone(plan, {}) == plan

"""``conformity runs`` and ``conformity worker``, as their users see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from conformity.entry.jobs.database import Database, address_of
from conformity.entry.jobs.interface import LOCAL
from conformity.entry.jobs.shift import Shift
from conformity.entry.jobs.spawning import place
from conformity.errors import NotFoundError, PathError
from conformity.settings import Settings
from tests.support.jobs import MOMENT, running_engine, tiny


def _told(*arguments: str) -> Result:
    """Return what a command of ours printed."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder of three runs: one waits, one has failed, one is under way."""
    settings = Settings(root=tmp_path)
    with running_engine(settings, workers=0) as engine:
        for name in ("waiting-run", "failed-run-", "running-run"):
            engine.submit(tiny(tmp_path), owner=LOCAL, asked_at=MOMENT, run_id=name)
    database = Database(address_of(None, settings.data_folder))
    shift = Shift(database, settings.data_folder, "host.1.1.a")
    for name in ("failed-run-", "running-run"):
        run = shift.begin(name)
        assert run is not None
        shift.tell(run, "measuring", "counting \x1b[31mred", 1, 2)
        if name == "failed-run-":
            shift.fail(run, "The disk is full; free some space.", 3)
    database.close()
    return settings.data_folder


def test_runs_are_listed_latest_first(data: Path) -> None:
    lines = _told("runs", "--data", str(data)).output.splitlines()
    assert lines == [
        "running-run  running    2026-11-23 12:00:00  assessment",
        "failed-run-  failed     2026-11-23 12:00:00  assessment",
        "waiting-run  queued     2026-11-23 12:00:00  assessment",
    ]
    listed = json.loads(_told("runs", "--data", str(data), "--limit", "1", "--json").output)
    assert [run["id"] for run in listed] == ["running-run"]
    assert _told("runs", "--data", str(data), "--owner", "other").output == ""


def test_one_run_is_shown(data: Path) -> None:
    shown = _told("runs", "failed-run-", "--data", str(data)).output
    assert "failed-run-: failed, assessment asked for at 2026-11-23 12:00:00 UTC" in shown
    assert "running, measuring: counting" in shown
    assert "\x1b" not in shown
    assert "The disk is full; free some space." in shown
    whole = json.loads(_told("runs", "failed-run-", "--data", str(data), "--json").output)
    assert whole["failure"]["exit_code"] == 3
    assert isinstance(_told("runs", "no-such-run", "--data", str(data)).exception, NotFoundError)


def test_run_that_succeeded_tells_its_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(address_of(None, data))
    shift = Shift(database, data, "host.1.1.a")
    run = shift.begin("waiting-run")
    assert run is not None
    shift.finish(run)
    database.close()
    monkeypatch.setenv("CONFORMITY_DATA", str(data))
    assert _told("runs", "waiting-run").output.splitlines()[-1] == f"  {data}/runs/waiting-run"


def test_run_is_cancelled(data: Path) -> None:
    shown = _told("runs", "waiting-run", "--cancel", "--data", str(data)).output
    assert "waiting-run: cancelled" in shown
    assert "--cancel needs the name of a run" in _told("runs", "--cancel", "--data", str(data)).output


def test_no_folder_of_runs_is_made(tmp_path: Path) -> None:
    found = _told("runs", "--data", str(tmp_path / "none"))
    assert isinstance(found.exception, PathError)
    assert not (tmp_path / "none").exists()


def test_worker_leaves_a_place_that_is_taken(tmp_path: Path) -> None:
    with place(tmp_path, 0):
        told = _told("worker", "--data", str(tmp_path), "--place", "0", "--runs", "2", "--idle", "1")
    assert told.exit_code == 0
    assert (tmp_path / "runs").is_dir()


def test_worker_once_ends_when_nothing_waits(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    request = tiny(tmp_path)
    (tmp_path / "conformity.yaml").unlink()
    with running_engine(settings, workers=0) as engine:
        engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id="the-only-run")
        told = _told("worker", "--data", str(settings.data_folder), "--once", "--place", "0")
        assert told.exit_code == 0, told.exception
        run = engine.get("the-only-run", owner=LOCAL)
    assert run.failure is not None
    assert run.failure.exit_code == 3

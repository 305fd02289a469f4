"""The parts of the engine of runs: places, names of workers, what is published, the database's errors."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from conformity.archive.pack import put_pack, write_pack
from conformity.entry.jobs import identity, keeping, publishing
from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.database import Database, _in_words, address_of
from conformity.entry.jobs.folders import make_data_folder
from conformity.entry.jobs.identity import is_gone, new_name
from conformity.entry.jobs.interface import LOCAL
from conformity.entry.jobs.keeping import Keeper
from conformity.entry.jobs.publishing import publish, tidy_up
from conformity.entry.jobs.queue import Queue
from conformity.entry.jobs.spawning import environment_of, is_taken, place
from conformity.errors import BusyError, IntegrityError, PathError
from conformity.model.run import AssessmentRequest, DraftedManifest, DraftGuess, Run
from conformity.pipeline.staged.folders import leave
from conformity.settings import Settings, load_settings
from tests.support.jobs import MOMENT, running_engine, tiny


def _run(folder: Path, request: AssessmentRequest) -> Run:
    """Return a run whose stages are done."""
    run = Run(
        id="the-run-itself",
        owner=LOCAL,
        request=request,
        status="running",
        stage="publishing",
        asked_at=MOMENT,
        changed_at=MOMENT,
        folder=str(folder / "runs" / "the-run-itself"),
    )
    work = Path(run.folder) / "work"
    write_pack(folder / "made", {"assessment.json": b"{}", "tallies/a.json": b"[1]"})
    files = {
        f"pack/{file.relative_to(folder / 'made')}": file.read_bytes()
        for file in (folder / "made").rglob("*")
        if file.is_file()
    }
    leave(work, "rendering", {**files, "result.json": b"{}"})
    return run


def test_pack_is_published_in_both_places_and_again(tmp_path: Path) -> None:
    run = _run(tmp_path, AssessmentRequest(manifest="/m.yaml", output=str(tmp_path / "deep" / "out")))
    settings = Settings(root=tmp_path)
    publish(run, settings)
    places = [Path(run.folder) / "pack", tmp_path / "deep" / "out"]
    assert [(one / "assessment.json").read_bytes() for one in places] == [b"{}", b"{}"]
    assert (Path(run.folder) / "result.json").read_bytes() == b"{}"
    # A worker that died just then left this beside it; whoever takes the run up clears it away.
    left = tmp_path / "deep" / ".out.the-run-itself"
    left.mkdir()
    publish(run, settings)
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["out"]
    assert (places[1] / "tallies").stat().st_mode & 0o777 == 0o700


def test_earlier_pack_is_replaced_and_other_things_are_not(tmp_path: Path) -> None:
    run = _run(tmp_path, AssessmentRequest(manifest="/m.yaml", output=str(tmp_path / "out")))
    write_pack(tmp_path / "out", {"assessment.json": b"earlier"})
    publish(run, Settings(root=tmp_path))
    assert (tmp_path / "out" / "assessment.json").read_bytes() == b"{}"
    other = _run(tmp_path / "b", AssessmentRequest(manifest="/m.yaml", output=str(tmp_path / "full")))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(PathError, match="not empty and not a pack"):
        publish(other, Settings(root=tmp_path))
    assert [entry.name for entry in tmp_path.glob(".full*")] == []


def test_disk_that_is_full_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _run(tmp_path, AssessmentRequest(manifest="/m.yaml"))

    def full(*_: object) -> None:
        """Have no room."""
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(publishing, "_publish_draft", full)
    with pytest.raises(PathError, match="No space left on device"):
        publish(run, Settings())


def test_pack_that_is_gone_is_put_nowhere(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="could not be put there"):
        put_pack(tmp_path / "none", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def _drafted(tmp_path: Path) -> tuple[Run, DraftedManifest]:
    """Return a run that drafted a manifest, and the draft."""
    run = _run(tmp_path, AssessmentRequest(data=(str(tmp_path / "data.csv"),)))
    guess = DraftGuess(field="subjects[0]", value="x", reason="y")
    drafted = DraftedManifest(path=str(tmp_path / "conformity.yaml"), text="drafted: 1\n", guesses=(guess,))
    leave(Path(run.folder) / "work", "preparing", {"drafted.json": drafted.model_dump_json().encode()})
    return run, drafted


def test_drafted_manifest_is_published_and_again(tmp_path: Path) -> None:
    run, drafted = _drafted(tmp_path)
    for _ in range(2):
        publish(run, Settings())
        assert (tmp_path / "conformity.yaml").read_text("utf-8") == "drafted: 1\n"
        kept = (Path(run.folder) / "drafted.json").read_bytes()
        assert DraftedManifest.model_validate_json(kept) == drafted
    assert not list(tmp_path.glob(".conformity.yaml*"))


def test_drafted_manifest_replaces_nothing(tmp_path: Path) -> None:
    run, _ = _drafted(tmp_path)
    (tmp_path / "conformity.yaml").write_text("mine", "utf-8")
    with pytest.raises(PathError, match="written by somebody else meanwhile"):
        publish(run, Settings())
    assert (tmp_path / "conformity.yaml").read_text("utf-8") == "mine"
    tidy_up(run.model_copy(update={"status": "cancelled"}))
    assert not Path(run.folder).exists()


def test_name_of_a_worker_tells_whether_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    name = new_name()
    assert not is_gone(name)
    machine, _, began, token = name.rsplit(".", 3)
    # Another process has this number now; or none has.
    assert is_gone(f"{machine}.1.{began}.{token}")
    with subprocess.Popen(["true"]) as ended:
        while identity._began(ended.pid):
            time.sleep(0.01)
        assert is_gone(f"{machine}.{ended.pid}.{began}.{token}")
    assert not is_gone(f"another-machine.1.{began}.{token}")
    assert not is_gone(f"{machine}.1..{token}")
    monkeypatch.setattr(identity, "Path", lambda _: Path("/no/such/place"))
    assert not is_gone(new_name())


def test_place_has_one_worker(tmp_path: Path) -> None:
    assert not is_taken(tmp_path, 0)
    with place(tmp_path, 0) as free:
        assert free
        assert is_taken(tmp_path, 0)
        assert (tmp_path / "worker-0.lock").read_text("ascii") == str(os.getpid())
        with place(tmp_path, 0) as again, place(tmp_path, 1) as other, place(tmp_path, None) as none:
            assert (again, other, none) == (False, True, True)
    assert not is_taken(tmp_path, 0)


def test_variables_give_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMITY_WORKERS", "7")
    settings = Settings(
        root=tmp_path, depth="full", remote=("s3://a", "s3://b"), trust_model=True, worker_wall_s=5
    )
    variables = environment_of(settings)
    assert load_settings(variables) == replace(settings, data=settings.data_folder)
    assert variables["PATH"] == os.environ["PATH"]
    assert load_settings(environment_of(replace(settings, data=tmp_path))).data == tmp_path


def test_engine_starts_a_worker_that_outlives_it(tmp_path: Path) -> None:
    """The engine is closed before the run is done."""
    settings = Settings(root=tmp_path, isolation="process")
    # One that starts a worker too, if that is needed, and ends it.
    with running_engine(settings) as looking:
        engine = open_engine(settings)
        run = engine.submit(tiny(tmp_path), owner=LOCAL, asked_at=MOMENT)
        deadline = time.monotonic() + 60
        while not is_taken(settings.data_folder, 0):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        engine.close()
        assert looking.wait(run.id, owner=LOCAL, seconds=60).status == "succeeded"


def test_keeper_pauses_between_workers_that_end_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(root=tmp_path)
    make_data_folder(settings.data_folder)
    started: list[int] = []

    def start(_settings: Settings, number: int) -> Any:
        """Start nothing that lasts."""
        started.append(number)
        if len(started) > 2:
            raise OSError("no more processes")
        return SimpleNamespace(poll=lambda: 1)

    monkeypatch.setattr(keeping, "start_worker", start)
    monkeypatch.setattr(keeping, "_PAUSE_S", 0.1)
    monkeypatch.setattr(keeping, "_LOOK_S", 0.02)
    keeper = Keeper(settings, 1, lambda: True)
    deadline = time.monotonic() + 30
    while len(started) < 3:
        keeper.wake()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    keeper.close()
    assert keeper._pause_s > 0.1
    assert started[:3] == [0, 0, 0]


def test_keeper_starts_nothing_where_nothing_is_to_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "start_worker", lambda *_: pytest.fail("a worker was started"))
    asked = threading.Event()

    def nothing() -> bool:
        """Say that there is nothing to do."""
        asked.set()
        return False

    keeper = Keeper(Settings(root=tmp_path), 1, nothing)
    assert asked.wait(30)
    keeper.close()


def test_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PathError, match="cannot be written"):
        make_data_folder(tmp_path / "file" / "data")


def test_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    database = Database(address_of(None, tmp_path))
    with database.write() as connection:
        connection.execute(sa.text("UPDATE conformity_ledger SET edition = 2"))
    database.close()
    again = Database(address_of(None, tmp_path))
    with pytest.raises(IntegrityError, match="made by a later version"), again.read():
        pass
    again.close()


def test_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_bytes(b"this is not a database at all, but a text" * 100)
    database = Database(address_of(None, tmp_path))
    with pytest.raises(IntegrityError, match="is not a database of runs, or broken"), database.read():
        pass
    database.close()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("database or disk is full", "is full; free some space"),
        ("attempt to write a readonly database", "cannot be written; make its folder writable"),
        ("database is locked", "does not answer"),
    ],
)
def test_errors_of_the_database_in_words(text: str, told: str) -> None:
    error = sa.exc.OperationalError("SELECT 'a value'", {}, sqlite3.OperationalError(text))
    found = _in_words("/data/runs.sqlite", error)
    assert isinstance(found, BusyError)
    assert told in found.message
    assert "a value" not in found.message


def test_addresses_of_databases(tmp_path: Path) -> None:
    assert address_of(None, tmp_path) == f"sqlite:///{tmp_path}/runs.sqlite"
    assert address_of("postgres://u@h/postgres://", tmp_path) == "postgresql://u@h/postgres://"


class _Api:
    """A queue that remembers what was put into it; workflows that have ended are told by name."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.put: list[tuple[str, str]] = []
        self.name = ""

    def get_workflow_status(self, name: str) -> Any:
        """Return the status of a workflow."""
        return SimpleNamespace(status=self.known[name]) if name in self.known else None

    def resume_workflow(self, name: str, queue_name: str) -> None:
        """Remember that a workflow goes on."""
        self.put.append(("resume", name))

    def enqueue_workflow(self, queue: str, work: object, run_id: str) -> None:
        """Remember that a workflow was begun."""
        self.put.append((run_id, self.name))


@pytest.fixture
def put() -> Any:
    """Give a function that puts a run into a queue with these workflows, and tells what was done."""

    def putting(known: dict[str, str]) -> list[tuple[str, str]]:
        """Put the run there after one attempt."""
        api = _Api(known)

        class Named:
            """Sets the name of the next workflow."""

            def __init__(self, name: str) -> None:
                api.name = name

            def __enter__(self) -> None:
                """Begin."""

            def __exit__(self, *_: object) -> None:
                """End."""

        queue: Any = object.__new__(Queue)
        queue._dbos = SimpleNamespace(DBOS=api, SetWorkflowID=Named)
        queue._work = None
        queue.put("the-run", 1)
        return api.put

    return putting


def test_run_goes_on_under_a_name_that_is_not_over(put: Any) -> None:
    assert put({}) == [("the-run", "the-run")]
    assert put({"the-run": "PENDING"}) == [("resume", "the-run")]
    assert put({"the-run": "SUCCESS"}) == [("the-run", "the-run.1")]
    assert put({"the-run": "ERROR", "the-run.1": "ENQUEUED"}) == [("resume", "the-run.1")]
    ((run_id, name),) = put({"the-run": "SUCCESS", "the-run.1": "ERROR"})
    assert run_id == "the-run"
    assert name.startswith("the-run.1.")


def test_who_asked_for_what_is_told_to_the_owner_of_the_folder_alone(tmp_path: Path) -> None:
    """The folder may have been there before, open to all."""
    database = Database(address_of(None, tmp_path))
    with database.read():
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    database.close()
    assert modes["runs.sqlite"] == 0o600
    assert set(modes.values()) == {0o600}


def test_engine_of_a_folder_that_was_never_used_is_closed(tmp_path: Path) -> None:
    open_engine(Settings(root=tmp_path)).close()
    assert list(tmp_path.iterdir()) == []

"""A worker in this process: it does what waits, and ends; what its parts do when something goes wrong."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy

from conformity.entry.jobs import child, queue
from conformity.entry.jobs.children import Child
from conformity.entry.jobs.database import Database, address_of
from conformity.entry.jobs.desk import Desk
from conformity.entry.jobs.interface import LOCAL, JobEngine
from conformity.entry.jobs.roll import Hearts, Roll
from conformity.entry.jobs.shift import Shift
from conformity.entry.jobs.working import Worker
from conformity.errors import BusyError
from conformity.model.run import EnergyRecordRequest, Run
from conformity.model.summary import AssessmentSummary, ScanResult
from conformity.settings import Settings
from tests.support.jobs import MOMENT, running_engine, tiny

_RECORD = (
    "timestamp,project_name,run_id,duration,emissions,energy_consumed,country_iso_code\n"
    "2026-11-01T10:00:00,training,1,3600,0.5,1.25,DEU\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return limits over an empty folder; workers are bare processes, which start fastest."""
    return Settings(root=tmp_path, isolation="process")


@pytest.fixture
def engine(settings: Settings) -> Iterator[JobEngine]:
    """Give an engine without workers."""
    with running_engine(settings, workers=0) as opened:
        yield opened


@pytest.fixture
def desk(settings: Settings, engine: JobEngine) -> Iterator[Desk]:
    """Give a desk with the ledger under the engine."""
    engine.state()
    database = Database(address_of(None, settings.data_folder))
    yield Desk(Shift(database, settings.data_folder, "host.1.1.a"), settings)
    database.close()


@pytest.fixture
def run(settings: Settings, engine: JobEngine) -> Run:
    """Return a run that waits."""
    assert settings.root is not None
    return engine.submit(tiny(settings.root), owner=LOCAL, asked_at=MOMENT, run_id="the-run-itself")


def test_worker_does_what_waits(settings: Settings, engine: JobEngine, run: Run) -> None:
    """One assessment and two scans, of which one cannot be read."""
    assert settings.root is not None
    for name, content in {"good-record": _RECORD, "bad-record-": "nothing\n"}.items():
        record = settings.root / f"{name}.csv"
        record.write_text(content, "utf-8")
        request = EnergyRecordRequest(record=str(record), phase="training")
        engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id=name)
    worker = Worker(settings)
    worker.work(idle_s=0)
    assert not worker.left_something()
    ends = {one.id: one.status for one in engine.runs(owner=LOCAL)}
    assert ends == {"the-run-itself": "succeeded", "good-record": "succeeded", "bad-record-": "succeeded"}
    folder = Path(run.folder)
    summary = AssessmentSummary.model_validate_json((folder / "result.json").read_bytes())
    assert summary.pack == str(folder / "pack")
    scans = [
        ScanResult.model_validate_json((folder.parent / name / "result.json").read_bytes())
        for name in ("good-record", "bad-record-")
    ]
    assert {one.outcome for one in scans[0].observations} >= {"measured"}
    assert {one.outcome for one in scans[1].observations} <= {"error", "not_available", "not_applicable"}
    assert engine.state().workers == 0
    assert not list(folder.parent.glob("*/work"))


def test_run_that_cannot_be_done_is_tidied_up(settings: Settings, engine: JobEngine, desk: Desk) -> None:
    assert settings.root is not None
    request = tiny(settings.root, output="out")
    (settings.root / "conformity.yaml").write_text("conformity: 1\n", "utf-8")
    run = engine.submit(request, owner=LOCAL, asked_at=MOMENT)
    (Path(run.folder) / "input").mkdir()
    with desk.taken(run.id) as taken:
        assert taken is not None
        assert desk.busy
        desk.do(run.id, "preparing")
        assert not desk.has(run.id)
        desk.put_out(run.id)
    failed = engine.get(run.id, owner=LOCAL)
    assert failed.failure is not None
    assert failed.failure.exit_code == 3
    assert "conformity.yaml:1:1" in failed.failure.message
    assert [entry.name for entry in Path(run.folder).iterdir()] == ["input"]
    assert not desk.busy


def test_nothing_is_taken_up_that_has_ended(engine: JobEngine, desk: Desk, run: Run) -> None:
    engine.cancel(run.id, owner=LOCAL)
    with desk.taken(run.id) as taken:
        assert taken is None
        desk.do(run.id, "preparing")
        desk.fail(run.id, ValueError("nobody asked"))
    assert engine.get(run.id, owner=LOCAL).status == "cancelled"


def test_result_that_cannot_be_published_fails_the_run(engine: JobEngine, desk: Desk, run: Run) -> None:
    with desk.taken(run.id):
        desk.put_out(run.id)
    failed = engine.get(run.id, owner=LOCAL)
    assert failed.failure is not None
    assert failed.failure.exit_code == 5
    assert "not as the run left it" in failed.failure.message


def test_fault_of_ours_tells_its_kind_alone(engine: JobEngine, desk: Desk, run: Run) -> None:
    with desk.taken(run.id):
        desk.fail(run.id, ValueError("a value of the data"))
    failed = engine.get(run.id, owner=LOCAL)
    assert failed.failure is not None
    assert (failed.failure.message, failed.failure.exit_code) == (
        "internal error (ValueError); the log of the worker says more.",
        70,
    )


def test_run_is_handed_back_when_the_worker_stops(engine: JobEngine, desk: Desk, run: Run) -> None:
    with desk.taken(run.id):
        desk.stopping.set()
        assert not desk.has(run.id)
        desk.do(run.id, "preparing")
    assert engine.get(run.id, owner=LOCAL).message == "handed back"


def test_process_that_dies_is_replaced(
    engine: JobEngine, desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two processes die, and the third does the stage."""
    ways: list[Any] = [None, None, True]
    monkeypatch.setattr(Child, "do", lambda *_: ways.pop(0))
    with desk.taken(run.id):
        desk.do(run.id, "preparing")
        assert desk.has(run.id)
        assert engine.get(run.id, owner=LOCAL).attempts == 3
        ways.append(None)
        desk.do(run.id, "measuring")
        assert not desk.has(run.id)
    assert engine.get(run.id, owner=LOCAL).status == "failed"


def test_desk_waits_for_a_database_that_does_not_answer(
    engine: JobEngine, desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, asked = Shift.begin, []

    def away(self: Shift, run_id: str) -> Run | None:
        """Be away at the first call."""
        asked.append(run_id)
        if len(asked) == 1:
            raise BusyError("away")
        return original(self, run_id)

    monkeypatch.setattr(Shift, "begin", away)
    with desk.taken(run.id) as taken:
        assert taken is not None
        monkeypatch.setattr(Shift, "tell", lambda *_: (_ for _ in ()).throw(BusyError("away")))
        desk._progress(run.id, "preparing", "half", 1, 2)
        desk.stopping.set()
    assert len(asked) == 2
    assert engine.get(run.id, owner=LOCAL).status == "queued"


def test_desk_that_stops_waits_for_nothing(desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shift, "begin", lambda *_: (_ for _ in ()).throw(BusyError("away")))
    desk.stopping.set()
    with pytest.raises(BusyError, match="away"), desk.taken(run.id):
        pass


def test_child_does_stages_until_it_is_ended(settings: Settings, run: Run) -> None:
    """It tells its steps, stops when told to, and is killed with its group."""
    one = Child(run)
    told: list[str] = []
    assert one.do("preparing", lambda what, _done, _total: told.append(what), lambda: False) is True
    assert one.do("measuring", lambda *_: None, lambda: True) in (False, True)
    one.end()
    one.end()


def test_child_that_dies_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/true")
    one = Child(run)
    assert one.do("preparing", lambda *_: None, lambda: False) is None
    one.end()
    monkeypatch.setattr("sys.executable", "/no/such/program")
    assert Child(run).do("preparing", lambda *_: None, lambda: False) is None


def test_answers_of_the_child(settings: Settings, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from conformity.pipeline import staged

    said: list[dict[str, Any]] = []
    assert child.answer_of(run, "preparing", settings, said.append) == {"finished": "preparing"}
    assert said == [{"told": "reading the manifest", "done": 0, "total": 1}]
    gone = run.model_copy(
        update={"request": run.request.model_copy(update={"manifest": "/no"}), "folder": "/no"}
    )
    answer = child.answer_of(gone, "preparing", settings, said.append)
    assert answer["exit_code"] == 3
    nothing: dict[str, str] = {}
    monkeypatch.setattr(staged, "carry_out", lambda *_: nothing["a value of the data"])
    answer = child.answer_of(run, "preparing", settings, said.append)
    assert answer == {
        "failed": "internal error (KeyError) while preparing; the log of the worker says more.",
        "exit_code": 70,
    }


def test_child_serves_lines(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("os.killpg", lambda group, number: killed.append((group, number)))
    monkeypatch.setenv("CONFORMITY_ROOT", str(tmp_path))
    monkeypatch.setattr("conformity.entry.logs.set_up_logging", lambda debug: None)
    lines: SimpleQueue[str] = SimpleQueue()
    source = tmp_path / "lines"
    source.write_text(run.model_dump_json() + '\n"preparing"\n', "utf-8")
    with source.open() as stream:
        thread = threading.Thread(target=child._listen, args=(stream, lines))
        thread.start()
        thread.join()
    assert killed == [(0, 9)]
    lines.put("")
    with (tmp_path / "answers").open("w") as answers:
        child._serve(lines, answers)
    spoken = [json.loads(line) for line in (tmp_path / "answers").read_text().splitlines()]
    assert spoken[-1] == {"finished": "preparing"}


def test_heart_that_stands_still_is_dead_after_some_time() -> None:
    hearts = Hearts()
    assert hearts.stopped({"far.1.1.a": 7, "far.2.2.b": 1}, 0) == []
    assert hearts.stopped({"far.1.1.a": 7, "far.2.2.b": 2}, 6) == []
    assert hearts.stopped({"far.1.1.a": 7, "far.2.2.b": 3}, 6.1) == [("far.1.1.a", 7)]
    assert hearts.stopped({"far.2.2.b": 3}, 12) == []


def test_worker_goes_on_when_the_database_is_away(
    settings: Settings, engine: JobEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heart and its rounds fail at first, in both ways; it buries a worker, and ends in the end."""
    engine.state()
    database = Database(address_of(None, settings.data_folder))
    Roll(database, settings.data_folder, "far.1.1.a").beat()
    fails: dict[str, list[Exception]] = {
        "beats": [BusyError("away"), ValueError("ours")],
        "waiting": [BusyError("away")],
    }
    for owner, name in ((Roll, "beats"), (Shift, "waiting")):
        original = getattr(owner, name)

        def failing(self: Any, original: Any = original, name: str = name) -> Any:
            """Fail as often as is asked for."""
            if fails[name]:
                raise fails[name].pop()
            return original(self)

        monkeypatch.setattr(owner, name, failing)
    monkeypatch.setattr("conformity.entry.jobs.roll._DEAD_S", 0.5)
    monkeypatch.setattr("conformity.entry.jobs.working._BEAT_S", 0.2)
    Worker(settings).work(idle_s=2)
    with contextlib.closing(database):
        assert Roll(database, settings.data_folder, "none").beats() == {}
    assert fails == {"beats": [], "waiting": []}


class _Steps:
    """A library of workflows whose steps fail in a given way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def run_step(self, _options: object, _step: object, *_arguments: object) -> None:
        """Fail."""
        raise self.error


def test_fault_in_a_step_ends_the_run(engine: JobEngine, desk: Desk, run: Run) -> None:
    queue._do(_Steps(ValueError("a value of the data")), desk, run.id)
    failed = engine.get(run.id, owner=LOCAL)
    assert failed.failure is not None
    assert "internal error (ValueError)" in failed.failure.message
    # It has ended: there is nothing to do any more.
    queue._do(_Steps(AssertionError("not done")), desk, run.id)


def test_run_is_left_to_others_when_the_database_is_away(engine: JobEngine, desk: Desk, run: Run) -> None:
    """The workflow ends without an error, and the run goes on elsewhere."""
    steps = _Steps(BusyError("away"))
    desk.stopping.set()
    queue._workflow(SimpleNamespace(DBOS=steps), desk)(run.id)
    desk.stopping.clear()
    with pytest.raises(BusyError):
        queue._do(steps, desk, run.id)
    queue._workflow(SimpleNamespace(DBOS=steps), desk)(run.id)
    assert engine.get(run.id, owner=LOCAL).status == "running"


def test_errors_of_the_queue_in_words() -> None:
    with pytest.raises(BusyError, match="The queue of runs does not answer"), queue._told():
        raise sqlalchemy.exc.OperationalError("SELECT 'a value'", {}, OSError("gone"))


def test_worker_that_is_told_to_stop_stops(settings: Settings, engine: JobEngine) -> None:
    engine.state()
    worker = Worker(settings)
    threading.Timer(1, worker.stop).start()
    worker.work()
    assert worker.stopped
    assert engine.state().workers == 0

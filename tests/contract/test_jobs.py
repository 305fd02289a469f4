"""What every engine of runs keeps, on every database: one name is one run, of one owner, decided once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from conformity.entry.jobs.database import Database, address_of
from conformity.entry.jobs.interface import LOCAL, JobEngine
from conformity.entry.jobs.roll import Roll
from conformity.entry.jobs.shift import Shift
from conformity.entry.jobs.tables import METADATA
from conformity.errors import BusyError, ConflictError, NotFoundError, PathError, UsageError
from conformity.model.run import AssessmentRequest, Run
from conformity.settings import Settings
from tests.support.jobs import MOMENT, running_engine, tiny
from tests.support.servers import Server, postgres, run_sql


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a PostgreSQL server with a database ``runs``."""
    with postgres() as started:
        run_sql(started, "CREATE DATABASE runs")
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Return limits with an empty database."""
    if request.param == "sqlite":
        return Settings(root=tmp_path, runs_waiting=5)
    server: Server = request.getfixturevalue("server")
    # Tables are made much faster than a database.
    tables = ", ".join(METADATA.tables)
    run_sql(server, f"DROP TABLE IF EXISTS {tables}", database="runs")
    url = f"postgres://boss:boss-password@127.0.0.1:{server.port}/runs"
    return Settings(root=tmp_path, database_url=url, runs_waiting=5)


@pytest.fixture
def engine(settings: Settings) -> Iterator[JobEngine]:
    """Give an engine without workers."""
    with running_engine(settings, workers=0) as opened:
        yield opened


@pytest.fixture
def database(settings: Settings, engine: JobEngine) -> Iterator[Database]:
    """Give the database under the engine, as a worker has it."""
    del engine
    opened = Database(address_of(settings.database_url, settings.data_folder))
    yield opened
    opened.close()


def _shift(database: Database, settings: Settings, worker: str) -> Shift:
    """Return the ledger as a worker sees it."""
    return Shift(database, settings.data_folder, worker)


def _ask(engine: JobEngine, settings: Settings, name: str | None = None, owner: str = LOCAL) -> Run:
    """Ask for an assessment."""
    assert settings.root is not None
    return engine.submit(tiny(settings.root), owner=owner, asked_at=MOMENT, run_id=name)


def test_same_name_is_the_same_run(engine: JobEngine, settings: Settings) -> None:
    first = _ask(engine, settings, "the-same-run")
    assert (first.status, first.stage, first.version, first.attempts) == ("queued", "queued", 1, 0)
    assert _ask(engine, settings, "the-same-run") == first
    assert [run.id for run in engine.runs(owner=LOCAL)] == ["the-same-run"]
    assert Path(first.folder).stat().st_mode & 0o777 == 0o700
    assert settings.data_folder.stat().st_mode & 0o777 == 0o700
    assert (settings.data_folder / ".gitignore").read_text(encoding="ascii") == "*\n"


def test_submitted_at_the_same_time_is_one_run(engine: JobEngine, settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: _ask(engine, settings, "the-same-run"), range(8)))
    assert len({run.model_dump_json() for run in runs}) == 1
    assert len(engine.events("the-same-run", owner=LOCAL)) == 1


def test_name_of_another_request_is_taken(engine: JobEngine, settings: Settings) -> None:
    _ask(engine, settings, "the-first-run")
    assert settings.root is not None
    other = tiny(settings.root, output="elsewhere")
    with pytest.raises(ConflictError, match="the-first-run was given to another run"):
        engine.submit(other, owner=LOCAL, asked_at=MOMENT, run_id="the-first-run")
    with pytest.raises(ConflictError):
        _ask(engine, settings, "the-first-run", owner="somebody-else")


def test_more_than_may_wait_are_refused(engine: JobEngine, settings: Settings) -> None:
    for number in range(5):
        _ask(engine, settings, f"waiting-{number}")
    with pytest.raises(BusyError, match="5 runs wait already"):
        _ask(engine, settings, "one-too-many")
    assert not (settings.data_folder / "runs" / "one-too-many").exists()
    # Asking again for one of them is no new run.
    assert _ask(engine, settings, "waiting-0").status == "queued"
    engine.cancel("waiting-0", owner=LOCAL)
    assert _ask(engine, settings, "one-too-many").status == "queued"


@pytest.mark.parametrize("name", ["short", "UPPER-CASE", "with space", "../../../etc", "a" * 65])
def test_name_that_no_run_can_have(engine: JobEngine, settings: Settings, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        _ask(engine, settings, name)


def test_assessment_of_nothing(engine: JobEngine) -> None:
    with pytest.raises(UsageError, match="Name a manifest, or data files"):
        engine.submit(AssessmentRequest(), owner=LOCAL, asked_at=MOMENT)


def test_nobody_sees_the_runs_of_others(engine: JobEngine, settings: Settings) -> None:
    _ask(engine, settings, "private-run")
    for ask in (
        lambda: engine.get("private-run", owner="other"),
        lambda: engine.events("private-run", owner="other"),
        lambda: engine.wait("private-run", owner="other", seconds=0),
        lambda: engine.cancel("private-run", owner="other"),
        lambda: engine.runs(owner="other", before="private-run"),
        lambda: engine.get("no-such-run", owner=LOCAL),
    ):
        with pytest.raises(NotFoundError, match="no such run of yours"):
            ask()
    assert engine.runs(owner="other") == []


def test_runs_come_latest_first_and_by_pages(engine: JobEngine, settings: Settings) -> None:
    names = [_ask(engine, settings, f"numbered-{number}").id for number in range(4)]
    _ask(engine, settings, "not-mine-at-all", owner="other")
    first = engine.runs(owner=LOCAL, limit=3)
    assert [run.id for run in first] == names[:0:-1]
    assert [run.id for run in engine.runs(owner=LOCAL, limit=3, before=first[-1].id)] == names[:1]
    assert engine.runs(owner=LOCAL, limit=0) == []


def test_cancel_while_it_waits(engine: JobEngine, settings: Settings) -> None:
    run = _ask(engine, settings, "unwanted-run")
    (Path(run.folder) / "input").mkdir()
    cancelled = engine.cancel("unwanted-run", owner=LOCAL)
    assert (cancelled.status, cancelled.stage) == ("cancelled", "finished")
    assert not Path(run.folder).exists()
    assert engine.cancel("unwanted-run", owner=LOCAL) == cancelled
    assert [event.status for event in engine.events("unwanted-run", owner=LOCAL, after=1)] == ["cancelled"]


@pytest.mark.parametrize("stage", ["preparing", "measuring", "judging", "rendering"])
def test_cancel_while_it_is_done(
    engine: JobEngine, settings: Settings, database: Database, stage: str
) -> None:
    _ask(engine, settings, "unwanted-run")
    shift = _shift(database, settings, "host.1.1.a")
    run = shift.begin("unwanted-run")
    assert run is not None
    assert shift.tell(run, stage, "under way", 1, 2)  # type: ignore[arg-type] # one of the stages
    assert engine.cancel("unwanted-run", owner=LOCAL).status == "cancelled"
    # Whoever has it can neither tell nor publish nor end it any more, and is to tidy up.
    assert not shift.holds(run)
    assert not shift.tell(run, "publishing", None)
    assert not shift.finish(run)
    assert not shift.fail(run, "too late", 3)
    tidied = shift.to_tidy("unwanted-run")
    assert tidied is not None
    shift.tidied(tidied)
    assert shift.to_tidy("unwanted-run") is None
    assert shift.begin("unwanted-run") is None


def test_cancel_while_it_is_published_comes_too_late(
    engine: JobEngine, settings: Settings, database: Database
) -> None:
    _ask(engine, settings, "decided-run")
    shift = _shift(database, settings, "host.1.1.a")
    run = shift.begin("decided-run")
    assert run is not None
    assert shift.tell(run, "publishing", None)
    assert engine.cancel("decided-run", owner=LOCAL).status == "running"
    assert shift.finish(run)
    assert engine.cancel("decided-run", owner=LOCAL).status == "succeeded"


def test_run_of_a_dead_worker_goes_to_another(
    engine: JobEngine, settings: Settings, database: Database
) -> None:
    _ask(engine, settings, "handed-over")
    dead = _shift(database, settings, "host.1.1.a")
    roll = Roll(database, settings.data_folder, "host.1.1.a")
    roll.beat()
    run = dead.begin("handed-over")
    assert run is not None
    assert dead.tell(run, "rendering", "writing", 1, 2)
    other = Roll(database, settings.data_folder, "host.2.2.b")
    other.beat()
    assert other.beats() == {"host.1.1.a": 1}
    # It has beaten since it was seen: it lives.
    roll.beat()
    assert other.bury("host.1.1.a", 1, []) == ()
    assert dead.holds(run)
    assert other.bury("host.1.1.a", 2, []) == []
    waiting = engine.get("handed-over", owner=LOCAL)
    assert (waiting.status, waiting.stage) == ("queued", "rendering")
    shift = _shift(database, settings, "host.2.2.b")
    assert shift.waiting() == [("handed-over", 1)]
    again = shift.begin("handed-over")
    assert again is not None
    assert (again.attempts, again.stage, again.status) == (2, "rendering", "running")
    # The one that was thought dead wakes up: it changes nothing.
    assert not dead.tell(run, "publishing", None)
    assert not dead.finish(run)
    assert not dead.hand_back(run)
    assert shift.finish(again)
    assert engine.get("handed-over", owner=LOCAL).status == "succeeded"


def test_cancelled_run_of_a_dead_worker_is_told_to_be_tidied_up(
    engine: JobEngine, settings: Settings, database: Database
) -> None:
    _ask(engine, settings, "unwanted-run")
    Roll(database, settings.data_folder, "host.1.1.a").beat()
    assert _shift(database, settings, "host.1.1.a").begin("unwanted-run") is not None
    engine.cancel("unwanted-run", owner=LOCAL)
    other = Roll(database, settings.data_folder, "host.2.2.b")
    assert [run.id for run in other.bury("host.1.1.a", 1, [])] == ["unwanted-run"]
    assert _shift(database, settings, "host.2.2.b").to_tidy("unwanted-run") is not None


def test_run_that_a_dead_worker_took_out_of_the_queue_goes_back(
    engine: JobEngine, settings: Settings, database: Database
) -> None:
    _ask(engine, settings, "almost-begun")
    shift = _shift(database, settings, "host.2.2.b")
    assert shift.waiting() == [("almost-begun", 0)]
    # What it took and did not hand over, it takes again; what is in the queue, nobody does.
    assert shift.waiting() == [("almost-begun", 0)]
    shift.handed("almost-begun")
    assert shift.waiting() == ()
    dead, other = (Roll(database, settings.data_folder, name) for name in ("host.1.1.a", "host.2.2.b"))
    dead.beat()
    assert other.bury("host.1.1.a", 1, ["almost-begun"]) == []
    assert shift.waiting() == [("almost-begun", 0)]


def test_process_that_dies_three_times_is_given_up(
    engine: JobEngine, settings: Settings, database: Database
) -> None:
    _ask(engine, settings, "deadly-run")
    shift = _shift(database, settings, "host.1.1.a")
    run = shift.begin("deadly-run")
    for attempts in (2, 3):
        assert run is not None
        run = shift.again(run)
        assert run is not None
        assert run.attempts == attempts
    assert run is not None
    assert shift.again(run) is None
    failed = engine.get("deadly-run", owner=LOCAL)
    assert failed.failure is not None
    assert (failed.status, failed.failure.exit_code) == ("failed", 70)
    assert "ended the process that worked on it 3 times" in failed.failure.message
    assert shift.again(run) is None


def test_handed_back_costs_no_death(engine: JobEngine, settings: Settings, database: Database) -> None:
    _ask(engine, settings, "patient-run")
    shift = _shift(database, settings, "host.1.1.a")
    for attempts in range(1, 6):
        run = shift.begin("patient-run")
        assert run is not None
        assert run.attempts == attempts
        assert shift.hand_back(run)
    assert shift.anything_to_do()


def test_failure_is_told(engine: JobEngine, settings: Settings, database: Database) -> None:
    _ask(engine, settings, "failing-run")
    shift = _shift(database, settings, "host.1.1.a")
    run = shift.begin("failing-run")
    assert run is not None
    assert shift.fail(run, "Größe unbekannt; → nenne sie.\n", 3)
    failed = engine.wait("failing-run", owner=LOCAL, seconds=5)
    assert failed.failure is not None
    assert (failed.failure.message, failed.failure.exit_code) == ("Größe unbekannt; → nenne sie.", 3)


def test_events_tell_everything_in_order(engine: JobEngine, settings: Settings, database: Database) -> None:
    _ask(engine, settings, "eventful-run")
    shift = _shift(database, settings, "host.1.1.a")
    run = shift.begin("eventful-run")
    assert run is not None
    shift.tell(run, "preparing", None)
    shift.tell(run, "measuring", "  zählt\n Zeilen ", 3, 2)
    events = engine.events("eventful-run", owner=LOCAL)
    assert [(one.number, one.status, one.stage, one.message, one.done, one.total) for one in events] == [
        (1, "queued", "queued", None, 0, 0),
        (2, "running", "preparing", None, 0, 0),
        (3, "running", "measuring", "zählt Zeilen", 3, 3),
    ]
    assert engine.events("eventful-run", owner=LOCAL, after=3) == []
    now = engine.wait("eventful-run", owner=LOCAL, seconds=30, after=2)
    assert (now.version, now.message, now.done) == (3, "zählt Zeilen", 3)
    assert engine.wait("eventful-run", owner=LOCAL, seconds=0.1, after=3).version == 3


def test_state_counts(engine: JobEngine, settings: Settings, database: Database) -> None:
    empty = engine.state()
    assert (dict(empty.runs), empty.oldest_queued_at, empty.workers) == ({}, None, 0)
    _ask(engine, settings, "waiting-run")
    _ask(engine, settings, "cancelled-run")
    engine.cancel("cancelled-run", owner=LOCAL)
    roll = Roll(database, settings.data_folder, "host.1.1.a")
    roll.beat()
    state = engine.state()
    assert (dict(state.runs), state.oldest_queued_at, state.workers) == (
        {"queued": 1, "cancelled": 1},
        MOMENT,
        1,
    )
    roll.leave()
    assert engine.state().workers == 0


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("manifest", "runs/other-run/input/conformity.yaml"),
        ("manifest", "worker.log"),
        ("output", "runs/this-run/input/pack"),
        ("output", "runs/other-run/pack"),
        ("previous", "runs/other-run/pack"),
        ("previous", "runs/mine-run/pack/tallies"),
    ],
)
def test_nothing_among_the_runs_of_others_is_reached(
    engine: JobEngine, settings: Settings, field: str, place: str
) -> None:
    _ask(engine, settings, "other-run", owner="other")
    _ask(engine, settings, "mine-run")
    assert settings.root is not None
    request = tiny(settings.root).model_copy(update={field: str(settings.data_folder / place)})
    with pytest.raises(PathError, match=f"`{field}` lies in the folder of the server's runs"):
        engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id="this-run")


def test_own_input_and_own_earlier_pack_are_reached(engine: JobEngine, settings: Settings) -> None:
    _ask(engine, settings, "mine-run")
    runs = settings.data_folder / "runs"
    request = AssessmentRequest(
        manifest=str(runs / "this-run/input/conformity.yaml"), previous=str(runs / "mine-run/pack")
    )
    run = engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id="this-run")
    assert run.request == request
    shutil.rmtree(runs)
    with pytest.raises(PathError, match="cannot be made"):
        _ask(engine, settings, "that-run")


def test_database_that_is_not_there(engine: JobEngine, settings: Settings, tmp_path: Path) -> None:
    del engine
    if settings.database_url is None:
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "runs.sqlite").mkdir()
        gone = replace(settings, data=tmp_path / "broken")
    else:
        gone = replace(settings, database_url="postgresql://boss:secret-word@127.0.0.1:1/runs")
    with running_engine(gone, workers=0) as other, pytest.raises(BusyError) as told:
        other.state()
    assert "secret-word" not in told.value.message

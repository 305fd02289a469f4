"""Workers that are killed, stopped or told to end: no run is lost or done twice, no pack is half there."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from conformity.archive.sums import read_sums
from conformity.entry.jobs.interface import ENDED, LOCAL, JobEngine
from conformity.entry.jobs.spawning import is_taken
from conformity.errors import BusyError
from conformity.model.base import sha256_of
from conformity.model.run import Run
from conformity.settings import Settings
from tests.support.job_workers import Death, Workers, await_state, descendants, send, state_of
from tests.support.jobs import MOMENT, running_engine, tiny
from tests.support.servers import Server, postgres, run_sql

pytestmark = pytest.mark.slow
_SLACK_S = 20
"""What a machine that has other things to do may take longer."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give a PostgreSQL server."""
    with postgres() as started:
        yield started


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Give the process that forks workers."""
    with Workers() as forking:
        yield forking


@dataclass(frozen=True)
class Place:
    """An empty root, and an engine over an empty database without workers."""

    root: Path
    settings: Settings
    engine: JobEngine

    def submit(self, name: str) -> Run:
        """Ask for an assessment whose pack is to appear in the root as well."""
        return self.engine.submit(
            tiny(self.root, output=f"out-{name}"), owner=LOCAL, asked_at=MOMENT, run_id=name
        )

    def ended(self, run_id: str) -> Run:
        """Wait for a run to end."""
        return self.engine.wait(run_id, owner=LOCAL, seconds=90)


both_databases = pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
"""What depends on how a database decides; the rest is the same code, and runs on the file alone."""


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Give an empty place on each database."""
    url = None
    if getattr(request, "param", "sqlite") == "postgresql":
        server: Server = request.getfixturevalue("server")
        name = f"runs_{abs(hash(request.node.name))}"
        run_sql(server, f"CREATE DATABASE {name}")
        url = f"postgresql://boss:boss-password@127.0.0.1:{server.port}/{name}"
    settings = Settings(root=tmp_path, database_url=url, isolation="process", runs=3)
    with running_engine(settings, workers=0) as engine:
        yield Place(tmp_path, settings, engine)


def _check_done_once(place: Place, run: Run) -> None:
    """Check that a run has succeeded, once, with a whole pack in both places and nothing beside it."""
    assert run.status == "succeeded", run
    events = place.engine.events(run.id, owner=LOCAL)
    assert [event.status for event in events].count("succeeded") == 1
    assert [event.stage for event in events if event.stage == "publishing"][1:] in ([], ["publishing"] * 2)
    assert [event.number for event in events] == list(range(1, run.version + 1))
    folder = Path(run.folder)
    _await(lambda: not (folder / "work").exists())
    assert sorted(entry.name for entry in folder.iterdir()) == ["pack", "result.json"]
    for pack in (folder / "pack", place.root / f"out-{run.id}"):
        listed = read_sums(pack)
        there = {file.relative_to(pack).as_posix() for file in pack.rglob("*") if file.is_file()}
        assert there == {*listed, "SHA256SUMS"}
        assert all(sha256_of((pack / name).read_bytes())[7:] == digest for name, digest in listed.items())
    assert json.loads((folder / "result.json").read_bytes())["pack"] == str(place.root / f"out-{run.id}")


@both_databases
@pytest.mark.parametrize(
    "stages",
    [("preparing", "measuring"), ("judging", "rendering"), ("publishing",)],
    ids=lambda stages: "-".join(stages),
)
def test_run_goes_on_where_its_worker_was_killed(
    place: Place, workers: Workers, stages: tuple[str, ...]
) -> None:
    place.submit("killed-run")
    for stage in stages:
        await_state(workers.start(place.settings, death=Death(stage)), "")
    workers.start(place.settings)
    run = place.ended("killed-run")
    _check_done_once(place, run)
    assert run.attempts == len(stages) + 1
    workers.kill_all()


def test_worker_killed_before_and_after_it_tells_costs_nothing(place: Place, workers: Workers) -> None:
    place.submit("killed-run")
    # It has taken the run out of the queue and not begun; then it is done, and cannot tell any more.
    await_state(workers.start(place.settings, death=Death("killed-run", "shift", "Shift", "begin", True)), "")
    ends = Death("killed-run", "desk", "Desk", "tidy", True)
    await_state(workers.start(place.settings, death=ends), "")
    assert place.engine.get("killed-run", owner=LOCAL).status == "succeeded"
    # Another one tidies up after it.
    workers.start(place.settings)
    run = place.ended("killed-run")
    _check_done_once(place, run)
    assert run.attempts == 1
    workers.kill_all()


def test_run_that_ends_its_worker_is_given_up(place: Place, workers: Workers) -> None:
    place.submit("deadly-run")
    for _ in range(3):
        await_state(workers.start(place.settings, death=Death("judging")), "")
    workers.start(place.settings)
    run = place.ended("deadly-run")
    assert run.status == "failed"
    assert run.failure is not None
    assert "3 times" in run.failure.message
    assert not (place.root / "out-deadly-run").exists()
    workers.kill_all()


@both_databases
def test_worker_that_was_held_up_publishes_nothing(place: Place, workers: Workers) -> None:
    place.submit("slow-run")
    zombie = workers.start(place.settings, death=Death("rendering", by="SIGSTOP"))
    await_state(zombie, "T")
    stopped_at = time.monotonic()
    workers.start(place.settings)
    taken = place.engine.get("slow-run", owner=LOCAL)
    while taken.attempts < 2:
        taken = place.engine.wait("slow-run", owner=LOCAL, seconds=30, after=taken.version)
    assert time.monotonic() - stopped_at < 10 + _SLACK_S
    send(zombie, signal.SIGCONT)
    run = place.ended("slow-run")
    _check_done_once(place, run)
    assert run.attempts == 2
    # It has noticed, and works on: it ends in good order.
    send(zombie, signal.SIGTERM)
    await_state(zombie, "")
    workers.kill_all()


def test_worker_that_is_told_to_end_hands_its_run_back(place: Place, workers: Workers) -> None:
    place.submit("patient-run")
    first = workers.start(place.settings, death=Death("measuring", by="SIGTERM"))
    await_state(first, "")
    handed = place.engine.get("patient-run", owner=LOCAL)
    assert (handed.status, handed.message) == ("queued", "handed back")
    workers.start(place.settings, "--once")
    run = place.ended("patient-run")
    _check_done_once(place, run)


def test_cancel_while_it_is_done_ends_all_its_processes(place: Place, workers: Workers) -> None:
    run = place.submit("unwanted-run")
    worker = workers.start(place.settings)
    while run.stage != "measuring":
        run = place.engine.wait("unwanted-run", owner=LOCAL, seconds=30, after=run.version)
    begun = descendants(worker)
    assert begun
    cancelled = place.engine.cancel("unwanted-run", owner=LOCAL)
    assert cancelled.status == "cancelled"
    _await(lambda: not any(map(state_of, begun)) and not Path(run.folder).exists())
    assert not descendants(worker)
    assert not (place.root / "out-unwanted-run").exists()
    workers.kill_all()


def test_cancel_after_the_worker_died_is_tidied_up_by_another(place: Place, workers: Workers) -> None:
    run = place.submit("unwanted-run")
    await_state(workers.start(place.settings, death=Death("rendering")), "")
    assert place.engine.cancel("unwanted-run", owner=LOCAL).status == "cancelled"
    assert (Path(run.folder) / "work").exists()
    workers.start(place.settings)
    _await(lambda: not Path(run.folder).exists())
    assert place.engine.get("unwanted-run", owner=LOCAL).status == "cancelled"
    workers.kill_all()


@both_databases
def test_two_workers_share_the_runs(place: Place, workers: Workers) -> None:
    names = [f"shared-run-{number}" for number in range(3)]
    for name in names:
        place.submit(name)
    one = replace(place.settings, runs=1)
    for _ in range(2):
        workers.start(one)
    for name in names:
        run = place.ended(name)
        _check_done_once(place, run)
        assert run.attempts == 1
    workers.kill_all()


def test_run_outlives_the_server_that_was_asked(tmp_path: Path, workers: Workers) -> None:
    """The worker that the server started goes on after the server is killed."""
    settings = Settings(root=tmp_path, isolation="process")
    request = tiny(tmp_path, output="out-orphaned-run")
    assert request.manifest is not None
    server = workers.submit(settings, request.manifest, "orphaned-run", workers=1)
    _await(lambda: is_taken(settings.data_folder, 0))
    send(server, signal.SIGKILL)
    await_state(server, "")
    with running_engine(settings) as engine:
        place = Place(tmp_path, settings, engine)
        run = place.ended("orphaned-run")
        _check_done_once(place, run)
        assert run.attempts == 1


@pytest.mark.parametrize("place", ["postgresql"], indirect=True)
def test_lost_connections_cost_nothing(place: Place, workers: Workers, server: Server) -> None:
    run = place.submit("cut-off-run")
    workers.start(place.settings)
    # A worker that cannot reach the database at its start says so and ends.
    _await(lambda: place.engine.get("cut-off-run", owner=LOCAL).status == "running")
    deadline = time.monotonic() + 120
    while run.status not in ENDED:
        assert time.monotonic() < deadline, run
        run_sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'runs_%'")
        with contextlib.suppress(BusyError):
            run = place.engine.wait("cut-off-run", owner=LOCAL, seconds=1.5)
    _check_done_once(place, run)
    workers.kill_all()


def _await(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)

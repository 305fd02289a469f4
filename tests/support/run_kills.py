"""Kill workers, and servers that ask for runs, at random moments; check after each that nothing is lost."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from conformity.archive.sums import read_sums
from conformity.entry.jobs.interface import LOCAL, JobEngine
from conformity.model.base import sha256_of
from conformity.model.run import Run
from conformity.settings import Settings
from tests.support.job_workers import Workers, await_state, send
from tests.support.jobs import MOMENT, running_engine, tiny

_PATIENCE_S = 300


def trials(folder: Path, url: str | None, kills: int, seed: int) -> Counter[str]:
    """Kill workers of one run after another, and check each run when it has ended.

    Args:
        folder: an empty folder to work in.
        url: the address of an empty PostgreSQL database; None for a file.
        kills: how many workers are killed.
        seed: of the moments.

    Returns:
        In which stage the run was when its worker was killed, and how many runs there were.
    """
    chance = random.Random(seed)
    settings = Settings(root=folder, database_url=url, isolation="process")
    found: Counter[str] = Counter()
    with ExitStack() as stack:
        engine = stack.enter_context(running_engine(settings, workers=0))
        workers = stack.enter_context(Workers())
        usual, worker, number = 4.0, None, 0
        while found.total() - found["runs"] - found["servers"] < kills:
            number += 1
            run_id = f"run-{seed}-{number:04d}"
            _ask(folder, settings, engine, workers, run_id, chance)
            found["servers"] += 1
            begun = time.monotonic()
            # A run may cost two workers; at the third it is given up.
            for _ in range(chance.choice((1, 2))):
                worker = worker or workers.start(settings)
                time.sleep(chance.uniform(0, usual))
                run = engine.get(run_id, owner=LOCAL)
                send(worker, signal.SIGKILL)
                await_state(worker, "")
                worker = None
                found[f"{run.status} {run.stage}" if run.status == "running" else run.status] += 1
            worker = workers.start(settings)
            check(engine.wait(run_id, owner=LOCAL, seconds=_PATIENCE_S), engine, folder)
            found["runs"] += 1
            usual = 0.9 * usual + 0.1 * (time.monotonic() - begun)
        _check_all(engine, folder, number)
    return found


def check(run: Run, engine: JobEngine, folder: Path) -> None:
    """Check that a run has succeeded, once, its pack is whole in both places, and nothing else is left."""
    assert run.status == "succeeded", run
    events = engine.events(run.id, owner=LOCAL)
    assert [event.number for event in events] == list(range(1, run.version + 1))
    assert [event.status for event in events].count("succeeded") == 1
    assert events[-1].status == "succeeded"
    own, asked = Path(run.folder), folder / f"out-{run.id}"
    _await_gone(own / "work")
    assert sorted(entry.name for entry in own.iterdir()) == ["pack", "result.json"]
    for pack in (own / "pack", asked):
        listed = read_sums(pack)
        there = {file.relative_to(pack).as_posix() for file in pack.rglob("*") if file.is_file()}
        assert there == {*listed, "SHA256SUMS"}
        assert all(sha256_of((pack / name).read_bytes())[7:] == digest for name, digest in listed.items())


def _ask(
    folder: Path, settings: Settings, engine: JobEngine, workers: Workers, run_id: str, chance: random.Random
) -> None:
    """Have a server ask for a run, kill the server at some moment, and ask again as its user would."""
    request = tiny(folder, output=f"out-{run_id}")
    assert request.manifest is not None
    server = workers.submit(settings, request.manifest, run_id)
    time.sleep(chance.uniform(0, 0.5))
    send(server, signal.SIGKILL)
    await_state(server, "")
    engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id=run_id)


def _await_gone(place: Path) -> None:
    """Wait until something is tidied up, which is done after the run has ended."""
    deadline = time.monotonic() + 60
    while place.exists():
        assert time.monotonic() < deadline, f"{place} is still there"
        time.sleep(0.05)


def _check_all(engine: JobEngine, folder: Path, number: int) -> None:
    """Check that there are as many runs as were asked for, all done, and nothing beside their packs."""
    counts = {status: count for status, count in engine.state().runs.items() if count}
    assert counts == {"succeeded": number}
    beside = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("out-"))
    assert beside == [".conformity", "conformity.yaml"]
    assert len(list(folder.glob("out-*"))) == number

"""The worker's limits hold against real misbehaviour, and every end is told apart."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conformity.errors import SandboxError
from conformity.model.base import SubjectId
from conformity.model.measurement import Count
from conformity.model.subject import Column, TableSubject
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.interface import (
    Event,
    InspectJob,
    Located,
    MeasureJob,
    SelfTestJob,
    StepDone,
    WorkerDiedError,
)
from conformity.sandbox.process import ProcessSandbox
from conformity.settings import Settings

Maker = Callable[[str], MeasureJob]

_LIMITED = (
    "import sys, os, json, time\n"
    "from conformity.sandbox.confine import Limits, confine\n"
    "limits = Limits.from_json(sys.argv[1])\n"
)
"""A worker as before it confines itself, and as one of Spark's, which may start programs."""
_CONFINED = _LIMITED + "confine(limits)\n"


def _run(
    settings: Settings, job: MeasureJob, code: str, limit: int = 1_000_000, start: str = _CONFINED
) -> list[Event]:
    """Run misbehaving code where the worker would be and return the events it gave."""
    events: list[Event] = []
    sandbox = ProcessSandbox(settings, entry=("-c", start + code), max_answer_bytes=limit)
    sandbox.run(job, events.append)
    return events


def test_a_real_job_comes_back(settings: Settings, exhibit_job: Maker) -> None:
    events: list[Event] = []
    ProcessSandbox(settings).run(exhibit_job("two words"), events.append)
    (done,) = events
    assert isinstance(done, StepDone)
    assert done.outcome == "measured", done.reason
    assert [m.result for m in done.measurements] == [
        Count(value=9, unit="bytes"),
        Count(value=2, unit="words"),
    ]


def test_several_run_at_once_from_threads(settings: Settings, exhibit_job: Maker) -> None:
    job = exhibit_job("three more words")
    events: list[Event] = []
    sandbox = ProcessSandbox(settings)
    threads = [threading.Thread(target=sandbox.run, args=(job, events.append)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(events) == 3
    assert len(set(events)) == 1


def test_an_endless_loop_is_stopped(settings: Settings, exhibit_job: Maker) -> None:
    began = time.monotonic()
    with pytest.raises(WorkerDiedError, match="stopped after 1 s"):
        _run(replace(settings, worker_wall_s=1), exhibit_job("x"), "while True: time.sleep(0.01)")
    assert time.monotonic() - began < 10


def test_processor_time_is_bounded(settings: Settings, exhibit_job: Maker) -> None:
    with pytest.raises(WorkerDiedError, match="more than 1 s of processor time"):
        _run(replace(settings, worker_cpu_s=1), exhibit_job("x"), "while True: pass")


def test_ten_gigabytes_are_refused(settings: Settings, exhibit_job: Maker) -> None:
    code = (
        "from conformity.sandbox import worker\n"
        "worker.confine = lambda limits: None  # it is confined already\n"
        "def serve(fd): bytearray(10 * 1024 ** 3)\n"
        "worker._serve = serve\n"
        "sys.exit(worker.main(sys.argv[1:]))\n"
    )
    with pytest.raises(WorkerDiedError, match="2048 MiB of memory"):
        _run(settings, exhibit_job("x"), code)


def test_the_loopback_address_is_out_of_reach(settings: Settings, exhibit_job: Maker) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            pass  # the parent can reach it
        code = (
            "import socket\n"
            f"try:\n    socket.create_connection(('127.0.0.1', {port}), timeout=2)\n"
            "except OSError:\n    sys.exit(41)\n"
            "sys.exit(42)\n"
        )
        with pytest.raises(WorkerDiedError, match="exit code 41"):
            _run(settings, exhibit_job("x"), code)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGSEGV, "the signal SIGSEGV"),
        (signal.SIGKILL, "killed by the system"),
        (signal.SIGRTMIN + 1, f"the signal {signal.SIGRTMIN + 1}"),
    ],
)
def test_a_crash_is_named(settings: Settings, exhibit_job: Maker, number: int, words: str) -> None:
    with pytest.raises(WorkerDiedError, match=words):
        _run(settings, exhibit_job("x"), f"os.kill(os.getpid(), {int(number)})")


@pytest.mark.parametrize(
    "line",
    [
        b"hello",
        b'{"event": "step_done", "step": "declared/exhibit@purpose", "outcome": "fine"}',
        b'{"event": "step_done", "step": "another@step", "outcome": "error", "reason": "x"}',
        b'{"event": "table_inspected", "subject": "purpose"}',
        b'{"event": "profiled", "profile": {}}',
    ],
)
def test_what_is_no_awaited_event_is_refused(settings: Settings, exhibit_job: Maker, line: bytes) -> None:
    with pytest.raises(WorkerDiedError, match="its answer was refused"):
        _run(settings, exhibit_job("x"), f"os.write(limits.events_fd, {line!r} + b'\\n'); time.sleep(60)")


def test_a_step_answered_twice_is_refused(settings: Settings, exhibit_job: Maker) -> None:
    line = b'{"event":"step_done","step":"declared/exhibit@purpose","outcome":"error","reason":"x"}\n'
    with pytest.raises(WorkerDiedError, match="not asked"):
        _run(settings, exhibit_job("x"), f"os.write(limits.events_fd, {line!r} * 2); time.sleep(60)")


def test_a_line_cut_short_is_no_answer(settings: Settings, exhibit_job: Maker) -> None:
    line = b'{"event":"step_done","step":"declared/exhibit@purpose","outcome":"error"}'
    with pytest.raises(WorkerDiedError, match="without an answer for declared/exhibit@purpose"):
        _run(settings, exhibit_job("x"), f"os.write(limits.events_fd, {line!r})")


def test_a_failure_answers_for_the_whole_job(settings: Settings, exhibit_job: Maker) -> None:
    line = b'{"event":"failed","reason":"no such thing"}\n'
    events = _run(settings, exhibit_job("x"), f"os.write(limits.events_fd, {line!r})")
    assert [event.event for event in events] == ["failed"]


def test_all_that_is_unanswered_is_counted(settings: Settings, exhibit_job: Maker) -> None:
    job = exhibit_job("x")
    other = job.steps[0].model_copy(update={"id": "z@purpose"})
    with pytest.raises(WorkerDiedError, match="and 1 more"):
        _run(settings, job.model_copy(update={"steps": (*job.steps, other)}), "")


def test_prints_cannot_disturb_the_answer(settings: Settings, exhibit_job: Maker) -> None:
    line = b'{"event":"failed","reason":"as planned"}\n'
    code = f"print('{{}}' * 100_000, flush=True); os.write(limits.events_fd, {line!r}); print('bye')"
    assert [event.event for event in _run(settings, exhibit_job("x"), code)] == ["failed"]


def test_a_flood_is_stopped(settings: Settings, exhibit_job: Maker) -> None:
    code = "while True: os.write(limits.events_fd, b'x' * 65536)"
    with pytest.raises(WorkerDiedError, match="more than 300000 bytes"):
        _run(settings, exhibit_job("x"), code, limit=300_000)


def test_no_grandchild_survives(settings: Settings, exhibit_job: Maker, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(file)!r}, 'w').write(str(child.pid))\n"
        'os.write(limits.events_fd, b\'{"event":"failed","reason":"left a child"}\\n\')\n'
    )
    _run(settings, exhibit_job("x"), code, start=_LIMITED)
    _assert_gone(int(file.read_text()))


def test_the_worker_dies_with_its_parent(tmp_path: Path) -> None:
    """Kill the parent with SIGKILL, so that it can clean up nothing itself."""
    file = tmp_path / "pid"
    worker = _CONFINED + f"open({str(file)!r}, 'w').write(str(os.getpid()) + '.')\ntime.sleep(60)\n"
    parent = (
        "from conformity.sandbox.interface import SelfTestJob\n"
        "from conformity.sandbox.process import ProcessSandbox\n"
        "from conformity.settings import Settings\n"
        f"sandbox = ProcessSandbox(Settings(), entry=('-c', {worker!r}))\n"
        "sandbox.run(SelfTestJob(port=1, marker='/', memory_mb=1), print)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], env={**os.environ, "TMPDIR": str(tmp_path)})
    try:
        deadline = time.monotonic() + 20
        while not (file.exists() and file.read_text().endswith(".")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    _assert_gone(int(file.read_text().rstrip(".")))


def _assert_gone(pid: int) -> None:
    """Wait until no such process is alive (a dead one may still await its new parent)."""
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").exists():
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
            return
        assert time.monotonic() < deadline, f"process {pid} is still alive"
        time.sleep(0.02)


def test_an_orphan_does_not_begin(settings: Settings, exhibit_job: Maker) -> None:
    code = (
        "import subprocess\n"
        "again = Limits.from_json(sys.argv[1])\n"
        "sys.exit(subprocess.run([sys.executable, '-c', \n"
        "    'import sys; from conformity.sandbox.confine import Limits, confine; '\n"
        "    'confine(Limits.from_json(sys.argv[1]))', sys.argv[1]]).returncode)\n"
    )
    with pytest.raises(WorkerDiedError, match="exit code 67"):
        _run(settings, exhibit_job("x"), code, start=_LIMITED)


def test_an_error_of_the_receiver_ends_the_worker(settings: Settings, exhibit_job: Maker) -> None:
    def refuse(event: Event) -> None:
        raise KeyError(event.event)

    with pytest.raises(KeyError):
        ProcessSandbox(settings).run(exhibit_job("x"), refuse)


def test_a_worker_that_cannot_start_is_an_error(
    settings: Settings, exhibit_job: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(SandboxError, match="no worker could be started"):
        ProcessSandbox(settings).run(exhibit_job("x"), print)


def test_a_worker_that_does_not_read_its_job_is_no_trouble(settings: Settings, exhibit_job: Maker) -> None:
    job = exhibit_job("x")
    huge = job.model_copy(update={"tables": job.targets * 2000})
    assert len(huge.model_dump_json()) > 200_000
    code = 'os.close(0); os.write(limits.events_fd, b\'{"event":"failed","reason":"no"}\\n\')'
    assert len(_run(settings, huge, code)) == 1


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for workers")
    environment = worker_environment(tmp_path, Settings(workers=1000))
    assert "not for workers" not in environment.values()
    assert environment["HOME"] == str(tmp_path)
    assert environment["OMP_NUM_THREADS"] == "1"


def test_an_installed_package_needs_no_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "PYTHONPATH" in worker_environment(tmp_path, Settings())
    installed = "/usr/lib/python3/site-packages/conformity/__init__.py"
    monkeypatch.setattr("conformity.__file__", installed)
    assert "PYTHONPATH" not in worker_environment(tmp_path, Settings())


def test_the_scratch_folder_is_gone_afterwards(
    settings: Settings, exhibit_job: Maker, tmp_path: Path
) -> None:
    file = tmp_path / "home"
    code = (
        f"open({str(file)!r}, 'w').write(os.environ['HOME'])\n"
        "os.mkdir('left'); open('left/behind', 'w').write('x')\n"
        'os.write(limits.events_fd, b\'{"event":"failed","reason":"done"}\\n\')\n'
    )
    _run(settings, exhibit_job("x"), code)
    assert not Path(file.read_text()).exists()
    assert os.sep in file.read_text()


def test_an_inspection_without_tables_needs_no_answer(settings: Settings) -> None:
    ProcessSandbox(settings).run(InspectJob(tables=()), print)


def test_tables_are_inspected_in_a_worker(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\nx,1\n", "utf-8")
    columns = (Column(name="a", roles=("feature",)),)
    table = TableSubject(
        id=SubjectId("d"), title="D", path="d.csv", kind="table", purpose="testing", columns=columns
    )
    events: list[Event] = []
    job = InspectJob(tables=(Located(subject=table, path=tmp_path / "d.csv"),))
    ProcessSandbox(settings).run(job, events.append)
    assert [event.event for event in events] == ["table_inspected"]


def test_a_self_test_answers(settings: Settings, tmp_path: Path) -> None:
    events: list[Event] = []
    job = SelfTestJob(port=1, marker=tmp_path / "nothing", memory_mb=2048)
    ProcessSandbox(settings).run(job, events.append)
    assert [event.event for event in events] == ["self_tested"]


def test_a_worker_that_closes_everything_is_stopped_all_the_same(
    settings: Settings, exhibit_job: Maker
) -> None:
    code = "os.closerange(0, 100); time.sleep(60)"
    with pytest.raises(WorkerDiedError, match="stopped after 1 s"):
        _run(replace(settings, worker_wall_s=1), exhibit_job("x"), code)


def test_a_helper_that_holds_the_pipes_keeps_nobody_waiting(settings: Settings, exhibit_job: Maker) -> None:
    code = (
        "import subprocess\n"
        "subprocess.Popen(['sleep', '20'], pass_fds=(limits.events_fd,), start_new_session=True)\n"
        'os.write(limits.events_fd, b\'{"event":"failed","reason":"left a helper"}\\n\')\n'
    )
    began = time.monotonic()
    _run(replace(settings, worker_wall_s=15), exhibit_job("x"), code, start=_LIMITED)
    assert time.monotonic() - began < 15

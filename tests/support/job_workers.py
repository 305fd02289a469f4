"""Workers that start at once, and die on purpose: a process that has everything imported forks them.

``python -m tests.support.job_workers`` reads lines of JSON: variables, arguments, and where to die; it
answers each with a process id. A worker leads a session of its own, as those that servers start do.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from conformity.entry.jobs.spawning import environment_of
from conformity.settings import Settings

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Death:
    """Where a worker dies: when a method of a class is called and an argument of it reads so."""

    when: str
    module: str = "desk"
    owner: str = "Desk"
    method: str = "_tell"
    before: bool = False
    """Before the method does anything, rather than after it."""
    by: str = "SIGKILL"


class Workers:
    """The process that forks workers; whoever is left is killed at the end."""

    def __enter__(self) -> Workers:
        self._started: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.job_workers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill_all()
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0

    def start(self, settings: Settings, *arguments: str, death: Death | None = None) -> int:
        """Start a worker, and return its process id."""
        variables = {
            name: text for name, text in environment_of(settings).items() if name.startswith("CONFORMITY_")
        }
        order = [variables, arguments, None if death is None else asdict(death)]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        worker = int(self._process.stdout.readline())
        self._started.append(worker)
        return worker

    def submit(self, settings: Settings, manifest: str, run_id: str, workers: int = 0) -> int:
        """Start a server that asks for an assessment and then stays; return its process id."""
        return self.start(settings, "submit", manifest, run_id, str(workers))

    def kill_all(self) -> None:
        """Kill every worker that is left."""
        for worker in self._started:
            send(worker, signal.SIGKILL)
        self._started.clear()


def send(worker: int, number: signal.Signals) -> None:
    """Send a signal to a worker, if it is there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, number)


def state_of(process: int) -> str:
    """Return the state of a process: a letter, or nothing when there is none.

    Source:
        proc_pid_stat(5), field 3.
    """
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def await_state(process: int, states: str, seconds: float = 60) -> None:
    """Wait until a process is in one of some states; an empty text waits for its end."""
    deadline = time.monotonic() + seconds
    while (state := state_of(process)) not in list(states) and (states or state):
        assert time.monotonic() < deadline, f"process {process} is still in state {state!r}"
        time.sleep(0.02)


def descendants(process: int) -> set[int]:
    """Return all processes that one has started, and those that they have, which are still there.

    Source:
        proc_pid_stat(5), field 4.
    """
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(
                entry.read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            )
    found, new = set[int](), {process}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def _serve() -> None:
    """Fork a worker for each line."""
    import importlib

    for module in ("dbos", "conformity.entry.cli", "conformity.entry.jobs.working"):
        importlib.import_module(module)
    # Nobody waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        worker = os.fork()
        if not worker:
            _work(*json.loads(line))
        print(worker, flush=True)


def _work(variables: dict[str, str], arguments: list[str], death: dict[str, Any] | None) -> None:
    """Be a worker, and end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.update(variables)
    data = Path(variables["CONFORMITY_DATA"])
    data.mkdir(exist_ok=True)
    log = os.open(data / "workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if arguments[:1] == ["submit"]:
        _submit(*arguments[1:])
    if death is not None:
        _die_at(Death(**death))
    from conformity.entry.cli import main

    sys.argv = ["conformity", "worker", *arguments]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        os._exit(code)


def _submit(manifest: str, run_id: str, workers: str) -> None:
    """Be a server that asks for an assessment, whose pack is to appear beside the manifest."""
    from conformity.entry.jobs.choose import open_engine
    from conformity.entry.jobs.interface import LOCAL
    from conformity.model.run import AssessmentRequest
    from conformity.settings import load_settings
    from tests.support.jobs import MOMENT

    output = str(Path(manifest).with_name(f"out-{run_id}"))
    request = AssessmentRequest(manifest=manifest, formats=("json",), output=output)
    engine = open_engine(load_settings(), workers=int(workers))
    engine.submit(request, owner=LOCAL, asked_at=MOMENT, run_id=run_id)
    signal.pause()


def _die_at(death: Death) -> None:
    """Have this process end, or stop, when a method is called."""
    import importlib

    owner = getattr(importlib.import_module(f"conformity.entry.jobs.{death.module}"), death.owner)
    original = getattr(owner, death.method)

    def dying(*arguments: Any) -> Any:
        """Do what the method does, and die before or after it."""
        meant = death.when in [str(argument) for argument in arguments]
        if meant and death.before:
            os.kill(os.getpid(), signal.Signals[death.by])
        result = original(*arguments)
        if meant and not death.before:
            os.kill(os.getpid(), signal.Signals[death.by])
        return result

    setattr(owner, death.method, dying)


if __name__ == "__main__":
    _serve()

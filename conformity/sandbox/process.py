"""Workers as bare processes: limits, no network, a clean environment; the file system is shared."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

import conformity
from conformity.model.evidence import Isolation
from conformity.sandbox.confine import EXIT_MEMORY, Limits, Network
from conformity.sandbox.interface import (
    Event,
    Failed,
    InspectJob,
    MeasureJob,
    ProfileJob,
    SelfTested,
    SelfTestJob,
    StepDone,
    TableInspected,
    WorkerDiedError,
)
from conformity.sandbox.scratch import scratch
from conformity.sandbox.selftest import bait, describe
from conformity.sandbox.supervise import Command, Ending, supervise
from conformity.settings import Settings

_logger = logging.getLogger(__name__)

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_MIB = 1024 * 1024
_MAX_ANSWER_BYTES = 64 * _MIB
_MAX_FILE_MB = 8192
_TRIAL_WALL_S = 0.2
_ENTRY = ("-m", "conformity.sandbox.worker")
_THREAD_CAPS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

_AS_FOUND = (
    "LD_LIBRARY_PATH",
    "PYTHONDONTWRITEBYTECODE",
    # A test run that measures coverage follows the workers through these.
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)

AnyJob = MeasureJob | InspectJob | ProfileJob | SelfTestJob


class ProcessSandbox:
    """Run each job in a process of its own; implements :class:`~conformity.sandbox.interface.Sandbox`.

    Args:
        settings: the limits.
        entry: what Python runs; the worker's module unless a test puts something misbehaving there.
        max_answer_bytes: most that one worker may answer.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        entry: tuple[str, ...] = _ENTRY,
        max_answer_bytes: int = _MAX_ANSWER_BYTES,
    ) -> None:
        self._settings = settings
        self._entry = entry
        self._max_answer_bytes = max_answer_bytes

    def isolation(self) -> Isolation:
        """Return what was seen to hold when a worker tried to break out; tried once per process."""
        return _tried_isolation(self._settings)

    def run(self, job: AnyJob, on_event: Callable[[Event], None]) -> None:
        """Run a job in a worker of its own and hand over its events as they come.

        Raises:
            WorkerDiedError: the worker exceeded a limit, crashed, answered with something that is no
                event, or ended before it had answered for everything; events so far stand.
            SandboxError: no worker could be started.
        """
        awaited = _Awaited(job)

        def on_line(line: bytes) -> None:
            """Check a line and pass it on."""
            on_event(awaited.accept(line))

        with scratch() as folder:
            ending = supervise(self._command(job, folder), on_line)
        _logger.debug("worker_ended", extra={"task": job.task, "why": ending.why, "exit_code": ending.code})
        if (problem := _problem(ending, self._settings, self._max_answer_bytes)) is not None:
            raise WorkerDiedError(problem)
        awaited.check_complete()

    def _command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""
        settings = self._settings

        def argv(events_fd: int) -> list[str]:
            """Return the program and its arguments."""
            limits = Limits(
                parent=os.getpid(),
                events_fd=events_fd,
                memory_mb=settings.worker_memory_mb,
                cpu_s=settings.worker_cpu_s,
                file_mb=_MAX_FILE_MB,
                network=_network(job, settings),
            )
            # -P and -s keep the current folder and the user's own packages out; -I would also
            # ignore the hash seed.
            return [sys.executable, "-P", "-s", *self._entry, limits.to_json()]

        return Command(
            argv=argv,
            environment=worker_environment(folder, settings),
            folder=folder,
            payload=job.model_dump_json().encode("utf-8"),
            wall_s=settings.worker_wall_s,
            max_bytes=self._max_answer_bytes,
        )


def _network(job: AnyJob, settings: Settings) -> Network:
    """Return what of the network a job needs: Spark speaks to its Java process, or to a server."""
    if isinstance(job, MeasureJob) and job.engine.name == "spark":
        return "own_loopback" if job.engine.remote is None else "open"
    # What is said of the isolation is tried in a worker that has what Spark's workers have.
    return "own_loopback" if isinstance(job, SelfTestJob) and settings.engine == "spark" else "none"


def worker_environment(folder: Path, settings: Settings) -> dict[str, str]:
    """Return all variables that a worker sees.

    Args:
        folder: the worker's scratch folder, which is its home too.
        settings: the limits, of which the engine in the worker must know its memory.
    """
    threads = str(max(1, (os.cpu_count() or 1) // settings.workers))
    root = Path(conformity.__file__).parent.parent
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "CONFORMITY_WORKER_MEMORY_MB": str(settings.worker_memory_mb),
        **dict.fromkeys(_THREAD_CAPS, threads),
        # Where the package is not installed but run from its sources.
        **({} if str(root).endswith("-packages") else {"PYTHONPATH": str(root)}),
        **{name: os.environ[name] for name in _AS_FOUND if name in os.environ},
        # Which Java Spark is to run on.
        **({"JAVA_HOME": os.environ.get("JAVA_HOME", "")} if settings.engine == "spark" else {}),
    }


class _Awaited:
    """What a job must be answered with: each step or table once, nothing else."""

    def __init__(self, job: AnyJob) -> None:
        """List what is awaited."""
        self._task = job.task
        self._left: set[str] = {job.task}
        if isinstance(job, MeasureJob):
            self._left = {step.id for step in job.steps}
        elif isinstance(job, InspectJob):
            self._left = {table.subject.id for table in job.tables}

    def accept(self, line: bytes) -> Event:
        """Return the event that ``line`` is, checked.

        Raises:
            WorkerDiedError: it is no event, or not one that was awaited.
        """
        try:
            event = _EVENT.validate_json(line)
        except ValidationError as error:
            raise WorkerDiedError(
                "the worker answered with something that is not an event; its answer was refused"
            ) from error
        name = _answers(event, self._task)
        if name is None:
            self._left.clear()
        elif name in self._left:
            self._left.discard(name)
        else:
            raise WorkerDiedError(
                f"the worker answered {event.event!r} for something it was not asked; its answer was refused"
            )
        return event

    def check_complete(self) -> None:
        """Check that nothing is left unanswered.

        Raises:
            WorkerDiedError: something is.
        """
        if self._left:
            raise WorkerDiedError(
                f"the worker ended without an answer for {sorted(self._left)[0]}"
                + (f" and {len(self._left) - 1} more" if len(self._left) > 1 else "")
            )


def _answers(event: Event, task: str) -> str | None:
    """Return what an event answers; None for a failure, which answers for the whole job."""
    match event:
        case Failed():
            return None
        case StepDone() if task == "measure":
            return str(event.step)
        case TableInspected() if task == "inspect":
            return str(event.subject)
        case _:
            return {"profiled": "profile", "self_tested": "selftest"}.get(event.event, f"({event.event})")


def _problem(ending: Ending, settings: Settings, max_bytes: int) -> str | None:
    """Return in one sentence how a worker failed; None when it ended as it should."""
    if ending.why == "time":
        return (
            f"the worker was stopped after {settings.worker_wall_s} s, the longest it may take; "
            "hand in less data or raise CONFORMITY_WORKER_WALL_S"
        )
    if ending.why == "flood":
        return f"the worker was stopped because it answered more than {max_bytes} bytes"
    if ending.code == EXIT_MEMORY:
        return (
            f"the worker needed more than the {settings.worker_memory_mb} MiB of memory it may use; "
            "hand in less data or raise CONFORMITY_WORKER_MEMORY_MB"
        )
    if ending.code == -signal.SIGKILL:
        return (
            "the worker was killed by the system, most likely because the machine ran out of memory; "
            "run fewer at a time with CONFORMITY_WORKERS or hand in less data"
        )
    if ending.code == -signal.SIGXCPU:
        return (
            f"the worker used more than {settings.worker_cpu_s} s of processor time; "
            "hand in less data or raise CONFORMITY_WORKER_CPU_S"
        )
    if ending.code < 0:
        return f"the worker was ended by the signal {_signal_name(-ending.code)}"
    if ending.code > 0:
        return f"the worker ended with exit code {ending.code} before its job was done"
    return None


def _signal_name(number: int) -> str:
    """Return the name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


@cache
def _tried_isolation(settings: Settings) -> Isolation:
    """Let a real worker try to break out and tell what it could do; once for the same settings."""
    said: list[Event] = []
    with scratch() as folder, bait(folder, settings.worker_memory_mb) as job:
        ProcessSandbox(settings).run(job, said.append)
        sleeper = ProcessSandbox(settings, entry=("-c", "import time; time.sleep(60)"))
        command = replace(sleeper._command(job, folder), wall_s=_TRIAL_WALL_S)
        stopped = supervise(command, lambda _: None).why == "time"
    seen = next(event for event in said if isinstance(event, SelfTested))
    granted = frozenset(worker_environment(folder, settings))
    return describe(seen, stopped=stopped, granted=granted, settings=settings)


__all__ = ["AnyJob", "ProcessSandbox", "worker_environment"]

"""What all ways to run a worker share: feed it its job, check its answers, and say how it is kept apart."""

from __future__ import annotations

import logging
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from conformity.engines.spark_address import host_of
from conformity.model.evidence import Isolation
from conformity.sandbox.awaited import Awaited, problem_of
from conformity.sandbox.confine import Limits
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.following import bring_home
from conformity.sandbox.interface import AnyJob, Event, MeasureJob, WorkerDiedError
from conformity.sandbox.needs import calls_of, counts_with_spark, endpoint_of, server_of, starts_programs
from conformity.sandbox.scratch import scratch
from conformity.sandbox.supervise import Command, supervise
from conformity.settings import IsolationLevel, Settings

_logger = logging.getLogger(__name__)

_MIB = 1024 * 1024
_MAX_ANSWER_BYTES = 64 * _MIB
_MAX_FILE_MB = 8192
_BY_SIGNAL = 128
ENTRY = ("-m", "conformity.sandbox.worker")
"""What Python runs in a worker."""


class WorkerSandbox(ABC):
    """Run each job in a worker of its own; implements :class:`~conformity.sandbox.interface.Sandbox`.

    Args:
        settings: the limits.
        entry: what Python runs; the worker's module unless a test puts something misbehaving there.
        max_answer_bytes: most that one worker may answer.
    """

    name: ClassVar[IsolationLevel]
    """What it is called in settings and reports."""
    wrapped: ClassVar[bool] = False
    """Whether a program stands between, which tells of a signal by an exit code above 128."""

    def __init__(
        self,
        settings: Settings,
        *,
        entry: tuple[str, ...] = ENTRY,
        max_answer_bytes: int = _MAX_ANSWER_BYTES,
    ) -> None:
        self.settings = settings
        self.max_answer_bytes = max_answer_bytes
        self._entry = entry

    @abstractmethod
    def unavailable(self) -> str | None:
        """Return in one sentence why it cannot be used here, and what to do; None if it seems that it can."""

    @abstractmethod
    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""

    def variables_beside(self) -> frozenset[str]:
        """Return the names of variables that workers see besides those of every worker."""
        return frozenset()

    def isolation(self) -> Isolation:
        """Return what was seen to hold when a worker tried to break out; tried once per process."""
        from conformity.sandbox.selftest import self_test

        return self_test(type(self), self.settings).isolation

    def isolation_of(self, job: MeasureJob) -> str:
        """Return in one line how the worker of a job is kept apart."""
        if (server := server_of(job)) is not None:
            return f"{self.name} with the network open; Spark at {host_of(server)}"
        if endpoint_of(job) is not None:
            return f"{self.name} with the network open; the model answers at an address of this machine"
        if starts_programs(job):
            return f"{self.name}; the model is a program that the worker starts"
        if counts_with_spark(job, self.settings):
            return f"{self.name}; Spark's Java process beside the worker"
        return self.name

    def run(self, job: AnyJob, on_event: Callable[[Event], None]) -> None:
        """Run a job in a worker of its own and hand over its events as they come.

        Raises:
            WorkerDiedError: the worker exceeded a limit, crashed, answered with something that is no
                event, or ended before it had answered for everything; events so far stand.
            SandboxError: no worker could be started.
        """
        awaited = Awaited(job)

        def on_line(line: bytes) -> None:
            """Check a line and pass it on."""
            on_event(awaited.accept(line))

        with scratch() as folder:
            ending = supervise(self.command(job, folder), on_line)
            bring_home(folder)
        if self.wrapped and ending.code > _BY_SIGNAL:
            ending = replace(ending, code=_BY_SIGNAL - ending.code)
        _logger.debug(
            "worker_ended isolation=%s task=%s why=%s code=%d", self.name, job.task, ending.why, ending.code
        )
        if (problem := problem_of(ending, self.settings, self.max_answer_bytes)) is not None:
            raise WorkerDiedError(problem)
        awaited.check_complete()

    def limits(self, job: AnyJob) -> Limits:
        """Return what bounds the worker of a job, wherever it runs; who asks and where it answers is left."""
        return Limits(
            parent=0,
            events_fd=1,
            memory_mb=self.settings.worker_memory_mb,
            cpu_s=self.settings.worker_cpu_s,
            file_mb=_MAX_FILE_MB,
            network="given",
            calls=calls_of(job, self.settings),
        )

    def python(self, limits: Limits, program: str | None = None) -> list[str]:
        """Return the command that starts the worker itself."""
        # -P and -s keep the current folder and the user's own packages out; -I would also ignore the
        # hash seed.
        return [program or sys.executable, "-P", "-s", *self._entry, limits.to_json()]

    def command_of(self, argv: Callable[[int], list[str]], job: AnyJob, folder: Path) -> Command:
        """Return a command with the environment, the job and the limits of every worker."""
        return Command(
            argv=argv,
            environment=worker_environment(folder, self.settings),
            folder=folder,
            payload=job.model_dump_json().encode("utf-8"),
            wall_s=self.settings.worker_wall_s,
            max_bytes=self.max_answer_bytes,
            folder_mb=self.settings.scratch_mb,
        )

"""What a worker must answer, and how it ended, in words."""

from __future__ import annotations

import signal

from pydantic import TypeAdapter, ValidationError

from conformity.sandbox.confine import EXIT_MEMORY, EXIT_UNCONFINED
from conformity.sandbox.interface import (
    AnyJob,
    Event,
    Failed,
    InspectJob,
    MeasureJob,
    RemeasureJob,
    StepDone,
    StepWithheld,
    TableInspected,
    WorkerDiedError,
)
from conformity.sandbox.supervise import Ending
from conformity.settings import Settings

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_ANSWERS = {"profiled": "profile", "listed": "list", "self_tested": "selftest"}


class Awaited:
    """What a job must be answered with: each step or table once, nothing else."""

    def __init__(self, job: AnyJob) -> None:
        """List what is awaited."""
        self._task = job.task
        self._left: set[str] = {job.task}
        if isinstance(job, MeasureJob):
            self._left = {step.id for step in job.steps}
        elif isinstance(job, RemeasureJob):
            self._left = {recalled.step.id for recalled in job.steps}
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
        case StepDone() if task in ("measure", "remeasure"):
            return str(event.step)
        case StepWithheld() if task == "remeasure":
            return str(event.step)
        case TableInspected() if task == "inspect":
            return str(event.subject)
        case _:
            return _ANSWERS.get(event.event, f"({event.event})")


def problem_of(ending: Ending, settings: Settings, max_bytes: int) -> str | None:
    """Return in one sentence how a worker failed; None when it ended as it should."""
    if ending.why == "time":
        return (
            f"the worker was stopped after {settings.worker_wall_s} s, the longest it may take; "
            "hand in less data or raise CONFORMITY_WORKER_WALL_S"
        )
    if ending.why == "flood":
        return f"the worker was stopped because it answered more than {max_bytes} bytes"
    if ending.why == "disk":
        return (
            f"the worker was stopped because it filled its folder with more than {settings.scratch_mb} MiB, "
            "or the disk; hand in less data, make room or raise CONFORMITY_SPILL_MB"
        )
    if ending.code == EXIT_UNCONFINED:
        return (
            "the worker could not be confined and has done nothing; run conformity doctor, and choose "
            "another --isolation"
        )
    return _problem_by_code(ending.code, settings)


def _problem_by_code(code: int, settings: Settings) -> str | None:
    """Return in one sentence what an exit code tells; None when it is that of a worker that is done."""
    if code == EXIT_MEMORY:
        return (
            f"the worker needed more than the {settings.worker_memory_mb} MiB of memory it may use; "
            "hand in less data or raise CONFORMITY_WORKER_MEMORY_MB"
        )
    if code == -signal.SIGKILL:
        return (
            "the worker was killed by the system, most likely because the machine ran out of memory; "
            "run fewer at a time with CONFORMITY_WORKERS or hand in less data"
        )
    if code == -signal.SIGXCPU:
        return (
            f"the worker used more than {settings.worker_cpu_s} s of processor time; "
            "hand in less data or raise CONFORMITY_WORKER_CPU_S"
        )
    if code < 0:
        return f"the worker was ended by the signal {_signal_name(-code)}"
    if code > 0:
        return f"the worker ended with exit code {code} before its job was done"
    return None


def _signal_name(number: int) -> str:
    """Return the name of a signal."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)

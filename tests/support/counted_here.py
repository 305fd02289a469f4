"""Jobs on tables, prompts and documents, done in this process: starting workers is tested elsewhere."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

from pydantic import TypeAdapter

from conformity.model.evidence import Isolation
from conformity.model.manifest import Exhibit
from conformity.model.subject import PromptLogSubject, TableSubject
from conformity.sandbox.awaited import Awaited
from conformity.sandbox.interface import AnyJob, Event, InspectJob, Job, MeasureJob, ProfileJob
from conformity.sandbox.tasks import _opened, do
from conformity.sandbox.workers import WorkerSandbox

_JOB: TypeAdapter[Job] = TypeAdapter(Job)
_ONE_AT_A_TIME = threading.Lock()
_started = WorkerSandbox.run


@contextmanager
def counted_here() -> Iterator[None]:
    """Do jobs on tables, prompts and documents in this process; models keep their workers.

    What crosses is checked as ever: a job and its answers are written as JSON and read again. A worker costs
    seconds of a processor, nearly all of it for importing what this process has imported long since.
    """
    nothing = Isolation(mechanism="none", guarantees=())
    with (
        mock.patch.object(WorkerSandbox, "run", _run),
        mock.patch.object(WorkerSandbox, "isolation", return_value=nothing),
    ):
        yield


def _run(sandbox: WorkerSandbox, job: AnyJob, on_event: Callable[[Event], None]) -> None:
    """Do a job here if it only counts, else in a worker."""
    if not _only_counts(job):
        _started(sandbox, job, on_event)
        return
    awaited = Awaited(job)
    with _ONE_AT_A_TIME, _as_in_a_worker():
        do(
            _JOB.validate_json(job.model_dump_json()),
            lambda event: on_event(awaited.accept(event.model_dump_json().encode())),
        )
    awaited.check_complete()


def _only_counts(job: AnyJob) -> bool:
    """Return whether a job looks at tables, prompts and documents alone, with the embedded engine."""
    if isinstance(job, MeasureJob):
        kinds = TableSubject | PromptLogSubject | Exhibit
        return job.engine.name == "duckdb" and all(isinstance(one.subject, kinds) for one in job.targets)
    return isinstance(job, InspectJob | ProfileJob)


@contextmanager
def _as_in_a_worker() -> Iterator[None]:
    """Trace nothing, log nothing and let libraries warn, as it is in a worker."""
    tracer = sys.gettrace()
    loggers = [logging.getLogger(f"conformity.{name}") for name in ("engines", "probes", "sandbox.tasks")]
    levels = [logger.level for logger in loggers]
    sys.settrace(None)
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        # What is still open keeps a folder for what is spilled.
        _opened.cache_clear()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        sys.settrace(tracer)

"""Workers as bare processes: limits, no network, few system calls; the file system is the user's."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from conformity.sandbox.interface import AnyJob, Event, MeasureJob, StepDone
from conformity.sandbox.needs import network_of, runs_a_model
from conformity.sandbox.supervise import Command
from conformity.sandbox.workers import WorkerSandbox

_REFUSED = (
    "The model was not run: workers can read this user's files here. Install sandlock or bubblewrap "
    "(conformity doctor says how), or add --i-trust-this-model"
)


class ProcessSandbox(WorkerSandbox):
    """Run each job in a process with limits; no model is run in it unless its maker is trusted."""

    name = "process"

    def unavailable(self) -> str | None:
        """Return None: a process can be started anywhere."""
        return None

    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""

        def argv(events_fd: int) -> list[str]:
            """Return the program and its arguments."""
            network = network_of(job, self.settings)
            limits = replace(self.limits(job), parent=os.getpid(), events_fd=events_fd, network=network)
            return self.python(limits)

        return self.command_of(argv, job, folder)

    def run(self, job: AnyJob, on_event: Callable[[Event], None]) -> None:
        """Run a job, but for those steps that would run a model which is not trusted.

        Raises:
            WorkerDiedError: as for every worker.
            SandboxError: no worker could be started.
        """
        if isinstance(job, MeasureJob) and not self.settings.trust_model:
            refused = [step for step in job.steps if runs_a_model(step, job)]
            for step in refused:
                on_event(StepDone(step=step.id, outcome="not_available", reason=_REFUSED))
            job = job.model_copy(update={"steps": tuple(step for step in job.steps if step not in refused)})
            if refused and not job.steps:
                return
        super().run(job, on_event)

"""The seam to the workers: a job goes in as JSON, events come out as JSON, nothing else crosses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from conformity.engines.choose import EngineChoice
from conformity.errors import SandboxError
from conformity.model.base import StepId, SubjectId, Value
from conformity.model.evidence import Isolation
from conformity.model.manifest import Exhibit
from conformity.model.measurement import Measurement
from conformity.model.plan import Step
from conformity.model.subject import Subject, TableSubject
from conformity.model.tally import Tally


class WorkerDiedError(SandboxError):
    """A worker ended before its job was done; the text says how (time, memory, signal)."""


class Located(Value):
    """A subject or exhibit and the absolute path of its file, folder or glob."""

    subject: Subject | Exhibit
    """As declared."""
    path: Path
    """Where it is."""


class MeasureJob(Value):
    """Run steps one after the other, in one worker."""

    task: Literal["measure"] = "measure"
    """Says which job this is."""
    steps: tuple[Step, ...]
    """The steps."""
    targets: tuple[Located, ...]
    """The subjects that they look at."""
    tables: tuple[Located, ...] = ()
    """The tables that a probe of a model may read."""
    seed: int
    """Seed of everything drawn at random."""
    engine: EngineChoice = EngineChoice()
    """What counts in the tables."""


class InspectJob(Value):
    """Open tables and say which columns they have, without reading all of them."""

    task: Literal["inspect"] = "inspect"
    """Says which job this is."""
    tables: tuple[Located, ...]
    """The tables."""


class ProfileJob(Value):
    """Describe the columns of a table of which nothing is known yet."""

    task: Literal["profile"] = "profile"
    """Says which job this is."""
    path: Path
    """The data."""


class SelfTestJob(Value):
    """Try to break out, so that the parent sees what holds."""

    task: Literal["selftest"] = "selftest"
    """Says which job this is."""
    port: int
    """A port on the loopback address on which the parent listens."""
    marker: Path
    """A file outside the worker's folder that the parent has just written."""
    memory_mb: int
    """How much memory to ask for, in MiB; no less than the limit."""


Job = Annotated[MeasureJob | InspectJob | ProfileJob | SelfTestJob, Field(discriminator="task")]
"""What a worker can be asked to do."""


class StepDone(Value):
    """A step is done: numbers, or the reason why there are none."""

    event: Literal["step_done"] = "step_done"
    """Says which event this is."""
    step: StepId
    """The step."""
    outcome: Literal["measured", "not_available", "error"]
    """How it went."""
    reason: str | None = None
    """Why there are no numbers."""
    measurements: tuple[Measurement, ...] = ()
    """The numbers."""
    notes: tuple[str, ...] = ()
    """What a reader must know about them."""
    tallies: tuple[Tally, ...] = ()
    """The tallies behind them."""


class TableInspected(Value):
    """The columns of a table, or why it cannot be opened."""

    event: Literal["table_inspected"] = "table_inspected"
    """Says which event this is."""
    subject: SubjectId
    """The table."""
    columns: tuple[tuple[str, str], ...] = ()
    """Name and kind of each column."""
    problem: str | None = None
    """Why it cannot be opened."""


class Profiled(Value):
    """What profiling found; read by :mod:`conformity.intake`."""

    event: Literal["profiled"] = "profiled"
    """Says which event this is."""
    profile: dict[str, Any]
    """The profile, validated by its reader."""


class SelfTested(Value):
    """What a worker could and could not do."""

    event: Literal["self_tested"] = "self_tested"
    """Says which event this is."""
    connected: bool
    """Whether it reached the parent's port."""
    read_marker: bool
    """Whether it could read the parent's file."""
    got_memory: bool
    """Whether it was given the memory it asked for."""
    gained_privileges: bool
    """Whether a program it starts could gain privileges."""
    dumps_core: bool
    """Whether a crash would write its memory to a file."""
    processor_s: int
    """The processor time it may use, in seconds; 0 for any."""
    variables: tuple[str, ...]
    """Names of the environment variables it sees."""


class Failed(Value):
    """The job as a whole cannot be done; the reason is the user's to mend."""

    event: Literal["failed"] = "failed"
    """Says which event this is."""
    reason: str
    """One sentence."""


Event = Annotated[
    StepDone | TableInspected | Profiled | SelfTested | Failed,
    Field(discriminator="event"),
]
"""What a worker can say."""


class Sandbox(Protocol):
    """A way to run workers."""

    def isolation(self) -> Isolation:
        """Return what this machine lets the mechanism guarantee, tried and not assumed."""
        ...

    def run(self, job: MeasureJob | InspectJob | ProfileJob, on_event: Callable[[Event], None]) -> None:
        """Run a job in a worker of its own and hand over its events as they come.

        Raises:
            WorkerDiedError: the worker exceeded a limit or crashed; events so far stand.
        """
        ...


__all__ = [
    "Event",
    "Failed",
    "InspectJob",
    "Job",
    "Located",
    "MeasureJob",
    "ProfileJob",
    "Profiled",
    "Sandbox",
    "SelfTestJob",
    "SelfTested",
    "StepDone",
    "TableInspected",
    "TableSubject",
    "WorkerDiedError",
]

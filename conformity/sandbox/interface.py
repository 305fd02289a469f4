"""The seam to the workers: a job goes in as JSON, events come out as JSON, nothing else crosses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, Field

from conformity.engines.choose import EngineChoice
from conformity.errors import SandboxError
from conformity.model.base import Sha256, StepId, SubjectId, Value
from conformity.model.evidence import Isolation
from conformity.model.manifest import Exhibit
from conformity.model.measurement import Measurement
from conformity.model.plan import Step
from conformity.model.subject import Subject, TableSubject
from conformity.model.tally import Tally
from conformity.probes.shared.supply_chain.packages import Ecosystem
from conformity.probes.shared.supply_chain.severity import Severity


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
    key: Annotated[str, Field(repr=False)] = ""
    """The key under which tallies are sealed, never written anywhere; empty where none of them is kept."""
    engine: EngineChoice = EngineChoice()
    """What counts in the tables."""


class Recalled(Value):
    """A step whose measurements are computed again, and the sealed tallies behind them."""

    step: Step
    """The step."""
    tallies: tuple[Sha256, ...] = ()
    """The digests of its tallies, in the order of its observation."""


class RemeasureJob(Value):
    """Compute measurements on tables again from the sealed tallies of a pack; no row of the data is there."""

    task: Literal["remeasure"] = "remeasure"
    """Says which job this is."""
    steps: tuple[Recalled, ...]
    """The steps."""
    tables: tuple[TableSubject, ...]
    """The tables of the system, as declared, in the manifest's order."""
    folder: Path
    """Where the tallies lie."""


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


class ListJob(Value):
    """Read which packages a system's software is built of, and what is known of them."""

    task: Literal["list"] = "list"
    """Says which job this is."""
    path: Path
    """A lock file, or a folder of lists and advisories."""


class SelfTestJob(Value):
    """Try to break out, so that the parent sees what holds."""

    task: Literal["selftest"] = "selftest"
    """Says which job this is."""
    port: int
    """A port on the loopback address on which the parent listens."""
    marker: Path
    """A file outside the worker's folder that the parent has just written."""
    parent: int = 0
    """Process id of the parent."""
    door: str = ""
    """The name of an abstract socket on which the parent listens."""
    memory_mb: int
    """How much memory to ask for, in MiB; no less than the limit."""


AnyJob = MeasureJob | RemeasureJob | InspectJob | ProfileJob | ListJob | SelfTestJob

Job = Annotated[
    MeasureJob | RemeasureJob | InspectJob | ProfileJob | ListJob | SelfTestJob, Field(discriminator="task")
]
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


class StepWithheld(Value):
    """A step cannot be computed again: what it rests on is not in the pack."""

    event: Literal["step_withheld"] = "step_withheld"
    """Says which event this is."""
    step: StepId
    """The step."""
    reason: str
    """What is not there."""


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


def _printable(text: str) -> str:
    """Return a text that can be printed on one line.

    Raises:
        ValueError: it cannot.
    """
    if not text.isprintable():
        raise ValueError("it cannot be printed")
    return text


Name = Annotated[str, AfterValidator(_printable), Field(max_length=1_000)]
"""What a package, its version or file, or an advisory is called."""


class ListedPackage(Value):
    """One package as a list names it."""

    ecosystem: Ecosystem
    """Where it comes from."""
    name: Name
    """Its name."""
    version: Name | None
    """The exact version, if the list says it."""
    digests: tuple[Annotated[Name, Field(pattern=r"^sha(256|384|512):")], ...] = ()
    """Digests of its files, as ``algorithm:digits``."""


class ListedVulnerability(Value):
    """An advisory that affects a package."""

    package: ListedPackage
    """The package, without digests."""
    id: Name
    """The advisory."""
    severity: Severity
    """How severe it is."""
    decided: bool = True
    """Whether the advisory tells that this version is affected; else it does not tell."""


class Listed(Value):
    """What software is built of."""

    event: Literal["listed"] = "listed"
    """Says which event this is."""
    packages: tuple[ListedPackage, ...]
    """All packages, in order."""
    vulnerabilities: tuple[ListedVulnerability, ...]
    """What is known of them, each once for a package."""


class SelfTested(Value):
    """What a worker could and could not do."""

    event: Literal["self_tested"] = "self_tested"
    """Says which event this is."""
    connected: bool
    """Whether it reached the parent's port."""
    way_out: bool
    """Whether the system would send its packets to another machine."""
    spoke: bool
    """Whether it reached the parent's abstract socket."""
    read_marker: bool
    """Whether it could read the parent's file."""
    wrote_outside: bool
    """Whether it could write beside the parent's file."""
    read_parent: bool
    """Whether it could read the parent's environment."""
    signalled: bool
    """Whether it could send the parent a signal."""
    started: bool
    """Whether it could start another process."""
    got_memory: bool
    """Whether it was given the memory it asked for."""
    gained_privileges: bool
    """Whether a program it starts could gain privileges."""
    dumps_core: bool
    """Whether a crash would write its memory to a file."""
    processor_s: int
    """The processor time it may use, in seconds; 0 for any."""
    files: int
    """How many files it may have open at a time; 0 for any number."""
    variables: tuple[str, ...]
    """Names of the environment variables it sees."""
    version: str
    """The version of this package in which it runs."""


class Failed(Value):
    """The job as a whole cannot be done; the reason is the user's to mend."""

    event: Literal["failed"] = "failed"
    """Says which event this is."""
    reason: str
    """One sentence."""


Event = Annotated[
    StepDone | StepWithheld | TableInspected | Profiled | Listed | SelfTested | Failed,
    Field(discriminator="event"),
]
"""What a worker can say."""


class Sandbox(Protocol):
    """A way to run workers."""

    def isolation(self) -> Isolation:
        """Return what this machine lets the mechanism guarantee, tried and not assumed."""
        ...

    def isolation_of(self, job: MeasureJob) -> str:
        """Return in one line how the worker of a job is kept apart."""
        ...

    def run(self, job: MeasureJob | InspectJob | ProfileJob, on_event: Callable[[Event], None]) -> None:
        """Run a job in a worker of its own and hand over its events as they come.

        Raises:
            WorkerDiedError: the worker exceeded a limit or crashed; events so far stand.
        """
        ...


__all__ = [
    "AnyJob",
    "Event",
    "Failed",
    "InspectJob",
    "Job",
    "ListJob",
    "Listed",
    "ListedPackage",
    "ListedVulnerability",
    "Located",
    "MeasureJob",
    "ProfileJob",
    "Profiled",
    "Recalled",
    "RemeasureJob",
    "Sandbox",
    "SelfTestJob",
    "SelfTested",
    "StepDone",
    "StepWithheld",
    "TableInspected",
    "TableSubject",
    "WorkerDiedError",
]

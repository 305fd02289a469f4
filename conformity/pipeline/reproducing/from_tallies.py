"""Compute the observations of a pack again from its sealed tallies alone, in a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from conformity.engines.sealing import text_with_names, with_names
from conformity.measure import Progress, observation_of
from conformity.model.base import StepId
from conformity.model.evidence import Observation
from conformity.model.plan import Step
from conformity.model.subject import TableSubject
from conformity.pipeline.packs import Pack
from conformity.pipeline.reproducing.naming import Names, names_of
from conformity.sandbox.interface import (
    Event,
    Failed,
    Recalled,
    RemeasureJob,
    StepDone,
    StepWithheld,
    WorkerDiedError,
)

_NO_ROWS = "It does not rest on tallies; with what was measured at hand (--data) it is computed again."
_FAILED = "It failed when it was measured, and no tally tells why; with the data (--data) it is tried again."


Run = Callable[[RemeasureJob, Callable[[Event], None]], None]
"""Runs a job in a worker and hands over its events; of a sandbox."""


@dataclass(frozen=True)
class Again:
    """What was computed again."""

    seen: dict[StepId, Observation] = field(default_factory=dict)
    """The observations, by step."""
    withheld: dict[StepId, str] = field(default_factory=dict)
    """Why the others were not, by step."""
    blocked: frozenset[StepId] = frozenset()
    """The steps of which the plan itself says why they do not run."""
    names: Names = field(default_factory=Names)
    """What is known of sealed groups."""


def from_tallies(pack: Pack, run: Run, on_progress: Progress) -> Again:
    """Return what the steps of a pack measure on its sealed tallies.

    Args:
        pack: its records.
        run: runs a worker.
        on_progress: told of every step done.
    """
    steps = {step.id: step for step in pack.assessment.plan.steps}
    tables = tables_of(pack)
    recalled, withheld = [], {}
    for seen in pack.evidence.observations:
        step = steps.get(seen.step)
        if step is None or step.blocked:
            continue
        if seen.subject not in {table.id for table in tables}:
            withheld[seen.step] = _NO_ROWS
        elif seen.outcome == "error":
            withheld[seen.step] = _FAILED
        else:
            recalled.append(Recalled(step=step, tallies=tuple(one.sha256 for one in seen.tallies)))
    job = RemeasureJob(steps=tuple(recalled), tables=tables, folder=pack.folder / "tallies")
    results = run_steps(job, run, on_progress)
    withheld |= {name: end.reason for name, end in results.items() if isinstance(end, StepWithheld)}
    done = {name: end for name, end in results.items() if isinstance(end, StepDone)}
    recorded = {seen.step: seen for seen in pack.evidence.observations}
    names = names_of([(end.measurements, recorded[name].measurements) for name, end in done.items()])
    again = {name: _named(steps[name], end, recorded[name], names) for name, end in done.items()}
    blocked = {seen.step: _blocked(seen, steps) for seen in recorded.values() if _is_blocked(seen, steps)}
    return Again({**again, **blocked}, withheld, frozenset(blocked), names)


def tables_of(pack: Pack) -> tuple[TableSubject, ...]:
    """Return the tables that were there when a pack was made, in the manifest's order."""
    gone = {record.id for record in pack.evidence.subjects if record.sha256 is None}
    return tuple(
        thing
        for thing in pack.assessment.manifest.subjects
        if isinstance(thing, TableSubject) and thing.id not in gone
    )


def run_steps(job: RemeasureJob, run: Run, on_progress: Progress) -> dict[StepId, StepDone | StepWithheld]:
    """Return the end of every step; when a worker dies, what it left undone runs again, each step alone.

    Args:
        job: the steps.
        run: runs a worker.
        on_progress: told of every step done.
    """
    results: dict[StepId, StepDone | StepWithheld] = {}
    total = len(job.steps)

    def take(event: Event) -> None:
        """Take in the end of one step."""
        if isinstance(event, StepDone | StepWithheld):
            results.setdefault(event.step, event)
            on_progress(f"from tallies: {event.step}", len(results), total)

    if job.steps:
        _run(job, run, take)
    for recalled in job.steps:
        name = recalled.step.id
        if name not in results:
            why = _run(job.model_copy(update={"steps": (recalled,)}), run, take)
            results.setdefault(name, StepDone(step=name, outcome="error", reason=why))
    return results


def _run(job: RemeasureJob, run: Run, take: Callable[[Event], None]) -> str:
    """Run a job once; return why it ended early."""
    failures = ["The worker left it undone."]

    def hear(event: Event) -> None:
        """Pass an event on, and note a failure of the whole job."""
        if isinstance(event, Failed):
            failures.append(event.reason)
        take(event)

    try:
        run(job, hear)
    except WorkerDiedError as error:
        failures.append(error.message)
    return failures[-1]


def _named(step: Step, done: StepDone, recorded: Observation, names: Names) -> Observation:
    """Return the end of a step as the observation that it would have been, with the names that are known."""
    known = done.model_copy(
        update={
            "measurements": with_names(done.measurements, names.sure),
            "notes": tuple(text_with_names(note, names.sure) for note in done.notes),
        }
    )
    return observation_of(step, known, recorded.probe_version, recorded.collected_at)


def _is_blocked(seen: Observation, steps: Mapping[StepId, Step]) -> bool:
    """Tell whether the plan itself says why a step does not run."""
    step = steps.get(seen.step)
    return step is not None and step.blocked is not None


def _blocked(seen: Observation, steps: Mapping[StepId, Step]) -> Observation:
    """Return what the plan makes of a step that does not run."""
    step = steps[seen.step]
    end = StepDone(step=step.id, outcome="not_available", reason=step.blocked)
    return observation_of(step, end, seen.probe_version, seen.collected_at)

"""Measure: plan -> evidence. Every step runs in a worker; what goes wrong inside one is an observation."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from conformity.engines.choose import EngineChoice
from conformity.model.base import ProbeId, StepId, digest_of
from conformity.model.evidence import Evidence, Observation, Package, SubjectRecord, TallyRef
from conformity.model.manifest import Exhibit
from conformity.model.plan import Plan, Step
from conformity.model.subject import ModelSubject, TableSubject
from conformity.model.tally import Tally, describe
from conformity.sandbox.interface import (
    Event,
    Failed,
    Located,
    MeasureJob,
    Sandbox,
    StepDone,
    WorkerDiedError,
)
from conformity.sandbox.needs import only_reads
from conformity.settings import Settings

_logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called with what was just done, how many steps are done, and how many there are."""

_REASON, _NOTE = 500, 5_000
"""Most characters of a reason and of a note."""

_SOFTWARE = (
    "conformity-report",
    "codecarbon",
    "duckdb",
    "fairlearn",
    "joblib",
    "narwhals",
    "numpy",
    "pandas",
    "picklescan",
    "pyarrow",
    "pydantic",
    "scikit-learn",
)


_EMBEDDED = EngineChoice()


@dataclass(frozen=True)
class Measured:
    """What a run brought to light."""

    evidence: Evidence
    """All observations."""
    tallies: tuple[Tally, ...]
    """The tallies behind them, each once, sorted by digest."""


@dataclass(frozen=True)
class Observed:
    """What a set of steps saw."""

    observations: tuple[Observation, ...]
    """One for each step, in the order of the steps."""
    tallies: tuple[Tally, ...]
    """The tallies behind them, each once, sorted by digest."""


def measure(
    plan: Plan,
    located: Mapping[str, Located],
    records: Sequence[SubjectRecord],
    sandbox: Sandbox,
    *,
    workers: int,
    seed: int,
    key: str,
    collected_at: datetime,
    on_progress: Progress,
    engine: EngineChoice = _EMBEDDED,
) -> Measured:
    """Return the evidence of all steps of a plan.

    Args:
        plan: what to run.
        located: subjects and exhibits by id, with their paths.
        records: what was found at those paths, with digests.
        sandbox: how to run workers.
        workers: how many at the same time.
        seed: seed of everything drawn at random.
        key: the key of the pack, under which tallies are sealed; see :mod:`conformity.engines.sealing`.
        collected_at: when the run began.
        on_progress: told of every step done.
        engine: what counts in tables.
    """
    seen = observe(
        plan.steps,
        {spec.id: spec.version for spec in plan.probes},
        located,
        sandbox,
        workers=workers,
        seed=seed,
        key=key,
        collected_at=collected_at,
        on_progress=on_progress,
        engine=engine,
    )
    evidence = Evidence(
        collected_at=collected_at,
        subjects=tuple(records),
        observations=seen.observations,
        software=_software(engine),
        platform=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        isolation=sandbox.isolation(),
        seed=None if seed == Settings.seed else seed,
    )
    return Measured(evidence=evidence, tallies=seen.tallies)


def observe(
    steps: Sequence[Step],
    versions: Mapping[ProbeId, int],
    located: Mapping[str, Located],
    sandbox: Sandbox,
    *,
    workers: int,
    seed: int,
    collected_at: datetime,
    on_progress: Progress,
    engine: EngineChoice = _EMBEDDED,
    key: str = "",
) -> Observed:
    """Return an observation for each step, and the tallies behind them.

    The steps of a table share a worker, those of all tables where they are few, and so do all exhibits,
    since starting one costs more than most of their steps, and so do the steps that only read model files;
    every other step on a model or a log has its own, so that a model which is run cannot touch what is said
    of its file. When a worker dies, the steps it left undone run again, subject by subject and then each
    alone, so that one bad step fails alone.

    Args:
        steps: what to run.
        versions: the version of each probe.
        located: subjects and exhibits by id, with their paths.
        sandbox: how to run workers.
        workers: how many at the same time.
        seed: seed of everything drawn at random.
        collected_at: when the run began.
        on_progress: told of every step done.
        engine: what counts in tables.
        key: the key under which tallies are sealed; empty where none of them is kept.
    """
    results = _Results(steps, on_progress)
    apart: dict[StepId, str] = {}
    for step in steps:
        if step.blocked:
            results.add(StepDone(step=step.id, outcome="not_available", reason=step.blocked))
    tables = tuple(place for place in located.values() if isinstance(place.subject, TableSubject))

    def run(batch: list[Step]) -> None:
        """Run the steps of one worker."""
        subjects = dict.fromkeys(step.subject for step in batch)
        targets = tuple(located[s] for s in subjects)
        counted = any(isinstance(t.subject, TableSubject) for t in targets)
        job = MeasureJob(
            steps=tuple(batch),
            targets=targets,
            tables=tables,
            seed=seed,
            # What has no table has nothing to seal, and needs no secret.
            key=key if counted else "",
            # Only tables are counted in: no other worker needs what the engine needs.
            engine=engine if counted else _EMBEDDED,
        )
        apart.update(dict.fromkeys((step.id for step in batch), sandbox.isolation_of(job)))
        _run_steps(job, sandbox, results)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(run, _batches([step for step in steps if not step.blocked], located)))
    done = [results.done[step.id] for step in steps]
    return Observed(
        observations=tuple(
            observation_of(step, result, versions[step.probe], collected_at, apart.get(step.id))
            for step, result in zip(steps, done, strict=True)
        ),
        tallies=_unique_tallies(done),
    )


class _Results:
    """The results as they come in from several workers."""

    def __init__(self, steps: Sequence[Step], on_progress: Progress) -> None:
        """Begin with nothing done."""
        self.done: dict[StepId, StepDone] = {}
        self._total = len(steps)
        self._on_progress = on_progress

    def add(self, result: StepDone) -> None:
        """Take in one result; the first one counts, so that a worker cannot replace another's."""
        self.done.setdefault(result.step, result)
        self._on_progress(result.step, len(self.done), self._total)


def _batches(steps: Sequence[Step], located: Mapping[str, Located]) -> list[list[Step]]:
    """Return the steps that share a worker, those that take longest first."""
    batches: dict[str, list[Step]] = {}
    few = sum(isinstance(located[step.subject].subject, TableSubject) for step in steps) <= _FEW_STEPS
    for step in steps:
        subject = located[step.subject].subject
        if isinstance(subject, TableSubject):
            name = "tables" if few else f"table {subject.id}"
        elif isinstance(subject, ModelSubject) and only_reads(step):
            name = _FILES
        else:
            name = "exhibits" if isinstance(subject, Exhibit) else f"step {step.id}"
        batches.setdefault(name, []).append(step)
    kinds = {
        name: _FILES if name == _FILES else _kind(located[batch[0].subject])
        for name, batch in batches.items()
    }
    return [batches[name] for name in sorted(batches, key=lambda name: _WEIGHTS[kinds[name]])]


_FILES = "files"
"""The worker that only reads models."""

_FEW_STEPS = 30
"""Up to so many steps on tables share a worker: starting one costs about as much as a dozen."""

_WEIGHTS = {
    "model": 0,
    "table": 1,
    "prompt_log": 2,
    "energy_record": 3,
    "attack_record": 3,
    "imported_record": 3,
    "dependencies": 3,
    _FILES: 4,
    "exhibit": 4,
}
"""The order in which workers start: a model runs for seconds, a document for none."""


def _kind(place: Located) -> str:
    """Return which kind of subject it is."""
    return "exhibit" if isinstance(place.subject, Exhibit) else place.subject.kind


def _run_steps(job: MeasureJob, sandbox: Sandbox, results: _Results) -> None:
    """Run the steps of a job, and again in smaller jobs what a dying worker left undone."""
    reason = _try(job, sandbox, results)
    left = [step for step in job.steps if step.id not in results.done]
    if len(job.steps) == 1:
        for step in left:
            results.add(
                StepDone(step=step.id, outcome="error", reason=reason or "The worker left it undone.")
            )
        return
    for target in job.targets:
        steps = tuple(step for step in left if step.subject == target.subject.id)
        parts = [steps] if len(job.targets) > 1 else [(step,) for step in steps]
        for part in parts:
            if part:
                again = job.model_copy(update={"steps": part, "targets": (target,)})
                _run_steps(again, sandbox, results)


def _try(job: MeasureJob, sandbox: Sandbox, results: _Results) -> str | None:
    """Run a job once; return why it ended early, or None when it ran to its end."""
    failures: list[str] = []
    expected = {step.id for step in job.steps}

    def take(event: Event) -> None:
        if isinstance(event, StepDone) and event.step in expected:
            results.add(event)
        elif isinstance(event, Failed):
            failures.append(event.reason)

    try:
        sandbox.run(job, take)
    except WorkerDiedError as error:
        _logger.warning("worker_died steps=%d reason=%s", len(job.steps), error.message)
        failures.append(error.message)
    return failures[0] if failures else None


def observation_of(
    step: Step, result: StepDone, probe_version: int, collected_at: datetime, isolation: str | None = None
) -> Observation:
    """Return a step's result as an observation with its evidence id.

    Args:
        step: the step.
        result: how it ended.
        probe_version: the version of its probe.
        collected_at: when the run began.
        isolation: how the worker was kept apart; none where there was none.
    """
    return Observation.of(
        step=step.id,
        probe=step.probe,
        probe_version=probe_version,
        subject=step.subject,
        outcome=result.outcome,
        reason=None if result.reason is None else _shortened(result.reason, _REASON),
        measurements=result.measurements if result.outcome == "measured" else (),
        notes=tuple(_shortened(note, _NOTE) for note in result.notes),
        tallies=tuple(
            TallyRef(name=describe(tally.spec), sha256=digest_of(tally), entries=len(tally.entries))
            for tally in result.tallies
        ),
        collected_at=collected_at,
        isolation=isolation,
    )


def _shortened(text: str, most: int) -> str:
    """Return a text as one line of at most ``most`` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 3] + "..."


def _unique_tallies(results: Sequence[StepDone]) -> tuple[Tally, ...]:
    """Return every tally once, sorted by digest."""
    by_digest = {digest_of(tally): tally for result in results for tally in result.tallies}
    return tuple(by_digest[digest] for digest in sorted(by_digest))


def _software(engine: EngineChoice) -> tuple[Package, ...]:
    """Return the packages that take part in measuring, with their versions."""
    found = []
    for name in (*_SOFTWARE, "pyspark") if engine.name == "spark" else _SOFTWARE:
        try:
            found.append(Package(name=name, version=version(name)))
        except PackageNotFoundError:
            _logger.info("package_not_installed name=%s", name)
    return tuple(found)

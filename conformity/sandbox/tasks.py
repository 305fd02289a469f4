"""What a worker does: measure, inspect, profile; every failure inside becomes an event."""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, assert_never, cast

from conformity.engines.choose import EngineChoice, engine_of
from conformity.errors import ConformityError
from conformity.model.subject import TableSubject
from conformity.probes.interface import (
    ComparisonProbe,
    FileProbe,
    NotMeasurableError,
    ProbeResult,
    TableProbe,
    Target,
)
from conformity.probes.registry import load_probe
from conformity.sandbox.interface import (
    Event,
    Failed,
    InspectJob,
    Job,
    ListJob,
    Located,
    MeasureJob,
    Profiled,
    ProfileJob,
    RemeasureJob,
    SelfTestJob,
    StepDone,
    StepWithheld,
    TableInspected,
)

if TYPE_CHECKING:
    from conformity.engines.interface import Engine, Table
    from conformity.model.plan import Step
    from conformity.model.tally import Tally, TallySpec

_logger = logging.getLogger(__name__)

_LINE = 500
_EMBEDDED = EngineChoice()

Emit = Callable[[Event], None]
"""Where events go."""


def do(job: Job, emit: Emit) -> None:
    """Do a job and emit its events."""
    _opened.cache_clear()
    match job:
        case MeasureJob():
            _measure(job, emit)
        case RemeasureJob():
            _remeasure(job, emit)
        case InspectJob():
            _inspect(job, emit)
        case ProfileJob():
            _profile(job, emit)
        case ListJob():
            from conformity.sandbox.listing import list_software

            emit(list_software(job.path))
        case SelfTestJob():
            from conformity.sandbox.attempts import attempt

            emit(attempt(job))
        case _:  # pragma: no cover - the type checker shows that there is no other job
            assert_never(job)


def _measure(job: MeasureJob, emit: Emit) -> None:
    """Run the steps, subject by subject."""
    for target in job.targets:
        steps = [step for step in job.steps if step.subject == target.subject.id]
        if isinstance(target.subject, TableSubject):
            comparing = [step for step in steps if _compares(step)]
            alone = [step for step in steps if step not in comparing]
            _measure_table(job, alone, target.path, target.subject, emit)
            for step in comparing:
                emit(_comparison(job, step, target.subject, target.path))
            continue
        for step in steps:
            try:
                done = _done(step, _examine(job, step, target))
            except Exception as error:
                done = _failed(step, error)
            emit(done)


def _remeasure(job: RemeasureJob, emit: Emit) -> None:
    """Compute every step again from the tallies of a pack."""
    from conformity.sandbox.remeasure import WithheldError, remeasured

    for recalled in job.steps:
        step = recalled.step
        try:
            done: Event = _done(step, remeasured(job, recalled))
        except WithheldError as error:
            done = StepWithheld(step=step.id, reason=str(error))
        except Exception as error:
            done = _failed(step, error)
        emit(done)


def _examine(job: MeasureJob, step: Step, place: Located) -> ProbeResult:
    """Run a probe on a file."""
    tables = {
        located.subject.id: (located.subject, located.path)
        for located in job.tables
        if isinstance(located.subject, TableSubject)
    }
    with tempfile.TemporaryDirectory() as scratch:
        target = Target(
            subject=place.subject,
            path=place.path,
            tables=tables,
            scratch=Path(scratch),
            seed=job.seed,
        )
        return cast("FileProbe", load_probe(step.probe)).examine(target)


def _measure_table(
    job: MeasureJob, steps: Sequence[Step], path: Path, table: TableSubject, emit: Emit
) -> None:
    """Run the steps of a table: one pass for all tallies, then each probe on its own."""
    wanted = {step.id: _wanted(step, table) for step in steps}
    every = tuple(
        dict.fromkeys(spec for specs in wanted.values() if not isinstance(specs, Exception) for spec in specs)
    )
    known: dict[TallySpec, Tally] = {}
    names: Mapping[str, str] = {}
    if every:
        try:
            tallies, names = _sealed(job.key, table, _open(path, table, job.engine).tally(every))
            known = dict(zip(every, tallies, strict=True))
        except Exception as error:
            # One bad column must not take the other steps with it: each asks again for itself.
            _logger.warning("tallies_failed_together: %s", type(error).__name__)
    for step in steps:
        try:
            emit(_measure_step(job, step, path, table, wanted[step.id], known, names))
        except Exception as error:
            emit(_failed(step, error))


def _compares(step: Step) -> bool:
    """Tell whether a step's probe looks at other tables too; one that cannot be loaded fails later."""
    with contextlib.suppress(Exception):
        return hasattr(load_probe(step.probe), "compare")
    return False


def _comparison(job: MeasureJob, step: Step, table: TableSubject, path: Path) -> StepDone:
    """Run the step of a probe that looks at other tables too."""
    places = {
        located.subject.id: (located.subject, located.path)
        for located in job.tables
        if isinstance(located.subject, TableSubject) and located.subject.id != table.id
    }
    others = tuple(subject for subject, _ in places.values())
    try:
        from conformity.engines.hashes import without_hashes
        from conformity.engines.sealing import seal

        probe = cast("ComparisonProbe", load_probe(step.probe))
        everywhere = {**places, table.id: (table, path)}
        tallies = {
            name: _open(everywhere[name][1], everywhere[name][0], job.engine).tally(specs)
            for name, specs in probe.asks(table, others).items()
        }
        # From here on no hash of a row is left, neither for the probe nor for the pack.
        hidden = without_hashes(tallies)
        sealed = seal({name: (everywhere[name][0], found) for name, found in hidden.items()}, job.key)
        kept = tuple(tally for found in sealed.tallies.values() for tally in found)
        return _measured(step, lambda: probe.compare(table, others, sealed.tallies), sealed.names, kept)
    except Exception as error:
        return _failed(step, error)


def _measured(
    step: Step, measure: Callable[[], ProbeResult], names: Mapping[str, str], tallies: tuple[Tally, ...]
) -> StepDone:
    """Return the end of a step that has its tallies; they are kept where they hold nothing to measure too."""
    try:
        return _done(step, _named(measure(), names), tallies)
    except NotMeasurableError as error:
        return _failed(step, error).model_copy(update={"tallies": tallies})


def _wanted(step: Step, table: TableSubject) -> tuple[TallySpec, ...] | Exception:
    """Return the tallies that a step needs, or why it cannot run."""
    try:
        return cast("TableProbe", load_probe(step.probe)).tallies(table)
    except Exception as error:
        return error


def _measure_step(
    job: MeasureJob,
    step: Step,
    path: Path,
    table: TableSubject,
    specs: tuple[TallySpec, ...] | Exception,
    known: dict[TallySpec, Tally],
    names: Mapping[str, str],
) -> StepDone:
    """Take the tallies from the common pass, or compute this step's alone, then measure."""
    if isinstance(specs, Exception):
        raise specs
    if all(spec in known for spec in specs):
        tallies = tuple(known[spec] for spec in specs)
    else:
        tallies, names = _sealed(job.key, table, _open(path, table, job.engine).tally(specs))
    probe = cast("TableProbe", load_probe(step.probe))
    return _measured(step, lambda: probe.measure(table, tallies), names, tallies)


def _sealed(
    key: str, table: TableSubject, tallies: Sequence[Tally]
) -> tuple[tuple[Tally, ...], Mapping[str, str]]:
    """Return the tallies of one table as they are kept, and the names that may be printed."""
    from conformity.engines.sealing import seal

    sealed = seal({table.id: (table, tallies)}, key)
    return sealed.tallies[table.id], sealed.names


def _named(result: ProbeResult, names: Mapping[str, str]) -> ProbeResult:
    """Return what a probe found in sealed tallies, with the names of those groups that may be named."""
    from conformity.engines.sealing import text_with_names, with_names

    return ProbeResult(
        with_names(result.measurements, names), tuple(text_with_names(note, names) for note in result.notes)
    )


def _done(step: Step, result: ProbeResult, tallies: tuple[Tally, ...] = ()) -> StepDone:
    """Return the end of a step that measured.

    Raises:
        NotMeasurableError: it measured nothing.
    """
    if not result.measurements:
        raise NotMeasurableError(f"{step.probe} found nothing to measure")
    return StepDone(
        step=step.id,
        outcome="measured",
        measurements=result.measurements,
        notes=result.notes,
        tallies=tallies,
    )


def _failed(step: Step, error: Exception) -> StepDone:
    """Return the end of a step that did not measure, with the reason."""
    match error:
        case NotMeasurableError():
            return StepDone(step=step.id, outcome="not_available", reason=_short(str(error)))
        case ConformityError():
            reason = error.message
        case MemoryError():
            reason = (
                f"{step.probe} needed more memory than a worker may use; raise CONFORMITY_WORKER_MEMORY_MB"
            )
        case _:
            _logger.error("probe_failed", exc_info=error)
            reason = _inside(step.probe, error)
    return StepDone(step=step.id, outcome="error", reason=_short(reason))


def _inside(what: str, error: Exception) -> str:
    """Return what failed, the kind of error and where; its text stays here, since it may quote the data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}conformity{os.sep}" in frame.filename] or list(frames)
    place = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return _short(f"{what} failed inside: {type(error).__name__}{place}")


def _short(reason: str) -> str:
    """Return a reason no longer than a line may be."""
    return reason if len(reason) <= _LINE else reason[: _LINE - 3] + "..."


def _inspect(job: InspectJob, emit: Emit) -> None:
    """Say which columns each table has."""
    for located in job.tables:
        subject = located.subject
        assert isinstance(subject, TableSubject)
        try:
            columns = _open(located.path, subject).columns()
            found = tuple((column.name, column.kind) for column in columns)
            emit(TableInspected(subject=subject.id, columns=found))
        except ConformityError as error:
            emit(TableInspected(subject=subject.id, problem=error.message))
        except Exception as error:
            _logger.exception("inspection_failed")
            emit(TableInspected(subject=subject.id, problem=_inside("opening the table", error)))


def _profile(job: ProfileJob, emit: Emit) -> None:
    """Describe the columns of a table."""
    from conformity.engines.interface import TableSource
    from conformity.engines.profiling import profile_table

    try:
        profile = profile_table(TableSource(path=job.path, format="auto"))
        emit(Profiled(profile=profile.model_dump(mode="json")))
    except ConformityError as error:
        emit(Failed(reason=error.message))
    except Exception as error:
        _logger.exception("profile_failed")
        emit(Failed(reason=_inside("profiling", error)))


def _open(path: Path, table: TableSubject, choice: EngineChoice = _EMBEDDED) -> Table:
    """Open a table with the engine that was chosen; columns and profiles need the embedded one only."""
    return _opened(path, table, choice)


@lru_cache(maxsize=2)
def _opened(path: Path, table: TableSubject, choice: EngineChoice) -> Table:
    """Open a table; the last two stay open, since a table and the one it is compared with are asked often."""
    from conformity.engines.interface import TableSource

    return _engine(choice).open(TableSource(path=path, format=table.format, table=table.table))


@cache
def _engine(choice: EngineChoice) -> Engine:
    """Return the engine; one for the whole job, since Spark takes seconds to start."""
    return engine_of(choice)

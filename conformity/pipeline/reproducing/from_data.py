"""Compute the observations of a pack again from the data, which are held against their digests first.

The pack is untrusted: nothing that it names is fetched, and nothing is run as a model, unless that is asked
for. Files are read inside the folder that was given and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformity.engines.choose import EngineChoice, engine_choice
from conformity.engines.remote import is_address
from conformity.errors import InputError, IntegrityError, PathError
from conformity.intake.digest import PackKey, record_subject
from conformity.intake.paths import NothingThereError, resolve_inside
from conformity.measure import Observed, Progress, observe
from conformity.model.base import StepId, digest_of
from conformity.model.evidence import Observation, SubjectRecord
from conformity.model.manifest import Exhibit
from conformity.model.plan import Step
from conformity.model.reproduction import SubjectNow
from conformity.model.subject import ModelSubject, Subject, TableSubject
from conformity.model.tally import Tally
from conformity.pipeline.packs import Pack
from conformity.pipeline.shared import check_unchanged, states
from conformity.sandbox.interface import Located, Sandbox
from conformity.sandbox.needs import only_reads
from conformity.settings import Settings

_ELSEWHERE = "It lies at an address; for a pack nothing is fetched."
_MODEL = "It runs a model or a program that the pack names; with --run-models it is run again."
_KEY = (
    "Tallies are sealed under a key that comes from all tables together, and not all of them are there as "
    "they were."
)


@dataclass(frozen=True)
class OfData:
    """What was computed again from the data."""

    subjects: tuple[SubjectNow, ...] = ()
    """Every subject and exhibit held against its file."""
    seen: dict[StepId, Observation] = field(default_factory=dict)
    """The observations, by step."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """The tallies behind them, by digest."""
    withheld: dict[StepId, str] = field(default_factory=dict)
    """Why the other steps were not computed, by step."""


@dataclass(frozen=True)
class Found:
    """What lies in the folder."""

    located: dict[str, Located]
    """Subjects and exhibits by id that are there as they were."""
    subjects: tuple[SubjectNow, ...]
    """Every one, held against its record."""
    key: str
    """The key of the pack; empty where not all tables are there as they were."""


def data_folder(data: Path, settings: Settings) -> Path:
    """Return the folder of the data, without symbolic links; what else lies in it is not looked at.

    Args:
        data: as it was named.
        settings: with the root that nothing may leave.

    Raises:
        PathError: it is no folder, or lies outside the root.
    """
    try:
        folder = data.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise PathError(f"There is no folder {data}; name the one in which the manifest lay.") from error
    if not folder.is_dir():
        raise PathError(f"{data} is no folder; name the one in which the manifest lay.")
    if settings.root is not None and not folder.is_relative_to(settings.root.resolve()):
        raise PathError(f"{data} does not lie inside {settings.root}; choose a folder inside it.")
    return folder


def from_data(
    pack: Pack,
    folder: Path,
    settings: Settings,
    sandbox: Sandbox,
    on_progress: Progress,
    *,
    run_models: bool,
) -> OfData:
    """Return what the steps of a pack measure on the data in a folder.

    Args:
        pack: its records.
        folder: where the manifest's paths lead from.
        settings: limits, and what counts in tables.
        sandbox: how to run workers.
        on_progress: told of every step done.
        run_models: whether models and programs that the pack names are run.

    Raises:
        DataError: a file changed while it was read.
        IntegrityError: a step of the plan is about something that the manifest does not declare.
        MissingLibraryError: the engine is not installed.
    """
    found = found_in(pack, folder, on_progress)
    ready, withheld = _ready(pack, found, run_models=run_models)
    roots = dict.fromkeys(found.located, folder.resolve())
    before = states(found.located, roots)
    seen = _observed(pack, ready, found, settings, sandbox, on_progress)
    check_unchanged(before, found.located, roots)
    return OfData(
        subjects=found.subjects,
        seen={one.step: one for one in seen.observations},
        tallies=_by_digest(seen),
        withheld=withheld,
    )


def _by_digest(seen: Observed) -> dict[str, Tally]:
    """Return tallies by digest."""
    return {digest_of(tally): tally for tally in seen.tallies}


def _observed(
    pack: Pack,
    steps: list[Step],
    found: Found,
    settings: Settings,
    sandbox: Sandbox,
    on_progress: Progress,
) -> Observed:
    """Return what steps see, as it was when the pack was made: with its key, its seed and its moment."""
    if not steps:
        return Observed((), ())
    counted = any(isinstance(found.located[step.subject].subject, TableSubject) for step in steps)
    return observe(
        steps,
        {seen.probe: seen.probe_version for seen in pack.evidence.observations},
        found.located,
        sandbox,
        workers=settings.workers,
        seed=pack.evidence.seed or settings.seed,
        key=found.key,
        collected_at=pack.evidence.collected_at,
        on_progress=on_progress,
        engine=engine_choice(settings) if counted else EngineChoice(),
    )


def found_in(pack: Pack, folder: Path, on_progress: Progress) -> Found:
    """Return what lies in a folder, held against the digests of a pack; tables give their part of the key.

    Args:
        pack: its records.
        folder: where the manifest's paths lead from; nothing is read outside of it.
        on_progress: told of every file.
    """
    records = {str(record.id): record for record in pack.evidence.subjects}
    manifest = pack.assessment.manifest
    things: tuple[Subject | Exhibit, ...] = (*manifest.subjects, *manifest.exhibits)
    key, located, subjects = PackKey(), {}, []
    for number, thing in enumerate(things, 1):
        on_progress(f"reading {thing.id}", number, len(things))
        now, place = _held(thing, records.get(str(thing.id)), folder, key)
        subjects.append(now)
        if place is not None and now.state == "same":
            located[str(thing.id)] = place
    whole = all(
        now.state in ("same", "not_recorded")
        for now, thing in zip(subjects, things, strict=True)
        if isinstance(thing, TableSubject)
    )
    return Found(located, tuple(subjects), key.value() if whole else "")


def _held(
    thing: Subject | Exhibit, record: SubjectRecord | None, folder: Path, key: PackKey
) -> tuple[SubjectNow, Located | None]:
    """Return a subject or exhibit held against its record, and its place where it was read."""
    recorded = record.sha256 if record else None
    if recorded is None:
        return SubjectNow(id=thing.id, state="not_recorded"), None
    if isinstance(thing, TableSubject) and is_address(thing.path):
        return SubjectNow(id=thing.id, state="not_read", recorded=recorded, reason=_ELSEWHERE), None
    try:
        path = resolve_inside(thing.path, folder)
        now = record_subject(thing, path, folder.resolve(), key).sha256
    except NothingThereError:
        return SubjectNow(id=thing.id, state="not_found", recorded=recorded), None
    except InputError as error:
        reason = " ".join(error.message.split())[:500]
        return SubjectNow(id=thing.id, state="not_read", recorded=recorded, reason=reason), None
    state = "same" if now == recorded else "changed"
    return SubjectNow.model_validate(
        {"id": thing.id, "state": state, "recorded": recorded, "now": now}
    ), Located(subject=thing, path=path)


def _ready(pack: Pack, found: Found, *, run_models: bool) -> tuple[list[Step], dict[StepId, str]]:
    """Return the steps that can be computed again, and why the others cannot."""
    states_now = {str(now.id): now for now in found.subjects}
    ready, withheld = [], {}
    for step in pack.assessment.plan.steps:
        if step.blocked:
            continue
        if step.subject not in states_now:
            raise IntegrityError(
                f"The plan of the pack has a step on {step.subject!r}, which its manifest does not declare; "
                "take the pack from where it was archived."
            )
        why = _why_not(step, found, states_now, run_models=run_models)
        if why is None:
            ready.append(step)
        else:
            withheld[step.id] = why
    return ready, withheld


def _why_not(step: Step, found: Found, now: Mapping[str, SubjectNow], *, run_models: bool) -> str | None:
    """Return why a step cannot be computed again, or None when it can."""
    words = {
        "changed": "{name} is not the file that was measured: its digest is another one.",
        "not_found": "{name} is not in the folder.",
        "not_recorded": "The pack holds no digest of {name}.",
    }
    state = now[step.subject]
    if state.state != "same":
        return state.reason or words[state.state].format(name=step.subject)
    thing = found.located[step.subject].subject
    if isinstance(thing, TableSubject):
        return None if found.key else _KEY
    if isinstance(thing, ModelSubject) and not only_reads(step):
        if not run_models:
            return _MODEL
        missing = [name for name in thing.tables if name not in found.located]
        return f"The table {missing[0]}, on which it is run, is not there as it was." if missing else None
    return None

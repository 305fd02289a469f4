"""Assess: the whole path from a manifest to a pack."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from conformity import __version__
from conformity.archive.pack import check_place, write_pack
from conformity.engines.choose import EngineChoice, engine_choice
from conformity.intake.criteria_lock import read_lock
from conformity.intake.digest import PackKey, record_subject
from conformity.intake.inspect import check_tables
from conformity.intake.lock import LOCKED_MANIFEST, lock_manifest
from conformity.intake.manifest import LoadedManifest
from conformity.judge import judge
from conformity.judge.nonconformities import Judged, register
from conformity.measure import Measured, Progress, measure
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, digest_of
from conformity.model.criteria_lock import CriteriaLock
from conformity.model.evidence import Evidence, SubjectRecord
from conformity.model.plan import Plan
from conformity.model.summary import AssessmentSummary
from conformity.pipeline.deleted import gone_records, without_gone
from conformity.pipeline.energy_before import with_energy_before
from conformity.pipeline.previous import Before, read_before
from conformity.pipeline.remote import Places, all_places
from conformity.pipeline.shared import (
    check_output,
    check_unchanged,
    chosen_formats,
    columns_found,
    load_manifest,
    sandbox_of,
    states,
)
from conformity.pipeline.summary import summarise
from conformity.plan import make_plan
from conformity.render import EVIDENCE_FILENAME, evidence_json
from conformity.render import formats as known_formats
from conformity.render.interface import Early, Format
from conformity.render.languages import check_language
from conformity.settings import DISCLOSURE_LIMIT, Settings


def assess(
    manifest: Path,
    folder: Path | None,
    *,
    formats: Sequence[str],
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
    own: Collection[Literal["manifest", "folder"]] = (),
    previous: Path | None = None,
    language: str = "en",
) -> AssessmentSummary:
    """Measure, judge and report on a system; write the pack.

    Args:
        manifest: the manifest's file.
        folder: where the pack is to appear; ``reports/<system>-<version>`` when not given.
        formats: names of the documents to make.
        moment: the present, in UTC.
        as_of: the day whose law applies.
        settings: limits.
        on_progress: told of every step done.
        own: what the caller made itself, so that it need not lie inside the allowed root.
        previous: the pack of the version before, from which open non-conformities are carried on.
        language: the language of the report; the records stay English.

    Returns:
        The assessment in short, with the files written.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    chosen = chosen_documents(formats)
    check_language(language)
    loaded = load_manifest(manifest, replace(settings, root=None) if "manifest" in own else settings)
    folder = (folder or Path("reports") / _pack_name(loaded)).absolute()
    limit = None if "folder" in own else settings.root
    check_output(folder, limit)
    check_place(folder)
    before = read_before(previous, loaded, folder, settings)
    lock = read_lock(loaded, settings.root, settings.manifest_max_bytes)
    with ExitStack() as stack:
        ready = [stack.enter_context(one.prepared()) for one in chosen]
        measured, plan = measure_system(loaded, moment, as_of, settings, on_progress, before)
        assessment = conclude(loaded, plan, measured.evidence, moment, before, lock)
        files = pack_files(loaded, assessment, measured, ready, on_progress, language)
    # Minutes have passed: a folder on the way may have become a link since.
    check_output(folder, limit)
    write_pack(folder, files)
    return summarise(assessment, folder, files)


def conclude(
    loaded: LoadedManifest,
    plan: Plan,
    evidence: Evidence,
    moment: datetime,
    before: Before | None = None,
    lock: CriteriaLock | None = None,
) -> Assessment:
    """Return the assessment that follows from a plan and its evidence; no file is touched.

    Args:
        loaded: the manifest.
        plan: what was looked at.
        evidence: what was seen.
        moment: when it is judged, in UTC.
        before: the version before, from which open non-conformities are carried on.
        lock: the lock of the bounds that the manifest names; without it none of them counts.
    """
    digest, named = digest_of(evidence), before.named if before else None
    findings = judge(loaded.manifest, plan, evidence, moment.date(), lock, named)
    now = Judged(loaded.manifest, plan, findings, digest, moment.date())
    return Assessment(
        tool=f"conformity {__version__}",
        assessed_at=moment,
        manifest=loaded.manifest,
        criteria_lock=lock,
        manifest_sha256=loaded.sha256,
        plan=plan,
        evidence_sha256=digest,
        findings=findings,
        previous=named,
        non_conformities=register(now, before.assessment if before else None),
    )


def measure_system(
    loaded: LoadedManifest,
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
    before: Before | None,
) -> tuple[Measured, Plan]:
    """Find, digest and measure everything the manifest names; return what was seen, and what was looked at.

    Raises:
        ConformityError: something that the manifest names is not there, cannot be read, or changed meanwhile.
    """
    engine = engine_choice(settings)
    with all_places(loaded, settings, on_progress) as places:
        if before is not None and before.evidence is not None:
            known = with_energy_before(places.located, before.evidence, before.named.version)
            places = replace(places, located=known)
        return _measure_at(places, loaded, moment, as_of, settings, on_progress, engine)


def _measure_at(
    places: Places,
    loaded: LoadedManifest,
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
    engine: EngineChoice,
) -> tuple[Measured, Plan]:
    """Digest and measure everything at its place."""
    located = places.located
    before = states(located, places.roots)
    sandbox = sandbox_of(settings)
    on_progress("reading and digesting", 0, len(located))
    with ThreadPoolExecutor(max_workers=2) as pool:
        inspection = pool.submit(columns_found, located, sandbox)
        pool.submit(sandbox.isolation)
        records, key = _records(places, loaded)
        check_tables(loaded, inspection.result())
    plan = without_gone(make_plan(loaded.manifest, as_of, settings.depth), places.gone)
    measured = measure(
        plan,
        located,
        records,
        sandbox,
        workers=settings.workers,
        seed=settings.seed,
        key=key,
        collected_at=moment,
        on_progress=on_progress,
        engine=engine,
    )
    check_unchanged(before, located, places.roots)
    return measured, plan


def _records(places: Places, loaded: LoadedManifest) -> tuple[tuple[SubjectRecord, ...], str]:
    """Return the digests of everything located, and the key of the pack that comes from the tables.

    Links may lead anywhere inside the root of each. A table that is gone has a record without a digest.
    """
    key = PackKey()
    records = gone_records(loaded.manifest, places.gone)
    for name, place in places.located.items():
        records[name] = record_subject(place.subject, place.path, places.roots[name], key)
    things = (*loaded.manifest.subjects, *loaded.manifest.exhibits)
    return tuple(records[str(thing.id)] for thing in things), key.value()


def chosen_documents(names: Sequence[str]) -> list[Format]:
    """Return the formats with these names, without repeats; JSON, the record itself, is always among them.

    Raises:
        UsageError: there is no such format, or none was named.
    """
    known = known_formats()
    chosen = chosen_formats(names, sorted(known), "documents")
    return [known[name] for name in dict.fromkeys(["json", *chosen])]


def pack_files(
    loaded: LoadedManifest,
    assessment: Assessment,
    measured: Measured,
    formats: Sequence[Format],
    on_progress: Progress,
    language: str,
) -> dict[str, bytes]:
    """Return the files of a pack by name: the record, the evidence, the tallies, the documents, the manifest.

    Args:
        loaded: the manifest.
        assessment: what was judged.
        measured: what was seen.
        formats: the documents, all made ready.
        on_progress: told of every document.
        language: the language of the documents.

    Raises:
        RenderError: a document cannot be made.
    """
    for chosen in formats:
        if isinstance(chosen, Early):
            chosen.begin(assessment, measured.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language)
    files = {
        EVIDENCE_FILENAME: evidence_json(measured.evidence),
    }
    for tally in measured.tallies:
        files[f"tallies/{digest_of(tally)[7:]}.json"] = canonical_json(tally)
    for number, chosen in enumerate(formats, 1):
        on_progress(f"writing {chosen.filename}", number, len(formats))
        files[chosen.filename] = chosen.render(
            assessment, measured.evidence, disclosure_limit=DISCLOSURE_LIMIT, language=language
        )
    digests = {str(record.id): record.sha256 for record in measured.evidence.subjects if record.sha256}
    files[LOCKED_MANIFEST] = lock_manifest(loaded, digests)
    return files


def _pack_name(loaded: LoadedManifest) -> str:
    """Return a folder name from the system's name and versions."""
    system = loaded.manifest.system
    text = f"{system.name}-{system.version}-assessment-{loaded.manifest.edition.version}"
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.")[:100] or "assessment"

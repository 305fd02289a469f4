"""An assessment in four stages: the same files as :func:`conformity.pipeline.assessing.assess` makes."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from conformity.archive.pack import check_place
from conformity.archive.sums import SUMS, sums_of
from conformity.errors import UsageError
from conformity.intake.criteria_lock import read_lock
from conformity.intake.manifest import LoadedManifest, parse_manifest, read_manifest
from conformity.measure import Measured, Progress
from conformity.model.assessment import Assessment
from conformity.model.base import canonical_json, digest_of
from conformity.model.criteria_lock import CriteriaLock
from conformity.model.evidence import Evidence
from conformity.model.nonconformity import Previous
from conformity.model.plan import Plan
from conformity.model.run import AssessmentRequest, DraftedManifest, DraftGuess, Run
from conformity.model.tally import Tally
from conformity.pipeline.assessing import chosen_documents, conclude, measure_system, pack_files
from conformity.pipeline.drafting import draft_manifest, draft_place
from conformity.pipeline.previous import Before, read_before
from conformity.pipeline.shared import check_names, check_output
from conformity.pipeline.staged.folders import leave, left
from conformity.pipeline.staged.limits import check_reach, settings_of
from conformity.pipeline.staged.places import DRAFTED, PACK, RESULT, pack_place, work_of
from conformity.pipeline.summary import summarise
from conformity.render import EVIDENCE_FILENAME, evidence_json
from conformity.render.languages import check_language
from conformity.settings import Settings

_MANIFEST, _WHENCE, _LOCK, _TALLIES = "manifest.yaml", "manifest.json", "criteria-lock.json", "tallies/"
_BEFORE, _BEFORE_NAMED, _BEFORE_SEEN = "before.json", "before-named.json", "before-evidence.json"


@dataclass(frozen=True)
class _Inputs:
    """What an assessment begins with, as it was when the run began."""

    loaded: LoadedManifest
    """The manifest."""
    before: Before | None
    """The version before."""
    lock: CriteriaLock | None
    """The lock of bounds that the manifest names."""


def prepare(run: Run, request: AssessmentRequest, settings: Settings, on_progress: Progress) -> None:
    """Read everything that is asked for and keep it, so that what happens to it later changes nothing.

    Raises:
        ConformityError: something of it cannot be used.
    """
    chosen_documents(request.formats)
    check_language(request.language)
    limits = settings_of(run, settings)
    if request.output is not None:
        check_output(Path(request.output), settings.root)
        check_place(Path(request.output))
    on_progress("reading the manifest", 0, 1)
    loaded, drafted = _manifest(request, limits)
    check_names(loaded)
    check_reach(loaded, run, limits)
    previous = Path(request.previous) if request.previous else None
    before = read_before(previous, loaded, pack_place(run), settings)
    lock = read_lock(loaded, limits.root, limits.manifest_max_bytes)
    files = {_MANIFEST: loaded.raw, _WHENCE: _json([loaded.source.name, str(loaded.folder)])}
    if drafted is not None:
        files[DRAFTED] = canonical_json(drafted)
    if lock is not None:
        files[_LOCK] = canonical_json(lock)
    if before is not None:
        files |= {_BEFORE: canonical_json(before.assessment), _BEFORE_NAMED: canonical_json(before.named)}
    if before is not None and before.evidence is not None:
        files[_BEFORE_SEEN] = evidence_json(before.evidence)
    leave(work_of(run), "preparing", files)


def measure(run: Run, request: AssessmentRequest, settings: Settings, on_progress: Progress) -> None:
    """Measure everything, and keep the evidence and the tallies under their digests.

    Raises:
        ConformityError: something that the manifest names cannot be used.
    """
    inputs = _inputs(run)
    as_of = request.as_of or run.asked_at.date()
    measured, plan = measure_system(
        inputs.loaded, run.asked_at, as_of, settings_of(run, settings), on_progress, inputs.before
    )
    files = {EVIDENCE_FILENAME: evidence_json(measured.evidence), "plan.json": canonical_json(plan)}
    for tally in measured.tallies:
        files[f"{_TALLIES}{digest_of(tally)[7:]}.json"] = canonical_json(tally)
    leave(work_of(run), "measuring", files)


def judge(run: Run) -> None:
    """Judge what was measured, and keep the assessment.

    Raises:
        IntegrityError: what an earlier stage left is not as it was.
    """
    inputs = _inputs(run)
    measured, plan = _measured(run)
    assessment = conclude(inputs.loaded, plan, measured.evidence, run.asked_at, inputs.before, inputs.lock)
    leave(work_of(run), "judging", {"assessment.json": canonical_json(assessment)})


def render(run: Run, request: AssessmentRequest, on_progress: Progress) -> None:
    """Make the documents, and keep the pack as it is to appear, and the answer beside it.

    Raises:
        RenderError: a document cannot be made.
        IntegrityError: what an earlier stage left is not as it was.
    """
    with ExitStack() as stack:
        ready = [stack.enter_context(one.prepared()) for one in chosen_documents(request.formats)]
        loaded, (measured, _) = _inputs(run).loaded, _measured(run)
        assessment = Assessment.model_validate_json(left(work_of(run), "judging")["assessment.json"])
        files = pack_files(loaded, assessment, measured, ready, on_progress, request.language)
    summary = summarise(assessment, pack_place(run), files)
    whole = {**files, SUMS: sums_of(files)}
    answer = {RESULT: canonical_json(summary)}
    leave(work_of(run), "rendering", {f"{PACK}/{name}": content for name, content in whole.items()} | answer)


def _manifest(request: AssessmentRequest, limits: Settings) -> tuple[LoadedManifest, DraftedManifest | None]:
    """Return the manifest that is named, or one drafted from the data, which is not written yet.

    Raises:
        UsageError: neither is named.
        PathError: there is a manifest already where the drafted one is to lie.
    """
    if request.manifest is not None:
        path = Path(request.manifest)
        return read_manifest(path, root=limits.root, max_bytes=limits.manifest_max_bytes), None
    if not request.data:
        raise UsageError("Name a manifest, or data files to draft one from.")
    data = [Path(path) for path in request.data]
    place = draft_place(data, limits)
    draft = draft_manifest(data, place, limits)
    guesses = tuple(DraftGuess(field=one.field, value=one.value, reason=one.reason) for one in draft.guesses)
    drafted = DraftedManifest(path=str(place), text=draft.text, guesses=guesses)
    return parse_manifest(draft.text.encode(), name=str(place), folder=place.parent), drafted


def _inputs(run: Run) -> _Inputs:
    """Return what the run began with."""
    files = left(work_of(run), "preparing")
    name, folder = json.loads(files[_WHENCE])
    loaded = parse_manifest(files[_MANIFEST], name=name, folder=Path(folder))
    lock = CriteriaLock.model_validate_json(files[_LOCK]) if _LOCK in files else None
    if _BEFORE not in files:
        return _Inputs(loaded, None, lock)
    seen = Evidence.model_validate_json(files[_BEFORE_SEEN]) if _BEFORE_SEEN in files else None
    named = Previous.model_validate_json(files[_BEFORE_NAMED])
    return _Inputs(loaded, Before(Assessment.model_validate_json(files[_BEFORE]), named, seen), lock)


def _measured(run: Run) -> tuple[Measured, Plan]:
    """Return what was seen, and what was looked at."""
    files = left(work_of(run), "measuring")
    evidence = Evidence.model_validate_json(files[EVIDENCE_FILENAME])
    names = sorted(name for name in files if name.startswith(_TALLIES))
    tallies = tuple(Tally.model_validate_json(files[name]) for name in names)
    return Measured(evidence, tallies), Plan.model_validate_json(files["plan.json"])


def _json(value: list[str]) -> bytes:
    """Return texts as JSON."""
    return json.dumps(value).encode()

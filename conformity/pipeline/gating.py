"""Assess in a pipeline: write the pack, hold it against a baseline, and write what code hosts read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from conformity.archive.pack import check_place, write_pack
from conformity.errors import DataError
from conformity.intake.manifest import LoadedManifest
from conformity.judge import gate
from conformity.judge.baseline import against, failing
from conformity.judge.nonconformities import with_register
from conformity.measure import Progress
from conformity.model.assessment import Assessment
from conformity.model.base import sha256_of
from conformity.model.baseline import FailOn, PipelineOutcome
from conformity.model.summary import AssessmentSummary, VerdictCounts
from conformity.pipeline.assessing import assess
from conformity.pipeline.baseline import Baseline, read_baseline
from conformity.pipeline.checking import check_manifest
from conformity.pipeline.packs import read_pack
from conformity.pipeline.placing import placing_of
from conformity.pipeline.shared import check_output, load_manifest
from conformity.pipeline.shown import shown
from conformity.render import formats as known_formats
from conformity.render.ci.points import points
from conformity.settings import DISCLOSURE_LIMIT, Settings

PACK, PUBLISH, RECORD = "pack", "publish", "outcome.json"
"""The whole pack, which holds confidential figures; what may be shown; and the file that is never missing."""

_MOST_FAULTS = 10


@dataclass(frozen=True)
class PipelineRequest:
    """What a pipeline asks for."""

    manifest: Path
    """The manifest."""
    folder: Path
    """Where ``pack`` and ``publish`` are to appear."""
    repository: Path
    """The root of the repository that code hosts show."""
    formats: tuple[str, ...]
    """Documents of the pack."""
    as_of: date
    """The day whose law applies."""
    previous: Path | None = None
    """Pack of the version before."""
    baseline: Path | None = None
    """What was open here, and is no worse, does not fail the pipeline."""
    fail_on: FailOn = "open"
    """What fails the pipeline."""
    language: str = "en"
    """Language of the report."""


@dataclass(frozen=True)
class Prepared:
    """A request that was found to be in order, before anything is measured."""

    asked: PipelineRequest
    """The request."""
    loaded: LoadedManifest
    """The manifest."""
    before: Baseline | None
    """The baseline."""

    @property
    def publish(self) -> Path:
        """The folder of what may be shown."""
        return self.asked.folder.absolute() / PUBLISH


@dataclass(frozen=True)
class Views:
    """An assessment as it was rendered, here or by a server."""

    record: bytes
    """The assessment, with the exact figures of its findings; it is not shown."""
    reports: Mapping[str, bytes]
    """The documents that may be shown."""
    sarif: bytes
    """The SARIF export."""
    junit: bytes
    """The JUnit export."""
    summary: bytes
    """The export in Markdown."""


@dataclass(frozen=True)
class Gated:
    """An assessment in a pipeline."""

    outcome: PipelineOutcome
    """What it came to."""
    annotations: tuple[str, ...]
    """What is open as workflow commands."""
    summary: AssessmentSummary | None = None
    """The assessment in short, where it was made here."""


def assess_in_pipeline(
    asked: PipelineRequest, *, moment: datetime, settings: Settings, on_progress: Progress
) -> Gated:
    """Assess a system, and write the pack and what code hosts read.

    Args:
        asked: what the pipeline asks for.
        moment: the present, in UTC.
        settings: limits.
        on_progress: told of every step done.

    Raises:
        ConformityError: something handed in is unusable; nothing was written.
    """
    ready = prepare(asked, moment.date(), settings)
    summary = assess(
        asked.manifest,
        asked.folder.absolute() / PACK,
        formats=asked.formats,
        moment=moment,
        as_of=asked.as_of,
        settings=settings,
        on_progress=on_progress,
        previous=asked.previous,
        language=asked.language,
    )
    return publish(ready, _views(Path(summary.pack), asked, settings), summary)


def prepare(asked: PipelineRequest, today: date, settings: Settings) -> Prepared:
    """Return a request with its manifest and baseline, read before anything takes long.

    Args:
        asked: the request.
        today: the present day.
        settings: limits.

    Raises:
        ConformityError: something handed in is unusable, or the place is taken by something else.
    """
    folder = asked.folder.absolute() / PUBLISH
    check_output(folder, settings.root)
    check_place(folder, RECORD)
    loaded = load_manifest(asked.manifest, settings)
    before = read_baseline(asked.baseline, loaded.manifest, today, settings) if asked.baseline else None
    return Prepared(asked, loaded, before)


def publish(ready: Prepared, views: Views, summary: AssessmentSummary | None = None) -> Gated:
    """Write what code hosts read, and return what the assessment came to.

    Args:
        ready: the request.
        views: the assessment.
        summary: the assessment in short, where it was made here.

    Raises:
        DataError: the assessment is of another manifest.
        PathError: nothing can be written.
    """
    from conformity.render.ci.annotations import commands
    from conformity.render.ci.codequality import code_quality
    from conformity.render.ci.comment import comment
    from conformity.render.ci.sarif import placed_sarif

    asked = ready.asked
    judged = with_register(Assessment.model_validate_json(views.record))
    if ready.loaded.sha256 != judged.manifest_sha256:
        raise DataError(f"{asked.manifest} changed while it was assessed; run again when it is whole.")
    changes = against(judged, *ready.before) if ready.before else None
    whole = gate(judged.findings, judged.plan.classification.outcome)
    code = failing(changes.gate if changes else whole, asked.fail_on)
    placing = placing_of(asked.manifest, asked.repository, ready.loaded, judged)
    log = json.loads(views.sarif)
    told = points(log, placing, changes)
    files = {
        "report.sarif": placed_sarif(log, placing, changes),
        "junit.xml": views.junit,
        "codequality.json": code_quality(told, placing),
        "comment.md": comment(log, views.summary, told, changes, gate=code, fail_on=asked.fail_on),
        **views.reports,
    }
    outcome = PipelineOutcome(
        counts=VerdictCounts.model_validate(Counter(one.verdict for one in judged.findings)),
        summary_gate=whole,
        gate=code,
        fail_on=asked.fail_on,
        against=changes,
        folder=str(ready.publish),
        pack=summary.pack if summary else None,
        files=tuple(sorted([*files, RECORD])),
        assessment_sha256=sha256_of(views.record),
    )
    told_json = json.dumps(outcome.model_dump(mode="json"), ensure_ascii=False, indent=2)
    write_pack(ready.publish, {**files, RECORD: f"{told_json}\n".encode()}, RECORD)
    return Gated(outcome, commands(told, placing), summary)


def _views(folder: Path, asked: PipelineRequest, settings: Settings) -> Views:
    """Return the views of a pack that was just written."""
    pack = read_pack(folder, settings)
    judged, known = with_register(pack.assessment), known_formats()
    sarif, junit, summary = (
        known[name].render(judged, pack.evidence, disclosure_limit=DISCLOSURE_LIMIT)
        for name in ("sarif", "junit", "md")
    )
    record = (folder / "assessment.json").read_bytes()
    return Views(record, shown(pack, asked.formats, asked.language), sarif, junit, summary)


def faults(manifest: Path, settings: Settings, place: str) -> tuple[str, ...]:
    """Return what is wrong with a manifest that cannot be assessed, as workflow commands.

    Args:
        manifest: the file.
        settings: limits.
        place: the file as the code host names it.
    """
    from conformity.render.ci.annotations import command

    found = check_manifest(manifest, settings).errors
    return tuple(
        command(
            "error",
            f"{one.message}; {one.fix}",
            file=place,
            line=one.line or 1,
            column=one.column,
            title=one.field or "Manifest",
        )
        for one in found[:_MOST_FAULTS]
    )

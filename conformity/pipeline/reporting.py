"""Make a report in one call: from a manifest, or from data alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from conformity.errors import PathError
from conformity.intake.draft import Guess
from conformity.measure import Progress
from conformity.model.summary import AssessmentSummary
from conformity.pipeline.assessing import assess
from conformity.pipeline.drafting import draft_manifest
from conformity.pipeline.shared import check_output
from conformity.render.languages import check_language
from conformity.settings import Settings

_FORMATS = ("html", "pdf", "json")


@dataclass(frozen=True)
class Drafted:
    """A manifest that was drafted on the way."""

    path: Path
    """Where it is."""
    guesses: tuple[Guess, ...]
    """What was guessed in it."""


def report_on_manifest(
    manifest: Path,
    folder: Path | None,
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
    *,
    language: str = "en",
    previous: Path | None = None,
) -> AssessmentSummary:
    """Assess a system and write the pack to ``folder``, or beside the manifest when not given."""
    return assess(
        manifest,
        folder or manifest.parent / "conformity-report",
        formats=_FORMATS,
        moment=moment,
        as_of=as_of,
        settings=settings,
        on_progress=on_progress,
        language=language,
        previous=previous,
    )


def report_on_data(
    data: Sequence[Path],
    folder: Path | None,
    moment: datetime,
    as_of: date,
    settings: Settings,
    on_progress: Progress,
    *,
    language: str = "en",
) -> tuple[AssessmentSummary, Drafted]:
    """Draft a manifest beside the first data file, assess by it, and return both.

    Raises:
        UsageError: there is no catalogue of the language; no draft is written.
        PathError: there is a drafted manifest already; it may have been edited and is not replaced.
    """
    check_language(language)
    place = data[0].parent.resolve() / "conformity.yaml"
    check_output(place, settings.root)
    if os.path.lexists(place):
        raise PathError(f"{place} exists already; give it as the manifest, or move it away to draft anew.")
    drafted = draft_manifest(data, place, settings)
    created = False
    try:
        # A new file and nothing else: a link that appeared meanwhile is not followed.
        with place.open("x", encoding="utf-8") as file:
            created = True
            file.write(drafted.text)
    except OSError as error:
        if created:
            place.unlink(missing_ok=True)
        raise PathError(f"{place} could not be written ({error.strerror or error}).") from error
    summary = report_on_manifest(place, folder, moment, as_of, settings, on_progress, language=language)
    return summary, Drafted(path=place, guesses=tuple(drafted.guesses))

"""Draft a manifest from data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from conformity.catalog.load import questions
from conformity.engines.profile import TableProfile
from conformity.errors import DataError, PathError
from conformity.intake.draft import Draft
from conformity.intake.draft import draft_manifest as draft
from conformity.intake.paths import resolve_inside
from conformity.pipeline.shared import check_output, sandbox_of
from conformity.sandbox.interface import Event, Failed, Profiled, ProfileJob
from conformity.settings import Settings


def draft_manifest(data: Sequence[Path], output: Path | None, settings: Settings) -> Draft:
    """Profile data files and return a commented draft of a manifest.

    Args:
        data: the files, folders or globs.
        output: where the draft will be written; paths in it are relative to that folder.
        settings: limits.
    """
    base = (output.parent if output else Path.cwd()).resolve()
    profiles = [_profile(path, base, settings) for path in data]
    return draft(profiles, questions())


def draft_place(data: Sequence[Path], settings: Settings) -> Path:
    """Return where the manifest of data files is drafted: ``conformity.yaml`` beside the first of them.

    Raises:
        PathError: there is one already; it may have been edited and is not replaced.
    """
    place = data[0].parent.resolve() / "conformity.yaml"
    check_output(place, settings.root)
    if os.path.lexists(place):
        raise PathError(f"{place} exists already; give it as the manifest, or move it away to draft anew.")
    return place


def draft_beside(data: Sequence[Path], settings: Settings) -> Path:
    """Draft a manifest, write it beside the first data file and return where.

    Raises:
        PathError: there is one already, or it cannot be written.
    """
    place = draft_place(data, settings)
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
        raise PathError(
            f"{place} could not be written ({error.strerror or error}); free some space, or move the data."
        ) from error
    return place


def _profile(path: Path, base: Path, settings: Settings) -> tuple[str, TableProfile]:
    """Return a table's path relative to ``base`` and what its columns look like.

    Raises:
        PathError: there is nothing, or it does not lie below ``base``.
        DataError: it cannot be read as a table.
    """
    absolute = path.resolve()
    if not absolute.is_relative_to(base):
        raise PathError(
            f"{path} does not lie below {base}, where the manifest belongs; a manifest reaches only files "
            "in its own folder: write it beside the data with -o."
        )
    name = absolute.relative_to(base).as_posix()
    place = resolve_inside(name, base, settings.root or base)
    events: list[Event] = []
    sandbox_of(settings).run(ProfileJob(path=place), events.append)
    for event in events:
        if isinstance(event, Profiled):
            return name, TableProfile.model_validate(event.profile)
    reasons = [event.reason for event in events if isinstance(event, Failed)]
    raise DataError(f"{path}: {reasons[0] if reasons else 'the worker said nothing; try again.'}")

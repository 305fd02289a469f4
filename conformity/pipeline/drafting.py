"""Draft a manifest from data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformity.catalog.load import questions
from conformity.engines.profile import TableProfile
from conformity.errors import DataError, PathError
from conformity.intake.draft import Draft
from conformity.intake.draft import draft_manifest as draft
from conformity.intake.paths import resolve_inside
from conformity.pipeline.shared import sandbox_of
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

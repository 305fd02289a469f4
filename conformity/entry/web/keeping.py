"""What was handed in and is not assessed yet: its files, its manifest, and whose it is.

It lies in ``drafts`` beside the runs for a day at most, under the name that its run will have, so that
asking twice is asking once.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from conformity.entry.jobs.interface import INPUT
from conformity.entry.rest.asked import MANIFEST, run_id_for
from conformity.entry.rest.parts import Upload
from conformity.entry.rest.service import Service
from conformity.entry.rest.staging import run_folder
from conformity.entry.web.words import words
from conformity.errors import BusyError, DataError, InputError, NotFoundError
from conformity.model.base import Depth, Instant, Line, Value
from conformity.model.run import Owner, RunId
from conformity.settings import Settings

_DRAFTS: Final = "drafts"
_FILES: Final = "files"
_RECORD: Final = "draft.json"
_KEPT_S: Final = 24 * 3600
_MOST: Final = 50
_UPLOADED: Final = "upload"


class Draft(Value):
    """Something handed in that is not assessed yet."""

    id: RunId
    """What its run will be called."""
    owner: Owner
    """Who handed it in; nobody else sees it."""
    at: Instant
    """When."""
    depth: Depth
    """How much is to be measured."""
    drafted: bool
    """Whether there was no manifest, so that one was drafted."""
    names: tuple[Line, ...]
    """The names of the files."""


def keep(given: Service, upload: Upload, owner: str, at: datetime, depth: Depth) -> str:
    """Keep an upload until it is assessed, with a manifest drafted if there is none, and return its name.

    Args:
        given: what the server works with.
        upload: what was uploaded; its folder is moved.
        owner: who uploaded it.
        at: the present, in UTC.
        depth: how much is to be measured.

    Raises:
        InputError: no data file is there, or a manifest cannot be drafted from what is.
        BusyError: too much waits to be assessed.
    """
    names = tuple(sorted(upload.files.get("data", ())))
    if not names:
        raise InputError(words()["upload"]["no_files"])
    _clean(given.data, owner)
    manifest = upload.folder / MANIFEST
    drafted = not manifest.exists() or not manifest.stat().st_size
    draft = Draft(id=run_id_for(owner, None), owner=owner, at=at, depth=depth, drafted=drafted, names=names)
    if drafted:
        manifest.unlink(missing_ok=True)
        _write_manifest(upload.folder, names, given.settings)
    place = given.data / _DRAFTS / draft.id
    place.mkdir(mode=0o700, parents=True)
    (place / _RECORD).write_text(draft.model_dump_json(), "utf-8")
    upload.folder.rename(place / _FILES)
    return draft.id


def find(given: Service, name: str, owner: str) -> tuple[Draft, Path]:
    """Return something that was handed in, and the folder of its files.

    Raises:
        NotFoundError: this owner has handed in nothing of this name, or it was assessed or removed since.
    """
    place = given.data / _DRAFTS / name
    try:
        draft = Draft.model_validate_json((place / _RECORD).read_bytes())
    except (OSError, ValueError) as error:
        raise NotFoundError(words()["error"]["missing"]) from error
    if draft.owner != owner or draft.id != name:
        raise NotFoundError(words()["error"]["missing"])
    return draft, place / _FILES


def handed_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the files from which a run was begun on a page; none where it was not."""
    try:
        return Draft.model_validate_json((folder / _RECORD).read_bytes()).names
    except (OSError, ValueError):
        return ()


def put_manifest(files: Path, text: str) -> None:
    """Replace the manifest of something that was handed in, whole or not at all."""
    partial = files.parent / f"{MANIFEST}.partial"
    partial.write_text(text, "utf-8")
    partial.replace(files / MANIFEST)


def within(settings: Settings, files: Path) -> Settings:
    """Return settings under which nothing but the files that were handed in can be named."""
    return replace(settings, root=files)


@contextmanager
def as_input(given: Service, draft: Draft, files: Path) -> Iterator[Path]:
    """Give the folder of the files as input of the run; they go back if anything fails."""
    place = run_folder(given.data, draft.id) / INPUT / _UPLOADED
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.rename(place)
    try:
        yield place
    except BaseException:
        place.rename(files)
        for empty in (place.parent, place.parent.parent):
            with suppress(OSError):
                empty.rmdir()
        raise
    with suppress(OSError):
        (files.parent / _RECORD).rename(run_folder(given.data, draft.id) / _RECORD)
    shutil.rmtree(files.parent, ignore_errors=True)


def _write_manifest(folder: Path, names: tuple[str, ...], settings: Settings) -> None:
    """Draft the manifest of some data files beside them, in a worker.

    Raises:
        DataError: one of them is no table that can be read; the message names it as it was handed in.
        ConformityError: no worker can be started.
    """
    from conformity.pipeline.drafting import draft_manifest

    place = folder / MANIFEST
    try:
        draft = draft_manifest([folder / name for name in names], place, within(settings, folder))
    except InputError as error:
        raise DataError(error.message.replace(f"{folder}/", "").replace(str(folder), "-")) from error
    place.write_text(draft.text, "utf-8")


def _clean(data: Path, owner: str) -> None:
    """Remove what was handed in more than a day ago and never assessed.

    Args:
        data: the folder of runs.
        owner: who hands in more; what others handed in does not count against them.

    Raises:
        BusyError: there is too much of theirs that is younger.
    """
    folder = data / _DRAFTS
    folder.mkdir(mode=0o700, exist_ok=True)
    oldest = time.time() - _KEPT_S
    there = 0
    for place in folder.iterdir():
        with suppress(OSError, ValueError):
            if place.stat().st_mtime < oldest:
                shutil.rmtree(place)
            else:
                there += Draft.model_validate_json((place / _RECORD).read_bytes()).owner == owner
    if there >= _MOST:
        raise BusyError("Too many uploads of yours wait to be assessed; assess them, or try again later.")

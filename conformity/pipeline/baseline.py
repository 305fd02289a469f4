"""The assessment that a pipeline measures itself by, read from a pack, a record alone, or an archive."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from conformity.archive.pack import RECORD
from conformity.archive.store.reading import read_log
from conformity.errors import DataError, NotFoundError, PathError
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, sha256_of
from conformity.model.faults import first_fault
from conformity.model.manifest import Manifest
from conformity.pipeline.archived import InArchive, archived_file
from conformity.pipeline.packs import MOST_BYTES, read_pack
from conformity.pipeline.shared import existing
from conformity.settings import Settings


class Baseline(NamedTuple):
    """An earlier assessment of the system."""

    assessment: Assessment
    """What was judged then."""
    sha256: Sha256
    """Digest of its bytes."""


def read_baseline(path: Path, manifest: Manifest, today: date, settings: Settings) -> Baseline:
    """Return the assessment that ``path`` holds.

    Args:
        path: a pack, the file ``assessment.json`` of one, or an archive, of which the last version counts.
        manifest: the system that is assessed now.
        today: the present day.
        settings: limits.

    Raises:
        PathError: there is nothing, or nothing that could be a baseline.
        NotFoundError: the archive holds no version of this system.
        DataError: the record cannot be read, or it is of another system.
        IntegrityError: a record is not the one whose digest the pack or the archive lists.
    """
    found = existing(path, settings)
    if found.is_file():
        baseline = _parsed(_content(found), path)
    elif (found / RECORD).is_file():
        pack = read_pack(found, settings)
        baseline = Baseline(pack.assessment, pack.assessment_sha256)
    else:
        baseline = _archived(found, manifest, today, settings)
    _check_same(path, baseline.assessment.manifest, manifest)
    return baseline


def _archived(place: Path, manifest: Manifest, today: date, settings: Settings) -> Baseline:
    """Return the last archived version of a system.

    Raises:
        PathError: there is no archive.
        NotFoundError: it holds no version of this system.
        IntegrityError: it does not hold together.
    """
    wanted = (manifest.system.name, manifest.provider.name)
    entries = [one.entry for one in read_log(place, today).versions]
    named = [one for one in entries if (one.name, one.provider) == wanted]
    if not named:
        raise NotFoundError(
            f"The archive {place} holds no version of {manifest.system.name}; leave --baseline out the first "
            "time."
        )
    last = named[-1]
    return _parsed(archived_file(InArchive(place, last.system, last.version), RECORD, settings), place)


def _content(file: Path) -> bytes:
    """Return the bytes of a record.

    Raises:
        DataError: it is too large.
        PathError: it cannot be read.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise DataError(f"{file} is too large for an assessment; name the assessment.json of a pack.")
        return file.read_bytes()
    except OSError as error:
        raise PathError(f"{file} cannot be read ({error.strerror}); name another baseline.") from error


def _parsed(content: bytes, path: Path) -> Baseline:
    """Return the assessment in the bytes of a record.

    Raises:
        DataError: they are no assessment that this version reads.
    """
    try:
        return Baseline(Assessment.model_validate_json(content), sha256_of(content))
    except ValidationError as error:
        raise DataError(
            f"{path} is no assessment that this version can read ({first_fault(error)}); name a pack, its "
            "assessment.json, or an archive."
        ) from error


def _check_same(path: Path, then: Manifest, now: Manifest) -> None:
    """Raise DataError when a baseline is of another system or provider."""
    if (then.system.name, then.provider.name) != (now.system.name, now.provider.name):
        raise DataError(
            f"{path} is about {then.system.name} of {then.provider.name}, the manifest about "
            f"{now.system.name} of {now.provider.name}; name a baseline of the same system."
        )

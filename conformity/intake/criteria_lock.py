"""Read the lock of criteria that a manifest names: bytes to a value whose digests match, or an error."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from conformity.errors import IntegrityError, ManifestError, PathError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.names import quoted
from conformity.intake.paths import resolve_inside
from conformity.intake.problems import Problem
from conformity.model.criteria_lock import CriteriaLock
from conformity.model.faults import first_fault

LOCK_NAME = "criteria.lock.json"
"""What the file is called where the manifest does not say."""


def read_lock(loaded: LoadedManifest, root: Path | None, max_bytes: int) -> CriteriaLock | None:
    """Return the lock that a manifest names, or None when it names none.

    Args:
        loaded: the manifest.
        root: the folder that nothing may leave; the manifest's own when None.
        max_bytes: the largest file that is read.

    Raises:
        ManifestError: there is no such file, it is too large, or it is no lock of criteria.
        IntegrityError: a digest in it does not match.
    """
    name = loaded.manifest.criteria_lock
    if name is None:
        return None
    try:
        path = resolve_inside(name, loaded.folder, root or loaded.folder)
    except PathError as error:
        raise loaded.error([Problem(("criteria_lock",), error.message)]) from error
    return lock_at(path, max_bytes)


def lock_at(path: Path, max_bytes: int) -> CriteriaLock:
    """Return the lock in a file, all its digests checked.

    Raises:
        ManifestError: the file cannot be read, is too large, or is no lock of criteria.
        IntegrityError: a digest in it does not match.
    """
    shown = quoted(path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(max_bytes + 1)
    except OSError as error:
        raise ManifestError(f"the lock {shown} cannot be read: {error.strerror}; name the file") from error
    if len(raw) > max_bytes:
        raise ManifestError(f"the lock {shown} is larger than {max_bytes:,} bytes and was not read")
    try:
        lock = CriteriaLock.model_validate_json(raw)
    except ValidationError as error:
        where = first_fault(error).where or "its content"
        raise ManifestError(
            f"{shown} is no lock of criteria ({where} does not fit); `conformity criteria lock` writes one"
        ) from error
    if fault := lock.fault():
        raise IntegrityError(
            f"the lock {shown} was changed after it was written: {fault}; put the file back as it was"
        )
    return lock

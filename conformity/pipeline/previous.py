"""The version before: read its pack, and check that the assessment made now follows it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from conformity.archive.pack import RECORD
from conformity.errors import DataError, IntegrityError, UsageError
from conformity.intake.loaded import LoadedManifest
from conformity.intake.problems import Problem
from conformity.judge.altered import altered
from conformity.model.assessment import Assessment
from conformity.model.base import Sha256, sha256_of
from conformity.model.evidence import Evidence
from conformity.model.nonconformity import Previous
from conformity.pipeline.packs import MOST_BYTES, read_pack
from conformity.settings import Settings

_MOST_PACKS = 500
"""Packs beside the new one that are looked at."""


@dataclass(frozen=True)
class Before:
    """The version before, as it was read."""

    assessment: Assessment
    """What was judged then."""
    named: Previous
    """How the assessment made now names it."""
    evidence: Evidence | None = None
    """What was seen then."""


def read_before(pack: Path | None, loaded: LoadedManifest, folder: Path, settings: Settings) -> Before | None:
    """Return the version before that lies in a pack; None when no pack is given and none is named.

    Args:
        pack: the folder that the version before wrote; the one that the manifest names is looked for beside
            ``folder`` when none is given.
        loaded: the manifest of the version made now.
        folder: where the pack made now is to appear.
        settings: limits.

    Raises:
        PathError: there is no pack.
        DataError: a record of it cannot be read, or it is of another system.
        IntegrityError: its evidence is not what was judged, or it is not the one that the manifest names.
        ManifestError: the versions do not follow one another.
        UsageError: the manifest names a version before, and its pack is neither given nor beside.
    """
    edition = loaded.manifest.edition
    if pack is None and edition.previous is not None:
        pack = _beside(folder, edition.previous)
    if pack is None:
        return None
    found = read_pack(pack, settings)
    if edition.previous not in (None, found.assessment_sha256):
        raise IntegrityError(
            f"{pack} is not the version that the manifest names: the digest of its assessment.json is "
            f"{found.assessment_sha256}, and `edition.previous` is {edition.previous}; correct one of them."
        )
    _check_same_system(pack, found.assessment, loaded)
    _check_order(found.assessment, loaded)
    return Before(
        found.assessment,
        Previous(
            version=found.assessment.manifest.edition.version,
            assessed_at=found.assessment.assessed_at,
            sha256=found.assessment_sha256,
            criteria_lock_sha256=_lock_of(found.assessment),
            altered_bounds=altered(loaded.manifest.criteria, found.assessment),
        ),
        found.evidence,
    )


def _lock_of(assessment: Assessment) -> Sha256 | None:
    """Return the digest of the last lock that a version, or one before it, carried; None when none did."""
    if assessment.criteria_lock is not None:
        return assessment.criteria_lock.sha256
    return assessment.previous.criteria_lock_sha256 if assessment.previous else None


def _beside(folder: Path, digest: Sha256) -> Path:
    """Return the pack beside the new one whose ``assessment.json`` has this digest.

    Raises:
        UsageError: there is none; leaving it out would let open non-conformities drop out of the register.
    """
    for file in sorted(folder.parent.glob(f"*/{RECORD}"))[:_MOST_PACKS]:
        if file.is_file() and file.stat().st_size <= MOST_BYTES and sha256_of(file.read_bytes()) == digest:
            return file.parent
    raise UsageError(
        "The manifest names the version before (`edition.previous`), but its pack is neither given nor "
        "beside the new one; name its folder with --previous, so that open non-conformities are carried on."
    )


def _check_same_system(pack: Path, assessment: Assessment, loaded: LoadedManifest) -> None:
    """Raise DataError when the pack is of another system or provider."""
    then, now = assessment.manifest, loaded.manifest
    if (then.system.name, then.provider.name) != (now.system.name, now.provider.name):
        raise DataError(
            f"{pack} is about {then.system.name} of {then.provider.name}, the manifest about "
            f"{now.system.name} of {now.provider.name}; name the pack of the same system with --previous."
        )


def _check_order(assessment: Assessment, loaded: LoadedManifest) -> None:
    """Raise ManifestError unless the version made now comes after the one before."""
    then, now = assessment.manifest.edition.version, loaded.manifest.edition.version
    if _numbers(now) <= _numbers(then):
        text = f"the version {now} does not come after {then}, the version before; raise it"
        raise loaded.error([Problem(("edition", "version"), text)])


def _numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare."""
    return tuple(int(part) for part in version.split("."))

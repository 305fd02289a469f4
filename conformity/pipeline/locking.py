"""Lock criteria before a test, and check them against their lock (Art. 9(8))."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from conformity import __version__
from conformity.errors import ManifestError, PathError, UsageError
from conformity.intake.criteria_lock import LOCK_NAME, lock_at, read_lock
from conformity.intake.loaded import LoadedManifest
from conformity.judge.criteria import unfit
from conformity.judge.locked import Locked, differences
from conformity.model.base import CriterionId, Instant, Line, Sha256, Value, canonical_json
from conformity.model.criteria_lock import CriteriaLock, bounds_of, holds_the_same, new_lock
from conformity.model.manifest import Criterion
from conformity.pipeline.shared import check_output, load_manifest
from conformity.settings import Settings

State = Literal["locked", "changed", "not_locked", "left_out"]
"""How a bound stands to its lock: as it was locked; not so; added later; or gone from the manifest."""


class LockedBound(Value):
    """One bound beside its lock."""

    criterion: CriterionId
    """The bound."""
    state: State
    """How it stands."""
    locked_at: Instant | None = None
    """Since when it has been in the lock without a change."""
    changed: tuple[Line, ...] = ()
    """The fields that are not as they were locked."""


class LockReport(Value):
    """A lock beside the manifest that it is for."""

    lock: Line
    """Where the lock is."""
    written: bool
    """Whether it was written just now."""
    named: bool
    """Whether the manifest names it, so that an assessment looks at it."""
    locked_at: Instant
    """When it was written."""
    sha256: Sha256
    """Its digest: what to commit or have time-stamped elsewhere."""
    bounds: tuple[LockedBound, ...]
    """The bounds of the manifest, then those that it no longer has."""
    given_up: tuple[CriterionId, ...] = ()
    """Bounds of earlier locks that were changed or given up since."""

    @property
    def holds(self) -> bool:
        """Return whether every bound stands as it was locked."""
        return all(bound.state == "locked" for bound in self.bounds)


def lock_criteria(
    manifest: Path, moment: datetime, settings: Settings, *, replace: bool = False
) -> LockReport:
    """Write the lock of a manifest's bounds beside it; one that holds the same is left as it is.

    Args:
        manifest: the manifest's file.
        moment: the present, in UTC.
        settings: limits.
        replace: whether to replace a lock that differs; the old one is kept in the new.

    Raises:
        UsageError: there is a lock that differs, and it is not to be replaced.
        ManifestError: there is no bound to lock, or one that nobody answers for yet.
        PathError: the place lies outside the allowed root or cannot be written.
    """
    loaded = load_manifest(manifest, settings)
    bounds = bounds_of(loaded.manifest.criteria)
    _check_ready(bounds, loaded, moment)
    place = _place(loaded, settings)
    before = lock_at(place, settings.manifest_max_bytes) if os.path.lexists(place) else None
    if before is not None and holds_the_same(before, bounds):
        return _report(loaded, before, place, written=False)
    if before is not None and not replace:
        named = ", ".join(bound.criterion for bound in _bounds(before, bounds) if bound.state != "locked")
        raise UsageError(
            f"{place.name} holds other bounds since {before.locked_at:%Y-%m-%d} ({named}); add --replace to "
            "write a new lock, which keeps the old one in it."
        )
    lock = new_lock(bounds, f"conformity {__version__}", moment, before)
    _write(place, canonical_json(lock) + b"\n")
    return _report(loaded, lock, place, written=True)


def check_criteria(manifest: Path, settings: Settings) -> LockReport:
    """Return how the bounds of a manifest stand to the lock that it names, or that lies beside it.

    Raises:
        ManifestError: there is no lock, or it cannot be read.
        IntegrityError: a digest in it does not match.
    """
    loaded = load_manifest(manifest, settings)
    place = _place(loaded, settings)
    if loaded.manifest.criteria_lock is None and not place.exists():
        raise ManifestError(
            f"there is no lock beside {manifest.name}; `conformity criteria lock` writes one before the test"
        )
    lock = read_lock(loaded, settings.root, settings.manifest_max_bytes)
    return _report(loaded, lock or lock_at(place, settings.manifest_max_bytes), place, written=False)


def _check_ready(bounds: Sequence[Criterion], loaded: LoadedManifest, moment: datetime) -> None:
    """Check that there is something to lock, and that somebody answers for each bound by now.

    Raises:
        ManifestError: no bound, a placeholder, or a date that is still to come.
    """
    if not bounds:
        raise ManifestError(
            f"{loaded.source.name}: fixes no criterion to lock; `conformity criteria defaults` proposes some"
        )
    for bound in bounds:
        if fault := unfit(bound):
            raise ManifestError(f"{loaded.source.name}: criterion {bound.id} is not ready to lock. {fault}")
        fixed = bound.fixed_at
        later = fixed > moment if isinstance(fixed, datetime) else fixed > moment.date()
        if later:
            raise ManifestError(
                f"{loaded.source.name}: criterion {bound.id} is dated {fixed}, which is still to come; "
                "correct `fixed_at`"
            )


def _place(loaded: LoadedManifest, settings: Settings) -> Path:
    """Return where the lock lies or is to lie: beside the manifest, under the name that it gives.

    Raises:
        ManifestError: the manifest names a place elsewhere.
        PathError: it lies outside the allowed root.
    """
    name = loaded.manifest.criteria_lock or LOCK_NAME
    if Path(name).name != name:
        raise ManifestError(
            f"{loaded.locate(('criteria_lock',))}: the lock lies beside the manifest; name the file alone, "
            f"such as {LOCK_NAME}"
        )
    place = loaded.folder / name
    check_output(place, settings.root)
    return place


def _write(place: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link that lies in wait is not followed.

    Raises:
        PathError: it cannot be written.
    """
    partial = place.with_name(f".{place.name}.{secrets.token_hex(8)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(content)
        partial.replace(place)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PathError(f"{place} could not be written ({error.strerror or error}).") from error


def _report(loaded: LoadedManifest, lock: CriteriaLock, place: Path, *, written: bool) -> LockReport:
    """Return a lock beside its manifest."""
    bounds = bounds_of(loaded.manifest.criteria)
    return LockReport(
        lock=str(place),
        written=written,
        named=loaded.manifest.criteria_lock is not None,
        locked_at=lock.locked_at,
        sha256=lock.sha256,
        bounds=_bounds(lock, bounds),
        given_up=Locked(named=True, lock=lock).given_up(),
    )


def _bounds(lock: CriteriaLock, bounds: Sequence[Criterion]) -> tuple[LockedBound, ...]:
    """Return how each bound stands to a lock, then those that are left out."""
    found = []
    for bound in bounds:
        entry = lock.entry(bound.id)
        if entry is None:
            found.append(LockedBound(criterion=bound.id, state="not_locked"))
            continue
        changed = differences(entry.criterion, bound)
        found.append(
            LockedBound(
                criterion=bound.id,
                state="changed" if changed else "locked",
                locked_at=entry.locked_at,
                changed=changed,
            )
        )
    gone = Locked(named=True, lock=lock).left_out(bounds)
    return (*found, *(LockedBound(criterion=name, state="left_out") for name in gone))

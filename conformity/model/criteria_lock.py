"""The lock of criteria: what the bounds were, and since when, written down before the test (Art. 9(8))."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import CriterionId, Instant, Line, Sha256, Value, digest_of
from conformity.model.manifest import Criterion


class LockedCriterion(Value):
    """One bound as it was locked."""

    criterion: Criterion
    """The bound."""
    sha256: Sha256
    """Digest of its canonical JSON."""
    locked_at: Instant
    """Since when it has been in the lock without a change."""


class EarlierLock(Value):
    """A lock that a later one replaced."""

    tool: Line
    """Name and version of the tool that wrote it."""
    locked_at: Instant
    """When it was written."""
    criteria: tuple[LockedCriterion, ...]
    """What it held."""
    sha256: Sha256
    """Its digest, over all of this and the locks before it."""


class CriteriaLock(Value):
    """The bounds of a manifest, with the time at which they were locked and the locks before this one."""

    lock_schema: Literal["conformity/criteria-lock/v1"] = "conformity/criteria-lock/v1"
    """Format of this record; readers refuse newer ones."""
    tool: Line
    """Name and version of the tool that wrote it."""
    locked_at: Instant
    """When it was written, by the clock of the machine: the provider's statement, unless the digest was
    committed, published or time-stamped elsewhere."""
    criteria: Annotated[tuple[LockedCriterion, ...], Field(min_length=1)]
    """The bounds, in the manifest's order."""
    earlier: tuple[EarlierLock, ...] = ()
    """The locks that this one replaced, oldest first."""
    sha256: Sha256
    """Digest of the canonical JSON of tool, time, bounds and earlier locks."""

    def entry(self, criterion_id: CriterionId) -> LockedCriterion | None:
        """Return the locked bound with this id, or None when there is none."""
        return next((one for one in self.criteria if one.criterion.id == criterion_id), None)

    def given_up(self) -> tuple[LockedCriterion, ...]:
        """Return the bounds of earlier locks that this one does not hold, or not so, in the order of time."""
        held = {one.sha256 for one in self.criteria}
        gone = {one.sha256: one for lock in self.earlier for one in lock.criteria if one.sha256 not in held}
        return tuple(gone.values())

    def fault(self) -> str | None:
        """Return what shows that the record was changed by hand, or None when all digests match.

        Digests show changes to whoever knows one of them from elsewhere; whoever changes the record can
        compute them anew.
        """
        for one in (*self.criteria, *(one for lock in self.earlier for one in lock.criteria)):
            if one.sha256 != digest_of(one.criterion):
                return f"the digest of {one.criterion.id} is not that of the bound beside it"
        for number, lock in enumerate(self.earlier):
            if lock.sha256 != _digest(lock.tool, lock.locked_at, lock.criteria, self.earlier[:number]):
                return f"the digest of the lock of {lock.locked_at:%Y-%m-%d} is not that of its content"
        if self.sha256 != _digest(self.tool, self.locked_at, self.criteria, self.earlier):
            return "its digest is not that of its content"
        since = _since((*self.earlier, self))
        for one in self.criteria:
            if one.locked_at != since[one.sha256]:
                return f"{one.criterion.id} is said to be locked since a time that no lock bears out"
        return None


def new_lock(
    criteria: Sequence[Criterion], tool: str, moment: datetime, before: CriteriaLock | None = None
) -> CriteriaLock:
    """Return a lock of these bounds; one that stands unchanged in the lock before keeps its time.

    Levels claimed in a document are left out: they are held against what was measured and need not be older.

    Args:
        criteria: the manifest's criteria.
        tool: name and version of the tool.
        moment: the present, in UTC.
        before: the lock that this one replaces.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    # As it is kept: in UTC, to the second; the digest is over that.
    moment = moment.astimezone(UTC).replace(microsecond=0)
    kept = {one.sha256: one.locked_at for one in before.criteria} if before else {}
    entries = []
    for criterion in bounds_of(criteria):
        digest = digest_of(criterion)
        entries.append(
            LockedCriterion(criterion=criterion, sha256=digest, locked_at=kept.get(digest, moment))
        )
    earlier = (*before.earlier, _as_earlier(before)) if before else ()
    held = tuple(entries)
    return CriteriaLock(
        tool=tool,
        locked_at=moment,
        criteria=held,
        earlier=earlier,
        sha256=_digest(tool, moment, held, earlier),
    )


def bounds_of(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Return the criteria that must be older than the test: all but the levels claimed in documents."""
    return tuple(criterion for criterion in criteria if criterion.claimed_in is None)


def holds_the_same(lock: CriteriaLock, criteria: Sequence[Criterion]) -> bool:
    """Tell whether a lock holds exactly the bounds among these criteria."""
    return {one.sha256 for one in lock.criteria} == {digest_of(one) for one in bounds_of(criteria)}


def _since(locks: Sequence[EarlierLock | CriteriaLock]) -> dict[str, datetime]:
    """Return since when each bound of the last of these locks has stood in them without a break."""
    since: dict[str, datetime] = {}
    for lock in locks:
        since = {one.sha256: since.get(one.sha256, lock.locked_at) for one in lock.criteria}
    return since


def _as_earlier(lock: CriteriaLock) -> EarlierLock:
    """Return a lock as it stands in the one that replaces it."""
    return EarlierLock(tool=lock.tool, locked_at=lock.locked_at, criteria=lock.criteria, sha256=lock.sha256)


def _digest(
    tool: str,
    locked_at: datetime,
    criteria: Sequence[LockedCriterion],
    earlier: Sequence[EarlierLock],
) -> str:
    """Return the digest of a lock's content; that of an earlier lock is over those before it alone."""
    return digest_of(
        {
            "tool": tool,
            "locked_at": locked_at.isoformat(),
            "criteria": [one.model_dump(mode="json") for one in criteria],
            "earlier": [lock.model_dump(mode="json") for lock in earlier],
        }
    )

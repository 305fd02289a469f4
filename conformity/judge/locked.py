"""Whether a bound is the one that was locked, and whether the lock is older than the test (Art. 9(8))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from conformity.model.base import CriterionId, Sha256
from conformity.model.criteria_lock import CriteriaLock, LockedCriterion
from conformity.model.evidence import Evidence
from conformity.model.finding import LockedOrder
from conformity.model.manifest import Criterion


@dataclass(frozen=True)
class Locked:
    """The lock of a manifest's bounds, as far as there is one."""

    named: bool = False
    """Whether the manifest names a lock."""
    lock: CriteriaLock | None = None
    """The lock as it was read."""
    before: Sha256 | None = None
    """Digest of the lock that the version before carried; none when it carried none."""
    altered: frozenset[CriterionId] = frozenset()
    """Bounds that the version before held otherwise, though these are not said to be fixed after it."""

    def fault(self, criterion: Criterion, produced_on: date | None, evidence: Evidence) -> str | None:
        """Return why the lock does not bear a bound out; None when it does, or when none is named.

        A level claimed in a document needs no lock, unless the lock holds a bound of its name.

        Args:
            criterion: the bound.
            produced_on: the day on which its subject came into being, where declared.
            evidence: with the moment at which it was collected.

        Source:
            Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
        """
        if not self.named or (criterion.claimed_in and not self._holds(criterion)):
            return None
        if self.lock is None:
            return "The manifest names a lock of its bounds, which was not read: nothing shows what it holds."
        entry = self.lock.entry(criterion.id)
        if entry is None:
            return (
                f"The lock of {self.lock.locked_at:%Y-%m-%d} does not hold this bound: it was added later. "
                "Lock it before the next test (`conformity criteria lock`)."
            )
        changed = differences(entry.criterion, criterion)
        if changed:
            return (
                f"The bound is not the one that has been locked since {entry.locked_at:%Y-%m-%d}: "
                f"{', '.join(changed)} changed. Put back what was locked, or lock the change before the next "
                "test (`conformity criteria lock --replace`)."
            )
        return _too_late(entry, produced_on, evidence)

    def moved(self, criterion: Criterion) -> str | None:
        """Return why the date of a bound cannot be that of what it says now; None when it can.

        Source:
            Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
        """
        if criterion.id not in self.altered:
            return None
        return (
            "The version before held another bound here, and this one is said to be fixed on "
            f"{criterion.fixed_at}, before that version was assessed: a bound that was changed was fixed "
            "when it was changed (Art. 9(8)). Give that day in `fixed_at`, and test with data that come into "
            "being later."
        )

    def other(self, criterion: Criterion) -> Criterion | None:
        """Return the bound that was locked under the same name, where it is not this one; else None."""
        entry = self.lock.entry(criterion.id) if self.named and self.lock is not None else None
        return entry.criterion if entry is not None and differences(entry.criterion, criterion) else None

    def dropped(self) -> Sha256 | None:
        """Return the digest of the lock before, where this one neither is it nor follows it; else None."""
        known = {self.lock.sha256, *(one.sha256 for one in self.lock.earlier)} if self.lock else set()
        return None if self.before in known else self.before

    def _holds(self, criterion: Criterion) -> bool:
        """Tell whether the lock holds a bound of this name."""
        return self.lock is not None and self.lock.entry(criterion.id) is not None

    def order(self, criterion: Criterion, produced_on: date | None, evidence: Evidence) -> LockedOrder | None:
        """Return what came first: lock, data or test; None unless the bound stands in the lock as it is."""
        if not self.named or self.lock is None:
            return None
        entry = self.lock.entry(criterion.id)
        if entry is None or differences(entry.criterion, criterion):
            return None
        return LockedOrder(
            locked_at=entry.locked_at,
            criterion_sha256=entry.sha256,
            lock_sha256=self.lock.sha256,
            produced_on=produced_on,
            measured_at=evidence.collected_at,
            holds=produced_on is not None and _too_late(entry, produced_on, evidence) is None,
        )

    def left_out(self, bounds: Sequence[Criterion]) -> tuple[CriterionId, ...]:
        """Return the ids of locked bounds that are not among these: nobody judges them."""
        there = {bound.id for bound in bounds}
        held = self.lock.criteria if self.lock else ()
        return tuple(one.criterion.id for one in held if one.criterion.id not in there)

    def held(self) -> tuple[Criterion, ...]:
        """Return the bounds that the lock holds; none where no lock is named."""
        return tuple(one.criterion for one in self.lock.criteria) if self.named and self.lock else ()

    def given_up(self) -> tuple[CriterionId, ...]:
        """Return the ids of bounds that earlier locks held, and this one does not hold so."""
        return tuple(dict.fromkeys(one.criterion.id for one in self.lock.given_up())) if self.lock else ()


UNLOCKED = Locked()
"""No lock is named: the bounds stand on the dates that the provider gives."""


def differences(locked: Criterion, now: Criterion) -> tuple[str, ...]:
    """Return the names of the fields in which two bounds differ, in their order."""
    before, after = locked.model_dump(mode="json"), now.model_dump(mode="json")
    return tuple(name for name in Criterion.model_fields if before.get(name) != after.get(name))


def _too_late(entry: LockedCriterion, produced_on: date | None, evidence: Evidence) -> str | None:
    """Return why a lock does not certainly precede what it judges, or None where it does."""
    since = f"{entry.locked_at:%Y-%m-%d %H:%M} UTC"
    if entry.locked_at >= evidence.collected_at:
        return (
            f"The bound has been locked since {since} and the evidence was collected on "
            f"{evidence.collected_at:%Y-%m-%d %H:%M} UTC; a lock must be older (Art. 9(8)). It can judge "
            "data that come into being later."
        )
    if produced_on is not None and entry.locked_at.date() >= produced_on:
        return (
            f"The bound has been locked since {since}, not before the data came into being on {produced_on}; "
            "a lock must be older than what it judges (Art. 9(8)). It can judge data that come into being "
            "later."
        )
    return None

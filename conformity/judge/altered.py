"""Bounds that were changed from one version to the next without a later date (Art. 9(8))."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from conformity.model.assessment import Assessment
from conformity.model.base import CriterionId
from conformity.model.manifest import Criterion


def altered(now: Sequence[Criterion], before: Assessment) -> tuple[CriterionId, ...]:
    """Return the bounds that an earlier version held otherwise, and that are not said to be fixed after it.

    A bound under a new name takes the place of one on the same metric, subject and group that is gone. Levels
    claimed in a document are no bounds of a test.

    Args:
        now: the bounds of the version made now.
        before: the version before.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    held = [bound for bound in before.manifest.criteria if bound.claimed_in is None]
    names = {bound.id for bound in now}
    since = set(before.previous.altered_bounds if before.previous else ())
    found = []
    for bound in now:
        earlier = _earlier(bound, held, names)
        if bound.claimed_in is not None or earlier is None:
            continue
        if _says(bound) == _says(earlier):
            # What was changed under an old date stays so until a later date is given.
            moved = earlier.id in since and bound.fixed_at == earlier.fixed_at
        else:
            moved = not _fixed_after(bound, before.assessed_at)
        if moved:
            found.append(bound.id)
    return tuple(found)


def _earlier(bound: Criterion, held: Sequence[Criterion], names: Collection[CriterionId]) -> Criterion | None:
    """Return the bound that stood in the place of this one; None where there was none.

    Args:
        bound: the bound.
        held: the bounds of the version before.
        names: the names of the bounds of today.
    """
    named = [one for one in held if one.id == bound.id]
    alike = [one for one in held if one.id not in names and _about(one) == _about(bound)]
    return next(iter(named or alike), None)


def _about(bound: Criterion) -> tuple[object, ...]:
    """Return what a bound is about."""
    return (bound.metric, bound.subject, bound.by, bound.group)


def _says(bound: Criterion) -> tuple[object, ...]:
    """Return what a bound is about, and how far it reaches."""
    return (*_about(bound), bound.at_least, bound.at_most)


def _fixed_after(bound: Criterion, moment: datetime) -> bool:
    """Tell whether a bound is said to be fixed after a moment; a bare date is the end of its day."""
    if isinstance(bound.fixed_at, datetime):
        return bound.fixed_at > moment
    return bound.fixed_at >= moment.date()

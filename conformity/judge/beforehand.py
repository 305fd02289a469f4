"""Whether metrics and thresholds were fixed before the test, by the dates of all bounds (Art. 9(8))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.judge.criteria import not_beforehand
from conformity.judge.locked import Locked
from conformity.judge.parts import Given, Part
from conformity.model.base import CriterionId, RequirementId
from conformity.model.manifest import Criterion

FIX = "Fix a criterion for it, with reason, owner and date, before the next test (Art. 9(8))."
"""What to do where there is no bound."""


def fixed_beforehand(given: Given) -> tuple[Part, ...]:
    """Return whether all bounds are older than the data and the run that test them.

    Whether a bound is kept plays no part here: that is judged at the requirements that it serves. A level
    claimed in a document is no bound of a test. Nothing is ``met`` while a bound was not tested.

    Args:
        given: manifest, evidence and the judgements on all criteria.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    bounds = [criterion for criterion in given.manifest.criteria if criterion.claimed_in is None]
    broken = (*_left_out(given.locked.left_out(bounds)), *_dropped(given.locked))
    if not bounds:
        return (Part("not_collected", "No bound was fixed to test against.", (FIX,)), *broken)
    untested = [bound.id for bound in bounds if given.judged[bound.id].verdict == "not_collected"]
    if len(untested) == len(bounds):
        nothing = "Nothing was measured that any bound is about."
        return (Part("not_collected", nothing, shown=True), *broken)
    faults = _faults(bounds, given)
    parts = list(broken)
    if faults:
        parts.append(_open(faults, len(bounds)))
    if untested:
        reason = f"Nothing was measured for {len(untested)} of {_bounds(len(bounds))}: {_listed(untested)}."
        parts.append(Part("undetermined", reason, shown=True))
    return (*(parts or [_in_time(len(bounds), given.locked)]), *_given_up(given.locked))


def withheld(requirement: RequirementId, given: Given) -> tuple[Part, ...]:
    """Return what locked bounds contribute to a requirement that they do not serve in the manifest any more.

    Args:
        requirement: the requirement's id.
        given: manifest, lock and the judgements on all bounds.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    here = {one.id for one in given.manifest.criteria if requirement in one.requirements}
    parts = []
    for bound in given.locked.held():
        if requirement not in bound.requirements or bound.id in here:
            continue
        judged = given.gone.get(bound.id) or given.judged[bound.id]
        verdict = "undetermined" if judged.verdict == "met" else judged.verdict
        reason = (
            f"Criterion {bound.id} was locked for this requirement, and the manifest does not hold it so any "
            f"more. {judged.reason}"
        )
        parts.append(Part(verdict, reason, (_put_back([bound.id]),)))
    return tuple(parts)


def _put_back(names: Sequence[CriterionId]) -> str:
    """Return what to do about locked bounds of which the manifest says nothing any more."""
    return f"Put back the bounds that were locked ({_listed(names)}), or give them up before the next test."


def _faults(bounds: Sequence[Criterion], given: Given) -> dict[str, list[CriterionId]]:
    """Return why bounds do not count as fixed beforehand, each reason with the bounds it is about."""
    produced = {subject.id: subject.produced_on for subject in given.manifest.subjects}
    found: dict[str, list[CriterionId]] = {}
    for bound in bounds:
        fault = not_beforehand(bound, produced[bound.subject], given.evidence, given.locked)
        if fault:
            found.setdefault(fault, []).append(bound.id)
    return found


def _open(faults: Mapping[str, Sequence[CriterionId]], total: int) -> Part:
    """Return the part that names the bounds of which it is not shown that they came first."""
    number = sum(len(names) for names in faults.values())
    each = " ".join(f"{_listed(names)}: {fault}" for fault, names in faults.items())
    reason = f"Not shown to be fixed beforehand: {number} of {_bounds(total)}. {each}"
    names = _listed([name for group in faults.values() for name in group])
    advice = (
        f"For {names}: fill in placeholders and the day on which the data came into being (`produced_on`), "
        "or, where the bound came too late, test again with data that come into being later."
    )
    return Part("undetermined", reason, (advice,), shown=True)


def _left_out(names: Sequence[CriterionId]) -> tuple[Part, ...]:
    """Return the part that names locked bounds of which the manifest says nothing any more."""
    if not names:
        return ()
    reason = f"The lock holds {_bounds(len(names))} that the manifest does not: {_listed(names)}."
    return (Part("undetermined", reason, (_put_back(names),), shown=True),)


def _dropped(locked: Locked) -> tuple[Part, ...]:
    """Return the part that names the lock of the version before, where the present one does not follow it."""
    digest = locked.dropped()
    if digest is None:
        return ()
    reason = (
        f"The version before carried a lock of its bounds that the present one does not follow: {digest}."
    )
    advice = (
        "Put back the lock of the version before, or replace it with `conformity criteria lock --replace`, "
        "which keeps it (Art. 9(8))."
    )
    return (Part("undetermined", reason, (advice,), shown=True),)


def _given_up(locked: Locked) -> tuple[Part, ...]:
    """Return what is told of earlier locks; it changes no verdict."""
    names = locked.given_up()
    if not names:
        return ()
    reason = f"Earlier locks held bounds that were changed or given up since: {_listed(names)}."
    return (Part("met", reason, shown=True),)


def _in_time(total: int, locked: Locked) -> Part:
    """Return the part that holds when every bound came first."""
    if locked.lock is not None:
        reason = (
            f"Every bound ({total} in all) stands as it was locked, before the data and the run that it was "
            f"held against; the lock was last written on {locked.lock.locked_at:%Y-%m-%d %H:%M} UTC and has "
            f"the digest {locked.lock.sha256}. Its time is the provider's statement, unless that digest was "
            "committed or time-stamped elsewhere. Whether a bound is kept is judged at the requirements that "
            "it serves."
        )
        return Part("met", reason, shown=True)
    reason = (
        f"By the provider's dates every bound ({total} in all) came before the data and the run that it was "
        "held against. Whether a bound is kept is judged at the requirements that it serves."
    )
    return Part("met", reason, shown=True)


def _bounds(number: int) -> str:
    """Return a number of bounds in words."""
    return f"{number} bound" if number == 1 else f"{number} bounds"


def _listed(names: Sequence[CriterionId]) -> str:
    """Return the ids of criteria in a row."""
    return ", ".join(names)

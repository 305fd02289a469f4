"""Whether metrics and thresholds were fixed before the test, by the dates of all bounds (Art. 9(8))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.judge.criteria import too_late, unfit
from conformity.judge.parts import Given, Part
from conformity.model.base import CriterionId
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
    if not bounds:
        return (Part("not_collected", "No bound was fixed to test against.", (FIX,)),)
    untested = [bound.id for bound in bounds if given.judged[bound.id].verdict == "not_collected"]
    if len(untested) == len(bounds):
        return (Part("not_collected", "Nothing was measured that any bound is about.", shown=True),)
    faults = _faults(bounds, given)
    parts = []
    if faults:
        parts.append(_open(faults, len(bounds)))
    if untested:
        reason = f"Nothing was measured for {len(untested)} of {_bounds(len(bounds))}: {_listed(untested)}."
        parts.append(Part("undetermined", reason, shown=True))
    return tuple(parts) or (_in_time(len(bounds)),)


def _faults(bounds: Sequence[Criterion], given: Given) -> dict[str, list[CriterionId]]:
    """Return why bounds do not count as fixed beforehand, each reason with the bounds it is about."""
    produced = {subject.id: subject.produced_on for subject in given.manifest.subjects}
    found: dict[str, list[CriterionId]] = {}
    for bound in bounds:
        fault = unfit(bound) or too_late(bound, produced[bound.subject], given.evidence)
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


def _in_time(total: int) -> Part:
    """Return the part that holds when every bound came first."""
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

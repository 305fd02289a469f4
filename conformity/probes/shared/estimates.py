"""An estimated quantity of several groups: the results to publish, and the gap between the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.intervals import LEVEL, Floats, Ints, Limits, quantile
from conformity.probes.shared.moments import largest_gap, shared_quantile
from conformity.probes.shared.wording import attribute_in_words, group_in_words, groups_in_words
from conformity.settings import MIN_GROUP

Names = Sequence[tuple[str, ...]]
"""The groups, a value for each column that forms them."""


@dataclass(frozen=True)
class Estimate:
    """A quantity in k groups."""

    name: str
    """What it is called in a sentence."""
    values: Floats
    """(k,) the values; not looked at where there is a reason against them."""
    cases: Ints
    """(k,) the number of cases behind each."""
    reasons: tuple[NotAvailable | None, ...]
    """(k,) why a value is not published; None if it is."""
    limits: Callable[[float], Limits]
    """Limits of all groups, also of those not published, at a standard normal quantile; infinite where
    nothing can be said."""
    method: str
    """How the limits are made."""
    unit: str = "1"
    """The unit of the values."""
    fault: NotAvailable | None = None
    """Why the groups cannot be compared at all; None if they can."""


def results_of(found: Estimate) -> tuple[Result, ...]:
    """Return what is published for each group, (k,)."""
    limits = found.limits(quantile(LEVEL))
    results: list[Result] = []
    for position, reason in enumerate(found.reasons):
        if reason is not None:
            results.append(reason)
            continue
        value = float(found.values[position])
        interval = _interval(value, float(limits.low[position]), float(limits.high[position]), found.method)
        results.append(Scalar(value=value, unit=found.unit, n=int(found.cases[position]), interval=interval))
    return tuple(results)


def gap_of(found: Estimate, by: Sequence[str], names: Names) -> Result:
    """Return the largest difference between two groups, with an interval that holds every group's.

    The point is that of the groups whose values are published. Smaller groups stay in the interval,
    because leaving them out could only make the gap look smaller; where nothing bounds them there is
    no interval.
    """
    reason = why_no_comparison(found, by, names)
    if reason is not None:
        return reason
    values, cases = _published(found)
    value = float(values.max() - values.min())
    plain = found.limits(quantile(LEVEL))
    strict = found.limits(shared_quantile(LEVEL, len(names)))
    method = f"square-and-add of: {found.method}"
    if len(names) > 2:
        method += "; widest over all pairs of groups, better end Bonferroni-adjusted"
    interval = None
    if _is_finite(plain) and _is_finite(strict):
        interval = _interval(value, *largest_gap(plain, strict), method)
    return Scalar(value=value, unit=found.unit, n=int(cases.min()), interval=interval)


def largest_of(found: Estimate, by: Sequence[str], names: Names) -> Result:
    """Return the largest value of any group, with an interval that holds every group's.

    The true largest value is one group's, so that the highest upper limit covers it without correction;
    the highest lower limit shares its error among the groups.
    """
    reason = why_no_comparison(found, by, names)
    if reason is not None:
        return reason
    values, cases = _published(found)
    low = float(found.limits(quantile(LEVEL, len(names))).low.max())
    high = float(found.limits(quantile(LEVEL)).high.max())
    method = f"{found.method}; highest over all groups, lower end Bonferroni-adjusted"
    value = float(values.max())
    return Scalar(
        value=value, unit=found.unit, n=int(cases.min()), interval=_interval(value, low, high, method)
    )


def why_no_comparison(found: Estimate, by: Sequence[str], names: Names) -> NotAvailable | None:
    """Return why groups cannot be compared; None if they can."""
    if found.fault is not None:
        return found.fault
    if len(names) == 1:
        only = group_in_words(names[0])
        text = (
            f"there is only one group of {attribute_in_words(by)[:120]}, {only[:120]}; a comparison needs two"
        )
        return NotAvailable(why="too_few_cases", reason=text, n=int(found.cases[0]))
    enough = sum(reason is None for reason in found.reasons)
    if enough >= 2:
        return None
    kinds = {reason.why for reason in found.reasons if reason is not None}
    first = found.reasons[0]
    if enough == 0 and first is not None and kinds in ({"undefined"}, {"not_collected"}):
        return first
    which = "no group has" if enough == 0 else "only one group has"
    text = (
        f"{which} enough cases for its own {found.name}; a comparison needs two: merge groups or collect more"
    )
    return NotAvailable(why="too_few_cases", reason=text, n=int(found.cases.min()))


def small_groups_note(found: Estimate, by: Sequence[str], names: Names) -> str:
    """Return which groups are too small for a value of their own; empty if none is or none is large."""
    small = [name for name, reason in zip(names, found.reasons, strict=True) if reason is not None]
    if not small or len(small) == len(names):
        return ""
    bounded = _is_finite(found.limits(quantile(LEVEL)))
    effect = (
        "they count in every comparison and widen its interval"
        if bounded
        else "nothing bounds what they could be, so that comparisons have no interval"
    )
    return (
        f"By {attribute_in_words(by)}, these groups have too few cases for their own {found.name} (fewer "
        f"than {MIN_GROUP}, or none): {groups_in_words(small)}; {effect}."
    )


def few(found: str, cases: str, n: int) -> NotAvailable | None:
    """Return that there are too few cases for a value of its own; None if there are enough.

    Args:
        found: what the quantity is called.
        cases: what is counted, in the plural.
        n: how many there are.
    """
    if n == 0:
        text = f"fewer than {MIN_GROUP} {cases}, or none: no {found} is given"
        return NotAvailable(why="undefined", reason=text)
    if n < MIN_GROUP:
        text = f"fewer than {MIN_GROUP} {cases}; merge groups or collect more"
        return NotAvailable(why="too_few_cases", reason=text, n=n)
    return None


def _published(found: Estimate) -> tuple[Floats, Ints]:
    """Return values and cases of the groups that are published."""
    shown = np.array([reason is None for reason in found.reasons])
    return found.values[shown], found.cases[shown]


def _is_finite(limits: Limits) -> bool:
    """Tell whether the limits of all groups bound something."""
    return bool(np.isfinite(limits.low).all() and np.isfinite(limits.high).all())


def _interval(value: float, low: float, high: float, method: str) -> Interval | None:
    """Return the interval widened to hold its own point; None where an end is infinite."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return None
    return Interval(low=min(low, value), high=max(high, value), level=LEVEL, method=method)

"""An estimated quantity of several groups: the results to publish, and the gap between the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.intervals import LEVEL, Flags, Floats, Ints, Limits, quantile
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
    blanks: Ints | None = None
    """(k,) rows that could be cases and are not, because something is blank; none if not told."""
    span: tuple[float, float] = (-np.inf, np.inf)
    """The least and the greatest value there can be."""

    @property
    def shown(self) -> Flags:
        """Return which groups have a value that is published, (k,)."""
        return np.array([reason is None for reason in self.reasons])

    @property
    def small(self) -> Flags:
        """Return which groups have too few rows to take part in a comparison, blanks counted in, (k,)."""
        rows = self.cases if self.blanks is None else self.cases + self.blanks
        return ~self.shown & (rows < MIN_GROUP)

    def compared(self, z: float) -> Limits:
        """Return the limits of the groups that take part in a comparison, at a standard normal quantile.

        A small group takes no part, since limits would tell its value. One that only blanks keep from a
        value of its own counts as any value: leaving it out could only make a gap look smaller.
        """
        found, shown = self.limits(z), self.shown
        low, high = self.span
        ends = (
            np.where(shown, found.low_point, low),
            np.where(shown, found.low, low),
            np.where(shown, found.high_point, high),
            np.where(shown, found.high, high),
        )
        return Limits(*(end[~self.small] for end in ends))


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
    """Return the largest difference between two groups, with an interval of the same groups.

    They are those whose values are published. A group that blanks keep from a value stays in the interval
    as any value there can be; where nothing bounds it there is no interval.
    """
    reason = why_no_comparison(found, by, names)
    if reason is not None:
        return reason
    values, cases = _published(found)
    value = float(values.max() - values.min())
    groups = int((~found.small).sum())
    plain, strict = found.compared(quantile(LEVEL)), found.compared(shared_quantile(LEVEL, groups))
    method = f"square-and-add of: {found.method}"
    if groups > 2:
        method += "; widest over all pairs of groups, better end Bonferroni-adjusted"
    interval = None
    if _is_finite(plain) and _is_finite(strict):
        interval = _interval(value, *largest_gap(plain, strict), method)
    return Scalar(value=value, unit=found.unit, n=int(cases.min()), interval=interval)


def largest_of(found: Estimate, by: Sequence[str], names: Names) -> Result:
    """Return the largest value of any group, with an interval of the same groups as in :func:`gap_of`.

    The true largest value is one group's, so that the highest upper limit covers it without correction;
    the highest lower limit shares its error among the groups.
    """
    reason = why_no_comparison(found, by, names)
    if reason is not None:
        return reason
    values, cases = _published(found)
    low = float(found.compared(quantile(LEVEL, int((~found.small).sum()))).low.max())
    high = float(found.compared(quantile(LEVEL)).high.max())
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
    """Return which groups have no value of their own; empty if each has, or none."""
    if found.shown.all() or not found.shown.any():
        return ""
    small, blank = (
        groups_in_words([names[k] for k in np.flatnonzero(flags & ~found.shown).tolist()])
        for flags in (found.small, ~found.small)
    )
    notes = []
    if small:
        notes.append(
            f"By {attribute_in_words(by)}, these groups have too few cases for their own {found.name} (fewer "
            f"than {MIN_GROUP}, or none): {small}; comparisons leave them out, because they would tell it."
        )
    if blank:
        notes.append(
            f"By {attribute_in_words(by)}, these groups have no {found.name} of their own, because of blanks "
            f"or few of a kind: {blank}; they count in every comparison as any value, which takes the "
            "interval away where nothing bounds the value."
        )
    return " ".join(notes)


def _published(found: Estimate) -> tuple[Floats, Ints]:
    """Return values and cases of the groups that are published."""
    return found.values[found.shown], found.cases[found.shown]


def _is_finite(limits: Limits) -> bool:
    """Tell whether the limits of all groups bound something."""
    return bool(np.isfinite(limits.low).all() and np.isfinite(limits.high).all())


def _interval(value: float, low: float, high: float, method: str) -> Interval | None:
    """Return the interval widened to hold its own point; None where an end is infinite."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return None
    return Interval(low=min(low, value), high=max(high, value), level=LEVEL, method=method)

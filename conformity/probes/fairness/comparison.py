"""One number across the groups of an attribute, with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.fairness.pairs import difference_ends, ratio_ends
from conformity.probes.fairness.points import Points, points
from conformity.probes.shared.cells import Groups
from conformity.probes.shared.intervals import LEVEL, Flags
from conformity.probes.shared.rates import FALSE_POSITIVE, Rate, Trials, trials_of, unrecognised
from conformity.probes.shared.wording import attribute_in_words, group_in_words, groups_in_words
from conformity.settings import MIN_GROUP


@dataclass(frozen=True)
class Comparison:
    """A metric across groups: the largest difference, or the smallest ratio, of one or more rates."""

    metric: str
    """Id of the metric."""
    kind: Literal["difference", "ratio"]
    """How two groups are compared."""
    rates: tuple[Rate, ...]
    """The rates; of several, the one with the largest difference counts."""


@dataclass(frozen=True)
class Estimate:
    """A rate in all groups of an attribute, as it was counted and estimated."""

    seen: Trials
    """(k,) the counts."""
    known: Flags
    """(k,) which groups have a case in the denominator."""
    points: Points
    """The estimates over the known groups."""

    def rates(self) -> list[float]:
        """Return a rate for each group, (k,); 0 where it is not defined."""
        rates = np.zeros(len(self.known))
        rates[self.known] = self.points.rates
        return [float(rate) for rate in rates]


Estimates = Mapping[Rate, Estimate]
"""The estimates of one attribute's groups by rate."""


def estimate(groups: Groups, rate: Rate) -> Estimate:
    """Return counts and point estimates of ``rate`` in the groups."""
    seen = trials_of(groups.counts, rate)
    known = seen.cases > 0
    return Estimate(seen, known, points(rate, seen.successes[known], seen.failures[known]))


def compare(groups: Groups, comparison: Comparison, estimates: Estimates) -> Result:
    """Return the gap between the groups, with an interval that holds every group's uncertainty.

    The point is taken over all groups with a case in the denominator. Groups with few cases or none
    stay in the interval, because leaving them out could only make the gap look smaller.
    """
    scalars = []
    for rate in comparison.rates:
        found = _compare_rate(groups, rate, comparison, estimates[rate])
        if isinstance(found, NotAvailable):
            return found
        scalars.append(found)
    return _largest(scalars)


def _compare_rate(
    groups: Groups, rate: Rate, comparison: Comparison, found: Estimate
) -> Scalar | NotAvailable:
    """Return the gap in one rate."""
    seen, estimates = found.seen, found.points
    reason = _why_not(groups, rate, seen)
    if reason is not None:
        return reason
    if comparison.kind == "ratio":
        value, (low, high) = estimates.ratio, ratio_ends(seen)
    else:
        value, (low, high) = estimates.difference, difference_ends(seen, families=len(comparison.rates))
    interval = Interval(
        low=min(low, value), high=max(high, value), level=LEVEL, method=_method(comparison, seen)
    )
    return Scalar(value=value, unit="1", n=int(seen.cases[found.known].min()), interval=interval)


def _why_not(groups: Groups, rate: Rate, seen: Trials) -> NotAvailable | None:
    """Return why groups cannot be compared in ``rate``; None if they can."""
    cases = seen.cases
    if strange := int(seen.strange.sum()):
        return unrecognised(rate, strange, int(cases.min()))
    if len(groups.names) == 1:
        only = group_in_words(groups.names[0])
        return NotAvailable(
            why="too_few_cases",
            reason=f"there is only one group of {attribute_in_words(groups.by)[:120]}, {only[:120]}; "
            "a comparison needs two",
            n=int(cases[0]),
        )
    if not cases.any():
        return _nothing_known(rate, has_blanks=bool(seen.blanks.any()))
    enough = int((cases >= MIN_GROUP).sum())
    if enough < 2:
        which = "no group has" if enough == 0 else "only one group has"
        return NotAvailable(
            why="too_few_cases",
            reason=f"{which} {MIN_GROUP} {rate.cases} or more; a comparison needs two such groups: "
            "merge groups or collect more",
            n=int(cases.min()),
        )
    if rate is not FALSE_POSITIVE and not seen.successes.any():
        return NotAvailable(
            why="undefined",
            reason=f"the {rate.name} is 0 in every group, so that there is no favourable outcome to compare",
            n=int(cases.min()),
        )
    return None


def _nothing_known(rate: Rate, *, has_blanks: bool) -> NotAvailable:
    """Return that no group has a case whose outcome is known."""
    if has_blanks:
        return NotAvailable(why="not_collected", reason=f"the {rate.outcome} is blank in all rows that count")
    return NotAvailable(why="undefined", reason=f"no {rate.cases} in any group")


def _method(comparison: Comparison, seen: Trials) -> str:
    """Return the name of the interval's method."""
    method = "Newcombe hybrid score" if comparison.kind == "difference" else "MOVER-R with Wilson limits"
    if len(seen.cases) > 2 or len(comparison.rates) > 1:
        method += ", widest over all pairs of groups, better end Bonferroni-adjusted"
    if seen.blanks.any():
        method += ", blanks counted both ways"
    return method


def _largest(found: list[Scalar]) -> Scalar:
    """Return the largest of several differences, with an interval that covers the largest.

    Source:
        The true maximum is at least each true difference and is one of them, so that the largest
        lower limit stays below it and the largest upper limit above it.
    """
    first = max(found, key=lambda scalar: scalar.value)
    if len(found) == 1:
        return first
    ends = [scalar.interval for scalar in found if scalar.interval is not None]
    methods = sorted({end.method for end in ends}, key=len)
    interval = Interval(
        low=max(end.low for end in ends),
        high=max(end.high for end in ends),
        level=LEVEL,
        method=methods[-1],
    )
    smallest = min(scalar.n for scalar in found)
    return Scalar(value=first.value, unit="1", n=smallest, interval=interval)


def notes_on(groups: Groups, rate: Rate, seen: Trials) -> tuple[str, ...]:
    """Return what a reader must know about a comparison of these groups in ``rate``."""
    named = np.array(range(len(groups.names)))
    few = named[seen.cases < MIN_GROUP]
    notes = []
    if len(few) and seen.cases.any():
        # Few and none are not told apart: that would tell the label of everybody in a tiny group.
        listed = groups_in_words([groups.names[k] for k in few])
        notes.append(
            f"By {attribute_in_words(groups.by)}, these groups have fewer than {MIN_GROUP} {rate.cases}, or "
            f"none: {listed}. Their own {rate.name} is not published, but they count in every comparison "
            "and widen its interval; a group without a case counts as anything from 0 to 1."
        )
    if rate is not FALSE_POSITIVE and seen.cases.any() and not seen.failures.any():
        notes.append(
            f"By {attribute_in_words(groups.by)}, the {rate.name} is 1 in every group: with no "
            "unfavourable outcome at all, the comparison says little."
        )
    return tuple(notes)


def intersection_note(seen: Mapping[tuple[str, ...], Trials], rate: Rate) -> str:
    """Return which intersections have groups that are small or empty, in one note; empty if none has.

    Args:
        seen: the counts of the groups of each pair of attributes.
        rate: the rate.
    """
    thin = [attribute_in_words(by) for by, trials in seen.items() if (trials.cases < MIN_GROUP).any()]
    if not thin:
        return ""
    return (
        f"These intersections have groups with fewer than {MIN_GROUP} {rate.cases}, or none: "
        f"{'; '.join(thin)}. Those groups count in every comparison and widen its interval."
    )

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
from conformity.probes.shared.design import MIN_CLUSTERS
from conformity.probes.shared.intervals import LEVEL, Flags
from conformity.probes.shared.rates import ERRORS, Rate, Trials, trials_of, unrecognised
from conformity.probes.shared.wording import attribute_in_words, group_in_words, groups_in_words
from conformity.settings import MIN_GROUP

Kind = Literal["difference", "ratio"]
"""How two groups are compared."""

_COMBINATIONS_NAMED = 10


@dataclass(frozen=True)
class Comparison:
    """A metric across groups: the largest difference, or the smallest ratio, of one or more rates."""

    metric: str
    """Id of the metric."""
    kind: Kind
    """How two groups are compared."""
    rates: tuple[Rate, ...]
    """The rates; of several, the one with the largest difference or the smallest ratio counts."""


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
    seen = trials_of(groups.counts, rate, groups.design)
    known, (wins, losses) = seen.known, seen.masses
    return Estimate(seen, known, points(rate, wins[known], losses[known], len(groups.by)))


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
    return _worst(scalars, comparison.kind)


def _compare_rate(
    groups: Groups, rate: Rate, comparison: Comparison, found: Estimate
) -> Scalar | NotAvailable:
    """Return the gap in one rate."""
    seen, estimates = found.seen, found.points
    reason = _why_not(groups, rate, seen, comparison.kind)
    if reason is not None:
        return reason
    families = len(comparison.rates)
    if comparison.kind == "ratio":
        value, (low, high) = estimates.ratio, ratio_ends(seen, families)
    else:
        value, (low, high) = estimates.difference, difference_ends(seen, families)
    interval = Interval(
        low=min(low, value), high=max(high, value), level=LEVEL, method=_method(comparison, seen)
    )
    return Scalar(value=value, unit="1", n=int(seen.cases[found.known].min()), interval=interval)


def _why_not(groups: Groups, rate: Rate, seen: Trials, kind: Kind) -> NotAvailable | None:
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
    if not seen.known.any():
        return _nothing_known(rate, seen)
    enough = int(seen.enough.sum())
    if enough < 2:
        which = "no group has" if enough == 0 else "only one group has"
        clusters = f" in {MIN_CLUSTERS} clusters" if seen.thin.any() else ""
        return NotAvailable(
            why="too_few_cases",
            reason=f"{which} {MIN_GROUP} {rate.cases} or more{clusters}; a comparison needs two such groups: "
            "merge groups or collect more",
            n=int(cases.min()),
        )
    if (rate not in ERRORS or kind == "ratio") and not seen.masses[0].any():
        what = "ratio" if rate in ERRORS else "favourable outcome to compare"
        return NotAvailable(
            why="undefined",
            reason=f"the {rate.name} is 0 in every group, so that there is no {what}",
            n=int(cases.min()),
        )
    return None


def _nothing_known(rate: Rate, seen: Trials) -> NotAvailable:
    """Return that no group has a case whose outcome is known, or none of any weight."""
    if seen.cases.any():
        return NotAvailable(why="undefined", reason=f"the weights of all {rate.cases} are 0")
    if seen.blanks.any():
        return NotAvailable(why="not_collected", reason=f"the {rate.outcome} is blank in all rows that count")
    return NotAvailable(why="undefined", reason=f"no {rate.cases} in any group")


def _method(comparison: Comparison, seen: Trials) -> str:
    """Return the name of the interval's method."""
    method = "Newcombe hybrid score" if comparison.kind == "difference" else "MOVER-R with Wilson limits"
    if len(seen.cases) > 2 or len(comparison.rates) > 1:
        method += ", widest over all pairs of groups, better end Bonferroni-adjusted"
    method += seen.method
    if seen.blanks.any():
        method += ", blanks counted both ways"
    return method


def _worst(found: list[Scalar], kind: Kind) -> Scalar:
    """Return the largest of several differences or the smallest of several ratios, with its interval.

    Source:
        The true maximum is at least each true difference and is one of them, so that the largest
        lower limit stays below it and the largest upper limit above it; so for the minimum of ratios.
    """
    worst = max if kind == "difference" else min
    first = worst(found, key=lambda scalar: scalar.value)
    if len(found) == 1:
        return first
    ends = [scalar.interval for scalar in found if scalar.interval is not None]
    methods = sorted({end.method for end in ends}, key=len)
    interval = Interval(
        low=worst(end.low for end in ends),
        high=worst(end.high for end in ends),
        level=LEVEL,
        method=methods[-1],
    )
    smallest = min(scalar.n for scalar in found)
    return Scalar(value=first.value, unit="1", n=smallest, interval=interval)


def notes_on(groups: Groups, seen: Mapping[Rate, Trials]) -> tuple[str, ...]:
    """Return what a reader must know about comparisons of these groups, rates with the same gaps together."""
    by = attribute_in_words(groups.by)
    few: dict[tuple[int, ...], list[str]] = {}
    for rate, trials in seen.items():
        small = tuple(np.flatnonzero(trials.cases < MIN_GROUP).tolist())
        if small and trials.cases.any():
            few.setdefault(small, []).append(rate.cases)
    notes = []
    for small, cases in few.items():
        # Few and none are not told apart: that would tell the label of everybody in a tiny group.
        notes.append(
            f"By {by}, these groups have fewer than {MIN_GROUP} {' or '.join(dict.fromkeys(cases))}, or "
            f"none: {groups_in_words([groups.names[k] for k in small])}. Their own rates over these are not "
            "published, but they count in every comparison and widen its interval; a group without a case "
            "counts as anything from 0 to 1."
        )
    for rate, trials in seen.items():
        if rate not in ERRORS and trials.cases.any() and not trials.failures.any():
            notes.append(
                f"By {by}, the {rate.name} is 1 in every group: with no unfavourable outcome at all, the "
                "comparison says little."
            )
    return tuple(notes)


def intersection_notes(seen: Mapping[Rate, Mapping[tuple[str, ...], Trials]]) -> tuple[str, ...]:
    """Return which intersections have groups that are small or empty, rates with the same gaps together.

    Args:
        seen: for each rate, the counts of the groups of each combination of attributes.
    """
    thin: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for rate, found in seen.items():
        some = tuple(by for by, trials in found.items() if (trials.cases < MIN_GROUP).any())
        if some:
            thin.setdefault(some, []).append(rate.cases)
    notes = []
    for some, cases in thin.items():
        listed = "; ".join(attribute_in_words(by) for by in some[:_COMBINATIONS_NAMED])
        if len(some) > _COMBINATIONS_NAMED:
            listed += f"; and {len(some) - _COMBINATIONS_NAMED} more"
        notes.append(
            f"These intersections have groups with fewer than {MIN_GROUP} "
            f"{' or '.join(dict.fromkeys(cases))}, or none: {listed}. Those groups count in every comparison "
            "and widen its interval."
        )
    return tuple(notes)

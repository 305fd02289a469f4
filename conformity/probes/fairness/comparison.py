"""One number across the groups of an attribute, with its interval, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.fairness.pairs import difference_ends, ratio_ends, widest_pair
from conformity.probes.fairness.points import Points, points
from conformity.probes.shared.absent import unrecognised
from conformity.probes.shared.cells import Groups
from conformity.probes.shared.design import MIN_CLUSTERS
from conformity.probes.shared.intervals import LEVEL, Flags
from conformity.probes.shared.rates import ERRORS, Rate
from conformity.probes.shared.trials import Trials, trials_of
from conformity.probes.shared.wording import attribute_in_words, group_in_words, groups_in_words
from conformity.settings import DISCLOSURE_LIMIT, MIN_GROUP

Kind = Literal["difference", "ratio"]
"""How two groups are compared."""

_COMBINATIONS_NAMED = 10

_Thing = TypeVar("_Thing")


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
class GroupRates:
    """A rate in all groups of an attribute, as it was counted and estimated."""

    seen: Trials
    """(k,) the counts."""
    shown: Flags
    """(k,) which groups have cases enough for a rate that is published."""
    points: Points
    """The estimates over these groups."""

    def rates(self) -> list[float]:
        """Return a rate for each group, (k,); 0 where it is not published."""
        rates = np.zeros(len(self.shown))
        rates[self.shown] = self.points.rates
        return [float(rate) for rate in rates]


RatesOf = Mapping[Rate, GroupRates]
"""What was counted and estimated in one attribute's groups, by rate."""


def rate_by_group(groups: Groups, rate: Rate) -> GroupRates:
    """Return counts and point estimates of ``rate`` in the groups."""
    seen = trials_of(groups.counts, rate, groups.design)
    shown, (wins, losses) = seen.enough, seen.masses
    return GroupRates(seen, shown, points(rate, wins[shown], losses[shown], len(groups.by)))


def compare(groups: Groups, comparison: Comparison, rates: RatesOf) -> Result:
    """Return the gap between the groups whose rates are published, with an interval of the same groups.

    A small group takes no part: its withheld rate could be found from a gap that rests on it. A group that
    is large enough, and has no rate because outcomes are blank, stays in the interval as any rate.
    """
    scalars = []
    for rate in comparison.rates:
        found = _compare_rate(groups, rate, comparison, rates[rate])
        if isinstance(found, NotAvailable):
            return found
        scalars.append(found)
    return _worst(scalars, comparison.kind)


def _compare_rate(
    groups: Groups, rate: Rate, comparison: Comparison, found: GroupRates
) -> Scalar | NotAvailable:
    """Return the gap in one rate."""
    seen, estimates = found.seen, found.points
    reason = _why_not(groups, rate, seen, comparison.kind)
    if reason is not None:
        return reason
    families, compared = len(comparison.rates), seen.compared()
    if comparison.kind == "ratio":
        value, (low, high) = estimates.ratio, ratio_ends(compared, families)
    else:
        value, (low, high) = estimates.difference, difference_ends(compared, families)
    interval = Interval(
        low=min(low, value), high=max(high, value), level=LEVEL, method=_method(comparison, compared)
    )
    return Scalar(value=value, unit="1", n=int(seen.cases[found.shown].min()), interval=interval)


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
    if (rate not in ERRORS or kind == "ratio") and not seen.masses[0][seen.enough].any():
        what = "ratio" if rate in ERRORS else "favourable outcome to compare"
        return NotAvailable(
            why="undefined",
            reason=f"the {rate.name} is 0 in every group, so that there is no {what}",
            n=int(cases[seen.enough].min()),
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
    notes = []
    for small, cases in _alike({rate: _places(trials.small) for rate, trials in seen.items()}).items():
        # Few and none are not told apart: that would tell the label of everybody in a tiny group.
        notes.append(
            f"By {by}, these groups have fewer than {MIN_GROUP} {cases}, or none: "
            f"{groups_in_words([groups.names[k] for k in small])}. Their own rates over these are not "
            "published, and comparisons leave them out: a gap that rested on them would tell the rate."
        )
    open_ = {rate: _places(~trials.small & (trials.cases < MIN_GROUP)) for rate, trials in seen.items()}
    for blank, cases in _alike(open_).items():
        notes.append(
            f"By {by}, blanks leave these groups fewer than {MIN_GROUP} {cases}: "
            f"{groups_in_words([groups.names[k] for k in blank])}. They count in every comparison as any "
            "rate from 0 to 1."
        )
    for rate, trials in seen.items():
        if rate not in ERRORS and trials.enough.any() and not trials.failures[trials.enough].any():
            notes.append(
                f"By {by}, the {rate.name} is 1 in every group compared: with no unfavourable outcome at "
                "all, the comparison says little."
            )
    return tuple(notes)


def limiting_note(groups: Groups, comparison: Comparison, rates: RatesOf) -> str:
    """Return between which two of more groups a gap could be widest; empty where it is not measured."""
    if len(comparison.rates) > 1 or isinstance(compare(groups, comparison, rates), NotAvailable):
        return ""
    (rate,) = comparison.rates
    seen = rates[rate].seen
    compared, names = seen.compared(), [groups.names[k] for k in _places(~seen.small)]
    if len(names) < 3:
        return ""
    one, other = widest_pair(compared, comparison.kind)
    if any(_rests_on_few(rates, groups, names[place]) for place in (one, other)):
        # Who stands at an end of a gap must not be told where that group's rate is withheld in print.
        return ""
    return (
        f"By {attribute_in_words(groups.by)}, the gap in the {rate.name} could be widest between "
        f"{group_in_words(names[one])} and {group_in_words(names[other])}: more cases of these two would "
        "narrow the end of its interval that stands against the system."
    )


def _rests_on_few(rates: RatesOf, groups: Groups, name: tuple[str, ...]) -> bool:
    """Tell whether some rate of a group is of some people but too few to be printed."""
    place = groups.names.index(name)
    counts = [
        int(side[place]) for found in rates.values() for side in (found.seen.successes, found.seen.failures)
    ]
    return any(0 < count < DISCLOSURE_LIMIT for count in counts)


def _places(groups: Flags) -> tuple[int, ...]:
    """Return the positions of some groups."""
    return tuple(np.flatnonzero(groups).tolist())


def _alike(found: Mapping[Rate, tuple[_Thing, ...]]) -> dict[tuple[_Thing, ...], str]:
    """Return what the cases are called of all rates that have the same things, by these; not of none."""
    alike: dict[tuple[_Thing, ...], list[str]] = {}
    for rate, things in found.items():
        if things:
            alike.setdefault(things, []).append(rate.cases)
    return {things: " or ".join(dict.fromkeys(cases)) for things, cases in alike.items()}


def intersection_notes(seen: Mapping[Rate, Mapping[tuple[str, ...], Trials]]) -> tuple[str, ...]:
    """Return which intersections have groups that are small or empty, rates with the same gaps together.

    Args:
        seen: for each rate, the counts of the groups of each combination of attributes.
    """
    thin = {
        rate: tuple(by for by, trials in found.items() if (trials.cases < MIN_GROUP).any())
        for rate, found in seen.items()
    }
    notes = []
    for some, cases in _alike(thin).items():
        listed = "; ".join(attribute_in_words(by) for by in some[:_COMBINATIONS_NAMED])
        if len(some) > _COMBINATIONS_NAMED:
            listed += f"; and {len(some) - _COMBINATIONS_NAMED} more"
        notes.append(
            f"These intersections have groups with fewer than {MIN_GROUP} {cases}, or none: {listed}. "
            "Comparisons leave those groups out, unless blanks made them small: then they count as any rate."
        )
    return tuple(notes)

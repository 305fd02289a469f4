"""Successes and failures that a rate sees in groups, their limits, and what is published of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.shared.absent import why_not_available
from conformity.probes.shared.cells import STATES, STRANGE
from conformity.probes.shared.design import (
    FAILURE,
    MIN_CLUSTERS,
    MORE_FAILURE,
    MORE_SUCCESS,
    SUCCESS,
    Design,
    Filling,
    effective,
)
from conformity.probes.shared.intervals import LEVEL, Flags, Floats, Ints, Limits, quantile, wilson
from conformity.probes.shared.rates import Rate
from conformity.settings import MIN_GROUP


@dataclass(frozen=True)
class Trials:
    """Successes and failures in groups, with what the blanks could add to either."""

    successes: Ints
    """(k,) certain successes."""
    failures: Ints
    """(k,) certain failures."""
    more_successes: Ints
    """(k,) rows that a blank filled one way would make successes."""
    more_failures: Ints
    """(k,) rows that a blank filled one way would make failures."""
    strange: Ints
    """(k,) rows whose meaning depends on an outcome that is not recognised."""
    design: Design | None = None
    """(k, 4) weights and clusters by what rows mean to the rate; none where rows are independent cases."""

    @property
    def cases(self) -> Ints:
        """Return the denominators, (k,)."""
        return self.successes + self.failures

    @property
    def blanks(self) -> Flags:
        """Return which groups have blanks that could change the rate, (k,)."""
        return (self.more_successes > 0) | (self.more_failures > 0)

    @property
    def masses(self) -> tuple[Ints | Floats, Ints | Floats]:
        """Return what the rates are made of, (k,) each: successes and failures, or sums of their weights."""
        if self.design is None:
            return self.successes, self.failures
        return self.design.mass[:, SUCCESS], self.design.mass[:, FAILURE]

    @property
    def rates(self) -> Floats:
        """Return the share of successes among the cases, or of their weights, (k,); 0 where none is known."""
        wins, losses = self.masses
        return np.asarray(wins / np.where(self.known, wins + losses, 1), dtype=np.float64)

    @property
    def blank_rows(self) -> Ints:
        """Return how many rows blanks could add to the cases, (k,)."""
        return np.maximum(self.more_successes, self.more_failures)

    @property
    def blank_masses(self) -> Ints | Floats:
        """Return :attr:`blank_rows`, or the sums of the weights of such rows, (k,)."""
        if self.design is None:
            return self.blank_rows
        return np.maximum(self.design.mass[:, MORE_SUCCESS], self.design.mass[:, MORE_FAILURE])

    @property
    def known(self) -> Flags:
        """Return which groups have a case, of a weight above 0, (k,)."""
        wins, losses = self.masses
        return wins + losses > 0

    @property
    def thin(self) -> Flags:
        """Return which groups have too few clusters for a rate of their own, (k,)."""
        clusters = None if self.design is None else effective(self.design).clusters
        return np.zeros(len(self.cases), dtype=np.bool_) if clusters is None else clusters < MIN_CLUSTERS

    @property
    def enough(self) -> Flags:
        """Return which groups have cases, and clusters, enough for a rate of their own, (k,)."""
        return (self.cases >= MIN_GROUP) & self.known & ~self.thin

    @property
    def small(self) -> Flags:
        """Return which groups have too few rows to take part in a comparison, blanks counted in, (k,).

        They neither decide nor show in any number: from a limit that rested on a handful of cases these
        could be found by trying.
        """
        return self.cases + self.blank_rows < MIN_GROUP

    def compared(self) -> Trials:
        """Return the groups that take part in a comparison, all but the small ones.

        Of a group that blanks keep from a rate of its own nothing is told but that it is there: it counts
        as any rate from 0 to 1, because leaving it out could only make a gap look smaller.
        """
        told = self.cases >= MIN_GROUP
        design = None if self.design is None else self.design.only(told).take(np.flatnonzero(~self.small))

        def some(counts: Ints) -> Ints:
            """Return the counts of the groups compared; none of a group of which nothing is told."""
            return np.asarray(np.where(told, counts, 0)[~self.small])

        return Trials(
            successes=some(self.successes),
            failures=some(self.failures),
            more_successes=some(self.more_successes),
            more_failures=some(self.more_failures),
            strange=some(self.strange),
            design=design,
        )

    @property
    def method(self) -> str:
        """Return what to add to the name of an interval's method; nothing for independent rows."""
        if self.design is None:
            return ""
        return ", on effective cases by " + ("weight" if self.design.together is None else "cluster")

    def why_not(self, rate: Rate, group: int) -> NotAvailable | None:
        """Return why the rate of a group is not published; None if it can be."""
        cases = int(self.cases[group])
        found = why_not_available(rate, cases, int(self.strange[group]), bool(self.blanks[group]))
        if found is not None or self.design is None:
            return found
        if not self.known[group]:
            return NotAvailable(why="undefined", reason=f"the weights of all {rate.cases} are 0", n=cases)
        if self.thin[group]:
            return NotAvailable(
                why="too_few_cases",
                reason=f"the {rate.cases} belong to fewer than {MIN_CLUSTERS} clusters, counted by their "
                "sizes; merge groups or collect more",
                n=cases,
            )
        return None

    def independent(self) -> tuple[Floats, Floats]:
        """Return successes and failures of as many independent cases as the groups are worth, (k,) each."""
        if self.design is None:
            return self.successes.astype(np.float64), self.failures.astype(np.float64)
        found = effective(self.design)
        cases = np.minimum(found.cases, self.cases)
        return found.rate * cases, (1 - found.rate) * cases

    def limits(self, z: float) -> Limits:
        """Return Wilson limits; with blanks, from the worst to the best filling.

        Args:
            z: standard normal quantile.
        """
        if self.design is not None:
            low_point, low, _ = self._effective(self.design, "worst", z)
            high_point, _, high = self._effective(self.design, "best", z)
            return Limits(low_point=low_point, low=low, high_point=high_point, high=high)
        low_point, low, _ = _rate(self.successes, self.failures + self.more_failures, z, empty=0)
        high_point, _, high = _rate(self.successes + self.more_successes, self.failures, z, empty=1)
        return Limits(low_point=low_point, low=low, high_point=high_point, high=high)

    def _effective(self, design: Design, filling: Filling, z: float) -> tuple[Floats, Floats, Floats]:
        """Return rates, lower and upper Wilson limits with effective cases in place of rows.

        Source:
            Dean and Pagano, Journal of Survey Statistics and Methodology 3 (2015) 484-503.
        """
        found = effective(design, filling, z)
        more = self.more_failures if filling == "worst" else self.more_successes
        cases = np.minimum(found.cases, self.cases + more)
        low, high = wilson(found.rate * cases, (1 - found.rate) * cases, z)
        return np.where(found.known, found.rate, 0.0 if filling == "worst" else 1.0), low, high


def _rate(wins: Ints, losses: Ints, z: float, *, empty: int) -> tuple[Floats, Floats, Floats]:
    """Return rates, lower and upper Wilson limits; ``empty`` as the rate where there are no cases."""
    cases = wins + losses
    low, high = wilson(wins, losses, z)
    return np.where(cases > 0, wins / np.maximum(cases, 1), float(empty)), low, high


def trials_of(counts: Ints, rate: Rate, design: Design | None = None) -> Trials:
    """Return the successes and failures that ``rate`` sees in each group.

    Args:
        counts: (k, 4, 4) rows by state of label and prediction.
        rate: the rate.
        design: (k, 16) their weights and clusters, if there are any.
    """
    members = _members(rate)
    sums = counts.reshape(-1, len(STATES) ** 2) @ members.T
    return Trials(
        successes=sums[:, SUCCESS],
        failures=sums[:, FAILURE],
        more_successes=sums[:, MORE_SUCCESS],
        more_failures=sums[:, MORE_FAILURE],
        strange=sums[:, _STRANGE],
        design=None if design is None else design.grouped(members[:_STRANGE].astype(np.float64)),
    )


_STRANGE = 4
"""The place of rows whose outcome is not recognised, after the four sorts of a design."""


@lru_cache(maxsize=64)
def _members(rate: Rate) -> Ints:
    """Return which states of label and prediction mean what to a rate, (5, 16): 1 where they do, else 0."""
    places = {"success": SUCCESS, "failure": FAILURE}
    more = {"success": MORE_SUCCESS, "failure": MORE_FAILURE}
    members = np.zeros((5, len(STATES) ** 2), dtype=np.int64)
    for label in range(len(STATES)):
        for prediction in range(len(STATES)):
            state, certain = label * len(STATES) + prediction, rate.is_certain(label, prediction)
            if certain in places:
                members[places[certain], state] = 1
            elif certain is None and STRANGE in (label, prediction):
                members[_STRANGE, state] = 1
            elif certain is None:
                for meaning in rate.possible(label, prediction) - {"neither"}:
                    members[more[meaning], state] = 1
    members.flags.writeable = False
    return members


def rate_results(rate: Rate, seen: Trials, values: Sequence[float] | None = None) -> tuple[Result, ...]:
    """Return the rate of each group with its Wilson interval, or why there is none.

    Args:
        rate: the rate.
        seen: (k,) successes and failures of the groups.
        values: (k,) the groups' rates, where they were estimated elsewhere; those without cases are not
            looked at.
    """
    limits, cases, blanks = seen.limits(quantile(LEVEL)), seen.cases, seen.blanks
    results: list[Result] = []
    for position, value in enumerate(seen.rates.tolist() if values is None else values):
        has_blanks, n = bool(blanks[position]), int(cases[position])
        reason = seen.why_not(rate, position)
        if reason is not None:
            results.append(reason)
            continue
        interval = Interval(
            low=min(float(limits.low[position]), value),
            high=max(float(limits.high[position]), value),
            level=LEVEL,
            method="Wilson score" + seen.method + (", blanks counted both ways" if has_blanks else ""),
        )
        results.append(Scalar(value=value, unit="1", n=n, interval=interval))
    return tuple(results)

"""How many independent cases rows are worth that stand for unequally many people, or that belong together.

A weighted rate is a ratio of two sums. Its variance by Taylor's expansion, beside that of as many
independent rows of equal weight, is the design effect; the rows divided by it are the effective cases,
which take the place of the rows in every interval for rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from conformity.probes.shared.intervals import LEVEL, Flags, Floats, Ints, quantile

MIN_CLUSTERS = 30
"""Fewest clusters, effectively, from which the variance of a rate is estimated."""

SUCCESS, FAILURE, MORE_SUCCESS, MORE_FAILURE = range(4)
"""What rows mean to a rate: certain successes and failures, and what blanks could add to either."""

_LEAST_FREEDOM = 4.0

Filling = Literal["known", "worst", "best"]
"""How blanks are filled: not at all, all as failures, or all as successes."""

_WINS = {"known": (1, 0, 0, 0), "worst": (1, 0, 0, 0), "best": (1, 0, 1, 0)}
_CASES = {"known": (1, 1, 0, 0), "worst": (1, 1, 0, 1), "best": (1, 1, 1, 0)}


@dataclass(frozen=True)
class Design:
    """Rows of groups by what they are or mean, with weights, and with what happens within clusters."""

    mass: Floats
    """(k, c) sum of the weights of the rows of each sort."""
    squares: Floats
    """(k, c) sum of their squares."""
    together: Floats | None = None
    """(k, c, c) sum over clusters of the product of the masses of two sorts; none without clusters."""

    def grouped(self, members: Floats) -> Design:
        """Return the design by other sorts of rows.

        Args:
            members: (d, c) 1 where a present sort belongs to a new one, else 0.
        """
        together = None
        if self.together is not None:
            together = np.asarray(members @ self.together @ members.T, dtype=np.float64)
        return Design(self.mass @ members.T, self.squares @ members.T, together)

    def take(self, groups: Ints) -> Design:
        """Return the design of some groups."""
        together = None if self.together is None else self.together[groups]
        return Design(self.mass[groups], self.squares[groups], together)

    def added(self) -> Design:
        """Return all groups as one, as if no cluster had rows of two of them."""
        together = None if self.together is None else self.together.sum(axis=0, keepdims=True)
        return Design(self.mass.sum(axis=0, keepdims=True), self.squares.sum(axis=0, keepdims=True), together)

    def only(self, groups: Flags) -> Design:
        """Return the design with nothing in all but these groups, (k,)."""
        mask = groups.astype(np.float64)
        together = None if self.together is None else self.together * mask[:, None, None]
        return Design(self.mass * mask[:, None], self.squares * mask[:, None], together)

    def beside_the_rest(self, group: int) -> Design:
        """Return the design of one group and of all others together: only one other, with clusters."""
        if self.together is not None:
            return self.take(np.array([group, 1 - group]))
        mass, squares = (
            np.stack([of[group], of.sum(axis=0) - of[group]]) for of in (self.mass, self.squares)
        )
        return Design(mass, squares)


@dataclass(frozen=True)
class Effective:
    """A weighted rate of groups, and on how many independent cases it rests."""

    known: Flags
    """(k,) which groups have a case of some weight."""
    rate: Floats
    """(k,) the rate; 0 where it is not known."""
    cases: Floats
    """(k,) effective cases, at least 1; 0 where the rate is not known."""
    clusters: Floats | None
    """(k,) effective number of clusters; none without clusters."""


def effective(design: Design, filling: Filling = "known", z: float | None = None) -> Effective:
    """Return the rates of groups with their effective cases.

    The cases are at most Kish's, (sum w)^2 / sum w^2, and at most those of the linearised variance, whichever
    are fewer: Kish's alone are too many where weights go with outcomes, and the linearised variance is 0
    where a rate is 0 or 1. With clusters the rate rests in that case on no more than the clusters themselves,
    as it does where there are fewer than :data:`MIN_CLUSTERS`. Else a variance that is estimated from few
    clusters, or from few that have a success or a failure at all, is made up for by Student's quantile.

    Args:
        design: (k, 4) rows by what they mean to the rate.
        filling: how blanks are filled.
        z: standard normal quantile of the interval that the cases are for; that of 95 % if none.

    Source:
        Kish, Survey Sampling (1965), sections 8.2 and 11.7; Kish and Frankel, Journal of the Royal
        Statistical Society B 36 (1974) 1-37; Dean and Pagano, Journal of Survey Statistics and Methodology
        3 (2015) 484-503, for effective cases in Wilson's interval; Korn and Graubard, Survey Methodology 24
        (1998) 193-201, for the quantile; Carter, Schnepel and Steigerwald, Review of Economics and
        Statistics 99 (2017) 698-709, for counting clusters by their sizes.
    """
    wins, cases = (np.array(of[filling], dtype=np.float64) for of in (_WINS, _CASES))
    total = design.mass @ cases
    known = total > 0
    safe = np.where(known, total, 1.0)
    rate = np.clip(design.mass @ wins / safe, 0, 1)
    residual = wins - rate[:, None] * cases
    kish = _quotient(safe**2, design.squares @ cases)
    clusters = None
    if design.together is None:
        variance = (residual**2 * design.squares).sum(axis=1) / safe**2
        found = np.minimum(kish, _quotient(rate * (1 - rate), variance, empty=kish))
    else:
        clusters, few = _counted(design, design.together, wins, cases)
        variance = np.einsum("ki,kij,kj->k", residual, design.together, residual) / safe**2
        spread = _spread(variance, np.minimum(clusters, few), z or quantile(LEVEL))
        linear = _quotient(rate * (1 - rate), spread, empty=kish)
        linear = np.where((rate <= 0) | (rate >= 1), clusters, linear)
        linear = np.where(clusters < MIN_CLUSTERS, np.minimum(linear, clusters), linear)
        found, clusters = np.minimum(kish, linear), np.where(known, clusters, 0.0)
    cases_worth = np.where(known, np.maximum(found, 1.0), 0.0)
    return Effective(known, np.where(known, rate, 0.0), cases_worth, clusters)


def _counted(design: Design, together: Floats, wins: Floats, cases: Floats) -> tuple[Floats, Floats]:
    """Return the effective number of clusters of cases, and that of successes or failures if it is less."""

    def number(sorts: Floats) -> Floats:
        """Return the number of clusters, counted by how many rows of some sorts they have."""
        return _quotient((design.mass @ sorts) ** 2, np.einsum("i,kij,j->k", sorts, together, sorts))

    return number(cases), np.minimum(number(wins), number(cases - wins))


def _spread(variance: Floats, clusters: Floats, z: float) -> Floats:
    """Return the variance, enlarged for being estimated from so many clusters."""
    freedom = np.maximum(clusters - 1, _LEAST_FREEDOM)
    factor = (freedom + 1) / freedom * (student(z, freedom) / z) ** 2
    return np.asarray(variance * factor, dtype=np.float64)


def _quotient(above: Floats, below: Floats, empty: Floats | float = np.inf) -> Floats:
    """Return ``above / below``, or ``empty`` where ``below`` is not positive."""
    some = below > 0
    return np.where(some, above / np.where(some, below, 1.0), empty)


def student(z: float, freedom: Floats) -> Floats:
    """Return quantiles of Student's distribution from the standard normal quantile of the same level.

    Args:
        z: standard normal quantile.
        freedom: (k,) degrees of freedom, at least 4; at the level of 95 % the result is then no more than
            0.01 below the true quantile.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return np.asarray(z + first / freedom + second / freedom**2 + third / freedom**3, dtype=np.float64)

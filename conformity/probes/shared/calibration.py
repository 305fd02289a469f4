"""Means of scores, and how far scores lie from what came true, with limits; from sums in bins."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from conformity.model.measurement import NotAvailable
from conformity.probes.shared.absent import few
from conformity.probes.shared.cells import NEGATIVE, POSITIVE
from conformity.probes.shared.estimates import Estimate
from conformity.probes.shared.intervals import Floats, Ints, Limits
from conformity.probes.shared.moments import bounded_limits
from conformity.probes.shared.ranking import unreadable, unrecognised_label
from conformity.probes.shared.scores import ScoreGroups

CALIBRATION_BINS = 10
"""Into how many bins of equal width scores are put to hold them against what came true."""

_HALF_NORMAL = (np.sqrt(2 / np.pi), 1 - 2 / np.pi, 0.9952717464311568)
"""Mean, variance and skewness of the size of a standard normal variable."""

_Number = TypeVar("_Number", np.int64, np.float64)

_WILSON = "Wilson limits at the effective number of cases"


def mean_score_of(groups: ScoreGroups) -> Estimate:
    """Return the mean score of each group, in the units of the score."""
    cases = groups.rows.sum(axis=(1, 2))
    unscored = groups.unscored.sum(axis=1)
    means, variances = _moments(cases, groups.totals.sum(axis=(1, 2)), groups.squares.sum(axis=(1, 2)))
    reasons = [_no_scores(int(n), int(blank)) for n, blank in zip(cases, unscored, strict=True)]

    def limits(z: float) -> Limits:
        found = bounded_limits(cases, means, variances, z, unscored)
        ends = (found.low_point, found.low, found.high_point, found.high)
        return Limits(*(groups.low + groups.width * end for end in ends))

    return Estimate(
        name="mean score",
        values=groups.low + groups.width * means,
        cases=cases,
        reasons=tuple(reasons),
        limits=limits,
        method=_WILSON + _both_ways(unscored),
        blanks=unscored,
        span=(groups.low, groups.low + groups.width),
    )


def brier_of(groups: ScoreGroups) -> Estimate:
    """Return the Brier score of each group: the mean squared distance of score and outcome.

    Source:
        Brier, Monthly Weather Review 78 (1950) 1-3, in the form for two outcomes.
    """
    losses, squares = _losses(groups)
    means, variances = _moments(groups.cases, losses.sum(axis=1), squares.sum(axis=1))
    return _of_probabilities(groups, "Brier score", means, variances)


def bias_of(groups: ScoreGroups) -> Estimate:
    """Return the mean score less the share of favourable labels, in [-1, 1]."""
    losses, _ = _losses(groups)
    sums = _misses(groups, groups.rows.shape[2]).sum(axis=1)
    means, variances = _moments(groups.cases, sums, losses.sum(axis=1))
    found = _of_probabilities(groups, "calibration in the large", (means + 1) / 2, variances / 4)

    def limits(z: float) -> Limits:
        inner = found.limits(z)
        return Limits(*(2 * end - 1 for end in (inner.low_point, inner.low, inner.high_point, inner.high)))

    return replace(found, values=means, limits=limits, span=(-1.0, 1.0))


def ece_of(groups: ScoreGroups) -> Estimate:
    """Return the expected calibration error of each group over bins of equal width.

    It is the largest of the sums of the bins' errors over all choices of signs. The upper limit is that
    of the choice which fits the truth, whose standard error is known, so that it covers without
    correction; the lower limit is the error less all that chance alone can add.

    Source:
        Naeini, Cooper and Hauskrecht, AAAI 2015, 2901-2907, for the quantity.
    """
    cases, blanks = groups.cases, groups.blanks
    safe = np.maximum(cases, 1)[:, None]
    errors = _misses(groups, CALIBRATION_BINS) / safe
    values = np.abs(errors).sum(axis=1)
    losses, _ = _losses(groups)
    second = losses.reshape(len(losses), CALIBRATION_BINS, -1).sum(axis=2) / safe
    spread = np.sqrt(np.maximum(second - errors**2, 0) / safe)
    brier = brier_of(groups)

    def limits(z: float) -> Limits:
        most = np.maximum(brier.limits(z).high, second.sum(axis=1))
        high = values + z * np.sqrt(np.maximum(most - values**2, 0) / safe[:, 0])
        low = values - _by_chance(spread, z)
        return _ece_limits(cases, blanks, values, np.maximum(low, 0), np.minimum(high, 1))

    return replace(
        brier,
        name="expected calibration error",
        values=values,
        limits=limits,
        method="normal limits of the signed errors, lower end less the error that chance alone adds"
        + _both_ways(blanks),
    )


def in_bins(groups: ScoreGroups) -> ScoreGroups:
    """Return the calibration bins of the first group as groups of their own; each holds its lower edge."""

    def apart(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        return np.moveaxis(values[0].reshape(4, CALIBRATION_BINS, -1), 1, 0)

    edges = [f"{position / CALIBRATION_BINS:g}" for position in range(CALIBRATION_BINS + 1)]
    names = [f"{low} to < {high}" for low, high in pairwise(edges[:-1])]
    return ScoreGroups(
        by=("score bin",),
        names=tuple((name,) for name in (*names, f"{edges[-2]} to {edges[-1]}")),
        low=groups.low,
        width=groups.width,
        rows=apart(groups.rows),
        totals=apart(groups.totals),
        squares=apart(groups.squares),
        unscored=np.zeros((CALIBRATION_BINS, 4), dtype=np.int64),
    )


def _ece_limits(cases: Ints, blanks: Ints, values: Floats, low: Floats, high: Floats) -> Limits:
    """Return limits in [0, 1]; every blank can add or take away one row's share."""
    known, rows = cases > 0, np.maximum(cases + blanks, 1)
    share, gap = cases / rows, blanks / rows
    return Limits(
        low_point=np.where(known, np.maximum(values * share - gap, 0), 0.0),
        low=np.where(known, np.maximum(low * share - gap, 0), 0.0),
        high_point=np.where(known, np.minimum(values * share + gap, 1), 1.0),
        high=np.where(known, np.minimum(high * share + gap, 1), 1.0),
    )


def _by_chance(spread: Floats, z: float) -> Floats:
    """Return an upper quantile of the sum of the sizes of normal errors, (k,).

    Args:
        spread: (k, bins) their standard deviations.
        z: standard normal quantile.

    Source:
        Cornish and Fisher, Revue de l'Institut International de Statistique 5 (1938) 307-320, first term.
    """
    mean, variance, skewness = _HALF_NORMAL
    squares = (spread**2).sum(axis=1)
    deviation = np.sqrt(squares)
    skew = skewness * (spread**3).sum(axis=1) / np.where(squares > 0, deviation**3, 1)
    quantile = z + (z * z - 1) * skew / 6
    return np.asarray(mean * spread.sum(axis=1) + quantile * np.sqrt(variance) * deviation)


def _of_probabilities(groups: ScoreGroups, name: str, means: Floats, variances: Floats) -> Estimate:
    """Return the estimate of a mean of values in [0, 1] over rows with score and label."""
    cases, blanks = groups.cases, groups.blanks
    return Estimate(
        name=name,
        values=means,
        cases=cases,
        reasons=tuple(_reason(groups, name, position) for position in range(len(cases))),
        limits=lambda z: bounded_limits(cases, means, variances, z, blanks),
        method=_WILSON + _both_ways(blanks),
        fault=unrecognised_label(int(groups.strange.sum()), int(cases.min())),
        blanks=blanks,
        span=(0.0, 1.0),
    )


def _losses(groups: ScoreGroups) -> tuple[Floats, Floats]:
    """Return the sums of squared distances of score and outcome, and of their squares, (k, bins) each.

    The first are exact. The second take the spread within a bin as small beside the distance.
    """
    losses = np.zeros((len(groups.names), groups.rows.shape[2]))
    fourth = np.zeros(losses.shape)
    for outcome, state in enumerate((NEGATIVE, POSITIVE)):
        rows, totals, squares = groups.rows[:, state], groups.totals[:, state], groups.squares[:, state]
        loss = np.maximum(squares - 2 * outcome * totals + outcome * rows, 0)
        size = np.maximum(rows, 1)
        distance = totals / size - outcome
        within = np.maximum(squares / size - (totals / size) ** 2, 0)
        losses += loss
        fourth += rows * ((loss / size) ** 2 + 4 * distance**2 * within)
    return losses, fourth


def _misses(groups: ScoreGroups, bins: int) -> Floats:
    """Return the sum of scores less the number of favourable labels in wider bins, (k, bins)."""
    totals = groups.totals[:, NEGATIVE] + groups.totals[:, POSITIVE]
    fine = totals - groups.rows[:, POSITIVE]
    return np.asarray(fine.reshape(len(fine), bins, -1).sum(axis=2))


def _moments(cases: Ints, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return means and variances, (k,) each; 0 where there are no cases."""
    safe = np.maximum(cases, 1)
    means = sums / safe
    spread = np.maximum(squares / safe - means**2, 0) * safe / np.maximum(cases - 1, 1)
    return means, spread


def _no_scores(cases: int, blanks: int) -> NotAvailable | None:
    """Return why a group has no mean score of its own; None if it has."""
    if cases == 0 and blanks:
        return NotAvailable(why="not_collected", reason="the score is blank in all rows")
    return few("mean score", "rows with a score", cases)


def _reason(groups: ScoreGroups, name: str, position: int) -> NotAvailable | None:
    """Return why a quantity of probabilities is not published; None if it is."""
    if not groups.are_probabilities:
        return NotAvailable(
            why="undefined", reason="the scores do not run from 0 to 1, so that they are no probabilities"
        )
    return unreadable(groups, position) or few(name, "rows with score and label", int(groups.cases[position]))


def _both_ways(blanks: Ints) -> str:
    """Return what is added to a method where there are blanks."""
    return ", blanks counted both ways" if blanks.any() else ""

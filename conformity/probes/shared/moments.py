"""Confidence limits of means from sums and sums of squares, and of the largest gap between groups."""

from __future__ import annotations

import numpy as np

from conformity.probes.shared.intervals import (
    Flags,
    Floats,
    Ints,
    Limits,
    difference_high,
    difference_low,
    quantile,
    wilson,
)

WORST_CASE = 0.25
"""How much of a case of the worst possible value is added to a variance before limits are made of it.

A sample in which a rare large value has not yet occurred varies too little: without this, limits of a
mean of mostly tiny losses hold the truth in as few as 42 % of samples of 30, with it in 94 % or more.
"""

LEAST = 10
"""Fewest cases from which limits of an unbounded mean are made; below, it could be anything."""


ALLOWANCE = 8
"""By how many parts in n the variance of skewed values is raised: a small sample shows too little of it."""

EVENNESS = 15
"""How many times the squared relative spread of positive values the cases must number."""


def bounded_limits(cases: Ints, means: Floats, variances: Floats, z: float, blanks: Ints) -> Limits:
    """Return limits of means of values in [0, 1], which never collapse to a point.

    They are Wilson limits at the number of yes-or-no cases that would vary as much. Blanks count as 0
    at the low end and as 1 at the high end; a group without cases spans everything from 0 to 1.

    Args:
        cases: (k,) values seen.
        means: (k,) their means; not looked at where there are no cases.
        variances: (k,) their variances.
        z: standard normal quantile.
        blanks: (k,) values that are missing.

    Source:
        Wilson, JASA 22 (1927) 209-212, for the limits; Korn and Graubard, Survey Methodology 24 (1998)
        193-201, for limits of a proportion at an effective number of cases.
    """
    known = cases > 0
    mean = np.clip(np.where(known, means, 0.5), 0, 1)
    size = np.where(known, effective_cases(cases, mean, variances), 0.0)
    low, high = wilson(mean * size, (1 - mean) * size, z)
    share = cases / np.maximum(cases + blanks, 1)
    gap = np.where(known, 1 - share, 1.0)
    return Limits(
        low_point=np.where(known, mean * share, 0.0),
        low=np.where(known, low * share, 0.0),
        high_point=np.where(known, mean * share + gap, 1.0),
        high=np.where(known, high * share + gap, 1.0),
    )


def effective_cases(cases: Ints, means: Floats, variances: Floats) -> Floats:
    """Return how many yes-or-no cases of the same mean would vary as much, at least ``cases``.

    Args:
        cases: (k,) at least 1 each.
        means: (k,) in [0, 1].
        variances: (k,) of the values in [0, 1].
    """
    most = means * (1 - means)
    cautious = np.minimum(variances + unseen(cases, means), most)
    return np.where(most > 0, cases * most / np.where(cautious > 0, cautious, 1), cases * 1.0)


def unseen(cases: Ints, means: Floats) -> Floats:
    """Return what is added to variances of values in [0, 1] for values that have not occurred, (k,)."""
    return np.asarray(WORST_CASE * np.maximum(means, 1 - means) ** 2 / np.maximum(cases, 1))


def signed_limits(cases: Ints, means: Floats, variances: Floats, z: float) -> Limits:
    """Return Student's limits of means of any numbers.

    They are infinite where there are too few cases, or where nothing varies, which tells nothing.

    Args:
        cases: (k,) values seen.
        means: (k,) their means.
        variances: (k,) their variances, n - 1 in the denominator; infinite where not known.
        z: standard normal quantile.
    """
    reach = _reach(cases, variances, z)
    enough = np.isfinite(reach) & (variances > 0)
    point = np.where(enough, means, 0.0)
    return _limits(enough, point, point - np.where(enough, reach, 0), point + np.where(enough, reach, 0))


def positive_limits(cases: Ints, means: Floats, variances: Floats, z: float) -> Limits:
    """Return limits of means of numbers from 0 on, by Student's limits of the mean's logarithm.

    Sizes of errors are skewed to the right; on the scale of the logarithm the limits lie as lopsided
    as they must. They are infinite where there are too few cases or all values are 0.

    Args:
        cases: (k,) values seen.
        means: (k,) their means.
        variances: (k,) their variances, n - 1 in the denominator; infinite where not known.
        z: standard normal quantile.

    Source:
        Zhou and Gao, Statistics in Medicine 16 (1997) 783-790, for the transformation.
    """
    reach = _reach(cases, variances * (1 + ALLOWANCE / np.maximum(cases, 1)), z)
    enough = np.isfinite(reach) & (means > 0) & (EVENNESS * variances <= cases * means**2)
    point = np.where(enough, means, 1.0)
    ratio = np.exp(np.minimum(np.where(enough, reach, 0) / point, 700))
    return _limits(enough, point, point / ratio, point * ratio)


def _reach(cases: Ints, variances: Floats, z: float) -> Floats:
    """Return how far limits lie from means, (k,); infinite below :data:`LEAST` cases."""
    enough = cases >= LEAST
    size = np.where(enough, cases, LEAST)
    return np.where(enough, student(z, size) * np.sqrt(variances / size), np.inf)


def _limits(enough: Flags, point: Floats, low: Floats, high: Floats) -> Limits:
    """Return limits that are infinite where there is not enough to say."""
    return Limits(
        low_point=np.where(enough, point, -np.inf),
        low=np.where(enough, low, -np.inf),
        high_point=np.where(enough, point, np.inf),
        high=np.where(enough, high, np.inf),
    )


def student(z: float, cases: Ints) -> Floats:
    """Return quantiles of Student's distribution with ``cases - 1`` degrees of freedom, (k,).

    Args:
        z: the standard normal quantile at the same probability.
        cases: (k,) at least :data:`LEAST`; the error is then below 0.001 up to z = 3.5.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.7.5.
    """
    freedom = np.asarray(cases, dtype=np.float64) - 1
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return np.asarray(sum(term / freedom**power for power, term in enumerate(terms)))


def largest_gap(plain: Limits, strict: Limits) -> tuple[float, float]:
    """Return the limits of the largest difference between two of at least two groups, not below 0.

    The true gap belongs to one pair of groups, so that the widest upper limit over all pairs covers it
    without correction; the lower end picks the most striking pair and shares its error among all.

    Args:
        plain: (k,) limits at the level of one pair.
        strict: (k,) limits at a level shared among all pairs.

    Source:
        Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702, for a difference of two means from
        their limits; Dunn, JASA 56 (1961) 52-64, for sharing the error.
    """
    high = _pairs(plain, upper=True)
    low = _pairs(strict, upper=False)
    return max(float(low.max()), 0.0), max(float(high.max()), 0.0)


def shared_quantile(level: float, groups: int) -> float:
    """Return the normal quantile of an interval at ``level`` shared among all pairs of groups."""
    return quantile(level, max(groups * (groups - 1) // 2, 1))


def _pairs(limits: Limits, *, upper: bool) -> Floats:
    """Return the upper or lower limits of the difference between any two different groups, (k, k)."""
    every = np.arange(len(limits.low))
    first, second = limits.take(every[:, None]), limits.take(every[None, :])
    ends = difference_high(first, second) if upper else difference_low(first, second)
    return np.where(every[:, None] == every[None, :], -np.inf, ends)

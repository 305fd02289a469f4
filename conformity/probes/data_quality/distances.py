"""Distances between two distributions over categories, and how far a sample can be from the truth."""

from __future__ import annotations

import math

import numpy as np

from conformity.model.measurement import Interval
from conformity.probes.shared.intervals import LEVEL, Floats, Ints

METHOD = "bounded differences (McDiarmid), bias bounded"
"""How the intervals of total variation are made."""


def shares(counts: Ints | Floats) -> Floats:
    """Return counts, (k,) with a positive sum, as shares of that sum."""
    return np.asarray(counts, dtype=np.float64) / float(np.sum(counts))


def total_variation(first: Floats, second: Floats) -> float:
    """Return half the sum of absolute differences of shares: 0 for equal, 1 for disjoint distributions.

    Args:
        first: (k,) shares that add up to 1.
        second: (k,) shares that add up to 1.
    """
    return min(1.0, float(np.abs(first - second).sum()) / 2)


def jensen_shannon(first: Floats, second: Floats) -> float:
    """Return the Jensen-Shannon divergence with logarithms to base 2, in [0, 1].

    Args:
        first: (k,) shares that add up to 1.
        second: (k,) shares that add up to 1.

    Source:
        Lin, IEEE Transactions on Information Theory 37 (1991) 145-151.
    """
    middle = (first + second) / 2

    def towards(part: Floats) -> float:
        """Return the Kullback-Leibler divergence from the middle."""
        some = part > 0
        return float((part[some] * np.log2(part[some] / middle[some])).sum())

    return min(1.0, max(0.0, (towards(first) + towards(second)) / 2))


def stability_index(first: Floats, second: Floats, floor: float) -> float:
    """Return the population stability index, with shares below ``floor`` raised to it.

    ``sum (p - q) ln(p / q)``; without the floor it is infinite as soon as a category is empty on one side.

    Args:
        first: (k,) shares that add up to 1.
        second: (k,) shares that add up to 1.
        floor: a small positive share, such as that of half a row.

    Source:
        Yurdakul and Naranjo, Journal of Risk Model Validation 14 (2020) 89-100.
    """
    left, right = np.maximum(first, floor), np.maximum(second, floor)
    return float(((left - right) * np.log(left / right)).sum())


def chi_square_p(counts: Ints, expected: Floats) -> float:
    """Return the p-value of Pearson's test that ``counts`` were drawn with the shares ``expected``.

    Args:
        counts: (k,) rows.
        expected: (k,) positive shares that add up to 1, at least two.

    Source:
        Pearson, Philosophical Magazine 50 (1900) 157-175.
    """
    target = expected * counts.sum()
    return _chi_square_above(float(((counts - target) ** 2 / target).sum()), len(counts) - 1)


def _chi_square_above(value: float, freedom: int) -> float:
    """Return the probability that a chi-square variable with ``freedom`` degrees exceeds ``value``.

    Starting from one or two degrees, each two more add ``(x/2)^a exp(-x/2) / gamma(a + 1)``; the terms are
    taken as logarithms, since their parts leave the range of floats.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.4.4 and 26.4.5.
    """
    half = value / 2
    if half == 0:
        return 1.0
    first = math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)
    steps = (freedom % 2 / 2 + step for step in range(1 - freedom % 2, (freedom + 1) // 2 - freedom % 2))
    more = (math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in steps)
    return min(1.0, first + math.fsum(more))


def variation_interval(value: float, categories: int, first: int, second: int | None = None) -> Interval:
    """Return a 95 % interval for the total variation of the distributions that rows were drawn from.

    One row more or less changes the value by at most 1/n, so that it is rarely far from its mean; the mean
    is never below the truth (Jensen), and above it by at most half the root of (k-1)/n for each sample. The
    coverage is at least 95 % for any distribution over ``categories`` that were fixed beforehand.

    Args:
        value: total variation of the samples, in [0, 1].
        categories: k, in how many categories rows can fall, at least 1.
        first: rows of the first sample.
        second: rows of the second; None where it is the population itself.

    Source:
        McDiarmid, Surveys in Combinatorics (1989) 148-188, lemma 1.2.
    """
    sizes = [first] if second is None else [first, second]
    reach = math.sqrt(math.log(2 / (1 - LEVEL)) / 2 * sum(1 / size for size in sizes))
    bias = sum(math.sqrt((categories - 1) / size) / 2 for size in sizes)
    return Interval(
        low=max(0.0, value - bias - reach), high=min(1.0, value + reach), level=LEVEL, method=METHOD
    )

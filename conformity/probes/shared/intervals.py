"""Confidence limits in closed form for one rate, and for a difference, a ratio or a mean of two.

Everything here is elementwise over arrays. No limit rests on random draws, so that an auditor gets
the same ends to the last digit, and none collapses to a point when a rate is 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

LEVEL = 0.95
"""Confidence level of every interval that a probe publishes."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """Rates of groups with their limits, each end at the counts that make it worst.

    Where outcomes are blank the low end takes every blank as unfavourable and the high end takes it
    as favourable; without blanks ``low_point`` and ``high_point`` are the same observed rate. A group
    without cases spans everything from 0 to 1.
    """

    low_point: Floats
    """(k,) in [0, 1]: the lowest rate that the blanks allow."""
    low: Floats
    """(k,) in [0, low_point]: the lower limit at that rate."""
    high_point: Floats
    """(k,) in [0, 1]: the highest rate that the blanks allow."""
    high: Floats
    """(k,) in [high_point, 1]: the upper limit at that rate."""

    def take(self, index: Ints) -> Limits:
        """Return the limits of some groups."""
        return Limits(self.low_point[index], self.low[index], self.high_point[index], self.high[index])


def quantile(level: float, comparisons: int = 1) -> float:
    """Return the standard normal quantile of a two-sided interval, shared among ``comparisons``.

    Args:
        level: confidence level in (0, 1).
        comparisons: among how many intervals the error is divided, at least 1.

    Source:
        Dunn, JASA 56 (1961) 52-64, for the division (Bonferroni's inequality).
    """
    return -NormalDist().inv_cdf((1 - level) / 2 / comparisons)


def wilson(successes: Ints | Floats, failures: Ints | Floats, z: float) -> tuple[Floats, Floats]:
    """Return the lower and upper Wilson score limits of a rate; 0 and 1 where there are no cases.

    Args:
        successes: (k,) counts, not negative.
        failures: (k,) counts, not negative.
        z: standard normal quantile.

    Source:
        Wilson, JASA 22 (1927) 209-212.
    """
    wins = np.asarray(successes, dtype=np.float64)
    losses = np.asarray(failures, dtype=np.float64)
    cases = wins + losses
    safe = np.maximum(cases, 1)
    centre = (wins + z * z / 2) / (safe + z * z)
    half = z / (safe + z * z) * np.sqrt(wins * losses / safe + z * z / 4)
    rate = wins / safe
    low = np.where(cases > 0, np.clip(centre - half, 0, rate), 0.0)
    high = np.where(cases > 0, np.clip(centre + half, rate, 1), 1.0)
    return np.where(wins > 0, low, 0.0), np.where(losses > 0, high, 1.0)


def difference_low(first: Limits, second: Limits) -> Floats:
    """Return the lower limits of ``first - second`` (independent rates).

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    reach = np.hypot(first.low_point - first.low, second.high - second.high_point)
    return np.asarray(first.low_point - second.high_point - reach, dtype=np.float64)


def difference_high(first: Limits, second: Limits) -> Floats:
    """Return the upper limits of ``first - second`` (independent rates).

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    return -difference_low(second, first)


def ratio_low(first: Limits, second: Limits) -> Floats:
    """Return the lower limits of ``first / second`` (independent rates); 0 where undefined.

    The smaller root R of ``(p1 - R p2)^2 = (p1 - l1)^2 + R^2 (u2 - p2)^2``, written without the
    subtraction that cancels.

    Source:
        Donner and Zou, Statistical Methods in Medical Research 21 (2012) 347-359 (MOVER-R).
    """
    product = first.low_point * second.high_point
    above = first.low * (2 * first.low_point - first.low)
    below = second.high * (2 * second.high_point - second.high)
    divisor = product + np.sqrt(np.maximum(product**2 - above * below, 0))
    return np.where(divisor > 0, above / np.where(divisor > 0, divisor, 1), 0.0)


def ratio_high(first: Limits, second: Limits) -> Floats:
    """Return the upper limits of ``first / second`` (independent rates); infinity where unbounded.

    Source:
        Donner and Zou, Statistical Methods in Medical Research 21 (2012) 347-359 (MOVER-R).
    """
    product = first.high_point * second.low_point
    above = first.high * (2 * first.high_point - first.high)
    below = second.low * (2 * second.low_point - second.low)
    root = product + np.sqrt(np.maximum(product**2 - above * below, 0))
    return np.where(below > 0, root / np.where(below > 0, below, 1), np.inf)


def mean_limits(first: Limits, second: Limits) -> tuple[Floats, Floats]:
    """Return the lower and upper limits of ``(first + second) / 2`` (independent rates).

    Source:
        Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702, equation for a sum.
    """
    below = np.hypot(first.low_point - first.low, second.low_point - second.low) / 2
    above = np.hypot(first.high - first.high_point, second.high - second.high_point) / 2
    low = (first.low_point + second.low_point) / 2 - below
    high = (first.high_point + second.high_point) / 2 + above
    return np.maximum(low, 0), np.minimum(high, 1)

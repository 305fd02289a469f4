"""The share of cases with a property, and the difference of two that were seen on the same cases."""

from __future__ import annotations

import math

import numpy as np

from conformity.model.measurement import Interval, Scalar
from conformity.probes.shared.intervals import LEVEL, Flags, quantile, wilson


def share_of(flags: Flags) -> Scalar:
    """Return the share of true values with its Wilson interval.

    Args:
        flags: (n,) flags of independent cases, n at least 1.
    """
    hits, n = int(flags.sum()), len(flags)
    low, high = wilson(np.array([hits]), np.array([n - hits]), quantile(LEVEL))
    interval = Interval(low=float(low[0]), high=float(high[0]), level=LEVEL, method="Wilson score")
    return Scalar(value=hits / n, unit="1", n=n, interval=interval)


def paired_difference(first: Flags, second: Flags) -> Scalar:
    """Return the share of true values in ``first`` minus that in ``second``, case by case the same.

    Args:
        first: (n,) flags, n at least 1.
        second: (n,) flags of the same cases.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 2635-2650, method 10.
    """
    n = len(first)
    both, only_first = int((first & second).sum()), int((first & ~second).sum())
    only_second = int((~first & second).sum())
    low, high = paired_limits(both, only_first, only_second, n - both - only_first - only_second)
    value = (only_first - only_second) / n
    interval = Interval(
        low=min(low, value), high=max(high, value), level=LEVEL, method="Newcombe square-and-add, paired"
    )
    return Scalar(value=value, unit="1", n=n, interval=interval)


def paired_limits(both: int, only_first: int, only_second: int, neither: int) -> tuple[float, float]:
    """Return the limits of the difference of two paired rates at :data:`LEVEL`.

    Args:
        both: cases counted in both rates.
        only_first: cases counted in the first alone.
        only_second: cases counted in the second alone.
        neither: cases counted in none; at least one case in all.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 2635-2650, method 10.
    """
    n = both + only_first + only_second + neither
    one, two = both + only_first, both + only_second
    lows, highs = wilson(np.array([one, two]), np.array([n - one, n - two]), quantile(LEVEL))
    below = one / n - float(lows[0]), two / n - float(lows[1])
    above = float(highs[0]) - one / n, float(highs[1]) - two / n
    together = _together(both, only_first, only_second, neither)
    difference = (one - two) / n
    return (
        difference - _hypotenuse(below[0], above[1], together),
        difference + _hypotenuse(above[0], below[1], together),
    )


def _hypotenuse(first: float, second: float, together: float) -> float:
    """Return the reach of a difference from the reaches of its parts, which go together so much."""
    return math.sqrt(max(first**2 - 2 * together * first * second + second**2, 0.0))


def _together(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Return how much two paired rates go together, with the continuity correction of the source."""
    n = both + only_first + only_second + neither
    product = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if product == 0:
        return 0.0
    excess = float(both * neither - only_first * only_second)
    if excess > 0:
        excess = max(excess - n / 2, 0.0)
    return excess / math.sqrt(product)

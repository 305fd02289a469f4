"""How large a difference between two groups must be to be seen at all with so many cases."""

from __future__ import annotations

import math

from conformity.probes.shared.intervals import LEVEL, quantile

POWER = 0.8
"""With what probability a difference of the size given would be seen."""

_Z_POWER = quantile(2 * POWER - 1)
_HALVINGS = 60


def detectable_difference(rate: float, reference_cases: int, cases: int, comparisons: int) -> float | None:
    """Return the smallest true difference from a reference group that would be seen with 80 % power.

    Of the two directions, up and down, that one counts in which the difference must be larger; a
    direction in which even a rate of 0 or of 1 would go unseen is left out.

    Args:
        rate: the reference group's rate, in [0, 1].
        reference_cases: its number of cases, at least one.
        cases: the other group's number of cases, at least one.
        comparisons: among how many tests the error of 5 % is divided.

    Returns:
        A difference in (0, 1], or None when none would be seen.

    Source:
        Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed. (2003), chapter 4:
        normal approximation to the power of the test of two rates from samples of unequal size.
    """
    z = quantile(LEVEL, comparisons)
    found = []
    for sign, furthest in ((-1, rate), (1, 1 - rate)):
        low, high = 0.0, furthest
        if furthest == 0 or not _is_seen(rate, sign * high, reference_cases, cases, z):
            continue
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if _is_seen(rate, sign * middle, reference_cases, cases, z):
                high = middle
            else:
                low = middle
        found.append(high)
    return max(found) if found else None


def _is_seen(rate: float, difference: float, reference_cases: int, cases: int, z: float) -> bool:
    """Tell whether a true difference is found significant with at least 80 % probability."""
    other = min(max(rate + difference, 0.0), 1.0)
    pooled = (reference_cases * rate + cases * other) / (reference_cases + cases)
    equal = math.sqrt(pooled * (1 - pooled) * (1 / reference_cases + 1 / cases))
    apart = math.sqrt(rate * (1 - rate) / reference_cases + other * (1 - other) / cases)
    return abs(difference) >= z * equal + _Z_POWER * apart

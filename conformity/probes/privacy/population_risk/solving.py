"""A root by halving, and the digamma function: what the models of this probe need of numerics."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from conformity.probes.shared.intervals import Floats

_HALVINGS = 200
_EXACT = 1e-14


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where ``function`` changes its sign between ``low`` and ``high``; NaN when it does not."""
    first, last = function(low), function(high)
    if math.isnan(first + last) or (first > 0) == (last > 0):
        return math.nan
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if (function(middle) > 0) == (last > 0):
            high = middle
        else:
            low = middle
        if high - low <= _EXACT * abs(middle):
            break
    return (low + high) / 2


def digamma(x: float) -> float:
    """Return the derivative of the logarithm of the gamma function at a positive number.

    Source:
        Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.5 and 6.3.18.
    """
    below = 0.0
    while x < 10:
        below -= 1 / x
        x += 1
    y = 1 / (x * x)
    series = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132)))))
    return below + math.log(x) - 0.5 / x - series


def digammas(at: Floats) -> Floats:
    """Return the digamma function at each of some positive numbers."""
    return np.array([digamma(x) for x in at.tolist()], dtype=np.float64)

"""How well confidence tells members from others: areas, thresholds and shares, with intervals."""

from __future__ import annotations

import math

import numpy as np

from conformity.model.measurement import Interval, Scalar
from conformity.probes.shared.intervals import (
    LEVEL,
    Floats,
    Limits,
    difference_high,
    difference_low,
    quantile,
    wilson,
)

FALSE_ALARMS = 0.01
"""The share of others at which members are counted."""


def area(members: Floats, others: Floats) -> Scalar:
    """Return the probability that a member scores higher than an other, ties half, with DeLong's interval.

    Args:
        members: (m,) scores, m at least 2.
        others: (n,) scores, n at least 2.

    Source:
        DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837-845, on the logit scale so that the ends
        stay within [0, 1]; a perfect separation has no variance and gets the rule of three.
    """
    below, upto = (np.searchsorted(np.sort(others), members, side) for side in ("left", "right"))
    of_members = (below + upto) / (2 * len(others))
    below, upto = (np.searchsorted(np.sort(members), others, side) for side in ("left", "right"))
    of_others = 1 - (below + upto) / (2 * len(members))
    value = float(of_members.mean())
    variance = float(of_members.var(ddof=1) / len(members) + of_others.var(ddof=1) / len(others))
    low, high = _logit_ends(value, variance, min(len(members), len(others)))
    return _scalar(value, low, high, len(members) + len(others), "DeLong on the logit scale")


def _logit_ends(value: float, variance: float, cases: int) -> tuple[float, float]:
    """Return the ends of an area's interval."""
    if not 0 < value < 1 or variance == 0:
        return max(0.0, value - 3 / cases), min(1.0, value + 3 / cases)
    reach = quantile(LEVEL) * math.sqrt(variance) / (value * (1 - value))
    centre = math.log(value / (1 - value))
    return 1 / (1 + math.exp(-(centre - reach))), 1 / (1 + math.exp(-(centre + reach)))


def advantage(members: Floats, others: Floats) -> Scalar:
    """Return the gain over blind guessing: the threshold is chosen on even rows and judged on odd ones.

    Args:
        members: (m,) scores in random order, m at least 2.
        others: (n,) scores in random order, n at least 2.
    """
    threshold = best_threshold(members[::2], others[::2])
    return difference(members[1::2] >= threshold, others[1::2] >= threshold)


def best_threshold(members: Floats, others: Floats) -> float:
    """Return the score from which calling rows members gains most; infinity when nothing gains."""
    found = np.unique(np.concatenate([members, others]))
    caught = 1 - np.searchsorted(np.sort(members), found, "left") / len(members)
    alarms = 1 - np.searchsorted(np.sort(others), found, "left") / len(others)
    gain = caught - alarms
    best = int(np.argmax(gain))
    return float(found[best]) if gain[best] > 0 else math.inf


def found_at_few_alarms(members: Floats, others: Floats) -> Scalar:
    """Return the share of members above the score that one in a hundred of half the others exceeds."""
    threshold = float(np.quantile(others[::2], 1 - FALSE_ALARMS, method="higher"))
    found = int((members > threshold).sum())
    low, high = wilson(np.array([found]), np.array([len(members) - found]), quantile(LEVEL))
    return _scalar(found / len(members), float(low[0]), float(high[0]), len(members), "Wilson score")


def difference(first: np.ndarray, second: np.ndarray) -> Scalar:
    """Return the difference of two shares of true values, with Newcombe's interval."""
    one, two = _limits(first), _limits(second)
    value = float(one.low_point[0] - two.low_point[0])
    low, high = float(difference_low(one, two)[0]), float(difference_high(one, two)[0])
    return _scalar(value, low, high, min(len(first), len(second)), "Newcombe hybrid score")


def _limits(flags: np.ndarray) -> Limits:
    """Return a share with its Wilson limits, as arrays of one."""
    wins = np.array([int(flags.sum())])
    low, high = wilson(wins, len(flags) - wins, quantile(LEVEL))
    share = wins / len(flags)
    return Limits(low_point=share, low=low, high_point=share, high=high)


def _scalar(value: float, low: float, high: float, n: int, method: str) -> Scalar:
    """Return a number without unit with its interval."""
    interval = Interval(low=min(low, value), high=max(high, value), level=LEVEL, method=method)
    return Scalar(value=value, unit="1", n=n, interval=interval)

"""Intervals for the largest gap between any two groups.

The true gap belongs to one pair of groups, though nobody knows which. The widest upper limit over
all pairs therefore covers it at least as often as that pair's own limit does: the end that stands
against the system needs no correction. The other end picks the most striking of many pairs, and so
shares its error among all of them. Resampling the rows is not used: the largest of several noisy
gaps is biased upwards in every resample, and a rate of 0 or 1 never varies at all.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from conformity.probes.shared.intervals import (
    LEVEL,
    Flags,
    Floats,
    Ints,
    difference_high,
    difference_low,
    quantile,
    ratio_high,
    ratio_low,
)
from conformity.probes.shared.trials import Trials


def difference_ends(seen: Trials, families: int = 1) -> tuple[float, float]:
    """Return the limits of the largest difference between two groups' rates, in [0, 1].

    Args:
        seen: at least two groups; one without cases counts as any rate from 0 to 1.
        families: among how many such comparisons one maximum is taken.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10, for each pair.
    """
    strict = seen.limits(quantile(LEVEL, _pairs(seen) * families))
    _, _, high = _differences(seen)
    top, bottom = _rising(strict.low_point, strict.low), _rising(-strict.high_point, -strict.high)
    low = np.where(
        _others(top, bottom),
        difference_low(strict.take(top[:, None]), strict.take(bottom[None, :])),
        -1,
    )
    return max(float(low.max()), 0.0), min(float(high.max()), 1.0)


def ratio_ends(seen: Trials, families: int = 1) -> tuple[float, float]:
    """Return the limits of the smallest ratio of two groups' rates, in [0, 1].

    Args:
        seen: at least two groups; one without cases counts as any rate from 0 to 1.
        families: among how many such comparisons one minimum is taken.

    Source:
        Donner and Zou, Statistical Methods in Medical Research 21 (2012) 347-359, for each pair.
    """
    strict = seen.limits(quantile(LEVEL, _pairs(seen) * families))
    _, _, low = _ratios(seen)
    top, bottom = _rising(strict.low_point, strict.low), _rising(-strict.high_point, -strict.high)
    high = np.where(
        _others(bottom, top), ratio_high(strict.take(bottom[:, None]), strict.take(top[None, :])), np.inf
    )
    return min(float(low.min()), 1.0), min(float(high.min()), 1.0)


def widest_pair(seen: Trials, kind: Literal["difference", "ratio"]) -> tuple[int, int]:
    """Return the two groups whose numbers of cases limit a gap: they could lie furthest apart.

    Args:
        seen: at least two groups.
        kind: how groups are compared.
    """
    first, second, ends = _differences(seen) if kind == "difference" else _ratios(seen)
    place = int(ends.argmax() if kind == "difference" else ends.argmin())
    one, other = divmod(place, ends.shape[1])
    return int(first[one]), int(second[other])


def _differences(seen: Trials) -> tuple[Ints, Ints, Floats]:
    """Return groups with high rates, groups with low ones, and the upper limits of their differences."""
    plain = seen.limits(quantile(LEVEL))
    top, bottom = _rising(plain.high_point, plain.high), _rising(-plain.low_point, -plain.low)
    high = difference_high(plain.take(top[:, None]), plain.take(bottom[None, :]))
    return top, bottom, np.where(_others(top, bottom), high, -1)


def _ratios(seen: Trials) -> tuple[Ints, Ints, Floats]:
    """Return groups with low rates, groups with high ones, and the lower limits of their ratios."""
    plain = seen.limits(quantile(LEVEL))
    top, bottom = _rising(plain.high_point, plain.high), _rising(-plain.low_point, -plain.low)
    low = ratio_low(plain.take(bottom[:, None]), plain.take(top[None, :]))
    return bottom, top, np.where(_others(bottom, top), low, np.inf)


def _pairs(seen: Trials) -> int:
    """Return the number of pairs of groups."""
    groups = len(seen.cases)
    return groups * (groups - 1) // 2


def _others(first: Ints, second: Ints) -> Flags:
    """Return which combinations are of two different groups, (len(first), len(second))."""
    return np.asarray(first[:, None] != second[None, :])


def _rising(point: Floats, limit: Floats) -> Ints:
    """Return the groups that can be the best partner of any group, given that more is better.

    All limits of a pair rise or fall with a group's point and limit. A group that two others equal
    or exceed in both is never needed: one of the two is not the partner itself. What is left are the
    two outermost layers, a handful even of thousands of groups.
    """
    left = np.arange(len(point))
    layers = []
    for _ in range(2):
        order = left[np.lexsort((-limit[left], -point[left]))]
        best = np.maximum.accumulate(limit[order])
        outer = np.concatenate([[True], limit[order][1:] > best[:-1]])[: len(order)]
        layers.append(order[outer])
        left = order[~outer]
    return np.concatenate(layers)

"""The share of each group at the top of a ranking, from scores counted in bins.

The rows above the bin in which the top ends are known. Of that bin only as many rows belong to the top as
are left; whose they are is known exactly where all its scores are equal and ties are broken at random,
and else only within bounds, which the limits take at their worst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.intervals import (
    LEVEL,
    Floats,
    Ints,
    Limits,
    quantile,
    ratio_high,
    ratio_low,
    wilson,
)


@dataclass(frozen=True)
class Ratios:
    """How often groups are at the top, divided by how often anybody is."""

    value: Floats
    """(k,) the ratios; NaN for a group without rows."""
    low: Floats
    """(k,) lower limits."""
    high: Floats
    """(k,) upper limits."""
    error: Floats
    """(k,) how far the bins alone leave the ratio open, from end to end."""


def top_ratios(rows: Ints, share: float) -> Ratios:
    """Return the selection ratios of groups at a share of all rows.

    With n rows in a group, N in all, and t of the group among the top ``share * N``: ``(t / n) / share``. It
    rises with the ratio of the group's rate to that of all others, whose limits are carried over.

    Args:
        rows: (k, bins) rows by group and bin of score, rising; at least one row.
        share: which part of all rows is the top, in (0, 1).

    Source:
        Geyik, Ambler and Kenthapadi, KDD 2019, 2221-2231, definition 3.1 (skew at k, before the logarithm);
        Donner and Zou, Statistical Methods in Medical Research 21 (2012) 347-359, for the limits.
    """
    sizes = rows.sum(axis=1).astype(np.float64)
    total = float(sizes.sum())
    wanted = share * total
    least, middle, most = _at_the_top(rows, wanted)
    others = total - sizes
    safe = np.maximum(sizes, 1.0)
    first = _limits(least, most, sizes)
    rest = _limits(np.maximum(wanted - most, 0), np.maximum(wanted - least, 0), others)
    weight = sizes / total
    low, high = (_to_everybody(of(first, rest), weight) for of in (ratio_low, ratio_high))
    value = np.where(sizes > 0, middle / safe / share, np.nan)
    return Ratios(value, low, high, (most - least) / safe / share)


def _at_the_top(rows: Ints, wanted: float) -> tuple[Floats, Floats, Floats]:
    """Return how many rows of each group are among the top: at least, with ties at random, and at most."""
    above = np.cumsum(rows.sum(axis=0)[::-1])[::-1]
    edge = int(np.flatnonzero(above >= wanted)[-1])
    sure = rows[:, edge + 1 :].sum(axis=1).astype(np.float64)
    there = rows[:, edge].astype(np.float64)
    left = wanted - float(sure.sum())
    least = sure + np.maximum(left - (there.sum() - there), 0)
    return least, sure + there * left / there.sum(), sure + np.minimum(there, left)


def _limits(least: Floats, most: Floats, sizes: Floats) -> Limits:
    """Return the limits of rates of which the bins leave the successes open."""
    z, safe = quantile(LEVEL), np.maximum(sizes, 1.0)
    low, _ = wilson(least, sizes - least, z)
    _, high = wilson(most, sizes - most, z)
    return Limits(least / safe, low, most / safe, high)


def _to_everybody(ratio: Floats, weight: Floats) -> Floats:
    """Return a group's rate divided by everybody's from its ratio to the rate of the others.

    Args:
        ratio: (k,) ratios to the others, not negative; infinity where unbounded.
        weight: (k,) the group's share of all rows.
    """
    finite = np.isfinite(ratio)
    some = np.where(finite, ratio, 0.0)
    below = weight * some + 1 - weight
    inside = np.where(below > 0, some / np.where(below > 0, below, 1.0), 1.0)
    return np.where(finite, inside, 1 / np.where(weight > 0, weight, 1.0))

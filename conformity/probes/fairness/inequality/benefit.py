"""Inequality of benefits: indices of three counts, their limits, and the part between groups.

A prediction benefits a person by ``prediction - label + 1``: 0 for somebody wrongly turned down, 1 for
somebody treated as their label says, 2 for somebody wrongly favoured.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.cells import NEGATIVE, POSITIVE
from conformity.probes.shared.intervals import LEVEL, Floats, Ints, quantile, wilson
from conformity.probes.shared.resampling import DRAWS, percentile_limits, resampled

BENEFITS = np.array([0.0, 1.0, 2.0])
"""The benefit of each of the three kinds of case."""

MANY_GROUPS, FEWER_DRAWS = 300, 400
"""Above this many groups the rows are resampled less often."""

_VALID = 0.95


@dataclass(frozen=True)
class Ends:
    """Limits from resampling."""

    low: float
    """Lower limit."""
    high: float
    """Upper limit."""
    draws: int
    """How many resampled tables gave a number, of all that were drawn."""


def benefits_of(counts: Ints) -> Ints:
    """Return the cases of each group with benefit 0, 1 and 2, (k, 3), outcomes known.

    Args:
        counts: (k, 4, 4) rows by state of label and prediction.
    """
    same = counts[:, NEGATIVE, NEGATIVE] + counts[:, POSITIVE, POSITIVE]
    return np.stack([counts[:, POSITIVE, NEGATIVE], same, counts[:, NEGATIVE, POSITIVE]], axis=1)


def entropy_index(cases: Floats | Ints) -> Floats:
    """Return the generalized entropy index with alpha 2, half the squared coefficient of variation.

    Args:
        cases: (..., 3) cases by benefit.

    Returns:
        (...) at least 0; NaN where nobody has a benefit.

    Source:
        Speicher et al., KDD 2018, 2239-2248, definition in section 2.2.
    """
    mean, square = _means(cases, BENEFITS), _means(cases, BENEFITS**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean > 0, (square / mean**2 - 1) / 2, np.nan)


def theil_index(cases: Floats | Ints) -> Floats:
    """Return the Theil index, the generalized entropy index with alpha 1: mean of ``b/m ln(b/m)``.

    Args:
        cases: (..., 3) cases by benefit.

    Returns:
        (...) at least 0; NaN where nobody has a benefit.

    Source:
        Speicher et al., KDD 2018, 2239-2248, section 2.2; ``0 ln 0`` is 0.
    """
    mean = _means(cases, BENEFITS)
    ln = _means(cases, np.array([0.0, 0.0, 2 * np.log(2)]))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean > 0, ln / mean - np.log(mean), np.nan)


def between_share(cases: Floats | Ints) -> Floats:
    """Return the share of the generalized entropy index (alpha 2) that lies between groups.

    Both parts have the same divisor, so that the share is the variance of the groups' mean benefits,
    weighted by size, divided by the variance of all benefits.

    Args:
        cases: (..., k, 3) cases by group and benefit.

    Returns:
        (...) in [0, 1]; NaN where all benefits are equal.

    Source:
        Speicher et al., KDD 2018, 2239-2248, section 2.3 (subgroup decomposition).
    """
    sizes = cases.sum(axis=-1)
    rows = sizes.sum(axis=-1)
    mean = (cases @ BENEFITS).sum(axis=-1) / rows
    own = (cases @ BENEFITS) / np.maximum(sizes, 1e-300)
    between = (sizes * (own - mean[..., None]) ** 2).sum(axis=-1)
    all_of_it = (cases @ BENEFITS**2).sum(axis=-1) - rows * mean**2
    some = all_of_it > 1e-9
    share = np.where(some, between / np.where(some, all_of_it, 1), np.nan)
    return np.asarray(np.minimum(share, 1.0), dtype=np.float64)


def _means(cases: Floats | Ints, worth: Floats) -> Floats:
    """Return the mean worth of a case, (...)."""
    return np.asarray(cases @ worth / cases.sum(axis=-1), dtype=np.float64)


def index_ends(cases: Floats | Ints, index: Callable[[Floats | Ints], Floats]) -> Ends | None:
    """Return percentile limits of an index of three counts; None if too many draws gave no number.

    Half a case is added to each count before resampling: otherwise a kind of error that was not seen
    would never be drawn, and the limits would collapse to a point.

    Args:
        cases: (3,) cases by benefit, at least one; effective ones where rows are weighted or in clusters.
        index: the index.

    Source:
        Agresti and Coull, American Statistician 52 (1998) 119-126, for adding to the counts.
    """
    shares = (cases + 0.5) / (cases.sum() + 1.5)
    rows = max(round(float(cases.sum())), 1)
    return _ends(np.concatenate([index(block) for block in resampled(shares, rows)]))


def share_ends(cases: Floats | Ints) -> Ends | None:
    """Return limits of the share between groups; None if too many draws gave no number.

    Chance alone makes groups differ: with k groups and n cases it lifts the share by about
    ``(1 - share) (k - 1) / (n - 1)``, and a resampled table is lifted twice. Both lifts are taken off the
    lower limit and one off the upper one. Two rows' worth of equal groups are mixed in, so that an error
    that was not seen in a group can be drawn. Groups are drawn in the order of their cases, so that their
    names, which may be sealed, change nothing.

    Args:
        cases: (k, 3) cases by group and benefit.
    """
    cases = cases[np.lexsort(cases.T)]
    rows, kinds = max(round(float(cases.sum())), 1), cases.sum(axis=0) + 0.5
    alike = np.outer(cases.sum(axis=1), kinds) / (rows * kinds.sum())
    mixed = cases + 2 * alike
    shares = mixed / mixed.sum()
    draws = DRAWS if len(cases) <= MANY_GROUPS else FEWER_DRAWS
    found = _ends(np.concatenate([between_share(block) for block in resampled(shares, rows, draws)]))
    if found is None:
        return None
    lift = (1 - float(between_share(cases))) * (len(cases) - 1) / max(rows - 1, 1)
    return Ends(max(found.low - 2 * lift, 0.0), max(found.high - lift, 0.0), found.draws)


def _ends(values: Floats) -> Ends | None:
    """Return the percentile limits of the draws that are numbers, if nearly all of them are."""
    valid = values[~np.isnan(values)]
    if len(valid) < _VALID * len(values):
        return None
    low, high = percentile_limits(valid, LEVEL)
    return Ends(low, high, len(valid))


def mean_ends(cases: Floats | Ints) -> tuple[float, float]:
    """Return the limits of a group's mean benefit ``1 + FP / n - FN / n``.

    The two shares are of the same cases, and one grows at the expense of the other; their correlation
    ``-sqrt(p q / (1 - p)(1 - q))`` joins their Wilson limits.

    Args:
        cases: (3,) cases by benefit, at least one.

    Source:
        Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702, for limits of a difference of dependent
        estimates; Newcombe, Statistics in Medicine 17 (1998) 2635-2650, for paired proportions.
    """
    cases = np.asarray(cases, dtype=np.float64)
    rows = float(cases.sum())
    ends = [wilson(cases[[kind]], rows - cases[[kind]], quantile(LEVEL)) for kind in (0, 2)]
    against, for_them = float(cases[0]) / rows, float(cases[2]) / rows
    (low_0, high_0), (low_2, high_2) = ((float(low[0]), float(high[0])) for low, high in ends)
    others = (1 - against) * (1 - for_them)
    tied = math.sqrt(against * for_them / others) if others > 0 else 1.0
    below, above = (for_them - low_2, high_0 - against), (high_2 - for_them, against - low_0)
    mean = 1 + for_them - against
    return max(mean - _reach(*below, tied), 0.0), min(mean + _reach(*above, tied), 2.0)


def _reach(first: float, second: float, tied: float) -> float:
    """Return how far a difference reaches whose parts reach so far and are tied so strongly."""
    return math.sqrt(first**2 + second**2 + 2 * tied * first * second)

"""How much the gap between groups changed: between two decisions on the same rows, or two periods.

The widest gap is the largest difference between any two groups, before and after, and need not belong
to the same two groups. Whatever pair is widest after, the change is at most that pair's difference
after less any one pair's difference before; whatever pair was widest before, it is at least any one
pair's difference after less that pair's before. Each end is therefore the worst over all pairs on the
one side, with the observed widest pair on the other, whose choice by the data is paid for by sharing
the error among all pairs (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.intervals import LEVEL, Floats, Ints, quantile


@dataclass(frozen=True)
class Moments:
    """Rates of groups before and after, with what limits are made of."""

    before: Floats
    """(k,) observed rates before."""
    after: Floats
    """(k,) observed rates after."""
    centres: tuple[Floats, Floats]
    """(k,) rates before and after with pseudo-counts, so that none is 0 or 1."""
    variances: tuple[Floats, Floats]
    """(k,) their variances."""
    covariance: Floats
    """(k,) of the rate before with the rate after in each group; 0 where the rows are not the same."""

    def swapped(self) -> Moments:
        """Return the same with before and after exchanged."""
        return Moments(self.after, self.before, self.centres[::-1], self.variances[::-1], self.covariance)


@dataclass(frozen=True)
class Change:
    """The change of the widest gap, negative when it shrank."""

    value: float
    """Gap after minus gap before."""
    low: float
    """Lower limit."""
    high: float
    """Upper limit."""


def paired(counts: Ints) -> Moments:
    """Return the moments of two decisions on the same rows.

    Args:
        counts: (k, 2, 2) rows by group, outcome before and outcome after; no group is empty.

    Source:
        Bonett and Price, Journal of Educational and Behavioral Statistics 37 (2012) 479-488, for
        adding half a row to each of the four cells of paired outcomes.
    """
    n = counts.sum(axis=(1, 2))
    shares = (counts + 0.5) / (n + 2)[:, None, None]
    before, after, both = shares[:, 1, :].sum(axis=1), shares[:, :, 1].sum(axis=1), shares[:, 1, 1]
    return Moments(
        before=counts[:, 1, :].sum(axis=1) / n,
        after=counts[:, :, 1].sum(axis=1) / n,
        centres=(before, after),
        variances=(before * (1 - before) / (n + 2), after * (1 - after) / (n + 2)),
        covariance=(both - before * after) / (n + 2),
    )


def unpaired(before: Ints, after: Ints) -> Moments:
    """Return the moments of two sets of rows that have nothing to do with each other.

    Args:
        before: (k, 2) rows by group and outcome, unfavourable first; no group is empty.
        after: (k, 2) likewise.

    Source:
        Agresti and Caffo, The American Statistician 54 (2000) 280-288, for adding one row to each outcome.
    """
    observed, centres, variances = [], [], []
    for counts in (before, after):
        n = counts.sum(axis=1)
        observed.append(counts[:, 1] / n)
        centre = (counts[:, 1] + 1) / (n + 2)
        centres.append(centre)
        variances.append(centre * (1 - centre) / (n + 2))
    return Moments(
        before=observed[0],
        after=observed[1],
        centres=(centres[0], centres[1]),
        variances=(variances[0], variances[1]),
        covariance=np.zeros(len(before)),
    )


def gap_change(rates: Moments) -> Change:
    """Return the change of the widest gap with its limits, at the level of 95 %.

    Args:
        rates: two or more groups.
    """
    value = float(np.ptp(rates.after) - np.ptp(rates.before))
    groups = len(rates.before)
    z = quantile(LEVEL, groups * (groups - 1) // 2)
    high, low = _upper(rates, z), -_upper(rates.swapped(), z)
    return Change(value=value, low=max(min(low, value), -1.0), high=min(max(high, value), 1.0))


def _upper(rates: Moments, z: float) -> float:
    """Return the highest upper limit of any pair's difference after less the widest one before."""
    k, m = int(rates.before.argmax()), int(rates.before.argmin())
    (before, after), (spread_before, spread_after) = rates.centres, rates.variances
    change = after[:, None] - after[None, :] - (before[k] - before[m])
    variance = spread_after[:, None] + spread_after[None, :] + spread_before[k] + spread_before[m]
    shared = 2 * rates.covariance
    variance[k, :] -= shared[k]
    variance[:, m] -= shared[m]
    variance[m, :] += shared[m]
    variance[:, k] += shared[k]
    limits = change + z * np.sqrt(np.maximum(variance, 0))
    np.fill_diagonal(limits, -np.inf)
    return float(limits.max())

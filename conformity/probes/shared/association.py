"""How much a column tells about another: measures of association in a table of counts, with limits.

Both measures are 0 when the columns are independent and 1 when the one determines the other, and
both are lifted by chance: in a sample even independent columns look associated. The expected lift is
taken off the estimate. A resampled table is lifted a second time, by its own chance, so that twice
the lift is taken off there. Two rows' worth of independence is mixed into what is resampled, so that
an empty cell can fill and limits never collapse to a point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.intervals import LEVEL, Floats, Ints
from conformity.probes.shared.resampling import DRAWS, SEED, percentile_limits, resampled

_MIXED_IN = 2
"""How many rows, spread as if the columns were independent, are mixed into what is resampled."""


@dataclass(frozen=True)
class Association:
    """An estimate of an association and its limits, all in [0, 1]."""

    value: float
    """The estimate, corrected for chance."""
    low: float
    """Lower limit."""
    high: float
    """Upper limit."""


def cramers_v(counts: Ints, draws: int = DRAWS, seed: int = SEED) -> Association:
    """Return Cramér's V, corrected for chance, with bootstrap limits.

    ``sqrt(phi2 / min(r - 1, c - 1))`` with ``phi2`` Pearson's chi-square divided by n, less its
    expectation under independence; r and c are corrected likewise.

    Args:
        counts: (r, c) rows by the values of two columns; r, c >= 2, no row or column of zeros, n >= 2.
        draws: how often the rows are resampled.
        seed: seed of the draws.

    Source:
        Bergsma, Journal of the Korean Statistical Society 42 (2013) 323-328.
    """
    return _with_limits(counts, _v, draws, seed)


def uncertainty_coefficient(counts: Ints, draws: int = DRAWS, seed: int = SEED) -> Association:
    """Return which share of the second column's entropy the first one removes, corrected for chance.

    ``I(first; second) / H(second)``, the mutual information less its expectation under independence,
    ``(r - 1)(c - 1) / 2n``, times ``1 - U * U`` with the uncorrected U: nothing is lifted that is 1.

    Args:
        counts: (r, c) rows by the values of two columns; r, c >= 2, no row or column of zeros, n >= 2.
        draws: how often the rows are resampled.
        seed: seed of the draws.

    Source:
        Theil, Statistical Decomposition Analysis (1972), for the coefficient; Miller, in Information
        Theory in Psychology (1955) 95-100, for the correction.
    """
    return _with_limits(counts, _u, draws, seed)


def _with_limits(counts: Ints, measure: Callable[[Ints, int], Floats], draws: int, seed: int) -> Association:
    """Return a measure of a table with the limits that resampling gives."""
    value = float(measure(counts[None], 1)[0])
    rows = int(counts.sum())
    expected = counts.sum(axis=1, keepdims=True) * (counts.sum(axis=0, keepdims=True) / rows**2)
    shares = (counts + _MIXED_IN * expected) / (rows + _MIXED_IN)
    drawn = np.concatenate([measure(block, 2) for block in resampled(shares, rows, draws, seed)])
    low, high = percentile_limits(drawn, LEVEL)
    return Association(value=value, low=min(low, value), high=max(high, value))


def _v(tables: Ints, times: int) -> Floats:
    """Return V of every table, (b, r, c), with the lift by chance taken off so many times; (b,)."""
    _, rows, columns = tables.shape
    n = int(tables[0].sum())
    expected = tables.sum(axis=2, keepdims=True) * (tables.sum(axis=1, keepdims=True) / n)
    # A value that a draw left out has an expectation of 0 and adds nothing.
    terms = (tables - expected) ** 2 / np.where(expected > 0, expected, 1)
    phi2 = terms.sum(axis=(1, 2)) / n
    lift = (rows - 1) * (columns - 1) / (n - 1)
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    corrected = np.maximum(phi2 - times * lift, 0)
    if least <= 0:
        return np.ones_like(corrected)
    return np.asarray(np.minimum(np.sqrt(corrected / least), 1), dtype=np.float64)


def _u(tables: Ints, times: int) -> Floats:
    """Return the uncertainty coefficient of every table, (b, r, c), corrected so many times; (b,)."""
    _, rows, columns = tables.shape
    n = int(tables[0].sum())
    first, second = (_entropy(tables.sum(axis=axis) / n) for axis in (2, 1))
    together = _entropy(tables.reshape(len(tables), -1) / n)
    lift = (rows - 1) * (columns - 1) / (2 * n)
    information = first + second - together
    # A draw with one value of the second column has nothing left to tell.
    entropy = np.where(second > 0, second, 1)
    lift = lift * (1 - np.clip(information / entropy, 0, 1) ** 2)
    shares = np.maximum(information - times * lift, 0) / entropy
    return np.asarray(np.minimum(shares, 1), dtype=np.float64)


def _entropy(shares: Floats) -> Floats:
    """Return the entropy in nats of every row of shares, (b, k); (b,)."""
    logs = np.log(np.where(shares > 0, shares, 1))
    return np.asarray(-(shares * logs).sum(axis=1), dtype=np.float64)

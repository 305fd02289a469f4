"""How surprising a difference between two groups would be if there were none, and corrected for many."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_FEW_EXPECTED = 5
"""Below this many expected cases in a cell the test is exact."""


def p_value(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the two-sided p-value of equal rates in two groups.

    Fisher's exact test where a cell of the two-by-two table is expected to hold fewer than five cases,
    else the score test with the pooled variance, which is Pearson's chi-square without correction.

    Args:
        first: successes and failures of one group.
        second: successes and failures of the other.

    Source:
        Fisher, Statistical Methods for Research Workers (1934), section 21.02; Cochran, Biometrics 10
        (1954) 417-451, for the limit of five.
    """
    rows, columns = (sum(first), sum(second)), (first[0] + second[0], first[1] + second[1])
    total = sum(rows)
    if 0 in (*rows, *columns):
        return 1.0
    if min(rows) * min(columns) < _FEW_EXPECTED * total:
        return _fisher(first[0], rows, columns[0])
    slant = first[0] * second[1] - first[1] * second[0]
    chi_square = slant * slant / (rows[0] * rows[1]) / (columns[0] * columns[1]) * total
    return math.erfc(math.sqrt(chi_square / 2))


def _fisher(seen: int, rows: tuple[int, int], successes: int) -> float:
    """Return the probability of all tables with these margins that are no likelier than the one seen."""
    low, high = max(0, successes - rows[1]), min(rows[0], successes)
    step = np.arange(low, high, dtype=np.float64)
    rise = np.log(rows[0] - step) + np.log(successes - step)
    fall = np.log(step + 1) + np.log(rows[1] - successes + step + 1)
    logs = np.concatenate([[0.0], np.cumsum(rise - fall)])
    weights = np.exp(logs - logs.max())
    # Tables that are equally likely in exact arithmetic must stay so in floating point.
    counted = weights <= weights[seen - low] * (1 + 1e-7)
    return min(1.0, float(weights[counted].sum() / weights.sum()))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values corrected for their number; a claim on each then errs at all as rarely as on one.

    Source:
        Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
    """
    corrected = [0.0] * len(values)
    reached = 0.0
    for rank, position in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        reached = max(reached, min(1.0, (len(values) - rank) * values[position]))
        corrected[position] = reached
    return tuple(corrected)

"""The gap between two groups as a whole, and within the values of a feature."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from conformity.probes.shared.intervals import LEVEL, Floats, Ints, quantile
from conformity.settings import MIN_GROUP

MOST_STRATA = 20
"""Within a feature of more values than this, gaps are not looked at."""


@dataclass(frozen=True)
class Within:
    """Two groups compared as a whole and within strata."""

    top: int
    """The group with the highest rate as a whole."""
    bottom: int
    """The group with the lowest."""
    crude: float
    """The difference of their rates as a whole, at least 0."""
    common: float
    """The Mantel-Haenszel difference of their rates within strata."""
    low: float
    """Its lower limit."""
    high: float
    """Its upper limit."""
    cases: int
    """Cases of the smaller of the two groups, in strata that hold both."""
    compared: Ints
    """The strata in which both groups have enough cases for a rate."""
    reversed: Ints
    """Those of them in which the difference has the other sign."""

    @property
    def turns(self) -> bool:
        """Tell whether the common difference has the other sign than the one as a whole."""
        return self.crude > 0 > self.common


def within_strata(counts: Ints) -> Within | None:
    """Return the widest gap between two groups, and the gap between them within strata.

    Args:
        counts: (s, g, 2) rows by stratum, group and outcome, unfavourable first.

    Returns:
        None when fewer than two groups have enough cases, or no stratum holds both.
    """
    pair = widest(counts.sum(axis=0))
    if pair is None:
        return None
    top, bottom = pair
    wins, cases = counts[:, [top, bottom], 1], counts[:, [top, bottom], :].sum(axis=2)
    both = (cases > 0).all(axis=1)
    if not both.any():
        return None
    common, reach = common_difference(wins[both], cases[both])
    rates = wins / np.maximum(cases, 1)
    whole = wins.sum(axis=0) / cases.sum(axis=0)
    enough = (cases >= MIN_GROUP).all(axis=1)
    other = enough & (rates[:, 0] < rates[:, 1])
    return Within(
        top=top,
        bottom=bottom,
        crude=float(whole[0] - whole[1]),
        common=common,
        low=max(common - reach, -1.0),
        high=min(common + reach, 1.0),
        cases=int(cases[both].sum(axis=0).min()),
        compared=np.flatnonzero(enough),
        reversed=np.flatnonzero(other),
    )


def widest(counts: Ints) -> tuple[int, int] | None:
    """Return the groups with the highest and the lowest rate; None if fewer than two have enough cases.

    Args:
        counts: (g, 2) rows by group and outcome, unfavourable first.
    """
    able = np.flatnonzero(counts.sum(axis=1) >= MIN_GROUP)
    if len(able) < 2:
        return None
    rates = counts[able, 1] / counts[able].sum(axis=1)
    top = int(rates.argmax())
    rates[top] = -1
    rates = np.where(rates < 0, np.inf, rates)
    return int(able[top]), int(able[int(rates.argmin())])


def contributions(counts: Ints) -> Floats:
    """Return the share of every group in the variance of rates between groups, (g,); 0 if there is none.

    ``n_g (rate_g - rate)^2`` divided by its sum over groups.

    Args:
        counts: (g, 2) rows by group and outcome, unfavourable first.
    """
    cases = counts.sum(axis=1)
    rates = counts[:, 1] / np.maximum(cases, 1)
    parts = cases * (rates - counts[:, 1].sum() / max(int(cases.sum()), 1)) ** 2
    total = float(parts.sum())
    return np.asarray(parts / total if total > 0 else np.zeros(len(parts)), dtype=np.float64)


def common_difference(wins: Ints, cases: Ints) -> tuple[float, float]:
    """Return the Mantel-Haenszel difference of two rates over strata, and the half width of its interval.

    Args:
        wins: (s, 2) favourable outcomes of the first and the second group.
        cases: (s, 2) all outcomes, each at least 1.

    Source:
        Greenland and Robins, Biometrics 41 (1985) 55-68, for the difference; Sato, Biometrics 45 (1989)
        1323-1324, for a variance that holds for many small strata and for few large ones.
    """
    a, b = (wins[:, side].astype(np.float64) for side in (0, 1))
    n, m = (cases[:, side].astype(np.float64) for side in (0, 1))
    total = n + m
    weight = float((n * m / total).sum())
    difference = float(((a * m - b * n) / total).sum()) / weight
    p = float(((n**2 * b - m**2 * a + n * m * (m - n) / 2) / total**2).sum())
    q = float(((a * (m - b) + b * (n - a)) / (2 * total)).sum())
    variance = max(difference * p + q, 0.0) / weight**2
    return difference, quantile(LEVEL) * math.sqrt(variance)

"""How far one column of two tables is apart, from their profiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable
from conformity.probes.data_quality.distances import (
    jensen_shannon,
    shares,
    stability_index,
    total_variation,
    variation_interval,
)
from conformity.probes.data_quality.profiles import ColumnProfile
from conformity.probes.shared.intervals import LEVEL, Floats
from conformity.settings import MIN_GROUP

_MOST_CATEGORIES = 10
_STEP = 0.01
_BANDS = 10


@dataclass(frozen=True)
class Drift:
    """How far a column is from that of the training table."""

    numbers: bool
    """Whether it is compared as numbers, by Kolmogorov and Smirnov, or value by value, by total variation."""
    distance: float
    """In [0, 1]."""
    interval: Interval
    """Of the distance."""
    psi: float | None
    """Population stability index."""
    divergence: float | None
    """Jensen-Shannon divergence; None for numbers."""
    n: int
    """Filled cells of the table that has fewer; for values, rows."""


def drift(here: ColumnProfile, there: ColumnProfile) -> Drift | NotAvailable:
    """Return how far a column is from the same column of the training table.

    A column of numbers with over ten different ones in a table is compared as numbers; any other value by
    value, missing cells being one of the values.
    """
    fewest = min(here.filled, there.filled)
    if fewest < MIN_GROUP:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than {MIN_GROUP} filled cells here or in training; collect more",
            n=fewest,
        )
    many = max(here.counts["distinct"], there.counts["distinct"]) > _MOST_CATEGORIES
    if here.is_numeric and there.is_numeric and many:
        return _of_numbers(here, there)
    if here.values and there.values:
        return _of_values(here, there)
    return NotAvailable(
        why="undefined",
        reason="too many different texts to count each, or numbers in one table and text in the other",
        n=fewest,
    )


def _of_values(here: ColumnProfile, there: ColumnProfile) -> Drift:
    """Return how far two distributions over values are apart."""
    names = sorted({*here.values, *there.values})
    first, second = (
        shares(np.array([*(one.values.get(name, 0) for name in names), one.counts["missing"]]))
        for one in (here, there)
    )
    rows = here.counts["rows"], there.counts["rows"]
    distance = total_variation(first, second)
    return Drift(
        numbers=False,
        distance=distance,
        interval=variation_interval(distance, len(names) + 1, *rows),
        psi=stability_index(first, second, 0.5 / min(rows)),
        divergence=jensen_shannon(first, second),
        n=min(rows),
    )


def _of_numbers(here: ColumnProfile, there: ColumnProfile) -> Drift:
    """Return how far two distributions of numbers are apart, from their percentiles.

    With the largest p whose percentile is at most x, F(x) lies in [p, p + 0.01); so the largest
    difference of the two p over all x, the middle of the interval, is within 0.01 of that of the samples.
    The point is read on straight lines between percentiles and kept within 0.01 of it. Each sample's F is
    within ``sqrt(ln(4 / 0.05) / 2n)`` of the truth everywhere, both at once with a probability of 95 %.

    Source:
        Massart, Annals of Probability 18 (1990) 1269-1283 (inequality of Dvoretzky, Kiefer and Wolfowitz).
    """
    places = np.unique(np.array([*here.percentiles, *there.percentiles]))
    first, second = (_reached(one, places) for one in (here, there))
    floor = float(np.abs(first - second).max())
    distance = float(np.clip(_between(here, there, places), max(floor - _STEP, 0.0), min(floor + _STEP, 1.0)))
    reach = _STEP + sum(
        math.sqrt(math.log(4 / (1 - LEVEL)) / 2 / size) for size in (here.filled, there.filled)
    )
    cuts = np.unique(np.array(there.percentiles[_BANDS:100:_BANDS]))
    bands = [np.diff([0.0, *_reached(one, cuts), 1.0]) for one in (here, there)]
    fewest = min(here.filled, there.filled)
    return Drift(
        numbers=True,
        distance=distance,
        interval=Interval(
            low=max(0.0, min(floor - reach, distance)),
            high=min(1.0, max(floor + reach, distance)),
            level=LEVEL,
            method="Dvoretzky-Kiefer-Wolfowitz, with the error of percentiles",
        ),
        psi=stability_index(bands[0], bands[1], 0.5 / fewest) if _is_smooth(here, there) else None,
        divergence=None,
        n=fewest,
    )


def _between(here: ColumnProfile, there: ColumnProfile, places: Floats) -> float:
    """Return the largest difference of two distributions that rise on straight lines between percentiles."""
    first, second = (_share(one, places) for one in (here, there))
    return float(np.abs(first - second).max())


def _share(profile: ColumnProfile, places: Floats) -> Floats:
    """Return which share of a sample lies at or below each place, on straight lines between percentiles."""
    values, last = np.unique(np.array(profile.percentiles[::-1]), return_index=True)
    reached = (len(profile.percentiles) - 1 - last) / 100.0
    return np.asarray(np.interp(places, values, reached, left=0.0, right=1.0), dtype=np.float64)


def _is_smooth(*profiles: ColumnProfile) -> bool:
    """Tell whether no value fills two percentiles: where one does, a band would win or lose a hundredth."""
    return all(len(set(one.percentiles[1:100])) == len(one.percentiles[1:100]) for one in profiles)


def _reached(profile: ColumnProfile, places: Floats) -> Floats:
    """Return for each place the largest share whose percentile lies at or below it; 0 if none does."""
    percentiles = np.array(profile.percentiles)
    return np.maximum(np.searchsorted(percentiles, places, side="right") - 1, 0) / 100.0

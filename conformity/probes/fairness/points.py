"""Rates by group and the gap between them, by Fairlearn for few groups and by numpy for many.

Fairlearn is the authority: it sees the cells with their counts as sample weights, which gives the
same numbers as the rows. Its cost grows with every group, so that above :data:`MOST_GROUPS` a
vectorised twin takes over; a property test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.rates import FALSE_POSITIVE, TRUE_POSITIVE, Rate

MOST_GROUPS = 100
"""Up to this many groups are put to Fairlearn."""


@dataclass(frozen=True)
class Points:
    """Point estimates over groups that have cases."""

    rates: Floats
    """(k,) one rate for each group."""
    difference: float
    """Largest minus smallest rate; NaN without groups."""
    ratio: float
    """Smallest divided by largest rate; NaN when all are 0, and without groups."""


def points(rate: Rate, successes: Ints, failures: Ints) -> Points:
    """Return rates, difference and ratio over groups that each have at least one case.

    Args:
        rate: which rate it is; Fairlearn has a function for each kind.
        successes: (k,) counts.
        failures: (k,) counts.
    """
    if len(successes) == 0:
        return Points(rates=np.zeros(0), difference=math.nan, ratio=math.nan)
    if len(successes) <= MOST_GROUPS:
        return _asked_once(rate, tuple(successes.tolist()), tuple(failures.tolist()))
    return by_numpy(successes, failures)


@lru_cache(maxsize=256)
def _asked_once(rate: Rate, successes: tuple[int, ...], failures: tuple[int, ...]) -> Points:
    """Return what Fairlearn says; three probes ask for the same selection rates."""
    found = by_fairlearn(rate, np.array(successes), np.array(failures))
    found.rates.flags.writeable = False
    return found


def by_fairlearn(rate: Rate, successes: Ints, failures: Ints) -> Points:
    """Return the same as :func:`points`, by Fairlearn's ``MetricFrame`` over weighted cells.

    Source:
        Weerts et al., JMLR 24 (2023) 257; fairlearn 0.15, ``MetricFrame``.
    """
    from fairlearn.metrics import MetricFrame

    group = np.tile(np.arange(len(successes)), 2)
    predicted = np.repeat(np.array([1, 0]), len(successes))
    weight = np.concatenate([successes, failures])
    some = weight > 0
    frame = MetricFrame(
        metrics=_function(rate),
        y_true=np.full(int(some.sum()), 0 if rate is FALSE_POSITIVE else 1),
        y_pred=predicted[some],
        sensitive_features=group[some],
        sample_params={"sample_weight": weight[some]},
    )
    return Points(
        rates=np.asarray(frame.by_group, dtype=np.float64),
        difference=float(frame.difference(method="between_groups")),
        ratio=float(frame.ratio(method="between_groups")),
    )


def _function(rate: Rate) -> Callable[..., Any]:
    """Return Fairlearn's function for ``rate``; a label rate is the selection rate of the labels."""
    from fairlearn.metrics import false_positive_rate, selection_rate, true_positive_rate

    chosen: Callable[..., Any] = selection_rate
    if rate is TRUE_POSITIVE:
        chosen = true_positive_rate
    elif rate is FALSE_POSITIVE:
        chosen = false_positive_rate
    return chosen


def by_numpy(successes: Ints, failures: Ints) -> Points:
    """Return the same as :func:`points`, for any number of groups at once."""
    rates = np.asarray(successes / (successes + failures), dtype=np.float64)
    low, high = float(rates.min()), float(rates.max())
    return Points(rates=rates, difference=high - low, ratio=low / high if high > 0 else math.nan)

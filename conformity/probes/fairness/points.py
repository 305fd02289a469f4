"""Rates by group and the gap between them, by Fairlearn for few groups and by numpy for many.

Fairlearn is the authority: it sees the cells with their counts as sample weights, which gives the
same numbers as the rows. Its cost grows with every group and every combination of attributes, so
that above :data:`MOST_GROUPS` and :data:`MOST_CROSSED` a vectorised twin takes over; a property test
holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from conformity.probes.shared.intervals import Floats, Ints
from conformity.probes.shared.rates import (
    ACCURACY,
    FALSE_NEGATIVE,
    FALSE_POSITIVE,
    POSITIVE_VALUE,
    TRUE_NEGATIVE,
    TRUE_POSITIVE,
    Rate,
)

MOST_GROUPS = 100
"""Up to this many groups are put to Fairlearn."""

MOST_CROSSED = 1
"""Up to so many attributes crossed are put to Fairlearn: its crossings would take seconds."""


@dataclass(frozen=True)
class Points:
    """Point estimates over groups that have cases."""

    rates: Floats
    """(k,) one rate for each group."""
    difference: float
    """Largest minus smallest rate; NaN without groups."""
    ratio: float
    """Smallest divided by largest rate; NaN when all are 0, and without groups."""


def points(rate: Rate, successes: Ints | Floats, failures: Ints | Floats, crossed: int = 1) -> Points:
    """Return rates, difference and ratio over groups that each have at least one case.

    Args:
        rate: which rate it is; Fairlearn has a function for each kind.
        successes: (k,) counts, or sums of weights.
        failures: (k,) likewise.
        crossed: how many attributes make the groups.
    """
    if len(successes) == 0:
        return Points(rates=np.zeros(0), difference=math.nan, ratio=math.nan)
    if len(successes) <= MOST_GROUPS and crossed <= MOST_CROSSED:
        return _asked_once(rate, tuple(successes.tolist()), tuple(failures.tolist()))
    return by_numpy(successes, failures)


@lru_cache(maxsize=256)
def _asked_once(rate: Rate, successes: tuple[float, ...], failures: tuple[float, ...]) -> Points:
    """Return what Fairlearn says; three probes ask for the same selection rates."""
    found = by_fairlearn(rate, np.array(successes), np.array(failures))
    found.rates.flags.writeable = False
    return found


def by_fairlearn(rate: Rate, successes: Ints | Floats, failures: Ints | Floats) -> Points:
    """Return the same as :func:`points`, by Fairlearn's ``MetricFrame`` over weighted cells.

    Source:
        Weerts et al., JMLR 24 (2023) 257; fairlearn 0.15, ``MetricFrame``.
    """
    from fairlearn.metrics import MetricFrame

    function, labels, predictions = _as_outcomes(rate)
    group = np.tile(np.arange(len(successes)), 2)
    weight = np.concatenate([successes, failures])
    some = weight > 0
    frame = MetricFrame(
        metrics=function,
        y_true=np.repeat(np.array(labels), len(successes))[some],
        y_pred=np.repeat(np.array(predictions), len(successes))[some],
        # A list: of an array with a single element Fairlearn loses the dimension, and fails.
        sensitive_features=group[some].tolist(),
        sample_params={"sample_weight": weight[some]},
    )
    return Points(
        rates=np.asarray(frame.by_group, dtype=np.float64),
        difference=float(frame.difference(method="between_groups")),
        ratio=float(frame.ratio(method="between_groups")),
    )


def _as_outcomes(rate: Rate) -> tuple[Callable[..., Any], tuple[int, int], tuple[int, int]]:
    """Return a function of Fairlearn or scikit-learn, and the label and prediction of success and failure.

    A rate that neither has, such as the false omission rate, is the selection rate of its successes.
    """
    from fairlearn import metrics
    from sklearn.metrics import accuracy_score, precision_score

    chosen: dict[Rate, tuple[Callable[..., Any], tuple[int, int], tuple[int, int]]] = {
        TRUE_POSITIVE: (metrics.true_positive_rate, (1, 1), (1, 0)),
        FALSE_NEGATIVE: (metrics.false_negative_rate, (1, 1), (0, 1)),
        FALSE_POSITIVE: (metrics.false_positive_rate, (0, 0), (1, 0)),
        TRUE_NEGATIVE: (metrics.true_negative_rate, (0, 0), (0, 1)),
        POSITIVE_VALUE: (precision_score, (1, 0), (1, 1)),
        ACCURACY: (accuracy_score, (1, 1), (1, 0)),
    }
    return chosen.get(rate, (metrics.selection_rate, (1, 1), (1, 0)))


def by_numpy(successes: Ints | Floats, failures: Ints | Floats) -> Points:
    """Return the same as :func:`points`, for any number of groups at once."""
    rates = np.asarray(successes / (successes + failures), dtype=np.float64)
    low, high = float(rates.min()), float(rates.max())
    return Points(rates=rates, difference=high - low, ratio=low / high if high > 0 else math.nan)

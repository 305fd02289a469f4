"""Search for the smallest change that turns a decision: along the line to a case decided otherwise.

From a row the way leads to the nearest row on which the model decides otherwise, taking over its numbers
and nothing else; the border is found by halving the way, and then every feature that is not needed goes
back to what it was. All rows are searched at once, so that each step asks the model once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from conformity.probes.security.evasion.space import Space
from conformity.probes.shared.intervals import Flags, Floats
from conformity.probes.shared.models.interface import Decisions, PredictionFailedError, Runner

if TYPE_CHECKING:
    import pandas as pd

_NEAREST = 5
"""How many rows that are decided otherwise are tried as ends of the way."""
_HALVINGS = 12
_MOST_FEATURES = 200
"""Up to so many features are put back one by one."""


@dataclass(frozen=True)
class Found:
    """The smallest changes found."""

    points: Floats
    """(n, features) where the changed rows lie, in standard deviations; the rows themselves where none."""
    turned: Flags
    """(n,) for which rows a change was found that turns the decision."""


def turned(runner: Runner, rows: pd.DataFrame, before: Decisions, points: Floats, space: Space) -> Flags:
    """Return for which rows the decision at other points is not what it was, (n,).

    A model that fails has not been turned.

    Args:
        runner: the model.
        rows: the rows as they are.
        before: (n,) what the model decides for them.
        points: (n, features) where they are moved.
        space: what the coordinates mean.
    """
    try:
        after = runner.predict(space.moved(rows, points)).decisions
    except PredictionFailedError:
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray(after != before)


def search(runner: Runner, rows: pd.DataFrame, before: Decisions, space: Space) -> Found:
    """Return the smallest changes found on lines between rows.

    Args:
        runner: the model.
        rows: the rows as they are, n of them.
        before: (n,) what the model decides for them, of two kinds at least.
        space: the features that may be moved.
    """
    start = space.points(rows)
    found, best = np.zeros(len(rows), dtype=np.bool_), start.copy()
    for ends in _ends(start, before):
        better = turned(runner, rows, before, ends, space)
        nearer = better & (~found | (space.distance(start, ends) < space.distance(start, best)))
        best[nearer] = ends[nearer]
        found |= better
    best = _halved(runner, rows, before, space, start, best, found)
    best = _thinned(runner, rows, before, space, start, best, found)
    # What is counted is what the model was seen to decide for the row as it would be handed in.
    settled = space.points(space.moved(rows, best))
    sure = found & turned(runner, rows, before, settled, space)
    return Found(np.where(sure[:, None], settled, start), sure)


def _ends(start: Floats, before: Decisions) -> Sequence[Floats]:
    """Return for each row the nearest points that are decided otherwise, one after the other."""
    squares = (start**2).sum(axis=1)
    apart = squares[:, None] + squares[None, :] - 2 * start @ start.T
    apart[before[:, None] == before[None, :]] = np.inf
    order = np.argsort(apart, axis=1, kind="stable")
    ways = min(_NEAREST, len(start))
    found = []
    for k in range(ways):
        chosen = order[:, k]
        reachable = np.isfinite(apart[np.arange(len(start)), chosen])
        found.append(np.where(reachable[:, None], start[chosen], start))
    return found


def _halved(
    runner: Runner,
    rows: pd.DataFrame,
    before: Decisions,
    space: Space,
    start: Floats,
    best: Floats,
    found: Flags,
) -> Floats:
    """Return points on the way to ``best`` that are as near as halving finds and still turn the decision."""
    low, high = np.zeros(len(rows)), np.ones(len(rows))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        flips = turned(runner, rows, before, start + middle[:, None] * (best - start), space)
        high, low = np.where(flips, middle, high), np.where(flips, low, middle)
    return np.where(found[:, None], start + high[:, None] * (best - start), start)


def _thinned(
    runner: Runner,
    rows: pd.DataFrame,
    before: Decisions,
    space: Space,
    start: Floats,
    best: Floats,
    found: Flags,
) -> Floats:
    """Return points in which every feature is as it was that is not needed to turn the decision."""
    for k in range(min(start.shape[1], _MOST_FEATURES)):
        fewer = best.copy()
        fewer[:, k] = start[:, k]
        enough = found & turned(runner, rows, before, fewer, space)
        best = np.where(enough[:, None], fewer, best)
    return best

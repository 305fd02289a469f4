"""Intervals for the scores of an evaluation, from what its log says."""

from __future__ import annotations

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.accuracy.imported_evaluations.logs import Evaluation, Score
from conformity.probes.shared.absent import few
from conformity.probes.shared.intervals import LEVEL, quantile, wilson

_WHOLE = 1e-6

UNENDED = NotAvailable(
    why="not_collected",
    reason="the log does not tell it of a run that ended in success; run it again to its end",
)
"""What stands in place of each number of a run that failed, or that was stopped."""


def result_of(score: Score, run: Evaluation) -> Result:
    """Return a score with its interval, or why there is no number."""
    if run.status != "success":
        return UNENDED
    if score.n is None:
        reason = "the log does not say how many samples were scored; run it with a newer Inspect"
        return NotAvailable(why="not_collected", reason=reason)
    if score.value is None:
        return NotAvailable(why="undefined", reason="the log holds no finite number for it", n=score.n)
    few_samples = few("score", "samples", score.n)
    if few_samples is not None:
        return few_samples
    return Scalar(value=score.value, unit="1", n=score.n, interval=_interval(score, run))


def missing(score: Score, run: Evaluation) -> int:
    """Return how many samples have no score: not scored, or not run to their end."""
    undone = 0 if run.total is None or run.completed is None else max(run.total - run.completed, 0)
    return score.unscored + undone


def _interval(score: Score, run: Evaluation) -> Interval | None:
    """Return an interval: Wilson's for a share of samples, else from the standard error; None without either.

    Samples without a score count both ways for a share; for another mean nobody knows what they could be.

    Source:
        Wilson, JASA 22 (1927) 209-212.
    """
    assert score.n is not None
    assert score.value is not None
    z, lost = quantile(LEVEL), missing(score, run)
    right = score.value * score.n
    is_share = score.measure == "accuracy" and 0 <= score.value <= 1 and abs(right - round(right)) < _WHOLE
    if is_share and not score.clustered:
        wins, n = np.array([round(right), round(right) + lost]), score.n + lost
        low, high = wilson(wins, n - wins, z)
        method = "Wilson score" + (", samples without a score counted both ways" if lost else "")
        return Interval(low=float(low[0]), high=float(high[1]), level=LEVEL, method=method)
    if lost or not score.stderr or score.stderr < 0:
        return None
    reach = z * score.stderr
    return Interval(
        low=score.value - reach,
        high=score.value + reach,
        level=LEVEL,
        method="normal, with the standard error of the other program",
    )

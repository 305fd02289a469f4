"""Averages over classes that count every class the same, with their limits."""

from __future__ import annotations

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.accuracy.classes.confusion import Confusion
from conformity.probes.shared.absent import few
from conformity.probes.shared.intervals import LEVEL, Flags, Ints, quantile, wilson
from conformity.probes.shared.trials import Trials

_CASES = "rows with label and prediction"


def macro_recall(seen: Confusion) -> Result:
    """Return the mean recall of the classes that occur among the labels."""
    known = seen.labels > 0
    hidden = bool((~known & (seen.unpredicted > 0)).any())
    return _why_none(seen, "macro recall", hidden) or _mean_rate(seen, seen.recalls(), known)


def macro_precision(seen: Confusion) -> Result:
    """Return the mean precision of the classes that are predicted; none if a class never is."""
    known = seen.predictions > 0
    reason = _why_none(seen, "macro precision", bool((~known & (seen.unlabelled > 0)).any()))
    if reason is not None:
        return reason
    if ((seen.labels > 0) & ~known).any():
        text = "a class that occurs among the labels is never predicted, so that it has no precision"
        return NotAvailable(why="undefined", reason=text, n=seen.cases)
    return _mean_rate(seen, seen.precisions(), known)


def macro_f1(seen: Confusion) -> Result:
    """Return the mean F1 score of all classes; with blanks it has no interval.

    Source:
        Takahashi, Yamamoto, Kuchiba and Koyama, Applied Intelligence 52 (2022) 4961-4972, for the variance.
    """
    reason = _why_none(seen, "macro F1", hidden=False)
    if reason is not None:
        return reason
    sizes = seen.labels + seen.predictions
    # A class may occur beside blanks alone; nothing is known of it.
    value = float(2 * np.trace(seen.counts / np.maximum(sizes, 1)) / (sizes > 0).sum())
    if seen.blanks:
        return Scalar(value=value, unit="1", n=seen.cases)
    # As if each class had as many cases as it has labels and predictions, half of each.
    most = len(sizes) ** 2 / float((2 / sizes).sum())
    low, high = _wilson_at(value, _f1_variance(seen), most)
    interval = Interval(
        low=min(low, value),
        high=max(high, value),
        level=LEVEL,
        method="delta method, Wilson limits at the effective number of cases",
    )
    return Scalar(value=value, unit="1", n=seen.cases, interval=interval)


def _why_none(seen: Confusion, name: str, hidden: bool) -> NotAvailable | None:
    """Return why an average over classes is not published; None if it is.

    Args:
        seen: the rows.
        name: what the average is called.
        hidden: whether a class that should count occurs beside blanks alone.
    """
    if hidden:
        text = "a class occurs beside blank labels or predictions alone; hand in the values"
        return NotAvailable(why="not_collected", reason=text, n=seen.cases)
    if seen.cases == 0:
        text = "the label or the prediction is blank in all rows"
        return NotAvailable(why="not_collected", reason=text)
    if (seen.labels > 0).sum() < 2:
        text = f"all labels are of one class, so that no {name} is given"
        return NotAvailable(why="undefined", reason=text, n=seen.cases)
    return few(name, _CASES, seen.cases)


def _mean_rate(seen: Confusion, trials: Trials, counted: Flags) -> Scalar:
    """Return the mean of the classes' rates; blanks are filled the worst way for each end."""
    wins, losses = trials.successes[counted], trials.failures[counted]
    value = float((wins / (wins + losses)).mean())
    low, _ = _mean_limits(wins, losses + trials.more_failures[counted])
    _, high = _mean_limits(wins + trials.more_successes[counted], losses)
    method = "Wilson limits at the effective number of cases"
    interval = Interval(
        low=min(low, value),
        high=max(high, value),
        level=LEVEL,
        method=method + (", blanks counted both ways" if seen.blanks else ""),
    )
    return Scalar(value=value, unit="1", n=seen.cases, interval=interval)


def _mean_limits(wins: Ints, losses: Ints) -> tuple[float, float]:
    """Return limits of the mean of independent rates, (k,), small ones among them.

    Each rate's variance is that of a rate with one more case of either kind, since a rate of 0 or 1
    of a few cases shows no variance at all.
    """
    cases = wins + losses
    mean = float((wins / cases).mean())
    likely = (wins + 1) / (cases + 2)
    variance = float((likely * (1 - likely) / cases).sum()) / len(cases) ** 2
    return _wilson_at(mean, variance, len(cases) ** 2 / float((1 / cases).sum()))


def _wilson_at(mean: float, variance: float, most: float) -> tuple[float, float]:
    """Return Wilson limits of a mean at the number of cases that matches its variance, at most ``most``.

    Source:
        Korn and Graubard, Survey Methodology 24 (1998) 193-201.
    """
    size = min(mean * (1 - mean) / variance, most) if mean * (1 - mean) * variance > 0 else most
    low, high = wilson(np.array([mean * size]), np.array([(1 - mean) * size]), quantile(LEVEL))
    return float(low[0]), float(high[0])


def _f1_variance(seen: Confusion) -> float:
    """Return the variance of macro F1 by the delta method over the cells of the matrix without blanks."""
    cases = seen.cases
    sizes = (seen.labels + seen.predictions) / cases
    part = 2 * np.diagonal(seen.counts) / cases / sizes**2
    slopes = -(part[:, None] + part[None, :])
    slopes += np.diag(2 / sizes)
    shares = seen.counts / cases
    mean = float((shares * slopes).sum())
    return float((shares * (slopes - mean) ** 2).sum()) / cases / len(sizes) ** 2


def largest_classes(seen: Confusion, most: int) -> Ints:
    """Return the positions of the classes with most labels and predictions, at most ``most``, in order."""
    sizes = seen.labels + seen.predictions
    order = np.lexsort((np.arange(len(sizes)), -sizes))[:most]
    return np.sort(order)

"""What changed from the first to the last period, and whether a trend is seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.fairness.gap_change import gap_change, unpaired
from conformity.probes.shared.absent import unrecognised
from conformity.probes.shared.intervals import LEVEL, Ints, difference_high, difference_low, quantile
from conformity.probes.shared.periods import trend_p_value
from conformity.probes.shared.rates import SELECTION
from conformity.probes.shared.trials import Trials, trials_of
from conformity.settings import MIN_GROUP


def rate_drifts(counts: Ints) -> list[Result]:
    """Return for each group its selection rate in its last period minus that in its first.

    First and last are the table's first and last period with at least 30 predictions in all groups
    together.

    Args:
        counts: (p, k, 4, 4) rows by period, group and state of label and prediction.

    Source:
        Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    ends = _ends(counts)
    return [_why_not(counts[:, k]) or _drift(counts[ends, k]) for k in range(counts.shape[1])]


def _drift(counts: Ints) -> Result:
    """Return the change of one group's rate from (2, 4, 4) rows of its first and last period."""
    seen = trials_of(counts, SELECTION)
    if seen.cases.min() < MIN_GROUP:
        return _too_few()
    limits = seen.limits(quantile(LEVEL))
    first, last = limits.take(np.array([0])), limits.take(np.array([1]))
    value = float(seen.rates[1] - seen.rates[0])
    interval = Interval(
        low=min(float(difference_low(last, first)[0]), value),
        high=max(float(difference_high(last, first)[0]), value),
        level=LEVEL,
        method="Newcombe hybrid score" + _blanks(seen),
    )
    return Scalar(value=value, unit="1", n=int(seen.cases.min()), interval=interval)


def gap_drift(counts: Ints) -> Result:
    """Return the widest gap between groups in the last period minus that in the first.

    Groups with few cases in either take no part. Blank predictions can move each of the four rates by
    their share at most, by which both ends are moved outwards.

    Args:
        counts: (p, k, 4, 4) rows by period, group and state of label and prediction.
    """
    ends = _ends(counts)
    first, last = (trials_of(counts[place], SELECTION) for place in ends)
    if strange := int(first.strange.sum() + last.strange.sum()):
        return unrecognised(SELECTION, strange, int(min(first.cases.min(), last.cases.min())))
    able = (first.cases >= MIN_GROUP) & (last.cases >= MIN_GROUP)
    if able.sum() < 2:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than two groups have {MIN_GROUP} predictions in the first and in the last period; "
            "merge groups or collect more",
        )
    before, after = (np.stack([one.failures, one.successes], axis=-1)[able] for one in (first, last))
    change = gap_change(unpaired(before, after))
    slack = 2 * sum(float(_blank_share(one)[able].max()) for one in (first, last))
    interval = Interval(
        low=max(change.low - slack, -1.0),
        high=min(change.high + slack, 1.0),
        level=LEVEL,
        method="differences with pseudo-counts, worst over pairs of groups"
        + (", blanks counted both ways" if slack else ""),
    )
    smallest = int(min(before.sum(axis=1).min(), after.sum(axis=1).min()))
    return Scalar(value=change.value, unit="1", n=smallest, interval=interval)


def trends(counts: Ints, scores: Sequence[float]) -> list[Result]:
    """Return for each group the p-value of no trend of its selection rate, or why there is none.

    Args:
        counts: (p, k, 4, 4) rows by period, group and state of label and prediction.
        scores: (p,) where the periods lie.
    """
    return [_why_not(counts[:, k]) or _trend(counts[:, k], scores) for k in range(counts.shape[1])]


def _trend(counts: Ints, scores: Sequence[float]) -> Result:
    """Return the p-value of no trend from (p, 4, 4) rows of one group."""
    seen = trials_of(counts, SELECTION)
    n = int(seen.cases.sum())
    if (seen.cases >= MIN_GROUP).sum() < 2:
        return _too_few()
    value = trend_p_value(seen.successes, seen.cases, scores)
    if value is None:
        return NotAvailable(why="undefined", reason="all predictions are the same, so there is no trend", n=n)
    return Scalar(value=value, unit="1", n=n)


def _ends(counts: Ints) -> list[int]:
    """Return the first and the last period with enough predictions, or else the very first and last."""
    cases = trials_of(counts.sum(axis=1), SELECTION).cases
    able = np.flatnonzero(cases >= MIN_GROUP)
    return [int(able[0]), int(able[-1])] if len(able) > 1 else [0, len(cases) - 1]


def _why_not(counts: Ints) -> NotAvailable | None:
    """Return why nothing can be said of a group's (p, 4, 4) rows; None if it can."""
    seen = trials_of(counts, SELECTION)
    if strange := int(seen.strange.sum()):
        return unrecognised(SELECTION, strange, int(seen.cases.sum()))
    return None


def _too_few() -> NotAvailable:
    """Return that a group has too few cases in the periods compared."""
    return NotAvailable(
        why="too_few_cases",
        reason=f"fewer than {MIN_GROUP} predictions in the periods compared; merge groups or collect more",
    )


def _blank_share(seen: Trials) -> Ints:
    """Return the share of rows whose prediction is blank in each group, (k,)."""
    return np.asarray(seen.blank_rows / np.maximum(seen.cases + seen.blank_rows, 1))


def _blanks(seen: Trials) -> str:
    """Return what is added to a method's name where blanks were counted both ways."""
    return ", blanks counted both ways" if seen.blanks.any() else ""

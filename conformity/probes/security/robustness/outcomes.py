"""What a disturbance did to a model's decisions, and the numbers that are published of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.probes.security.robustness.disturb import NOISE, Disturbance
from conformity.probes.shared.estimates import Estimate, results_of
from conformity.probes.shared.intervals import LEVEL, Flags, Limits, quantile, wilson
from conformity.probes.shared.models.asking import Answer, predict_all
from conformity.probes.shared.models.interface import PredictionFailedError, differ
from conformity.probes.shared.models.sample import Tried
from conformity.probes.shared.models.shares import paired_difference
from conformity.probes.shared.moments import bounded_limits

_CLOSE = 0.1
"""How near the two likeliest classes are when a margin counts as narrow; 0.45 to 0.55 of two classes."""


@dataclass(frozen=True)
class Outcome:
    """A disturbance and what came of it."""

    name: str
    """What was done."""
    changed: Flags | None
    """(n,) which decisions are not what they were; None if the model failed."""
    right: Flags | None
    """(labelled,) which decisions are right; None if it failed or there are no labels."""
    failure: str = ""
    """How the model failed; empty if it did not."""


def outcomes_of(tried: Tried, disturbances: Sequence[Disturbance], seed: int) -> tuple[Outcome, ...]:
    """Return what disturbances do to the decisions for the sampled rows, one outcome for each."""
    sets = [one.of(tried.sample.rows, seed) for one in disturbances]
    answers = predict_all(tried.runner, sets)
    return tuple(_outcome(tried, one.name, answer) for one, answer in zip(disturbances, answers, strict=True))


def _outcome(tried: Tried, name: str, answer: Answer) -> Outcome:
    """Return what came of one disturbance."""
    if isinstance(answer, PredictionFailedError):
        return Outcome(name, None, None, str(answer))
    after = answer.decisions
    right = None if tried.sample.truth is None else tried.correct(after)
    return Outcome(name, differ(tried.base.decisions, after, tried.tolerance), right)


def change_rate(outcome: Outcome, rows: int) -> Result:
    """Return the share of decisions that a disturbance changed, with its Wilson interval."""
    return results_of(change_rates((outcome,), rows))[0]


def change_rates(outcomes: Sequence[Outcome], rows: int, comparisons: int = 1) -> Estimate:
    """Return the shares of decisions that were changed, one for each outcome.

    Args:
        outcomes: k outcomes over the same rows.
        rows: how many rows there are.
        comparisons: among how many intervals the error is shared.
    """
    hits = np.array([0 if one.changed is None else int(one.changed.sum()) for one in outcomes])
    cases = np.full(len(outcomes), rows)
    extra = quantile(LEVEL, comparisons) / quantile(LEVEL)
    method = "Wilson score" + (f", Bonferroni over {comparisons}" if comparisons > 1 else "")
    return _rates(hits, cases, tuple(failed(one, rows) for one in outcomes), method, extra)


def group_rates(outcome: Outcome, groups: Sequence[str], names: Sequence[str]) -> Estimate:
    """Return the shares of decisions that a disturbance changed, by group.

    Args:
        outcome: what was done to all rows.
        groups: (n,) the group of each row.
        names: the groups that are looked at.
    """
    member = np.asarray(groups, dtype=object)
    inside = [np.asarray(member == name) for name in names]
    cases = np.array([int(flags.sum()) for flags in inside])
    reason = failed(outcome, len(member))
    changed = np.zeros(len(member), dtype=np.bool_) if outcome.changed is None else outcome.changed
    hits = np.array([int((changed & flags).sum()) for flags in inside])
    return _rates(hits, cases, (reason,) * len(names), "Wilson score", 1.0)


def failed(outcome: Outcome, rows: int) -> NotAvailable | None:
    """Return that the model failed; None if it did not."""
    if not outcome.failure:
        return None
    text = f"the model failed ({outcome.failure}) where there was to be a decision: {outcome.name}"
    return NotAvailable(why="undefined", reason=text, n=rows)


def accuracy_loss(tried: Tried, outcome: Outcome) -> Result:
    """Return the share of right decisions as they were minus that after a disturbance."""
    if (reason := failed(outcome, len(tried.sample.rows)) or _unlabelled(tried)) is not None:
        return reason
    assert tried.right is not None
    assert outcome.right is not None
    return paired_difference(tried.right, outcome.right)


def noise_area(tried: Tried, outcomes: Sequence[Outcome]) -> Result:
    """Return the mean accuracy over noise from none to the strongest, the area under that curve.

    Args:
        tried: the model and its rows.
        outcomes: those of :data:`NOISE`, in its order.

    Source:
        Hendrycks and Dietterich, ICLR 2019, for averaging over severities; the trapezoidal rule.
    """
    for outcome in outcomes:
        if (reason := failed(outcome, len(tried.sample.rows))) is not None:
            return reason
    if (reason := _unlabelled(tried)) is not None:
        return reason
    if len(outcomes) != len(NOISE):
        return NotAvailable(why="undefined", reason="no feature is a number, to which noise could be added")
    levels = np.array([0.0, *NOISE])
    curve = np.array([tried.right, *(outcome.right for outcome in outcomes)], dtype=np.float64)
    steps = np.diff(levels)[:, None]
    areas = ((curve[1:] + curve[:-1]) / 2 * steps).sum(axis=0) / levels[-1]
    return _mean(areas)


def narrow_margins(tried: Tried) -> Result:
    """Return the share of rows on which the two likeliest classes are nearly as likely."""
    scores = tried.base.scores
    rows = len(tried.sample.rows)
    if scores is None or scores.shape[1] < 2 or not np.isfinite(scores).all():
        return NotAvailable(
            why="undefined", reason="the model gives no probabilities, so no margins are known", n=rows
        )
    ordered = np.sort(scores, axis=1)
    narrow = ordered[:, -1] - ordered[:, -2] < _CLOSE
    found = Outcome("margins", np.asarray(narrow), None)
    return change_rate(found, rows)


def _mean(values: np.ndarray) -> Scalar:
    """Return the mean of values in [0, 1] with its interval."""
    n = np.array([len(values)])
    mean = float(values.mean())
    ends = bounded_limits(
        n, np.array([mean]), np.array([float(values.var())]), quantile(LEVEL), np.zeros_like(n)
    )
    interval = Interval(
        low=min(float(ends.low[0]), mean),
        high=max(float(ends.high[0]), mean),
        level=LEVEL,
        method="Wilson score at effective cases",
    )
    return Scalar(value=mean, unit="1", n=len(values), interval=interval)


def _unlabelled(tried: Tried) -> NotAvailable | None:
    """Return that too few rows have a label; None if enough have."""
    if tried.sample.truth is not None:
        return None
    return NotAvailable(
        why="not_collected",
        reason=f"{tried.sample.table.id} has no label that the model answers with, or too few rows with one; "
        "bind it to see which decisions are right",
    )


def _rates(
    hits: np.ndarray, cases: np.ndarray, reasons: tuple[NotAvailable | None, ...], method: str, wider: float
) -> Estimate:
    """Return shares as an estimate in several groups.

    Args:
        hits: (k,) decisions changed.
        cases: (k,) decisions.
        reasons: (k,) why there is none.
        method: how the limits are made.
        wider: what every normal quantile is multiplied by.
    """
    values = hits / np.maximum(cases, 1)

    def limits(z: float) -> Limits:
        """Return Wilson limits."""
        low, high = wilson(hits, cases - hits, z * wider)
        return Limits(low_point=values, low=low, high_point=values, high=high)

    return Estimate(
        name="share of changed decisions",
        values=values,
        cases=cases,
        reasons=reasons,
        limits=limits,
        method=method,
        span=(0.0, 1.0),
    )

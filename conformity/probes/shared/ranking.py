"""The area under the ROC curve from scores in bins, with limits that allow for what the bins hide."""

from __future__ import annotations

import numpy as np

from conformity.model.measurement import NotAvailable
from conformity.probes.shared.absent import few, unrecognised
from conformity.probes.shared.cells import NEGATIVE, POSITIVE
from conformity.probes.shared.estimates import Estimate
from conformity.probes.shared.intervals import Floats, Ints, Limits, wilson
from conformity.probes.shared.moments import unseen
from conformity.probes.shared.rates import LABEL
from conformity.probes.shared.scores import ScoreGroups

_ROUNDING = 2e-9
"""By how much the rounding of sums can make equal scores from 0 to 1 seem to vary."""


def auc_of(groups: ScoreGroups) -> Estimate:
    """Return the area under the ROC curve: how often a favourable case scores above an unfavourable one.

    Source:
        Hanley and McNeil, Radiology 143 (1982) 29-36, for the quantity and ties as half; DeLong, DeLong
        and Clarke-Pearson, Biometrics 44 (1988) 837-845, for the variance.
    """
    ones, zeros = groups.rows[:, POSITIVE], groups.rows[:, NEGATIVE]
    counts = np.stack([ones.sum(axis=1), zeros.sum(axis=1)])
    safe = np.maximum(counts, 1)
    # For each favourable score the share of unfavourable ones below it, and the other way round.
    beats = (np.cumsum(zeros, axis=1) - zeros / 2) / safe[1][:, None]
    beaten = (np.cumsum(ones[:, ::-1], axis=1)[:, ::-1] - ones / 2) / safe[0][:, None]
    values = (ones * beats).sum(axis=1) / safe[0]
    spread = np.stack([_variance(ones, beats, values, safe[0]), _variance(zeros, beaten, values, safe[1])])
    error = bin_error(groups)

    def limits(z: float) -> Limits:
        low, high = _limits(counts, values, spread, z)
        # What bins hide is no chance: it moves the points too, and adds up where two are compared.
        ends = (values - error, low - error, values + error, high + error)
        return _with_blanks(counts, Limits(*(np.clip(end, 0, 1) for end in ends)), groups.blanks)

    method = "DeLong variance with Wilson limits, widened by half the pairs that a bin cannot tell apart"
    return Estimate(
        name="AUC",
        values=values,
        cases=counts.min(axis=0),
        reasons=tuple(_reason(groups, counts, position) for position in range(len(groups.names))),
        limits=limits,
        method=method + (", blanks counted both ways" if groups.blanks.any() else ""),
        fault=unrecognised_label(int(groups.strange.sum()), int(groups.cases.min())),
        blanks=groups.blanks,
        span=(0.0, 1.0),
    )


def bin_error(groups: ScoreGroups) -> Floats:
    """Return the largest error that the bins can cause, (k,): half the share of pairs tied by a bin alone.

    A bin whose scores are all equal hides nothing: its ties are true ones.
    """
    rows = groups.rows[:, [NEGATIVE, POSITIVE]].sum(axis=1)
    totals = groups.totals[:, [NEGATIVE, POSITIVE]].sum(axis=1)
    squares = groups.squares[:, [NEGATIVE, POSITIVE]].sum(axis=1)
    size = np.maximum(rows, 1)
    largest = max(1.0, abs(groups.low), abs(groups.low + groups.width))
    varies = squares / size - (totals / size) ** 2 > _ROUNDING * largest / groups.width**2
    tied = (groups.rows[:, NEGATIVE] * groups.rows[:, POSITIVE] * varies).sum(axis=1)
    pairs = groups.rows[:, NEGATIVE].sum(axis=1) * groups.rows[:, POSITIVE].sum(axis=1)
    return np.asarray(tied / np.maximum(pairs, 1) / 2)


def _variance(rows: Ints, placed: Floats, mean: Floats, cases: Ints) -> Floats:
    """Return the variance of the placements of one class's scores among the other's, (k,)."""
    squares = (rows * (placed - mean[:, None]) ** 2).sum(axis=1)
    return np.asarray(squares / np.maximum(cases - 1, 1))


def _limits(counts: Ints, values: Floats, spread: Floats, z: float) -> tuple[Floats, Floats]:
    """Return Wilson limits at the number of cases whose share would vary as much; 0 and 1 without cases.

    Near 1 the variance rests on the few cases out of order, and in a small sample there may be none yet;
    so each class's variance has a part added for a case not seen, and no more cases count than are there.
    """
    known = counts.min(axis=0) > 0
    safe = np.maximum(counts, 1)
    most = values * (1 - values)
    parts = [np.minimum(spread[n] + unseen(safe[n], values), most) / safe[n] for n in (0, 1)]
    variance = parts[0] + parts[1]
    least = safe.min(axis=0) * 1.0
    size = np.where(variance > 0, np.maximum(most / np.where(variance > 0, variance, 1), least), least)
    size = np.where(known, size, 0)
    return wilson(values * size, (1 - values) * size, z)


def _with_blanks(counts: Ints, known: Limits, blanks: Ints) -> Limits:
    """Return limits over all pairs, of which those with a blank may all be right or all be wrong."""
    ones, zeros = counts
    # Most pairs there can be: blanks are shared out so that both classes come as close as possible.
    to_ones = np.clip((zeros + blanks - ones) / 2, 0, blanks)
    pairs = (ones + to_ones) * (zeros + blanks - to_ones)
    share = np.where(pairs > 0, ones * zeros / np.maximum(pairs, 1), 0)
    return Limits(
        low_point=known.low_point * share,
        low=known.low * share,
        high_point=known.high_point * share + (1 - share),
        high=known.high * share + (1 - share),
    )


def _reason(groups: ScoreGroups, counts: Ints, position: int) -> NotAvailable | None:
    """Return why a group has no AUC of its own; None if it has."""
    reason = unreadable(groups, position)
    if reason is not None:
        return reason
    ones, zeros = int(counts[0, position]), int(counts[1, position])
    return few("AUC", "actual positives with a score", ones) or few(
        "AUC", "actual negatives with a score", zeros
    )


def unreadable(groups: ScoreGroups, position: int) -> NotAvailable | None:
    """Return that a group's labels or scores were not read; None if some were, and none is unrecognised."""
    cases = int(groups.cases[position])
    if fault := unrecognised_label(int(groups.strange[position]), cases):
        return fault
    if cases == 0:
        return NotAvailable(
            why="not_collected", reason="the label or the score is blank in all rows that count"
        )
    return None


def unrecognised_label(strange: int, cases: int) -> NotAvailable | None:
    """Return that labels are not recognised, how many, and what to do; None if there are none."""
    return unrecognised(LABEL, strange, cases) if strange else None

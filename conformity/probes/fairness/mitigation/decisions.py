"""Rows by group, label, decision before and decision after, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, erfc, sqrt

import numpy as np

from conformity.model.measurement import Interval, NotAvailable, Result, Scalar
from conformity.model.tally import Tally
from conformity.probes.fairness.gap_change import Moments, gap_change, paired
from conformity.probes.shared.cells import STATES
from conformity.probes.shared.intervals import LEVEL, Ints, quantile, wilson
from conformity.probes.shared.wording import rows_in_words
from conformity.settings import MIN_GROUP

_BLANK, _STRANGE = 2, 3


@dataclass(frozen=True)
class Decisions:
    """Decisions on the same rows, before and after a change."""

    groups: tuple[str, ...]
    """(k,) the groups, sorted."""
    counts: Ints
    """(k, 4, 4, 4) rows by state of label, decision before and decision after; a label that is not
    bound is blank."""


def read_decisions(tally: Tally) -> Decisions:
    """Return what a tally of attribute, label (where bound), decision before and decision after holds."""
    names = sorted({str(entry[0]) for entry in tally.entries})
    counts = np.zeros((len(names), 4, 4, 4), dtype=np.int64)
    for entry in tally.entries:
        states = [STATES[str(value)] for value in entry[1:-1]]
        label, before, after = states if len(states) == 3 else (_BLANK, *states)
        counts[names.index(str(entry[0])), label, before, after] += int(entry[-1])
    return Decisions(groups=tuple(names), counts=counts)


def selection_pairs(counts: Ints) -> tuple[Ints, Ints, int]:
    """Return rows by both decisions, (k, 2, 2), blank ones by group, (k,), and how many are strange."""
    both = counts.sum(axis=1)
    return _split(both)


def positive_pairs(counts: Ints) -> tuple[Ints, Ints, int]:
    """Return the same as :func:`selection_pairs` for rows whose label is favourable, or may be."""
    known, blank, strange = _split(counts[:, 1])
    unsure = counts[:, _BLANK].sum(axis=(1, 2))
    return known, blank + unsure, strange + int(counts[:, _STRANGE].sum())


def correct_pairs(counts: Ints) -> tuple[Ints, Ints, int]:
    """Return rows by whether the decision before and the one after was right, (1, 2, 2), as above."""
    known = counts[:, :2, :2, :2].sum(axis=0)
    right = known[0, ::-1, ::-1] + known[1]
    strange = int(counts.sum() - counts[:, :_STRANGE, :_STRANGE, :_STRANGE].sum())
    blank = int(counts[:, :_STRANGE, :_STRANGE, :_STRANGE].sum() - known.sum())
    return right[None], np.array([blank]), strange


def _split(both: Ints) -> tuple[Ints, Ints, int]:
    """Return known rows, blank rows and strange rows of (k, 4, 4) rows by two decisions."""
    known = both[:, :2, :2]
    blank = both[:, :_STRANGE, :_STRANGE].sum(axis=(1, 2)) - known.sum(axis=(1, 2))
    return known, blank, int(both.sum() - both[:, :_STRANGE, :_STRANGE].sum())


def strange_rows(strange: int, what: str) -> NotAvailable:
    """Return that outcomes are not recognised."""
    return NotAvailable(
        why="not_collected",
        reason=f"{rows_in_words(strange)} have a {what} that is listed neither as positive nor as negative; "
        "add the values to the column's `positive` or `negative` in the manifest",
    )


def changed_gap(found: tuple[Ints, Ints, int], cases: str) -> Result:
    """Return the change of the widest gap between groups, or why there is none.

    Groups with few cases take no part. Blank rows can move each of the four rates by their share at
    most, by which both ends are moved outwards.

    Args:
        found: known rows by decision before and after, blank rows by group, strange rows.
        cases: what is counted, in the plural.
    """
    known, blank, strange = found
    if strange:
        return strange_rows(strange, "label or decision")
    cases_of = known.sum(axis=(1, 2))
    if not cases_of.any() and blank.any():
        return NotAvailable(why="not_collected", reason="a label or decision is blank in all rows that count")
    able = cases_of >= MIN_GROUP
    if able.sum() < 2:
        return NotAvailable(
            why="too_few_cases",
            reason=f"fewer than two groups have {MIN_GROUP} {cases} or more: merge groups or collect more",
        )
    moments: Moments = paired(known[able])
    change = gap_change(moments)
    slack = 4 * float((blank[able] / (blank[able] + cases_of[able])).max())
    return _scalar(
        change.value,
        (change.low - slack, change.high + slack),
        int(cases_of[able].min()),
        "paired differences with pseudo-counts, worst over pairs of groups",
        blanks=bool(slack),
    )


def changed_accuracy(found: tuple[Ints, Ints, int]) -> Result:
    """Return accuracy after minus accuracy before, or why there is none.

    Source:
        Bonett and Price, Journal of Educational and Behavioral Statistics 37 (2012) 479-488.
    """
    known, blank, strange = found
    if strange:
        return strange_rows(strange, "label or decision")
    n = int(known.sum())
    if n < MIN_GROUP:
        return _too_few(n, blank)
    gained, lost = int(known[0, 0, 1]), int(known[0, 1, 0])
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    reach = quantile(LEVEL) * float(np.sqrt((up + down - (up - down) ** 2) / (n + 2)))
    slack = 2 * int(blank[0]) / (n + int(blank[0]))
    return _scalar(
        (gained - lost) / n,
        (up - down - reach - slack, up - down + reach + slack),
        n,
        "paired difference with pseudo-counts (Bonett and Price)",
        blanks=bool(slack),
    )


def changed_share(found: tuple[Ints, Ints, int]) -> Result:
    """Return the share of rows whose decision changed, or why there is none."""
    known, blank, strange = found
    if strange:
        return strange_rows(strange, "decision")
    n = int(known.sum())
    if n < MIN_GROUP:
        return _too_few(n, blank)
    changed = int(known[:, 0, 1].sum() + known[:, 1, 0].sum())
    gaps = int(blank.sum())
    z = quantile(LEVEL)
    low = wilson(np.array([changed]), np.array([n - changed + gaps]), z)[0]
    high = wilson(np.array([changed + gaps]), np.array([n - changed]), z)[1]
    return _scalar(changed / n, (float(low[0]), float(high[0])), n, "Wilson score", blanks=bool(gaps))


def mcnemar(found: tuple[Ints, Ints, int]) -> Result:
    """Return the p-value of no change in accuracy, or why there is none.

    Exact binomial up to a thousand rows that were right once only, else by chi-square without correction.

    Source:
        McNemar, Psychometrika 12 (1947) 153-157.
    """
    known, blank, strange = found
    n = int(known.sum())
    if strange:
        return strange_rows(strange, "label or decision")
    if n < MIN_GROUP:
        return _too_few(n, blank)
    return Scalar(value=mcnemar_p(int(known[0, 0, 1]), int(known[0, 1, 0])), unit="1", n=n)


def mcnemar_p(gained: int, lost: int) -> float:
    """Return the two-sided p-value of McNemar's test from the rows that were right once only."""
    changed = gained + lost
    if changed == 0:
        return 1.0
    if changed > 1000:
        return float(erfc(abs(gained - lost) / sqrt(2 * changed)))
    tail = sum(comb(changed, less) for less in range(min(gained, lost) + 1))
    return min(1.0, float(2 * tail / 2**changed))


def _too_few(n: int, blank: Ints) -> NotAvailable:
    """Return that too few rows have all that is needed."""
    if n == 0 and blank.any():
        return NotAvailable(why="not_collected", reason="a label or decision is blank in all rows that count")
    return NotAvailable(
        why="too_few_cases", reason=f"fewer than {MIN_GROUP} rows have all outcomes; collect more"
    )


def _scalar(value: float, ends: tuple[float, float], n: int, method: str, *, blanks: bool) -> Scalar:
    """Return a value in [-1, 1] with its interval."""
    interval = Interval(
        low=max(min(ends[0], value), -1.0),
        high=min(max(ends[1], value), 1.0),
        level=LEVEL,
        method=method + (", blanks counted both ways" if blanks else ""),
    )
    return Scalar(value=value, unit="1", n=n, interval=interval)

"""How many more cases would settle a verdict, and cases of what."""

from __future__ import annotations

import math
from collections.abc import Mapping

from conformity.model.evidence import Observation
from conformity.model.manifest import Criterion
from conformity.model.measurement import Count, Measurement, Scalar

MIN_GROUP = 30
"""Fewest cases from which it is said how many more would settle a verdict."""

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("true_positives", "false_negatives", "with the favourable outcome"),
    ("false_positives", "true_negatives", "with the unfavourable outcome"),
    ("true_positives", "false_positives", "with the favourable prediction"),
    ("false_negatives", "true_negatives", "with the unfavourable prediction"),
)
"""Two counts that add up to the cases of one kind, and which kind that is."""


def more_needed(criterion: Criterion, scalar: Scalar) -> int | None:
    """Return about how many more cases would settle the verdict, if the estimate stayed the same.

    An interval shrinks with the square root of the number of cases, so the side of it that reaches
    the bound must shrink by (distance to the interval's end / distance to the bound).

    Returns:
        The additional cases of the kind that the figure counts, in a comparison those of the smallest group;
        None when the estimate lies on the bound or there are too few cases to extrapolate from.
    """
    if scalar.n < MIN_GROUP:
        return None
    assert scalar.interval is not None
    low, high = min(scalar.interval.low, scalar.value), max(scalar.interval.high, scalar.value)
    needed = 1.0
    for bound in (criterion.at_least, criterion.at_most):
        if bound is None or not low <= bound <= high:
            continue
        reach = scalar.value - low if bound < scalar.value else high - scalar.value
        gap = abs(scalar.value - bound)
        if gap == 0 or reach / gap > 1e4:
            return None
        needed = max(needed, (reach / gap) ** 2)
    more = math.ceil(round(scalar.n * needed, 6)) - scalar.n
    return _two_digits(more) if more > 0 else None


def in_words(more: int, measurement: Measurement, observation: Observation) -> str:
    """Return the sentence on how many more cases would settle it, and cases of what.

    A figure may rest on a part of the cases alone: recall on those with the favourable outcome, say. Then
    more of these are needed, and with the mix unchanged many more in all.
    """
    result = measurement.result
    assert isinstance(result, Scalar)
    told = f"{more:,}"
    if measurement.by and not measurement.group:
        what = (
            f"{told} more of the cases that it counts in the smallest group, and as large a part more in the "
            "others,"
        )
    else:
        here = [one for one in observation.measurements if _place(one) == _place(measurement)]
        whole = max((one.result.n for one in here if isinstance(one.result, Scalar)), default=result.n)
        group = " of this group" if measurement.group else ""
        what = f"{told} more cases{group}"
        if whole > result.n:
            in_all = _two_digits(math.ceil(more * whole / result.n))
            kind = _kind(here, result.n)
            of_kind = f"{what} {kind}" if kind else f"{told} more of the cases{group} that it counts"
            what = f"{of_kind}, about {in_all:,} in all,"
    return f"About {what} would settle it, if the estimate stayed the same."


def _kind(here: list[Measurement], n: int) -> str:
    """Return of which kind ``n`` cases are; empty where no counts, or several, add up to them."""
    counts: Mapping[str, int] = {
        str(one.metric): one.result.value for one in here if isinstance(one.result, Count)
    }
    found = [
        words
        for one, other, words in _KINDS
        if one in counts and other in counts and counts[one] + counts[other] == n
    ]
    return found[0] if len(found) == 1 else ""


def _place(measurement: Measurement) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns and the group that a measurement is of."""
    return measurement.by, measurement.group


def _two_digits(count: int) -> int:
    """Return a count rounded up to two digits: an extrapolation knows no more."""
    step: int = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // step) * step

"""How many more cases would settle a verdict, and cases of what."""

from __future__ import annotations

import math
from collections.abc import Mapping

from conformity.model.evidence import Observation
from conformity.model.manifest import Criterion
from conformity.model.measurement import Count, Measurement, Scalar
from conformity.model.said import said

MIN_GROUP = 30
"""Fewest cases from which it is said how many more would settle a verdict."""

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("true_positives", "false_negatives", "with the favourable outcome"),
    ("false_positives", "true_negatives", "with the unfavourable outcome"),
    ("true_positives", "false_positives", "with the favourable prediction"),
    ("false_negatives", "true_negatives", "with the unfavourable prediction"),
)
"""Two counts that add up to the cases of one kind, and which kind that is."""

_IN_SMALLEST = (
    "About {n} more of the cases that it counts in the smallest group, and as large a part more in the "
    "others, would settle it, if the estimate stayed the same."
)
_OF_ALL = "About {n} more cases would settle it, if the estimate stayed the same."
_OF_GROUP = "About {n} more cases of this group would settle it, if the estimate stayed the same."
_OF_KIND = (
    "About {n} more cases {kind}, about {all} in all, would settle it, if the estimate stayed the same."
)
_OF_KIND_IN_GROUP = (
    "About {n} more cases of this group {kind}, about {all} in all, would settle it, if the estimate stayed "
    "the same."
)
_OF_PART = (
    "About {n} more of the cases that it counts, about {all} in all, would settle it, if the estimate stayed "
    "the same."
)
_OF_PART_OF_GROUP = (
    "About {n} more of the cases of this group that it counts, about {all} in all, would settle it, if the "
    "estimate stayed the same."
)


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
        if bound is None:
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
        return said(_IN_SMALLEST, n=told)
    here = [one for one in observation.measurements if _place(one) == _place(measurement)]
    whole = max((one.result.n for one in here if isinstance(one.result, Scalar)), default=result.n)
    if whole <= result.n:
        return said(_OF_GROUP if measurement.group else _OF_ALL, n=told)
    in_all = f"{_two_digits(math.ceil(more * whole / result.n)):,}"
    kind = _kind(here, result.n)
    if not kind:
        return said(_OF_PART_OF_GROUP if measurement.group else _OF_PART, n=told, all=in_all)
    return said(_OF_KIND_IN_GROUP if measurement.group else _OF_KIND, n=told, kind=kind, all=in_all)


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

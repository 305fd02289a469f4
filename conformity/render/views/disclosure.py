"""Which groups' sizes must be withheld beside a small one, so that subtraction does not give it away."""

from __future__ import annotations

from collections.abc import Container

from conformity.model.evidence import Evidence
from conformity.model.measurement import Count, Measurement, Scalar

Group = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Subject, columns and values."""

_SHARE = "group_share"
_SIZE = "group_size"

NOT_OF_CASES = frozenset({"f1", "balanced_accuracy", "highest_risk", "average_risk"})
"""Figures that are no share of cases: means of several rates, and the two risks that follow from k."""


def partners(evidence: Evidence, tables: Container[str], limit: int) -> frozenset[Group]:
    """Return the next smallest group of every attribute of which exactly one group is below ``limit``.

    The sizes of all groups add up to the rows of the table. One hidden size alone could be had by
    subtraction; two cannot.
    """
    found: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], int]] = {}
    for (subject, by, group), size in _sizes(evidence, tables).items():
        found.setdefault((subject, by), {})[group] = size
    made: set[Group] = set()
    for (subject, by), sizes in found.items():
        if sum(size < limit for size in sizes.values()) == 1 and len(sizes) > 1:
            made.add((subject, by, sorted(sizes, key=lambda group: (sizes[group], group))[1]))
    return frozenset(made)


def is_few(numerator: float, cases: int, limit: int) -> bool:
    """Tell whether those counted, or those not counted, are some but fewer than ``limit``."""
    counted = round(numerator)
    return 0 < counted < limit or 0 < cases - counted < limit


def _sizes(evidence: Evidence, tables: Container[str]) -> dict[Group, int]:
    """Return the size of every group: as counted, or else the most cases any of its rates rests on."""
    counted: dict[Group, int] = {}
    seen: dict[Group, int] = {}
    for observation in evidence.observations:
        for one in observation.measurements:
            if not one.group or one.subject not in tables:
                continue
            place = (one.subject, one.by, one.group)
            if one.metric == _SIZE and isinstance(one.result, Count):
                counted[place] = one.result.value
            else:
                seen[place] = max(seen.get(place, 0), _cases(one))
    return seen | counted


def _cases(measurement: Measurement) -> int:
    """Return on how many cases of its group a measurement rests; of a share of everybody, its numerator."""
    result = measurement.result
    if isinstance(result, Count):
        return 0
    if measurement.metric == _SHARE:
        return round(result.value * result.n) if isinstance(result, Scalar) else 0
    return result.n

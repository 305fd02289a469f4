"""Which groups' sizes must be withheld beside a small one, so that subtraction does not give it away."""

from __future__ import annotations

from collections.abc import Container, Iterable

from conformity.model.evidence import Evidence, Observation
from conformity.model.measurement import Count, Measurement, Scalar

Group = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Subject, columns and values."""

_QUOTED, _BEGINNING = 40, 12
"""To how many letters values are cut in sentences, and by how many a cut one is known."""

_SHARE = "group_share"
_SIZE = "group_size"


def partners(evidence: Evidence, tables: Container[str], limit: int) -> frozenset[Group]:
    """Return the next smallest group of every attribute of which exactly one group is below ``limit``.

    The sizes of all groups add up to the rows of the table. One hidden size alone could be had by
    subtraction; two cannot.
    """
    found: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], int]] = {}
    for (subject, by, group), size in _sizes(evidence.observations, tables).items():
        found.setdefault((subject, by), {})[group] = size
    made: set[Group] = set()
    for (subject, by), sizes in found.items():
        if sum(size < limit for size in sizes.values()) == 1 and len(sizes) > 1:
            made.add((subject, by, sorted(sizes, key=lambda group: (sizes[group], group))[1]))
    return frozenset(made)


def rare_values(
    observations: Iterable[Observation], tables: Container[str], limit: int
) -> frozenset[tuple[str, str, str]]:
    """Return subject, column and value of every group of one column that is smaller than ``limit``.

    The value of so few people may be what tells who they are: a name in the wrong column, a village.
    """
    return frozenset(
        (subject, by[0], group[0])
        for (subject, by, group), size in _sizes(observations, tables).items()
        if len(by) == 1 and size < limit
    )


def groups_of_few(
    observations: Iterable[Observation], rates: Container[str], tables: Container[str], limit: int
) -> frozenset[Group]:
    """Return the groups of which one of these rates stands for some people, but fewer than ``limit``."""
    return frozenset(
        (one.subject, one.by, one.group)
        for observation in observations
        for one in observation.measurements
        if one.group and one.subject in tables and one.metric in rates
        if isinstance(one.result, Scalar) and is_few(one.result.value * one.result.n, one.result.n, limit)
    )


def spellings(value: str) -> tuple[str, ...]:
    """Return how probes quote a value: as Python writes it, or in quotes and cut to 40 letters."""
    short = value if len(value) <= _QUOTED else value[: _QUOTED - 1] + "…"
    return (repr(value), f"'{value}'", f"'{short}'")


def without_values(text: str, values: Iterable[str], words: str) -> str:
    """Return ``text`` with ``words`` in place of every quoted value, or of what a cut left of it."""
    every = {spelling for value in values for spelling in spellings(value)}
    for spelling in sorted(every, key=lambda one: (-len(one), one)):
        text = text.replace(spelling, words)
    for opening in sorted({one[:_BEGINNING] for one in every if len(one) >= _BEGINNING}):
        if opening in text:
            text = text[: text.index(opening)] + words
    return text


def is_few(numerator: float, cases: int, limit: int) -> bool:
    """Tell whether those counted, or those not counted, are some but fewer than ``limit``."""
    counted = round(numerator)
    return 0 < counted < limit or 0 < cases - counted < limit


def _sizes(observations: Iterable[Observation], tables: Container[str]) -> dict[Group, int]:
    """Return the size of every group: as counted, or else the most cases any of its rates rests on."""
    counted: dict[Group, int] = {}
    seen: dict[Group, int] = {}
    for observation in observations:
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

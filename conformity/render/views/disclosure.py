"""Which groups' sizes must be withheld beside a small one, so that subtraction does not give it away."""

from __future__ import annotations

from collections.abc import Container, Iterable

from conformity.model.evidence import Evidence, Observation
from conformity.model.measurement import Count, Measurement, Scalar
from conformity.render.views.complements import Group as Group
from conformity.render.views.complements import complements

_QUOTED, _BEGINNING = 40, 12
"""To how many letters values are cut in sentences, and by how many a cut one is known."""

_NESTED = (
    ("share_below_11", "share_below_5", "unique_share", "unique_share_wildcard", "unique_share_without"),
    ("journalist_share_below_11", "journalist_share_below_5"),
    ("individual_risk_above_eleventh", "individual_risk_above_fifth"),
)
"""Families of shares of the same rows, of which the rows of one are among those of another."""

_SHARE = "group_share"
_SIZE = "group_size"


def partners(evidence: Evidence, tables: Container[str], limit: int) -> frozenset[Group]:
    """Return the groups whose sizes are withheld beside small ones, from which those would follow.

    The sizes of all groups add up to the rows of the table, and within a group to its own. One hidden size
    alone could be had by subtraction; two cannot.
    """
    return sizes_beside_small(evidence.observations, tables, limit)


def sizes_beside_small(
    observations: Iterable[Observation], tables: Container[str], limit: int
) -> frozenset[Group]:
    """Return the groups whose sizes are withheld beside small ones in these observations."""
    return complements(group_sizes(observations, tables), limit)


def rare_values(
    observations: Iterable[Observation], tables: Container[str], limit: int
) -> frozenset[tuple[str, str, str]]:
    """Return subject, column and value of every group of one column that is smaller than ``limit``.

    The value of so few people may be what tells who they are: a name in the wrong column, a village.
    """
    return frozenset(
        (subject, by[0], group[0])
        for (subject, by, group), size in group_sizes(observations, tables).items()
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


def told_apart(
    observations: Iterable[Observation], tables: Container[str], limit: int
) -> frozenset[tuple[str, str, tuple[str, ...]]]:
    """Return subject, metric and columns of shares that, taken off a larger one, leave some but few rows.

    Of the rows in classes below 5, say, all but three are unique: who subtracts learns of the three. The
    larger share of each pair is kept.
    """
    found: dict[tuple[str, int, tuple[str, ...]], list[tuple[int, Measurement]]] = {}
    for observation in observations:
        for one in observation.measurements:
            family = next((names for names in _NESTED if one.metric in names), None)
            if family and one.subject in tables and isinstance(one.result, Scalar):
                n = one.result.n
                found.setdefault((one.subject, n, family), []).append((round(one.result.value * n), one))
    hidden: set[tuple[str, str, tuple[str, ...]]] = set()
    for shares in found.values():
        kept: int | None = None
        for count, one in sorted(shares, key=lambda pair: (-pair[0], pair[1].metric, pair[1].by)):
            if kept is not None and 0 < kept - count < limit:
                hidden.add((one.subject, one.metric, one.by))
            else:
                kept = count
    return frozenset(hidden)


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


def group_sizes(observations: Iterable[Observation], tables: Container[str]) -> dict[Group, int]:
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

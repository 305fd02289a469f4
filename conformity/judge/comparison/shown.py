"""What of a measurement may be told, as the reports of both versions decide it, and what subtraction tells.

The newer figure less the older one can be about the few people who were added in between. So a measure whose
cases, or those counted or not counted among them, differ by some but fewer than the limit is withheld.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conformity.model.measurement import Count, Measurement, Scalar

Key = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]
"""Probe, subject, metric, columns and group."""


Group = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Subject, columns and group."""


@dataclass(frozen=True)
class Told:
    """What a report tells of a measurement."""

    text: str
    """The figure with its interval, in print."""
    about: str
    """The group or columns, in words."""
    rare: bool
    """Whether a value in it is hidden there, since few people have it."""
    number: bool
    """Whether there is a number to see."""
    interval: bool
    """Whether its interval may be seen."""
    cases: bool
    """Whether its number of cases may be seen."""
    people: bool
    """Whether its cases are people."""
    counts: bool
    """Whether its value times its cases is a number of people."""


@dataclass(frozen=True)
class Telling:
    """What the report of one version tells."""

    limit: int
    """No count of people below this is shown."""
    told: Mapping[Key, Told]
    """By measurement."""
    guard: Callable[[str], str]
    """Gives a sentence of the tool without small counts and rare values."""


def about(before: Told, after: Told) -> str:
    """Return the name of a group; where either version hides it, it stays hidden."""
    return before.about if before.rare else after.about


def withheld(before: Told, after: Told) -> bool:
    """Tell whether either report withholds a measurement of which there is a number."""
    return not (before.number and after.number)


def tells_few(one: Measurement, other: Measurement, told: Told, limit: int, *, same_data: bool) -> bool:
    """Tell whether two figures, one taken off the other, would be about fewer people than the limit.

    On the same data nobody was added: what changed are the outcomes of the same people.
    """
    if same_data or not told.people:
        return False
    first, second = one.result, other.result
    if isinstance(first, Count) and isinstance(second, Count):
        return told.counts and _few(second.value - first.value, limit)
    if not (isinstance(first, Scalar) and isinstance(second, Scalar)):
        return False
    added = second.n - first.n
    if added == 0 or _few(added, limit):
        return added != 0
    if not told.counts:
        return False
    counted = round(second.value * second.n) - round(first.value * first.n)
    return _few(counted, limit) or _few(added - counted, limit)


def _few(number: int, limit: int) -> bool:
    """Tell whether a number of people, added or gone, is some but less than the limit."""
    return 0 < abs(number) < limit

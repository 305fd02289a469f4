"""Give sealed groups the names that a pack prints for them, so that numbers can be held side by side.

Tallies hold ``#`` and sixteen digits where a group's name is sealed, and the key is in no pack. Which name
belongs to which seal is told by the numbers: a group's rows, rates and intervals are seldom those of another.
Names that no number tells apart stay open, and groups of such names are compared without them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformity.model.measurement import Measurement, Scalar

TOKEN = re.compile(r"#[0-9a-f]{16}(?![0-9a-f])")
"""What stands for a sealed value."""

_MOST = 100
"""A number that more groups have than this tells nothing, and would take long to hold against all of them."""

Pair = tuple[Sequence[Measurement], Sequence[Measurement]]
"""The measurements of a step as they were computed again, and as they are recorded."""


@dataclass(frozen=True)
class Names:
    """What is known of sealed groups."""

    sure: dict[str, str] = field(default_factory=dict)
    """The name by its seal."""
    open: frozenset[str] = frozenset()
    """Seals and names that no number tells apart."""


def names_of(pairs: Sequence[Pair]) -> Names:
    """Return which name belongs to which seal, as far as numbers tell.

    Args:
        pairs: the measurements of every step, again and recorded.
    """
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    # A seal that the record prints as it is has no name there.
    unnamed = {value for _, recorded in pairs for one in recorded for value in one.group}
    for again, recorded in pairs:
        for column, token, name in _votes(again, recorded):
            if token not in unnamed:
                votes[column, token][name] += 1
    return _settled(votes)


def _votes(again: Sequence[Measurement], recorded: Sequence[Measurement]) -> Iterator[tuple[str, str, str]]:
    """Yield column, seal and name for every group with the same number as a sealed one."""
    known = {value for one in again for value in one.group if not TOKEN.fullmatch(value)}
    places: dict[tuple[object, ...], list[Measurement]] = defaultdict(list)
    for one in recorded:
        places[one.metric, one.by, _number(one)].append(one)
    for one in again:
        for at, token in enumerate(one.group):
            if TOKEN.fullmatch(token):
                same = places[one.metric, one.by, _number(one)]
                for other in same if len(same) <= _MOST else ():
                    name = other.group[at] if len(other.group) > at else token
                    if name not in known and not TOKEN.fullmatch(name):
                        yield one.by[at] if len(one.by) > at else "", token, name


def _number(one: Measurement) -> tuple[object, ...]:
    """Return a result as far as two computations of it agree."""
    result = one.result
    if not isinstance(result, Scalar):
        return (result.kind, getattr(result, "value", None), getattr(result, "n", None))
    ends = (result.interval.low, result.interval.high) if result.interval else ()
    return (result.kind, result.n, *(f"{number:.7g}" for number in (result.value, *ends)))


def _settled(votes: Mapping[tuple[str, str], Counter[str]]) -> Names:
    """Return one name for each seal, that with most votes; the seals of one column have different names.

    Where two names have as many votes, and no other seal has taken one of them, they stay open.
    """
    sure: dict[str, str] = {}
    taken: set[tuple[str, str]] = set()
    left_open: set[str] = set()
    order = sorted(votes, key=lambda key: (len(_best(votes[key])) > 1, -max(votes[key].values()), key))
    for column, token in order:
        free = {name: count for name, count in votes[column, token].items() if (column, name) not in taken}
        best = _best(free)
        if len(best) == 1:
            sure[token] = best[0]
            taken.add((column, best[0]))
        elif best:
            left_open.update((token, *best))
    return Names(sure, frozenset(left_open))


def _best(counts: Mapping[str, int]) -> list[str]:
    """Return the names with the most votes."""
    most = max(counts.values(), default=0)
    return [name for name, count in counts.items() if count == most]


def without_open(measurements: Sequence[Measurement], names: Names) -> tuple[Measurement, ...]:
    """Return measurements in which groups whose names stay open are all called alike."""
    return tuple(
        one.model_copy(update={"group": tuple("#" if value in names.open else value for value in one.group)})
        for one in measurements
    )

"""Which further sizes must be withheld so that no small one follows from totals: complements of cells.

The sizes of groups add up: those of one attribute to the rows of the table, those of an attribute within
each group of another to that group. Every such sum is a line. A line of which one size alone is withheld
gives it away, and so does one whose withheld sizes are few people together; each line with a withheld size
is therefore given a second one, until none is left that tells. Where a sum itself is withheld, so is one
of its parts.

Source:
    Hundepool et al., Statistical Disclosure Control, 2012, section 4.4 (secondary cell suppression).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

Group = tuple[str, tuple[str, ...], tuple[str, ...]]
"""Subject, columns and values."""

_Line = tuple[str, tuple[str, ...], int, tuple[str, ...]]
"""Subject, columns, the place of the column along which the line runs, and the values of the others."""


def complements(sizes: Mapping[Group, int], limit: int) -> frozenset[Group]:
    """Return the groups of at least ``limit`` people whose sizes are withheld beside smaller ones.

    Args:
        sizes: of every group, of one column or of several.
        limit: no size below it is told.
    """
    sizes = {group: size for group, size in sizes.items() if size > 0}
    lines = _lines(sizes)
    hidden = {group for group, size in sizes.items() if size < limit}
    small = frozenset(hidden)
    rests = {line: _rest(line, sizes, groups) for line, groups in lines.items()}
    waiting = True
    while waiting:
        waiting = False
        for line, groups in lines.items():
            more = _next(groups, sizes, hidden, rests[line], limit)
            if more is None and _total(line) in hidden and not rests[line] and hidden.isdisjoint(groups):
                # The size withheld would follow from its parts.
                more = groups[0]
            if more is not None:
                hidden.add(more)
                waiting = True
    return frozenset(hidden - small)


def _lines(sizes: Mapping[Group, int]) -> dict[_Line, list[Group]]:
    """Return the groups of every line, the smallest first."""
    found: dict[_Line, list[Group]] = defaultdict(list)
    for group in sorted(sizes, key=lambda one: (sizes[one], one)):
        for line in _lines_of(group):
            found[line].append(group)
    return dict(sorted(found.items()))


def _lines_of(group: Group) -> Iterator[_Line]:
    """Yield the lines that a group is part of: one along each of its columns."""
    subject, by, values = group
    for place in range(len(by)):
        yield subject, by, place, (*values[:place], *values[place + 1 :])


def _total(line: _Line) -> Group:
    """Return the group whose size is the sum of a line; one without columns stands for everybody."""
    subject, by, place, values = line
    return subject, (*by[:place], *by[place + 1 :]), values


def _rest(line: _Line, sizes: Mapping[Group, int], groups: list[Group]) -> int:
    """Return how many people of a line are in no group that is known; 0 where its sum is not known."""
    total = sizes.get(_total(line))
    return 0 if total is None else max(total - sum(sizes[group] for group in groups), 0)


def _next(
    groups: list[Group], sizes: Mapping[Group, int], hidden: set[Group], rest: int, limit: int
) -> Group | None:
    """Return the group of a line to be withheld next; None when the line tells nothing, or has no other."""
    gone = [sizes[group] for group in groups if group in hidden] + ([rest] if 0 < rest < limit else [])
    if not gone or (len(gone) > 1 and sum(gone) >= limit):
        return None
    left = [group for group in groups if group not in hidden]
    # One of which a sum is withheld already makes no further sums tell.
    return min(left, key=lambda one: -sum(_total(line) in hidden for line in _lines_of(one)), default=None)

"""The order in which several processes begin with what takes long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import islice
from typing import TypeVar

One = TypeVar("One")


def dealt(
    items: Iterable[One], workers: int, *, slow: Callable[[One], bool], group: Callable[[One], Hashable]
) -> list[One]:
    """Return tests in an order in which each of some processes begins with an equal part of the slow ones.

    pytest-xdist gives the first process the first part of the list, the next one the next part, and lets
    those that have ended take from the ends of the others' parts. With all slow tests at the beginning, the
    first process would have them all; at the end, the others would wait for it.

    Args:
        items: all tests.
        workers: how many processes there are, at least 1.
        slow: whether a test takes long.
        group: what tests that share fixtures have in common, such as their file; they stay together.
    """
    together: dict[Hashable, list[One]] = {}
    quick: list[One] = []
    for item in items:
        (together.setdefault(group(item), []) if slow(item) else quick).append(item)
    hands: list[list[One]] = [[] for _ in range(workers)]
    for tests in together.values():
        min(hands, key=len).extend(tests)
    left, rest = len(quick) + sum(map(len, hands)), iter(quick)
    for number, hand in enumerate(hands):
        share = left // (workers - number)
        hand.extend(islice(rest, max(0, share - len(hand))))
        left -= len(hand)
    return [item for hand in hands for item in hand] + list(rest)

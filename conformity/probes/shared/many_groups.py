"""Which groups of very many are shown: those that a bound on all of them would be decided by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformity.model.measurement import Result
from conformity.probes.shared.wording import attribute_in_words

MOST_GROUPS = 16
"""Up to so many groups of an attribute each is shown; of more, no more than these."""

_FURTHEST, _SILENT = 6, 2
"""How many with the lowest and the highest limits are shown, and how many that have no number."""


def telling(results: Sequence[Result], first: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the positions of the results to show, rising.

    These are results without a number, those whose limits reach furthest down and up, so that a bound on
    all groups holds when it holds for those shown, and then the ones that come first for another reason.
    Positions decide only between results that are the same, since sealed groups stand in another order.

    Args:
        results: one for each group.
        first: positions of groups in the order of their interest.
    """
    if len(results) <= MOST_GROUPS:
        return tuple(range(len(results)))
    everyone = sorted(range(len(results)), key=lambda place: (content(results[place]), place))
    silent = [place for place in everyone if results[place].kind == "not_available"]
    lowest = [place for place in everyone if results[place].kind != "not_available"]
    highest = sorted(lowest, key=lambda place: -content(results[place])[2])
    chosen = {*silent[:_SILENT], *lowest[:_FURTHEST], *highest[:_FURTHEST]}
    for place in (*first, *lowest[_FURTHEST:], *silent):
        if len(chosen) >= MOST_GROUPS:
            break
        chosen.add(place)
    return tuple(sorted(chosen))


def many_note(by: Sequence[str], groups: int, first: str = "") -> str:
    """Return how many groups there are beside those shown, and which are; empty where all are shown.

    Args:
        by: the attributes that form them.
        groups: how many there are.
        first: which come first for another reason, with a comma behind.
    """
    if groups <= MOST_GROUPS:
        return ""
    return (
        f"Of the {groups} groups of {attribute_in_words(by)} no more than {MOST_GROUPS} are given for each "
        "metric: those whose limits reach furthest, so that a bound on all groups is decided by them, "
        f"{first}and some without a number."
    )


def content(result: Result) -> tuple[Any, ...]:
    """Return what a result says, to sort by: limits, number and cases; those without a number come last."""
    if result.kind == "not_available":
        return 1, result.why, result.n
    value = float(result.value)
    if result.kind == "count":
        return 0, value, value, value
    low, high = (value, value) if result.interval is None else (result.interval.low, result.interval.high)
    return 0, low, high, value, result.n

"""How much of a long list is printed: the rest is counted, and the file that has all of it is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from conformity.render.views.context import Context

MOST_READINGS = 60
"""Readings of one criterion that are printed, the worst first where there are more."""

MOST_COLUMNS = 150
"""Columns of one table of which the meaning is printed."""

Item = TypeVar("Item")


def cut(context: Context, items: Sequence[Item], most: int, key: str) -> tuple[tuple[Item, ...], str]:
    """Return as many items as are printed, and a sentence on the others, or nothing.

    Args:
        context: the records and the language.
        items: all of them.
        most: how many are printed.
        key: the key of the sentence among the words on what is left out.
    """
    left = len(items) - most
    return tuple(items[:most]), context.plural("left_out", key, left) if left > 0 else ""

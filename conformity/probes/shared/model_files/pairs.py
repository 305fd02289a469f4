"""What is kept of the dictionaries of a pickle."""

from __future__ import annotations

from conformity.probes.shared.model_files.machine import UNKNOWN

_KEPT_KEYS = 1024
_PLAIN_KEYS = frozenset((str, int, bool, bytes, type(None)))
"""Keys that are what they seem."""


def paired(values: list[object], into: dict[object, object]) -> None:
    """Put keys and values, one after the other, into a dictionary.

    Only keys that are text are of interest, and only a few: a dictionary with very many is forgotten. So is
    one with a key that is computed, which may come to be any of the others and replace its value.
    """
    if None in into:
        return
    into.update((k, v) for k, v in zip(values[::2], values[1::2], strict=False) if type(k) is str)
    if len(into) > _KEPT_KEYS or not _PLAIN_KEYS.issuperset(map(type, values[::2])):
        into.clear()
        into[None] = UNKNOWN

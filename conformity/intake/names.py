"""Words for messages: what was meant, what is there, and how a value is quoted."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 160
_LISTED = 12


def quoted(value: object) -> str:
    """Return ``value`` as it would be typed in Python, printable; a long one without its middle."""
    text = repr(value)
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]}...{text[-half:]}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of ``known`` that ``name`` was probably meant to be, or None; case is no difference.

    Args:
        name: what was written.
        known: the names that exist.
    """
    folded = {candidate.casefold(): candidate for candidate in sorted(known, reverse=True)}
    close = get_close_matches(name.casefold()[:200], sorted(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def listed(known: Iterable[str]) -> str:
    """Return the names, separated by commas; after the twelfth only how many more there are."""
    names = list(known)
    if not names:
        return "none"
    rest = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def advice(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean ...?`` when something is near, else the list of what there is."""
    names = list(known)
    near = nearest(name, names)
    return f"did you mean {quoted(near)}?" if near else f"known: {listed(names)}"

"""Tell the language of a text by its most frequent words."""

from __future__ import annotations

from conformity.probes.shared.prompts.combos import Read
from conformity.probes.shared.prompts.words import LANGUAGES

_SHARE = 0.12
_LEAST = 2


def spoken(text: Read) -> str | None:
    """Return the language of most words that the lists know; None if they know few. English wins a draw.

    Args:
        text: the words of the text.
    """
    best = max(text.known)
    if best < _LEAST or best < _SHARE * text.total:
        return None
    return LANGUAGES[text.known.index(best)]

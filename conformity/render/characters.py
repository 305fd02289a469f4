"""Characters that must not reach a page: those that hide or reorder text, and those no bundled font has."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control characters, zero-width characters, bidirectional overrides, tags and lone surrogates.

Source: Boucher and Anderson, Trojan Source, 2021, for the reordering ones; XML 1.0, 2.2, for the
forbidden ones.
"""


def visible(text: str) -> str:
    """Return ``text`` with every hidden or reordering character written as ``[U+202E]``."""
    return _HIDDEN.sub(_code, text)


def printable(text: str, known: frozenset[int]) -> str:
    """Return ``text`` with every character that is not in ``known`` written as its code point.

    Without this a page would fall back to whatever fonts the machine has, or show empty boxes.
    """
    unknown = {
        character for character in set(text) if ord(character) not in known and character not in "\n\t"
    }
    if not unknown:
        return text
    return text.translate({ord(character): f"[U+{ord(character):04X}]" for character in unknown})


@cache
def covered(fonts: tuple[Path, ...]) -> frozenset[int]:
    """Return the code points for which at least one of the font files has a glyph."""
    from fontTools.ttLib import TTFont

    found: set[int] = set()
    for path in fonts:
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def _code(match: re.Match[str]) -> str:
    """Return a character's code point in brackets."""
    return f"[U+{ord(match.group()):04X}]"

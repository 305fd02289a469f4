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

_COUNT_OF_PEOPLE = re.compile(
    r"(?<![\d.,<-])(?<!< )\b(\d[\d,]*)"
    r"(\s+(?:(?!more\b)[a-z-]+\s+)?(?:rows?|people|persons?|individuals?|members?|cases?|cells?)\b)"
)
"""A number before a word for people: a row of a table stands for a person or a case."""


def visible(text: str) -> str:
    """Return ``text`` with every hidden or reordering character written as ``[U+202E]``."""
    return _HIDDEN.sub(_code, text)


def without_small_counts(text: str, limit: int) -> str:
    """Return ``text`` with every count of people below ``limit`` written as ``< limit``.

    Reasons and notes are sentences of a probe; what a table withholds must not stand in them.
    """

    def guarded(match: re.Match[str]) -> str:
        small = 0 < int(match[1].replace(",", "")) < limit
        return f"< {limit}{match[2]}" if small else match[0]

    return _COUNT_OF_PEOPLE.sub(guarded, text)


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

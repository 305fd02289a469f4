"""Fold a text so that disguises vanish, and lead every place in the folded text back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

# Letters of other scripts that look like Latin ones; folded only inside words that hold Latin letters too.
_LOOK_ALIKES = str.maketrans("авекмнорстухіјѕԁɡαβεικνορτυχ", "abekmhopctyxijsdgabeikvoptux")
_MIXED = re.compile(r"[a-z][α-ωа-џѕіјԁ]|[α-ωа-џѕіјԁ][a-z]")
_MIXED_WORD = re.compile(r"\w*[a-z]\w*")
_LETTERS = {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ς": "σ", "\u2019": "'"}


class _Folds(dict[int, str]):
    """What each character becomes; worked out once per character."""

    def __missing__(self, code: int) -> str:
        """Return what a character becomes that has not been met before."""
        self[code] = folded = _fold(chr(code))
        return folded


def _fold(character: str) -> str:
    """Return a character without case, accent and compatibility form; invisible ones vanish."""
    if unicodedata.category(character) in ("Cf", "Co", "Cn", "Cs"):
        return ""
    plain = "".join(
        _LETTERS.get(part, part)
        for part in unicodedata.normalize("NFKD", character.lower())
        if not unicodedata.combining(part)
    )
    return "".join(_LETTERS.get(part, part) for part in plain.lower())


_FOLDS = _Folds()


@dataclass(frozen=True)
class Folded:
    """A text as rules see it."""

    original: str
    """The text as it came."""
    plain: str
    """Lower case without accents, invisible characters and look-alike letters."""

    @cached_property
    def _ends(self) -> list[int]:
        """Where each original character ends in the folded text."""
        return list(accumulate(len(_FOLDS[ord(character)]) for character in self.original))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where a place of the folded text lies in the original, in characters.

        Args:
            start: where it begins.
            end: where it ends, after ``start``.
        """
        if self.original.isascii():
            return start, end
        return bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1


def fold(text: str) -> Folded:
    """Return the text as rules see it.

    Compatibility forms become plain, letters lower case and without accents, invisible characters
    vanish, and look-alike letters of other scripts become Latin inside words that are otherwise Latin.

    >>> fold("Ｉgnоrе Größe").plain  # a wide I, a Cyrillic o and e
    'ignore grosse'

    Source:
        Unicode Standard Annex 15 (NFKD); Unicode Technical Standard 39 (confusables).
    """
    if text.isascii():
        return Folded(text, text.lower())
    plain = text.translate(_FOLDS)
    if _MIXED.search(plain):
        plain = _MIXED_WORD.sub(lambda word: word[0].translate(_LOOK_ALIKES), plain)
    return Folded(text, plain)

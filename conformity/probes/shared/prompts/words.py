"""What words mean for an attack, in nine languages: the same meanings, so that one rule serves all."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformity.probes.shared.prompts.text import fold

_FOLDER = Path(__file__).parent / "lists"
LANGUAGES = ("en", "de", "el", "es", "fr", "it", "nl", "pl", "pt")
"""The languages with words of their own."""
_PLAIN = "plain"
_SHORTEST_STEM = 3
_MOST_KNOWN = 200_000


@dataclass(frozen=True)
class Sense:
    """What a word is in one language."""

    language: int
    """Its place in :data:`LANGUAGES`."""
    meanings: int
    """Bits of its meanings; 0 for words that only tell the language."""
    english: str
    """An English word for it."""


class Words(dict[str, tuple[Sense, ...]]):
    """The senses of each folded word; looked up once per word."""

    def __init__(self) -> None:
        """Read the word lists."""
        super().__init__()
        self.meanings: dict[str, int] = {}
        """The bit of each meaning."""
        self._forms: dict[str, list[Sense]] = {}
        self._stems: dict[str, list[Sense]] = {}
        for place, language in enumerate(LANGUAGES):
            groups = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
            for meaning, terms in groups.items():
                self._take(place, self._bit(meaning), terms)

    def _bit(self, meaning: str) -> int:
        """Return the bit of a meaning; none for plain words."""
        if meaning == _PLAIN:
            return 0
        return self.meanings.setdefault(meaning, 1 << len(self.meanings))

    def _take(self, language: int, bit: int, terms: dict[str, str]) -> None:
        """Keep the forms and stems of one meaning in one language."""
        for english, forms in terms.items():
            for form in forms.split():
                stem = form.endswith("*")
                key = fold(form.removesuffix("*")).plain
                table = self._stems if stem else self._forms
                table.setdefault(key, []).append(Sense(language, bit, english))

    def __missing__(self, word: str) -> tuple[Sense, ...]:
        """Return the senses of a word that has not been met before."""
        found = list(self._forms.get(word, ()))
        for end in range(_SHORTEST_STEM, len(word) + 1):
            found += self._stems.get(word[:end], ())
        merged: dict[int, Sense] = {}
        for sense in found:
            known = merged.get(sense.language)
            merged[sense.language] = (
                Sense(sense.language, known.meanings | sense.meanings, known.english) if known else sense
            )
        senses = tuple(merged.values())
        if len(self) < _MOST_KNOWN:
            self[word] = senses
        return senses


@cache
def words() -> Words:
    """Return the word lists of all languages."""
    return Words()

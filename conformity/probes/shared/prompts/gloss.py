"""Put the words that matter into English, one by one, so that a detector trained on English sees them."""

from __future__ import annotations

import re

from conformity.probes.shared.prompts.words import LANGUAGES, words

_WORD = re.compile(r"[^\W_]+")


def gloss(plain: str, language: str) -> str:
    """Return a folded text with every word that the lists know put into English.

    Args:
        plain: the folded text.
        language: the language of the text, one of ``LANGUAGES``.
    """
    table, place = words(), LANGUAGES.index(language)

    def english(match: re.Match[str]) -> str:
        """Return the English word for one word, or the word itself."""
        for sense in table[match[0]]:
            if sense.language == place:
                return sense.english
        return match[0]

    return _WORD.sub(english, plain)

"""What a column's name says: its words, and whether they are among words that mean something."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"})
"""Letters with a stroke and the like, which Unicode does not take apart."""


@lru_cache(maxsize=1 << 16)
def folded(text: str) -> str:
    """Return a text in lower case and without accents, in any alphabet.

    >>> folded("Łukasz Müller-Groß"), folded("ΓΕΏΡΓΙΟΣ") == folded("Γεώργιος")
    ('lukasz muller-gross', True)
    """
    bare = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(character for character in bare if not unicodedata.combining(character)).casefold()


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in any alphabet, lower case and without accents.

    >>> words_of("dateOfBirth"), words_of("Prénom_2"), words_of("ΑΜΚΑ")
    (('date', 'of', 'birth'), ('prenom', '2'), ('αμκα',))
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[^\W\d_]+|[0-9]+", folded(parted)))


def says(name: str, phrases: Iterable[str]) -> bool:
    """Return whether a column's name holds one of some phrases.

    Args:
        name: the column's name.
        phrases: words apart by a space, lower case and without accents; ``*`` stands for any letters.
            A phrase also fits a name that writes it without spaces. One that begins with ``=`` must be
            all that the name says, numbers aside.

    >>> says("Kunden-Telefonnr", ["*telefon*"]), says("cell_count", ["cell no"])
    (True, False)
    """
    words = words_of(name)
    squashed = "".join(words)
    bare = "".join(word for word in words if not word.isdigit())
    for phrase in phrases:
        if phrase.startswith("="):
            if bare == phrase[1:]:
                return True
        elif _holds(words, phrase.split()) or fnmatchcase(squashed, phrase.replace(" ", "")):
            return True
    return False


def _holds(words: tuple[str, ...], phrase: list[str]) -> bool:
    """Return whether the words of ``phrase`` follow one another in ``words``."""
    return any(
        all(fnmatchcase(word, part) for word, part in zip(words[start:], phrase, strict=False))
        for start in range(len(words) - len(phrase) + 1)
    )

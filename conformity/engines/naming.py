"""What a column's name says: its words, and whether they are among words that mean something."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"})
"""Letters with a stroke and the like, which Unicode does not take apart."""

_NOTHING = re.compile(r"(?!)")


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
    alone, apart, together = _compiled(tuple(phrases))
    words = words_of(name)
    return (
        "".join(word for word in words if not word.isdigit()) in alone
        or apart.search(" ".join(words)) is not None
        or together.fullmatch("".join(words)) is not None
    )


@lru_cache(maxsize=1024)
def _compiled(phrases: tuple[str, ...]) -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]:
    """Return what must be all of a name, and what finds the other phrases in words apart and together.

    Every column is held against every list of phrases: one expression for a list is thirty times as fast as
    one comparison for each word of each.
    """
    alone = frozenset(phrase[1:] for phrase in phrases if phrase.startswith("="))
    others = [phrase.split() for phrase in phrases if not phrase.startswith("=")]
    if not others:
        return alone, _NOTHING, _NOTHING
    apart = "|".join(" ".join(map(_expression, words)) for words in others)
    together = "|".join("".join(map(_expression, words)) for words in others)
    return alone, re.compile(rf"(?<![^ ])(?:{apart})(?![^ ])"), re.compile(together)


def _expression(word: str) -> str:
    """Return the regular expression of a word in which ``*`` stands for any letters."""
    return "[^ ]*".join(map(re.escape, word.split("*")))

"""Frequent names of people, and words of addresses, read once from the files of this package."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformity.engines.naming import folded

_FOLDER = Path(__file__).parent / "data"
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
"""How letters are written where a keyboard has none of them."""


@dataclass(frozen=True)
class Names:
    """Names and words, all in lower case and without accents."""

    given: frozenset[str]
    """Given names that are sure."""
    surnames: frozenset[str]
    """Family names that are sure."""
    doubtful: frozenset[str]
    """Names that are words, places or months as well."""
    endings: tuple[str, ...]
    """How family names end."""
    titles: frozenset[str]
    """What comes before a family name."""
    never: frozenset[str]
    """Words that names of people do not hold."""


@dataclass(frozen=True)
class Streets:
    """How one language writes a street with a number."""

    language: str
    """Its code."""
    endings: tuple[str, ...]
    """Ends of words that name a street."""
    before: tuple[str, ...]
    """Words before the street's own name."""
    after: tuple[str, ...]
    """Words after it."""
    first: bool
    """Whether the number may stand first."""
    last: bool
    """Whether the number may stand last."""


@cache
def names() -> Names:
    """Return the names of all languages together: a table holds people of any of them."""
    read = _read("names.toml")
    words = read.pop("words")
    doubtful = frozenset(_folded(str(words["doubtful"])))
    never = frozenset(_folded(str(words["never"])))
    languages = read.values()
    given = frozenset(_folded(" ".join(str(one["given"]) for one in languages)))
    surnames = frozenset(_folded(" ".join(str(one["surnames"]) for one in languages)))
    surnames |= {name[:-1] + "a" for name in surnames if name.endswith(("ski", "cki"))}
    endings = {folded(end) for one in languages for end in str(one.get("endings", "")).split()}
    return Names(
        given=given - doubtful - never,
        surnames=surnames - doubtful - never,
        doubtful=doubtful,
        endings=tuple(sorted(endings)),
        titles=frozenset(_folded(str(words["titles"]))),
        never=never,
    )


@cache
def streets() -> tuple[Streets, ...]:
    """Return how each language writes streets, sorted by language."""
    read = _read("places.toml")
    return tuple(
        Streets(
            language=language,
            endings=tuple(str(one.get("endings", "")).split()),
            before=tuple(str(one.get("before", "")).split()),
            after=tuple(str(one.get("after", "")).split()),
            first=bool(one.get("first", False)),
            last=bool(one.get("either", not one.get("first", False))),
        )
        for language, one in sorted(read.items())
        if language != "words"
    )


@cache
def cities() -> frozenset[str]:
    """Return the first words of large towns, in lower case and without accents."""
    read = _read("places.toml")
    return frozenset(_folded(" ".join(str(one.get("cities", "")) for one in read.values())))


@cache
def no_streets() -> frozenset[str]:
    """Return words that end like a street and are none."""
    return frozenset(_folded(str(_read("places.toml")["words"]["never"])))


def _read(name: str) -> dict[str, dict[str, object]]:
    """Return the contents of a file of this package."""
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))


def _folded(text: str) -> Iterator[str]:
    """Yield the words of a text without accents, and as they are written without such letters."""
    yield from _unaccented(text.split())
    yield from _unaccented(word.lower().translate(_WRITTEN_OUT) for word in text.split())


def _unaccented(words: Iterable[str]) -> Iterator[str]:
    """Yield words in lower case and without accents."""
    return (folded(word) for word in words)

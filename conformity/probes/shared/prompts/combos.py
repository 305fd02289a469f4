"""Rules over meanings: words of certain meanings near one another, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from conformity.probes.shared.prompts.words import LANGUAGES, words

_TOKEN = re.compile(r"[^\W_]+|[.!?\n;|]")
_SENTENCE = 8
"""How many words a sentence's end is worth."""
_LONGEST_WORD = 60
_DENIES = 4
"""How many words before a word a denial still means it."""
_FAR = -1_000_000


@dataclass(frozen=True)
class Combo:
    """Meanings that must come together."""

    id: str
    """Its name."""
    kind: str
    """The kind of attack."""
    needs: tuple[int, ...]
    """For each word the bits of which it must have one."""
    within: int
    """Over how many words they may be spread."""
    ordered: bool
    """Whether they come in this order."""
    weight: float
    """How much it says, in (0, 1]; 1 suffices alone."""
    unless: int
    """Bits of which no word shortly before its first word may have one."""


@dataclass(frozen=True)
class Found:
    """Where a combo was found."""

    combo: Combo
    """Which."""
    language: int
    """In which language, a place in ``LANGUAGES``."""
    start: int
    """Where it begins in the folded text."""
    end: int
    """Where it ends."""


Mark = tuple[int, int, int, int]
"""A word with a meaning: its number, its bits, where it begins and ends."""


@dataclass(frozen=True)
class Read:
    """A text read word by word."""

    marks: tuple[list[Mark], ...]
    """The words with meanings, by language."""
    known: tuple[int, ...]
    """How many words of each language were met."""
    total: int
    """How many words there are."""


def read(plain: str) -> Read:
    """Return the words of a folded text that mean something, by language."""
    table = words()
    marks: tuple[list[Mark], ...] = tuple([] for _ in LANGUAGES)
    known = [0] * len(LANGUAGES)
    number = total = 0
    for match in _TOKEN.finditer(plain):
        word = match[0]
        if len(word) == 1 and not word.isalnum():
            number += _SENTENCE
            continue
        number += 1
        total += 1
        if len(word) > _LONGEST_WORD:
            continue
        for sense in table[word]:
            known[sense.language] += 1
            if sense.meanings:
                _keep(marks[sense.language], (number, sense.meanings, match.start(), match.end()))
    return Read(marks, tuple(known), total)


def _keep(marks: list[Mark], mark: Mark) -> None:
    """Add a word; of a run of words that mean the same, the first and the last are enough."""
    if len(marks) > 1 and marks[-1][1] == mark[1] == marks[-2][1]:
        marks[-1] = mark
    else:
        marks.append(mark)


def find(text: Read, combos: Sequence[Combo]) -> Iterator[Found]:
    """Yield the first place of each combo in each language; each takes one pass over the marks."""
    for language, marks in enumerate(text.marks):
        if len(marks) < 2:
            continue
        have = 0
        for mark in marks:
            have |= mark[1]
        for combo in combos:
            if all(have & need for need in combo.needs):
                place = _first(marks, combo)
                if place:
                    yield Found(combo, language, *place)


def _first(marks: Sequence[Mark], combo: Combo) -> tuple[int, int] | None:
    """Return where a combo first stands; None if nowhere."""
    needs, within, denied = combo.needs, combo.within, _FAR
    last: list[Mark] = [(_FAR, 0, 0, 0)] * len(needs)
    for mark in marks:
        hit = False
        if mark[1] & combo.unless:
            denied = mark[0]
        for place, need in enumerate(needs):
            if mark[1] & need and not (place == 0 and mark[0] - denied <= _DENIES):
                last[place] = mark
                hit = True
        if hit and mark[0] - min(last)[0] <= within and _distinct(last, combo.ordered):
            return min(one[2] for one in last), max(one[3] for one in last)
    return None


def _distinct(last: Sequence[Mark], ordered: bool) -> bool:
    """Tell whether the words are different ones, and in order where that matters."""
    if ordered:
        return all(a[0] < b[0] for a, b in pairwise(last))
    return len({one[0] for one in last}) == len(last)


@cache
def bits(names: str) -> int:
    """Return the bits of meanings, several separated by ``|``."""
    table = words().meanings
    return sum(table[name] for name in names.split("|"))

"""Where an English text of the tool is cut, and what in it is no sentence: numbers, quotations, citations."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ABBREVIATED = r"(?<!Art\.)(?<!Arts\.)(?<!para\.)(?<!No\.)(?<!cf\.)(?<!incl\.)"
SENTENCE_END = re.compile(rf"(?<=[.?!:]){_ABBREVIATED}\s+|(?<=\))\s+(?=[A-Z])")
"""Between two sentences, or behind a colon."""

PART_END = re.compile(rf"; |, | · |\s(?=\()|(?<=[.:]){_ABBREVIATED} ")
"""Between parts of a sentence."""

JOINTS = " ,;:·"
"""What joins pieces to one another."""

LETTERS = re.compile(r"[A-Za-z]{2,}")
"""Letters enough for a word."""

QUOTED = re.compile(r"^(?:'[^']*'(?:, '[^']*')*|`[^`]*`|\"[^\"]*\"|\[.*\])$")
"""Names in quotation marks, or words for a meaning in brackets, which stay as they are."""

BRACKETED = re.compile(r"^([^()]*(?:\([^() ]{1,5}\)[^()]*)*) \(([^()]*(?:\([^()]*\)[^()]*)*)\)$")
"""A name, and something in brackets behind it."""

RANGE = re.compile(r"^(-?[\d.,]*\d) to (-?[\d.,]*\d)$")
"""Two numbers."""

DAY = re.compile(
    r"^(\d{1,2}) "
    r"(January|February|March|April|May|June|July|August|September|October|November|December) (\d{4})$"
)
"""A day in words."""

NUMBER = re.compile(rf"^-?(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+\.\d+)(?: ?%)?$|{DAY.pattern}")
"""A number, or a day, that languages write in their own way."""

LISTS = (
    (re.compile(r"; "), ""),
    (re.compile(r",? or "), "or"),
    (re.compile(r",? and "), "and"),
    (re.compile(r", "), ""),
)
"""The joints of lists, from the loosest, with the word that is translated."""

_CITES = re.compile(r"\b(?:Art\.|Article|Annex|Chapter|Recital)")
_CITED = (
    r"and|or|to|with|first sentence|first|second|third|fourth|fifth|last|as amended|as replaced|deleted|"
    r"subpara|para|sentence|points?|Sections?|Chapters?|Art|Articles?|Annex|Annexes|Recitals?|intro"
)
_CITATION = re.compile(
    rf"^(?:(?:{_CITED})\b\.?|[0-9]+[a-z]*|[IVXLC]+|[A-Z]|\([0-9a-zA-Z]{{1,5}}\)|\(|[\s,;.+\-–:)])++$"
)
"""Possessive: a citation is read in one way only, and to try others would take for ever."""

CITATION_WORD = re.compile(rf"\b(?:(?:Art|para|subpara)\.|{_CITED})(?![A-Za-z])")
"""A word within a citation."""

IDENTIFIER = re.compile(r"^(?=\S*[\d/_])\S++$")
"""A name without spaces that has a digit, a stroke or an underscore in it."""

_PROSE = re.compile(r"\b[a-z]{2,} (?:[a-z]+ )?[a-z]{2,}\b")


def pieces_of(text: str, ends: re.Pattern[str]) -> Iterator[str]:
    """Yield the text cut behind each end; joined they are the text."""
    start = 0
    for found in ends.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    yield text[start:]


def is_citation(text: str) -> bool:
    """Tell whether a text is a citation and nothing else."""
    return _CITES.search(text) is not None and _CITATION.match(text) is not None


def is_prose(text: str) -> bool:
    """Tell whether what stands at a place reads like words of a sentence, and not like a name."""
    return _PROSE.search(text) is not None

"""Tell postal addresses by how languages write a street with a number, or a postcode with a town."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from conformity.engines.gazetteer import Streets, cities, no_streets, streets
from conformity.engines.letters import LETTER, UPPER
from conformity.engines.naming import folded

_NUMBER = r"[0-9]{1,5} ?[A-Za-z]?(?: ?[/-] ?[0-9]{1,4}[A-Za-z]?)?"
_BEFORE_NUMBER = r",? (?:[Nn][ro]\.? |[Nn][°º]\.? ?|[Nn]úm\.? )?"
_SMALL = r"(?:(?:de|la|le|les|du|des|della|del|di|da|do|dos|das|van|der|den|och|of|the) |[dl]['’])"
_NAME = rf"{_SMALL}{{0,3}}[{UPPER}0-9][{LETTER}0-9'’.-]{{0,30}}"
_POSTCODE = (
    r"(?:[A-Z]{1,2}-)?"
    r"(?:[0-9]{5}|[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{4}(?: ?[A-Z]{2})?)"
)

_START = rf"(?:^|[^0-9{LETTER}])"
_END = rf"(?:$|[^0-9{LETTER}])"
_LETTERS = re.compile(f"[{LETTER}]+")
_DIGIT = re.compile("[0-9]")
_TOKEN = re.compile(r"[^\s,;:()\[\]|<>\"'-]+")
_MAY_BE_POSTCODE = re.compile(rf"[0-9]{{2}},?(?: ?[A-Z]{{2}},?)? [{UPPER}]")
_REMEMBERED, _LONGEST_REMEMBERED = 4096, 1000
"""Of how many texts, and up to how many characters, it is remembered what they hold: each is asked thrice."""
_BESIDE, _BESIDE_SMALL = 10, 2
"""How many words a cell may hold beside an address, and how many of them in small letters."""

ADDRESS_CELL = rf"[{LETTER}0-9][^@<>{{}}]{{0,120}}"
"""A cell that may be an address (RE2)."""


@cache
def address_hint() -> str:
    """Return a quick form of texts that may hold an address: a street's word or a postcode, and a number."""
    ends = _either(end for one in streets() for end in one.endings)
    after = _either(word for one in streets() if one.last for word in one.after)
    before = _before(word for one in streets() if one.last for word in one.before)
    first = _either(word for one in streets() if one.first for word in (*one.before, *one.after))
    return (
        rf"(?:[{LETTER}](?:{ends})| (?:{after})),? (?:[Nn][^ 0-9]{{0,3}} ?)?[0-9]"
        rf"|{_START}(?:(?:{before})[^0-9]*[0-9]|[0-9]+[^0-9]* (?:{first}){_END}|{_POSTCODE},? [{UPPER}])"
    )


@cache
def _street() -> re.Pattern[str]:
    """Return the compiled form of a street with a number."""
    last = "|".join(_ways([one for one in streets() if one.last]))
    first = "|".join(_ways([one for one in streets() if one.first]))
    return _between(rf"(?:{last}){_BEFORE_NUMBER}{_NUMBER}|{_NUMBER}(?: bis| ter)?,? (?:{first})")


@cache
def _town() -> re.Pattern[str]:
    """Return the compiled form of a postcode with a town, or of a street in front of them too."""
    town = rf"{_POSTCODE},? (?P<town>[{UPPER}][{LETTER}-]+)"
    return _between(rf"{_NAME}(?: {_NAME}){{0,2}},? {_NUMBER}, ?{_POSTCODE},? [{UPPER}][{LETTER}-]+|{town}")


def _between(form: str) -> re.Pattern[str]:
    """Return the compiled form between boundaries, in which numbers do not go on."""
    return re.compile(rf"(?<![0-9A-Za-z.,+/-])(?:{form})(?![0-9A-Za-z])")


@cache
def _signs() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Return the words that stand for streets, the beginnings of joined words, and the ends of words."""
    every = streets()
    words = _written(word for one in every for word in (*one.before, *one.after))
    return (
        frozenset(words) | frozenset(word.rstrip(".") for word in words),
        tuple(word for word in words if word[-1] in "./"),
        tuple(_written(end.rstrip(".") for one in every for end in one.endings)),
    )


def may_hold_address(text: str) -> bool:
    """Return whether a text is worth a search for an address; sets are faster than expressions here."""
    return bool(_seen(text)[0])


def _seen(text: str) -> tuple[tuple[re.Pattern[str], ...], bool]:
    """Return the forms that are worth a search in a text, and whether one of them finds an address."""
    return _short(text) if len(text) <= _LONGEST_REMEMBERED else _searched(text)


@lru_cache(maxsize=_REMEMBERED)
def _short(text: str) -> tuple[tuple[re.Pattern[str], ...], bool]:
    """Return what :func:`_searched` does, remembered for a while."""
    return _searched(text)


def _searched(text: str) -> tuple[tuple[re.Pattern[str], ...], bool]:
    """Return the forms that are worth a search in a text, and whether one of them finds an address."""
    forms = tuple(_worth(text))
    return forms, any(_is_address(found) for form in forms for found in form.finditer(text))


def _worth(text: str) -> Iterator[re.Pattern[str]]:
    """Yield the forms that are worth a search in a text."""
    if not _DIGIT.search(text):
        return
    if any(map(_is_sign, _TOKEN.findall(text))):
        yield _street()
    if _MAY_BE_POSTCODE.search(text):
        yield _town()


@lru_cache(maxsize=_REMEMBERED)
def _is_sign(token: str) -> bool:
    """Return whether a word of a text stands for a street, or begins or ends like one."""
    words, starts, ends = _signs()
    bare = token.rstrip(".")
    return token in words or bare in words or token.startswith(starts) or bare.endswith(ends)


def known_address(text: str) -> bool:
    """Return whether a cell is an address, with hardly a word in small letters beside it."""
    if "://" in text or not told_address(text):
        return False
    beside = _town().sub(" ", _street().sub(" ", text)).split()
    return len(beside) <= _BESIDE and sum(word[0].islower() for word in beside) <= _BESIDE_SMALL


def told_address(text: str) -> bool:
    """Return whether a text holds an address; what looks like a postcode needs a known town."""
    return _seen(text)[1]


def _is_address(found: re.Match[str]) -> bool:
    """Return whether a found form is an address: its town is known, or its street is no other word."""
    if town := found.groupdict().get("town"):
        return folded(town) in cities()
    return not any(folded(word) in no_streets() for word in _LETTERS.findall(found.group()))


def _ways(languages: Sequence[Streets]) -> Iterator[str]:
    """Yield the forms of a street's name in some languages, without the number."""
    if endings := [end for one in languages for end in one.endings]:
        yield rf"[{UPPER}][{LETTER}-]{{2,30}}(?:{_either(endings)})"
    if before := [word for one in languages for word in one.before]:
        yield rf"(?:{_before(before)}){_NAME}(?: {_NAME}){{0,3}}"
    if after := [word for one in languages for word in one.after]:
        yield rf"(?:{_NAME} ){{1,3}}(?:{_either(after)})"


def _before(words: Iterable[str]) -> str:
    """Return the alternation of words with what parts them from a name: a space, which a dot may spare."""
    return "|".join(re.escape(word) + (" ?" if word[-1] in "./" else " ") for word in _written(words))


def _either(words: Iterable[str]) -> str:
    """Return the alternation of words."""
    return "|".join(re.escape(word) for word in _written(words))


def _written(words: Iterable[str]) -> list[str]:
    """Return words in lower case, with a capital, and in capital letters; longer ones first."""
    forms = {form for word in words for form in (word, word.capitalize(), word.upper())}
    return sorted(forms, key=lambda form: (-len(form), form))

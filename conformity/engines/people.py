"""Tell names of people by lists of frequent names, titles, and words that stand against it.

One text is never proof: :mod:`conformity.engines.identify` holds the share of the texts that these
functions know against the share that would be known by chance.
"""

from __future__ import annotations

import re
from itertools import pairwise

from conformity.engines.gazetteer import names
from conformity.engines.letters import LETTER, UPPER
from conformity.engines.naming import folded

_BETWEEN_NAMES = "van|von|der|den|de|del|della|di|da|dos|das|du|la|le|ter|ten|zu|af|av|al|el"
_PARTICLES = frozenset({*_BETWEEN_NAMES.split("|"), "lo", "y", "e", "bin", "ben"})
"""Small words inside family names."""

_WORD = re.compile(rf"[{LETTER}][{LETTER}'’.-]*")
_MOST_WORDS = 5

_CAPITALISED = rf"[{UPPER}](?:[{LETTER}]{{0,2}}\.|[{LETTER}'’-]*)"
_BETWEEN = rf"(?:(?:{_BETWEEN_NAMES}) ){{0,3}}"
_SHORT = r"(?:dhr\.|mevr\.|κ\.|κα|κος|г-н|г-жа|pan|pani|úr)"
_FORM = re.compile(
    rf"(?<![0-9{LETTER}])(?:{_SHORT} |{_CAPITALISED} ){_BETWEEN}{_CAPITALISED}"
    rf"(?: {_BETWEEN}{_CAPITALISED}){{0,3}}"
)
"""Two to five words with a capital letter, as names stand in texts."""

_AFTER_NUMBER = re.compile("[0-9],? $")

NAME_HINT = rf"(?:^|[^0-9{LETTER}])(?:[{UPPER}][{LETTER}.'’-]*|{_SHORT}) (?:[a-z]{{2,5}} )*[{UPPER}]"
"""A quick form of texts that may hold a name: two words with a capital letter (RE2)."""

NAME_CELL = rf"[{LETTER}][{LETTER} ,.'’-]{{1,60}}"
"""A cell of letters only, in any case, as names stand in columns (RE2)."""


def known_name(text: str) -> bool:
    """Return whether a cell may be the name of a person, by the lists.

    One word must be a name that is sure; of several, one must be a sure given name, or two must be
    names, or there must be a title. A word that names do not hold decides against it.
    """
    words = [folded(word).strip(".'’-") for word in _WORD.findall(text)]
    titled = len(words) > 1 and words[0] in names().titles
    own = [word for word in words if word not in names().titles and word not in _PARTICLES]
    own = [word for word in own if len(word) > 1]
    if not own or len(own) > _MOST_WORDS or any(word in names().never for word in own):
        return False
    if len(own) == 1 or titled:
        return titled or _sure(own[0])
    if any(_is_given(word) for word in own):
        return True
    return sum(_sure(word) or word in names().doubtful for word in own) > 1


def told_name(text: str) -> bool:
    """Return whether a text holds the name of a person, by the lists.

    Of words with a capital letter, a sure given name must be followed by another word, a doubtful one by
    a family name, or a title by a name; what follows a number or goes on with a word such as "street" is
    only named after a person.
    """
    return any(
        _is_name(found.group()) and not _AFTER_NUMBER.search(text, max(0, found.start() - 3), found.start())
        for found in _FORM.finditer(text)
    )


def _is_name(text: str) -> bool:
    """Return whether some words with capital letters hold the name of a person."""
    raw = [word for word in _WORD.findall(text) if word not in _PARTICLES]
    words = [folded(word).strip(".'’-") for word in raw]
    never = names().never
    for at, (word, after) in enumerate(pairwise(words)):
        following = words[at + 1 : at + 4]
        if after in names().titles or any(one in never for one in following):
            continue
        if word in names().titles and not raw[at].isupper() and len(after) > 1:
            return True
        # A name may go on with initials, but not end with one.
        if len(following[-1]) > 1 and (_is_given(word) or _is_doubtful(word, following)):
            return True
    return False


def _is_doubtful(word: str, following: list[str]) -> bool:
    """Return whether a word may be a name, and a sure one is among those that follow."""
    return word in names().doubtful and any(_sure(one) for one in following[:2])


def _is_given(word: str) -> bool:
    """Return whether a word, or the first of two joined by a hyphen, is a sure given name."""
    return word in names().given or word.split("-")[0] in names().given


def _sure(word: str) -> bool:
    """Return whether a word is a sure given or family name, by the lists or by how it begins or ends."""
    if word in names().surnames or _is_given(word) or word.split("-")[0] in names().surnames:
        return True
    if re.match(r"o['’][a-z]{4}|mc[a-z]{4}", word):
        return True
    return any(word.endswith(end) and len(word) - len(end) >= 3 for end in names().endings)

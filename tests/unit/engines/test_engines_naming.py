"""What a column's name says: phrases in words apart or together, and phrases that are all it says."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import pytest

from conformity.engines.naming import says, words_of
from conformity.engines.patterns import patterns


@pytest.mark.parametrize(
    ("name", "phrases", "said"),
    [
        ("Kunden-Telefonnr", ["*telefon*"], True),
        ("cell_count", ["cell no"], False),
        ("cellNo", ["cell no"], True),
        ("my cell no 2", ["cell no"], True),
        ("excell nothing", ["cell no"], False),
        ("CELLNO", ["cell no"], True),
        ("xcellno", ["cell no"], False),
        ("cell_1", ["=cell"], True),
        ("cell_one", ["=cell"], False),
        ("a.b", ["a b", "="], True),
        ("axb", ["a.b"], False),
        ("number one", ["number*"], True),
        ("", ["x", "*y*"], False),
        ("anything", [], False),
    ],
)
def test_a_name_says_a_phrase(name: str, phrases: Sequence[str], said: bool) -> None:
    assert says(name, phrases) is said
    assert _slowly(name, phrases) is said


def test_every_list_of_words_is_found_as_word_by_word() -> None:
    lists = [words for one in patterns().values() for words in (one.words, one.unless) if words]
    parts = sorted({phrase.strip("=*") for words in lists for phrase in words})
    names = [f"{first}{between}{second}" for first, second in zip(parts[::30], parts[4::30], strict=False) for
             between in ("_", "", "x ")]  # fmt: skip
    assert len(names) > 30
    assert [says(name, words) for name in names for words in lists] == [
        _slowly(name, words) for name in names for words in lists
    ]


def _slowly(name: str, phrases: Sequence[str]) -> bool:
    """Return what :func:`says` is to return, by one comparison for each word of each phrase."""
    words = words_of(name)
    bare = "".join(word for word in words if not word.isdigit())
    if any(bare == phrase[1:] for phrase in phrases if phrase.startswith("=")):
        return True
    others = [phrase.split() for phrase in phrases if not phrase.startswith("=")]
    return any(fnmatchcase("".join(words), "".join(parts)) or _follow(words, parts) for parts in others)


def _follow(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether the words of a phrase follow one another in a name."""
    starts = range(len(words) - len(parts) + 1)
    return any(all(map(fnmatchcase, words[start : start + len(parts)], parts)) for start in starts)

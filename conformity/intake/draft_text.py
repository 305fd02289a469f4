"""Write YAML scalars, comments and ids from texts that may hold anything."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable

from conformity.engines.naming import words_of

_WIDTH = 100


def in_quotes(text: str) -> str:
    """Return ``text`` as a double-quoted YAML scalar on one line.

    Args:
        text: any text without lone surrogates.

    Source:
        YAML 1.2.2, section 5.7 (escaped characters).
    """
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    """Return one character as it stands between double quotes."""
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08X}"
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}"


def comment(text: str, indent: int = 0) -> list[str]:
    """Return the lines of a comment; characters that would end it or the line are made visible.

    Args:
        text: any text.
        indent: how many blanks stand before the ``#``.
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    margin = " " * indent + "# "
    return textwrap.wrap(
        printable, _WIDTH, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )


def on_line(text: str) -> str:
    """Return ``text`` as a comment at the end of a line."""
    return "  # " + "".join(character if character.isprintable() else " " for character in text)


def slug(name: str, taken: Collection[str]) -> str:
    """Return an id made of the words of ``name`` that is not among ``taken``.

    >>> slug("Test Daten (März).csv", ()), slug("2024", ()), slug("***", {"data"})
    ('test-daten-marz-csv', '2024', 'data-2')
    """
    words = (re.sub(r"[^a-z0-9]", "", word) for word in words_of(name))
    base = "-".join(word for word in words if word)[:50] or "data"
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def inline(values: Iterable[str]) -> str:
    """Return a list on one line, of scalars that are YAML already."""
    return "[" + ", ".join(values) + "]"

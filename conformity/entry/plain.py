"""Make text safe to show on a terminal: names and values come from strangers, and may hold commands to it."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    r"""Return ``text`` as one line with everything that is not printable written out.

    A terminal takes escape sequences, carriage returns and marks of direction for commands: a group
    called ``\x1b[2J`` would clear the screen, one with U+202E would turn a number around.

    >>> plain("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(c if _is_shown(c) else ascii(c)[1:-1] for c in text)


def plain_lines(text: str) -> str:
    """Return ``text`` as :func:`plain` does, with its line feeds kept."""
    return "\n".join(plain(line) for line in text.split("\n"))


def plain_json(text: str) -> str:
    r"""Return JSON that means the same, with everything that is not printable escaped.

    Args:
        text: JSON as :mod:`json` writes it, in which control characters below U+0020 are escaped already.

    Source:
        RFC 8259, section 7: any character may be written as ``\uXXXX``, beyond U+FFFF as a pair.
    """
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or _is_shown(c) else _escaped(c) for c in text)


def _is_shown(character: str) -> bool:
    """Tell whether a character is printable, or a blank of another width."""
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    """Return a character as JSON escapes it, in units of UTF-16."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))

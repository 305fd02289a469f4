"""Read the objects of a PDF from its bytes: numbers, texts, names, lists, dictionaries, references.

Source: ISO 32000-1:2008, 7.2 and 7.3.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

MOST_TOKENS = 3_000_000
"""Words that are read of one PDF."""

_MOST_DEPTH = 40
_MOST_TEXT = 65_536
_BLANK = rb"[\x00\t\n\x0c\r ]"
_END = rb"(?![^\x00\t\n\x0c\r ()<>\[\]{}/%])"
_TOKEN = re.compile(
    _BLANK + rb"{0,999}(?:%[^\r\n]{0,999}[\r\n]" + _BLANK + rb"{0,99}){0,9}"
    rb"(<<|>>|\[|\]|\(|<[0-9A-Fa-f\s]{0,131072}>|/?[^\x00\t\n\x0c\r ()<>\[\]{}/%]{1,4096}|/)"
)
_REFERENCE = re.compile(_BLANK + rb"{1,9}(\d{1,10})" + _BLANK + rb"{1,9}R" + _END)
_NUMBER = re.compile(rb"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})")
_WORDS = {b"true": True, b"false": False, b"null": None}
_ESCAPES = {110: 10, 114: 13, 116: 9, 98: 8, 102: 12}


class PdfError(ValueError):
    """The file is no PDF of the form that is read here."""


class Name(bytes):
    """A name, such as ``/Type``, without its slash."""


class Ref(NamedTuple):
    """A reference to an object."""

    number: int
    """The object's number."""


class Parser:
    """A place in some bytes from which objects are read, one after another."""

    def __init__(self, content: bytes, at: int, budget: list[int]) -> None:
        """Begin at a place.

        Args:
            content: the bytes.
            at: the place.
            budget: one number, how many words may still be read; shared by all parsers of a PDF.
        """
        self.content = content
        self.at = at
        self._budget = budget

    def read(self, depth: int = 0) -> Any:
        """Return the object that stands here, and go behind it.

        Raises:
            PdfError: there is none, or it is larger or deeper than any that a report holds.
        """
        token = self._token()
        if depth > _MOST_DEPTH:
            raise PdfError("an object is nested too deeply")
        if token == b"<<":
            items = self._items(b">>", depth)
            if len(items) % 2 or not all(isinstance(name, Name) for name in items[::2]):
                raise PdfError("a dictionary is broken")
            found = dict(zip(items[::2], items[1::2]))  # noqa: B905 (Python 3.9)
            if len(found) * 2 != len(items):
                raise PdfError("a dictionary names an entry twice")
            return found
        if token == b"[":
            return self._items(b"]", depth)
        return self._text() if token == b"(" else self._simple(token)

    def _token(self) -> bytes:
        """Return the next word."""
        found = _TOKEN.match(self.content, self.at)
        self._budget[0] -= 1
        if found is None or self._budget[0] < 0:
            raise PdfError("an object is broken, or there is more to read than in any report")
        self.at = found.end()
        return found[1]

    def _items(self, closing: bytes, depth: int) -> list[Any]:
        """Return objects up to a closing mark."""
        items: list[Any] = []
        while True:
            before = self.at
            if self._token() == closing:
                return items
            self.at = before
            items.append(self.read(depth + 1))

    def _simple(self, token: bytes) -> Any:
        """Return an object that is one word, or a reference."""
        if token[:1] == b"/":
            return Name(re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), token[1:]))
        if token[:1] == b"<":
            digits = re.sub(rb"\s", b"", token[1:-1]).decode("ascii")
            return bytes.fromhex(digits + "0" * (len(digits) % 2))
        if token.isdigit() and len(token) <= 15:
            reference = _REFERENCE.match(self.content, self.at)
            if reference is None:
                return int(token)
            self.at = reference.end()
            return Ref(int(token))
        if _NUMBER.fullmatch(token):
            return float(token)
        if token not in _WORDS:
            raise PdfError("an object is broken")
        return _WORDS[token]

    def _text(self) -> bytes:
        """Return a literal text (7.3.4.2)."""
        out, depth = bytearray(), 1
        while self.at < len(self.content) and len(out) < _MOST_TEXT:
            byte = self.content[self.at]
            self.at += 1
            if byte == 92:
                self._escaped(out)
                continue
            depth += (byte == 40) - (byte == 41)
            if depth == 0:
                return bytes(out)
            out.append(byte)
        raise PdfError("a text does not end")

    def _escaped(self, out: bytearray) -> None:
        """Append what a backslash and the characters behind it stand for."""
        found = re.compile(rb"([0-7]{1,3})|(\r\n|\r|\n)|(.)", re.S).match(self.content, self.at)
        if found is None:
            raise PdfError("a text does not end")
        self.at = found.end()
        if found[1]:
            out.append(int(found[1], 8) & 255)
        elif found[3]:
            out.append(_ESCAPES.get(found[3][0], found[3][0]))

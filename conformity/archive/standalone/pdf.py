"""Read the files that a report in PDF carries: a small reader of our own form.

It follows the cross-references from the end of the file, as a viewer does, through incremental updates too.
It reads tables and streams of cross-references, object streams and Flate, and refuses everything else.

Source: ISO 32000-1:2008, 7.5 (file structure), 7.11.4 (embedded files), 7.9.6 (name trees).
"""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple

from conformity.archive.standalone.pdf_objects import MOST_TOKENS, Name, Parser, PdfError, Ref

MOST_INFLATED = 256 * 1024 * 1024
"""What all streams that are read may inflate to."""

_MOST_SECTIONS = 64
_MOST_OBJECTS = 1_000_000
_MOST_STEPS = 40
_MOST_NAMES = 1000
_HEAD = re.compile(rb"\s{0,99}(\d{1,10})\s{1,9}\d{1,5}\s{1,9}obj")
_STREAM = re.compile(rb"\s{0,99}stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"\s{0,99}endstream")
_RANGE = re.compile(rb"\s{0,99}(\d{1,10}) (\d{1,10})[ \r\n]{1,3}")
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])[ \r\n]{1,3}")
_TRAILER = re.compile(rb"\s{0,99}trailer")


class Stream(NamedTuple):
    """A stream as it stands in the file."""

    entries: dict[bytes, Any]
    """Its dictionary."""
    raw: bytes
    """Its bytes."""


class Pdf:
    """A PDF of which objects can be asked for."""

    def __init__(self, content: bytes) -> None:
        """Read the cross-references.

        Raises:
            PdfError: it is no PDF of the form that is read here.
        """
        self._content = content
        self._left = MOST_INFLATED
        self._budget = [MOST_TOKENS]
        self._places: dict[int, tuple[int, int]] = {}
        self._packed: dict[int, tuple[bytes, dict[int, int]]] = {}
        self._open: set[int] = set()
        self._named: set[int] = set()
        self.trailer: dict[bytes, Any] = {}
        self._sections()

    def value(self, thing: Any) -> Any:
        """Return what a reference leads to; anything else is returned as it is.

        Raises:
            PdfError: it leads nowhere, or round in a circle.
        """
        for _ in range(_MOST_STEPS):
            if not isinstance(thing, Ref):
                return thing
            thing = self._object(thing.number)
        raise PdfError("references lead round in a circle")

    def entry(self, thing: Any, name: bytes) -> Any:
        """Return an entry of a dictionary, or None when it is no dictionary or has no such entry."""
        thing = self.value(thing)
        return self.value(thing.get(name)) if isinstance(thing, dict) else None

    def data(self, stream: Any) -> bytes:
        """Return the bytes of a stream, inflated.

        Raises:
            PdfError: it is no stream, is packed in another way than by Flate, or inflates beyond all bounds.
        """
        stream = self.value(stream)
        if not isinstance(stream, Stream):
            raise PdfError("a stream is missing")
        packed = self.value(stream.entries.get(b"Filter"))
        if packed in (None, []):
            return stream.raw
        if packed not in (b"FlateDecode", [b"FlateDecode"]) or stream.entries.get(b"DecodeParms"):
            raise PdfError("a stream is packed in a way that is not read here")
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(stream.raw, self._left + 1)
        except zlib.error as error:
            raise PdfError("a stream cannot be inflated") from error
        self._left -= len(plain)
        if self._left < 0 or not inflater.eof:
            raise PdfError("a stream is cut short, or inflates beyond all bounds")
        return plain

    def _sections(self) -> None:
        """Read all sections of cross-references, the latest first: what it says of an object counts."""
        found = re.findall(rb"startxref\s+(\d{1,12})\s+%%EOF", self._content[-2048:])
        if not found or not self._content.startswith(b"%PDF-"):
            raise PdfError("it does not begin and end as a PDF does")
        place: Any = int(found[-1])
        for _ in range(_MOST_SECTIONS):
            place = _whole(place)
            self._named = set()
            table = self._content.startswith(b"xref", place)
            trailer = self._table(place + 4) if table else self._stream(place)
            if b"XRefStm" in trailer:
                raise PdfError("it holds two kinds of cross-references at once")
            self.trailer = {**trailer, **self.trailer}
            place = trailer.get(b"Prev")
            if place is None:
                return
        raise PdfError("its cross-references lead round in a circle")

    def _place(self, number: int, kind: int, where: int) -> None:
        """Keep where an object stands, unless a later section has said so; no section says it twice."""
        if len(self._places) > _MOST_OBJECTS:
            raise PdfError("it holds more objects than any report")
        if number in self._named:
            raise PdfError("its cross-references name an object twice")
        self._named.add(number)
        self._places.setdefault(number, (kind, where))

    def _table(self, at: int) -> dict[bytes, Any]:
        """Read a table of cross-references and return the trailer behind it (7.5.4)."""
        while head := _RANGE.match(self._content, at):
            at = head.end()
            for number in range(int(head[1]), int(head[1]) + int(head[2])):
                entry = _ENTRY.match(self._content, at)
                if entry is None:
                    raise PdfError("its table of cross-references is broken")
                at = entry.end()
                self._place(number, int(entry[3] == b"n"), int(entry[1]))
        word = _TRAILER.match(self._content, at)
        trailer = Parser(self._content, word.end(), self._budget).read() if word else None
        if not isinstance(trailer, dict):
            raise PdfError("its trailer is missing")
        return trailer

    def _stream(self, place: int) -> dict[bytes, Any]:
        """Read a stream of cross-references and return its dictionary (7.5.8)."""
        stream = self._at(place, None)
        if not isinstance(stream, Stream) or stream.entries.get(b"Type") != b"XRef":
            raise PdfError("its cross-references are missing")
        entries, data = stream.entries, self.data(stream)
        widths = [_whole(one) for one in entries.get(b"W") or ()]
        index = [_whole(one) for one in entries.get(b"Index") or (0, entries.get(b"Size"))]
        width = sum(widths)
        if len(widths) != 3 or not 0 < width < 32 or len(index) % 2:
            raise PdfError("its cross-references are broken")
        numbers = (n for i in range(0, len(index), 2) for n in range(index[i], index[i] + index[i + 1]))
        one, two = widths[0], widths[0] + widths[1]
        for row in (data[at : at + width] for at in range(0, len(data) - width + 1, width)):
            kind = int.from_bytes(row[:one], "big") if one else 1
            self._place(next(numbers, -1), kind, int.from_bytes(row[one:two], "big"))
        return entries

    def _object(self, number: int) -> Any:
        """Return an object by its number; None when there is none (7.3.10)."""
        kind, where = self._places.get(number, (0, 0))
        if kind not in (1, 2):
            return None
        if number in self._open:
            raise PdfError("an object needs itself to be read")
        self._open.add(number)
        try:
            return self._at(where, number) if kind == 1 else self._inside(where, number)
        finally:
            self._open.discard(number)

    def _at(self, place: int, number: int | None) -> Any:
        """Return the object that stands at a place of the file."""
        head = _HEAD.match(self._content, place)
        if head is None or number not in (None, int(head[1])):
            raise PdfError("an object is not where the cross-references say")
        parser = Parser(self._content, head.end(), self._budget)
        thing = parser.read()
        word = _STREAM.match(self._content, parser.at)
        if word is None or not isinstance(thing, dict):
            return thing
        start, length = word.end(), _whole(self.value(thing.get(b"Length")))
        if not _STREAM_END.match(self._content, start + length):
            raise PdfError("a stream is not as long as it says")
        return Stream(thing, self._content[start : start + length])

    def _inside(self, holder: int, number: int) -> Any:
        """Return an object that stands inside an object stream (7.5.7)."""
        if holder not in self._packed:
            stream = self._object(holder)
            if not isinstance(stream, Stream) or stream.entries.get(b"Type") != b"ObjStm":
                raise PdfError("an object stream is missing")
            data, first = self.data(stream), _whole(stream.entries.get(b"First"))
            pairs = [int(one) for one in re.findall(rb"\d{1,10}", data[:first])]
            places = zip(pairs[::2], pairs[1::2])  # noqa: B905 (Python 3.9)
            self._packed[holder] = data, {one: first + at for one, at in places}
        data, held = self._packed[holder]
        if number not in held:
            raise PdfError("an object is not in the stream that the cross-references name")
        return Parser(data, held[number], self._budget).read()


def attachments(pdf: Pdf) -> dict[str, bytes]:
    """Return the files that a PDF carries, by name.

    Raises:
        PdfError: the list of them cannot be read, or names a file twice.
    """
    names = pdf.entry(pdf.trailer.get(b"Root"), b"Names")
    found: dict[str, bytes] = {}
    for thing in _leaves(pdf, pdf.entry(names, b"EmbeddedFiles"), 0):
        name = _text(pdf.entry(thing, b"UF"), pdf.entry(thing, b"F"))
        if name in found or len(found) >= _MOST_NAMES:
            raise PdfError("it names an attached file twice, or too many of them")
        found[name] = pdf.data(pdf.entry(pdf.entry(thing, b"EF"), b"F"))
    return found


def identifier(pdf: Pdf) -> bytes:
    """Return the first identifier of a PDF (14.4), which ours takes from the HTML that it was made of."""
    both = pdf.value(pdf.trailer.get(b"ID"))
    return both[0] if isinstance(both, list) and both and isinstance(both[0], bytes) else b""


def _leaves(pdf: Pdf, tree: Any, depth: int) -> list[Any]:
    """Return the values of a name tree, in order (7.9.6)."""
    pairs, kids = pdf.entry(tree, b"Names"), pdf.entry(tree, b"Kids")
    found = list(pairs[1::2]) if isinstance(pairs, list) else []
    for kid in kids if isinstance(kids, list) else []:
        if depth > _MOST_STEPS or len(found) > _MOST_NAMES:
            raise PdfError("its list of attached files is broken")
        found += _leaves(pdf, kid, depth + 1)
    return found


def _text(*values: Any) -> str:
    """Return the first of some values that is a text (7.9.2.2)."""
    for value in values:
        if isinstance(value, bytes) and not isinstance(value, Name):
            utf16 = value.startswith(b"\xfe\xff")
            return value[2:].decode("utf-16-be", "replace") if utf16 else value.decode("latin-1")
    raise PdfError("an attached file has no name")


def _whole(value: Any) -> int:
    """Return a whole number that is not negative.

    Raises:
        PdfError: it is none.
    """
    if not isinstance(value, int) or value < 0:
        raise PdfError("a number is missing")
    return value

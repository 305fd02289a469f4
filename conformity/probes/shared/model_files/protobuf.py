"""A reader of protocol buffers that passes over what nobody asks for; it needs no description of a format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_FIELDS = 3_000_000
"""Most fields that are read of one file."""

_LONGEST = 64 * 1024
_VARINT_BYTES = 10
_FIXED = {1: 8, 5: 4}
_VARINT, _BYTES = 0, 2


class ProtobufError(Exception):
    """The bytes are no protocol buffer, or too many fields; the text says what."""


@dataclass(frozen=True)
class Part:
    """Where the bytes of a field lie in the file."""

    start: int
    """First byte."""
    end: int
    """Behind the last byte."""


class Reader:
    """Reads fields of one file."""

    def __init__(self, file: BinaryIO) -> None:
        """Read from ``file``, which is seekable."""
        self._file = file
        self._left = MAX_FIELDS

    def fields(self, part: Part) -> Iterator[tuple[int, int | Part]]:
        """Yield number and value of each field; of bytes, texts and messages where they lie.

        Raises:
            ProtobufError: it cannot be read.
        """
        place = part.start
        while place < part.end:
            self._left -= 1
            if self._left < 0:
                raise ProtobufError(f"it holds more than {MAX_FIELDS} fields")
            key, place = self._varint(place, part.end)
            number, wire = key >> 3, key & 7
            value: int | Part
            if wire == _VARINT:
                value, place = self._varint(place, part.end)
            elif wire == _BYTES:
                length, start = self._varint(place, part.end)
                place = start + length
                value = Part(start, place)
            elif wire in _FIXED:
                value, place = 0, place + _FIXED[wire]
            else:
                raise ProtobufError("it holds a field of an unknown kind")
            if not number or place > part.end:
                raise ProtobufError("a field is longer than what it stands in")
            yield number, value

    def parts(self, part: Part, number: int) -> Iterator[Part]:
        """Yield where the fields of one number lie."""
        return (value for key, value in self.fields(part) if key == number and isinstance(value, Part))

    def text(self, part: Part) -> str:
        """Return a field as text; of a very long one the beginning."""
        self._file.seek(part.start)
        return self._file.read(min(part.end - part.start, _LONGEST)).decode("utf-8", "replace")

    def _varint(self, place: int, end: int) -> tuple[int, int]:
        """Return a number and where it ends."""
        self._file.seek(place)
        content = self._file.read(min(_VARINT_BYTES, end - place))
        value = 0
        for index, byte in enumerate(content):
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                return value, place + index + 1
        raise ProtobufError("a number has no end")

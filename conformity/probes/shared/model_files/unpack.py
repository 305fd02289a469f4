"""Take compression off a file, piece by piece: gzip, zlib, bz2, xz, lzma, LZ4, and joblib's old wrapping."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

FAILURES = (OSError, EOFError, zlib.error, lzma.LZMAError, struct.error, IndexError)
"""What a broken file leads to."""

_CHUNK = 1024 * 1024
_LZ4 = b"\x04\x22\x4d\x18"
_OLD_JOBLIB = b"ZF0x"
_OLD_HEADER = 2 + len(hex(2**64))
_LZ4_BLOCK = 4 * 1024**2
_LEAST_MATCH = 4
_LZ4_WINDOW = 65_536


def is_compressed(head: bytes) -> bool:
    """Tell whether a file begins as one of the known compressions does."""
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x5d\x00\x00", _LZ4, _OLD_JOBLIB)):
        return True
    return len(head) > 1 and head[0] == 0x78 and int.from_bytes(head[:2], "big") % 31 == 0


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a compressed file holds, piece by piece.

    Args:
        file: at its beginning.

    Raises:
        OSError: it is broken, as is every other of ``FAILURES``.
    """
    head = file.read(6)
    file.seek(0)
    if head.startswith(_OLD_JOBLIB):
        file.seek(_OLD_HEADER)
        yield from _zlib_pieces(file)
    elif head[0] == 0x78:
        yield from _zlib_pieces(file)
    elif head.startswith(_LZ4):
        yield from _lz4_pieces(file)
    else:
        opener = (
            gzip.open if head.startswith(b"\x1f\x8b") else bz2.open if head.startswith(b"BZh") else lzma.open
        )
        with opener(file, "rb") as stream:
            while piece := stream.read(_CHUNK):
                yield piece


def _zlib_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a zlib stream holds; there must be nothing after it."""
    stream = zlib.decompressobj()
    while chunk := file.read(_CHUNK // 16):
        yield stream.decompress(chunk, _CHUNK)
        while stream.unconsumed_tail:
            yield stream.decompress(stream.unconsumed_tail, _CHUNK)
        if stream.unused_data or (stream.eof and file.read(1)):
            raise OSError("there is more after its end")
    if not stream.eof:
        raise EOFError("it ends too early")


def _lz4_pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield what a frame of LZ4 holds.

    Source:
        LZ4 frame format 1.6.4 and block format (lz4/doc).
    """
    file.seek(4)
    flags, _ = file.read(2)
    if flags >> 6 != 1 or flags & 1:
        raise OSError("its version or dictionary is not known")
    file.read((8 if flags & 0x08 else 0) + 1)
    linked, before = not flags & 0x20, b""
    while size := struct.unpack("<I", file.read(4))[0]:
        length = size & 0x7FFFFFFF
        if length > _LZ4_BLOCK + 1024:
            raise OSError("a block is too long")
        block = file.read(length)
        if len(block) < length:
            raise EOFError("it ends too early")
        out = block if size >> 31 else _lz4_block(block, before if linked else b"")
        file.read(4 if flags & 0x10 else 0)
        before = (before + out)[-_LZ4_WINDOW:]
        yield out
    file.read(4 if flags & 0x04 else 0)
    if file.read(1):
        raise OSError("there is more after its end")


def _lz4_block(block: bytes, before: bytes) -> bytes:
    """Return what one block of LZ4 holds.

    Args:
        block: the bytes.
        before: what came before it, to which it may refer.
    """
    out, place = bytearray(before), 0
    while place < len(block):
        token = block[place]
        length, place = _lz4_length(block, place + 1, token >> 4)
        out += block[place : place + length]
        place += length
        if place >= len(block):
            break
        distance = block[place] | block[place + 1] << 8
        length, place = _lz4_length(block, place + 2, token & 15)
        _repeat(out, distance, length + _LEAST_MATCH)
        if len(out) - len(before) > _LZ4_BLOCK:
            raise OSError("a block is too long")
    return bytes(out[len(before) :])


def _lz4_length(block: bytes, place: int, length: int) -> tuple[int, int]:
    """Return a length, which goes on over more bytes when it is 15, and where it ends."""
    if length == 15:
        while True:
            more = block[place]
            place += 1
            length += more
            if more != 255:
                break
    return length, place


def _repeat(out: bytearray, distance: int, length: int) -> None:
    """Repeat what was written some bytes ago."""
    if not 0 < distance <= len(out):
        raise OSError("it refers to what was never written")
    start = len(out) - distance
    while length > 0:
        piece = out[start : start + length]
        out += piece
        length -= len(piece)

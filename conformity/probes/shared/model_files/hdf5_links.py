"""Find where a file in HDF5 takes data from other files, whatever they are called; none of them is opened.

Three parts of the format do so: external storage, virtual data sets and external links. The first two name
the other file in a heap, by whose address they are known; the third gives the length of the two names in it.
So a name without a folder shows as well as one with it. Groups whose links are compressed hide them.

Source:
    HDF5 File Format Specification 3.0: II.A (superblock), III.D and III.E (local and global heaps), IV.A.2.g
    (links), IV.A.2.h (external data files), IV.A.2.i (data layout, class 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from conformity.probes.shared.model_files.findings import Findings, shown, size_of

_WINDOW = 4 * 1024**2
_OVERLAP = 32 * 1024
_HEAP = re.compile(rb"HEAP|GCOL")
_STORAGE = re.compile(rb"\x01...((?!\0\0)..)((?!\0\0)..)(.{6}\0\0)", re.DOTALL)
"""External data files: version, bytes of no meaning, slots, slots in use, address of a local heap."""
_VIRTUAL = tuple(re.compile(version + rb"\x03(.{6}\0\0)", re.DOTALL) for version in (b"\x04", b"\x05"))
"""A layout of the virtual class: version, class, address of a global heap."""
_LINK = re.compile(rb"\x01([\x08-\x0f\x18-\x1f])\x40")
"""A message of a link: its version, flags by which its type is given, and the type of external ones.

Readers refuse other flags, and a value that does not begin with a zero.
"""
_ORDERED, _CODED = 4, 16
_LONGEST = 255
"""Longest name of a file, without its folder, that can be opened; all other names may be longer."""
_MOST = 100_000
"""Most places in a window that may look like a message, and most heaps."""
_WIDTH = 8


class _TooManyError(Exception):
    """More looks like such a message than is looked at."""


def examine_links(file: BinaryIO, name: str, into: Findings) -> None:
    """Flag each way in which a file takes data from others; addresses of unusual width are a problem.

    Args:
        file: readable and seekable, with the first eight bytes of HDF5.
        name: what to call it.
        into: where findings go.
    """
    if not _plain(file):
        into.problem(f"{name} writes its addresses in a way that is not examined")
        return
    try:
        _flag(file, name, into)
    except _TooManyError:
        into.problem(f"{name} has more that looks like a link into another file than is examined")


def _flag(file: BinaryIO, name: str, into: Findings) -> None:
    """Flag what takes data from other files.

    Raises:
        _TooManyError: more looks like it than is looked at.
    """
    heaps: set[bytes] = set()
    size = size_of(file)
    for place, window in _windows(file):
        heaps |= {(place + one.start()).to_bytes(_WIDTH, "little") for one in _all(_HEAP, window)}
        for target in _linked(file, place, window, size):
            into.flag("review", f"{name} has a link into the file {shown(target.decode('latin-1'))}")
    for _, window in _windows(file) if heaps else ():
        for one in _all(_STORAGE, window):
            slots, used = (int.from_bytes(one.group(k), "little") for k in (1, 2))
            if one.group(3) in heaps and used <= slots:
                into.flag("review", f"{name} keeps numbers in other files (external storage)")
        if any(one.group(1) in heaps for kind in _VIRTUAL for one in _all(kind, window)):
            into.flag("review", f"{name} puts data together from other files (virtual data sets)")


def _linked(file: BinaryIO, start: int, window: bytes, size: int) -> Iterator[bytes]:
    """Yield the names of the files into which external links lead, however long the links' own names are.

    Readers of the value end both names at their first zero: what stands behind it hides nothing.

    Args:
        file: the whole file.
        start: where in it the window begins.
        window: a piece of it.
        size: its size.
    """
    for link in _all(_LINK, window):
        flags = link.group(1)[0]
        place = link.end() + 8 * bool(flags & _ORDERED) + bool(flags & _CODED)
        width = 1 << (flags & 3)
        name = int.from_bytes(window[place : place + width], "little")
        if not 0 < name < size:
            continue
        at = place + width + name
        length = int.from_bytes(_bytes(file, start, window, at, 2), "little")
        value = _bytes(file, start, window, at + 2, length)
        if len(value) == length and value[:1] == value[-1:] == b"\0":
            target, path, *_ = [*value[1:].split(b"\0"), b""]
            if path and target and len(target.rpartition(b"/")[2]) <= _LONGEST:
                yield target


def _bytes(file: BinaryIO, start: int, window: bytes, at: int, length: int) -> bytes:
    """Return bytes at a place of the window, or behind it; fewer where the file ends."""
    if at + length <= len(window):
        return window[at : at + length]
    file.seek(start + at)
    return file.read(length)


def _all(pattern: re.Pattern[bytes], window: bytes) -> list[re.Match[bytes]]:
    """Return all matches, also those that begin inside another.

    Raises:
        _TooManyError: there are very many.
    """

    def found() -> Iterator[re.Match[bytes]]:
        match = pattern.search(window)
        while match:
            yield match
            match = pattern.search(window, match.start() + 1)

    matches = list(islice(found(), _MOST + 1))
    if len(matches) > _MOST:
        raise _TooManyError
    return matches


def _plain(file: BinaryIO) -> bool:
    """Tell whether addresses have eight bytes and count from the file's beginning, as most writers do."""
    file.seek(8)
    head = file.read(40).ljust(40, b"\0")
    version = head[0]
    if version < 2:
        base = 16 + 4 * version
        return head[5] in (0, _WIDTH) and not any(head[base : base + 8])
    return head[1] == _WIDTH and not any(head[4:12])


def _windows(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the file piece by piece, each from where it begins and with the end of the one before."""
    place, before = 0, b""
    # The caller may read elsewhere in between.
    while file.seek(place) == place and (piece := file.read(_WINDOW)):
        yield place - len(before), before + piece
        place += len(piece)
        before = piece[-_OVERLAP:]

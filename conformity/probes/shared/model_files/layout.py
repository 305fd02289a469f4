"""Check that an archive has no bytes that its own list of members does not speak of.

Readers differ in what they make of such bytes: one goes by the list, another by the headers before the
members, a third reads on behind the end. What only some of them see must not pass as examined.

Source:
    PKWARE, APPNOTE 6.3.10, sections 4.3.6 to 4.3.16; POSIX.1-2017, pax, ustar interchange format.
"""

from __future__ import annotations

import io
import struct
import zipfile
from typing import BinaryIO

_LOCAL = 30
"""Bytes of a header before a member, without its name and what else follows."""
_DESCRIPTOR = 24
"""Most bytes that may follow a member which was written without knowing its length."""
_END = b"PK\x05\x06"
_END_BYTES = 22
_END_OF_LARGE = 56 + 20
"""Bytes of the two records that a large archive has before its end."""
_CHUNK = 1024 * 1024


def stray_bytes(archive: zipfile.ZipFile, file: BinaryIO) -> str | None:
    """Return what keeps a ZIP file from being read in one way only; None when nothing does.

    Args:
        archive: as it was opened.
        file: the same file.
    """
    place = 0
    members = sorted(archive.infolist(), key=lambda one: one.header_offset)
    if members and members[0].header_offset:
        return "has bytes before its first member"
    for info in members:
        if not place <= info.header_offset <= place + _DESCRIPTOR:
            return "has members that overlap, or bytes between them"
        place = _end_of(info, file)
    if not place <= archive.start_dir <= place + _DESCRIPTOR:
        return "has bytes behind its last member"
    return None if _ends_well(archive, file) else "has bytes behind its end"


def _end_of(info: zipfile.ZipInfo, file: BinaryIO) -> int:
    """Return where a member ends, by the header before it."""
    file.seek(info.header_offset)
    name, extra = struct.unpack("<HH", file.read(_LOCAL)[-4:])
    return int(info.header_offset + _LOCAL + name + extra + info.compress_size)


def _ends_well(archive: zipfile.ZipFile, file: BinaryIO) -> bool:
    """Tell whether the last record is where the list of members ends, and the file ends behind it."""
    size = file.seek(0, io.SEEK_END)
    behind = size - _END_BYTES - len(archive.comment)
    file.seek(max(behind, 0))
    record = file.read(_END_BYTES)
    if behind < archive.start_dir or not record.startswith(_END):
        return False
    (length,) = struct.unpack("<L", record[12:16])
    return length == 0xFFFFFFFF or behind - archive.start_dir - length in (0, _END_OF_LARGE)


def has_more(file: BinaryIO, place: int) -> bool:
    """Tell whether anything but zeros follows a place in a file; zeros may fill up a tar archive."""
    file.seek(place)
    while piece := file.read(_CHUNK):
        if piece.count(0) < len(piece):
            return True
    return False

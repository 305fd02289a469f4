"""Read a folder once: every plain file, no link followed, within bounds of size and number."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

MOST_FILES = 50_000
"""Files and folders that are looked at."""

MOST_DEPTH = 4
"""Folders inside one another that are looked at."""

MOST_BYTES = 512 * 1024 * 1024
"""The largest file that is read."""

MOST_IN_ALL = 1024 * 1024 * 1024
"""What is read in all: everything is kept until it was checked, so that nothing changes in between."""


class Found(NamedTuple):
    """What a folder held when it was read."""

    files: dict[str, bytes]
    """Contents by name, with ``/`` between the parts."""
    folders: tuple[str, ...]
    """Names of the folders inside."""
    faults: tuple[str, ...]
    """What could not be taken: links, devices, files too large, sentences for a person."""


class _TooMuchError(Exception):
    """A bound was reached; nothing more is read."""


def read_folder(
    folder: str, most_bytes: int = MOST_BYTES, most_in_all: int = MOST_IN_ALL, *, follow: bool = True
) -> Found:
    """Return what a folder holds; each file is opened and read once.

    Args:
        folder: its place.
        most_bytes: the largest file that is read.
        most_in_all: what is read in all.
        follow: whether the folder itself may be a link; nothing inside it may be.
    """
    reader = _Reader(most_bytes, most_in_all)
    if not follow and not stat.S_ISDIR(os.lstat(folder).st_mode):
        return Found({}, (), ("It is a link or no folder.",))
    try:
        reader.take(os.path.realpath(folder), "", 0)
    except _TooMuchError as error:
        reader.faults.append(str(error))
    return Found(reader.files, tuple(sorted(reader.folders)), tuple(reader.faults))


class _Reader:
    """What was read so far."""

    def __init__(self, most_bytes: int, most_in_all: int) -> None:
        """Begin with nothing."""
        self.files: dict[str, bytes] = {}
        self.folders: list[str] = []
        self.faults: list[str] = []
        self._most_bytes = most_bytes
        self._left = most_in_all
        self._entries = 0

    def take(self, place: str, name: str, depth: int) -> None:
        """Read a folder and those inside it."""
        if depth > MOST_DEPTH:
            self.faults.append(f"{name} lies deeper than anything in a pack.")
            return
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    self._count()
                    self._entry(entry, f"{name}/{entry.name}" if name else entry.name, depth)
        except OSError as error:
            self.faults.append(f"{name or 'The folder'} cannot be listed: {error.strerror or error}.")

    def _count(self) -> None:
        """Count an entry."""
        self._entries += 1
        if self._entries > MOST_FILES:
            raise _TooMuchError(f"The folder holds more than {MOST_FILES} entries; no pack does.")

    def _entry(self, entry: os.DirEntry[str], name: str, depth: int) -> None:
        """Read one entry of a folder."""
        kind = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(kind.st_mode):
            self.folders.append(name)
            self.take(entry.path, name, depth + 1)
        elif not stat.S_ISREG(kind.st_mode):
            self.faults.append(f"{name} is a link or no plain file.")
        else:
            self._file(entry.path, name)

    def _file(self, place: str, name: str) -> None:
        """Read one file, unless it is too large or became something else meanwhile."""
        try:
            content = read_file(place, min(self._most_bytes, self._left))
        except OSError as error:
            self.faults.append(f"{name} cannot be read: {error.strerror or error}.")
            return
        if content is None:
            if self._left <= self._most_bytes:
                raise _TooMuchError("The files are larger together than any pack.")
            self.faults.append(f"{name} is larger than any file of a pack.")
            return
        self._left -= len(content)
        self.files[name] = content


def read_file(place: str, most: int) -> bytes | None:
    """Return the bytes of a plain file; None when there are more than ``most``.

    Raises:
        OSError: it cannot be opened, or it is a link or no plain file.
    """
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)
    opened = os.open(place, flags)
    try:
        kind = os.fstat(opened)
        if not stat.S_ISREG(kind.st_mode):
            raise OSError("it is a link or no plain file")
        if kind.st_size > most:
            return None
        pieces: list[bytes] = []
        left = most + 1
        while left > 0:
            piece = os.read(opened, min(left, 1 << 20))
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
        return None if left == 0 else b"".join(pieces)
    finally:
        os.close(opened)

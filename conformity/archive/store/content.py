"""The files of a pack as they are read for the archive: once each, held against the pack's list."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformity.archive.sums import ENVELOPE, OUTSIDE, SUMS, parse_sums
from conformity.errors import IntegrityError, PathError
from conformity.model.base import Sha256, sha256_of

TALLIES = "tallies/"
"""What the names of tallies begin with."""

_MOST_OUTSIDE = 128 * 1024 * 1024


@dataclass(frozen=True)
class PackFiles:
    """A pack on the disk, with the list that was read once."""

    folder: Path
    """Where it is."""
    sums: dict[str, str]
    """64 hex digits of every file listed, by name."""
    outside: dict[str, bytes]
    """The files that the list does not hold, the list among them."""

    @property
    def digest(self) -> Sha256:
        """Return the digest under which the pack is known."""
        return sha256_of(self.outside[SUMS])

    @property
    def has_tallies(self) -> bool:
        """Tell whether it lists tallies."""
        return any(name.startswith(TALLIES) for name in self.sums)

    def contents(self, *, tallies: bool) -> Iterator[tuple[str, bytes]]:
        """Yield each file with its bytes, which are those that were checked.

        Args:
            tallies: whether tallies are among them.

        Raises:
            IntegrityError: a file has another digest than the list says.
            PathError: a file cannot be read.
        """
        yield from sorted(self.outside.items())
        for name, digest in sorted(self.sums.items()):
            if name.startswith(TALLIES) and not tallies:
                continue
            content = _read(self.folder, name)
            if sha256_of(content) != f"sha256:{digest}":
                raise IntegrityError(
                    f"{self.folder / name} was changed after it was written: its digest is not the one in "
                    f"{SUMS}; nothing was archived."
                )
            yield name, content

    def check(self) -> None:
        """Hold every file against the list.

        Raises:
            IntegrityError: a file has another digest than the list says.
            PathError: a file cannot be read.
        """
        for _ in self.contents(tallies=True):
            pass


def pack_files(folder: Path) -> PackFiles:
    """Return the files of a pack, which are exactly those that it lists.

    Raises:
        PathError: it cannot be read.
        IntegrityError: there is no list, a file is missing or there is one too many, or something is no file.
    """
    there = set(_names(folder))
    if SUMS not in there:
        raise IntegrityError(f"{folder} holds no {SUMS}; name the folder that `conformity assess` wrote.")
    outside = {name: _read(folder, name) for name in sorted(OUTSIDE & there)}
    sums = parse_sums(outside[SUMS], str(folder / SUMS))
    if "assessment.json" not in sums:
        raise IntegrityError(
            f"{folder} is no pack of an assessment; name the folder that `conformity assess` wrote."
        )
    for name in sorted(sums.keys() ^ (there - OUTSIDE)):
        what = "is listed and not there" if name in sums else "is there and not listed"
        raise IntegrityError(f"{folder / name} {what} ({SUMS}); nothing was archived: take the pack anew.")
    for name in sums:
        if any(part.lower().startswith(".git") for part in name.split("/")):
            raise IntegrityError(f"{folder / name} is named as files of git are; nothing was archived.")
    return PackFiles(folder, sums, outside)


def is_signed(files: PackFiles) -> bool:
    """Tell whether a pack holds a signed statement."""
    return ENVELOPE in files.outside


def _names(folder: Path) -> Iterator[str]:
    """Yield the name of every file below a folder.

    Raises:
        PathError: a folder cannot be read.
        IntegrityError: something is neither a file nor a folder.
    """

    def stop(error: OSError) -> None:
        raise PathError(
            f"{error.filename} cannot be read ({error.strerror}); name a folder that you may read."
        ) from error

    for place, folders, files in os.walk(folder, onerror=stop):
        for name in (*folders, *files):
            found = Path(place, name).lstat()
            regular = stat.S_ISREG(found.st_mode) or (name in folders and stat.S_ISDIR(found.st_mode))
            if not regular:
                raise IntegrityError(
                    f"{Path(place, name)} is a link or no ordinary file; a pack holds files alone: take "
                    "it anew."
                )
        yield from (Path(place, name).relative_to(folder).as_posix() for name in files)


def _read(folder: Path, name: str) -> bytes:
    """Return the bytes of a file, which is not reached through a link.

    Raises:
        PathError: it cannot be read, or stands outside the list and is far larger than such files are.
    """
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            size = os.fstat(descriptor).st_size
            if name in OUTSIDE and size > _MOST_OUTSIDE:
                raise PathError(
                    f"{folder / name} is larger than any such file of a pack; take the pack anew."
                )
            return stream.read()
    except OSError as error:
        raise PathError(
            f"{folder / name} cannot be read ({error.strerror or error}); nothing was archived."
        ) from error

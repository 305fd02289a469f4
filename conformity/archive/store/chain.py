"""The index of an archive: one line a version, each naming the digest of the line before.

Pure functions over bytes; git is not needed. The digest of the last line, the head, stands for the whole
index: whoever keeps it elsewhere can tell whether anything was changed, dropped, inserted or put in another
order. Without a head that is kept elsewhere, lines dropped at the end cannot be noticed.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from conformity.archive.sums import SUMS
from conformity.errors import IntegrityError, PathError
from conformity.model.archive import ArchiveEntry, ChainFault
from conformity.model.base import Sha256, canonical_json, sha256_of

INDEX: Final = "index.jsonl"
"""The file that lists every archived version."""

_MOST_BYTES = 256 * 1024 * 1024


def line_of(entry: ArchiveEntry) -> bytes:
    """Return the line of an entry, without its line feed."""
    return canonical_json(entry)


def lines_of(index: bytes) -> tuple[bytes, ...]:
    """Return the lines of an index, without their line feeds.

    Raises:
        IntegrityError: the last line has no end.
    """
    if index and not index.endswith(b"\n"):
        raise IntegrityError(
            f"{INDEX} does not end with a line's end: it was cut short; take the archive from a copy of it."
        )
    return tuple(index.split(b"\n")[:-1])


def head_of(lines: Sequence[bytes]) -> Sha256 | None:
    """Return the head of the chain, the digest of its last line; None when there is none."""
    return sha256_of(lines[-1]) if lines else None


def index_bytes(folder: Path) -> bytes:
    """Return the bytes of the index in a folder.

    Raises:
        PathError: there is none that can be read.
    """
    file = folder / INDEX
    try:
        found = file.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
            raise PathError(f"{file} is no index of an archive; name the folder of an archive.")
        return file.read_bytes()
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror or error}); name the folder of an archive."
        ) from error


def entries_of(index: bytes, where: str = INDEX) -> tuple[ArchiveEntry, ...]:
    """Return the entries of an index whose chain holds.

    Args:
        index: its bytes.
        where: what to call it in an error.

    Raises:
        IntegrityError: something is wrong with it; the message tells the first fault.
    """
    lines = lines_of(index)
    faults = check_chain(lines)
    if faults:
        first = faults[0]
        raise IntegrityError(
            f"{where}, line {first.line}: {first.text} ({len(faults)} faults in all). Take the archive from "
            "a copy that is whole."
        )
    return tuple(entry for line in lines if (entry := _entry(line)) is not None)


def check_chain(
    lines: Sequence[bytes],
    packs: Mapping[str, Sha256 | None] | None = None,
    head: Sha256 | None = None,
) -> tuple[ChainFault, ...]:
    """Return everything that is wrong with the lines of an index; nothing when the chain holds.

    Args:
        lines: the lines, without their line feeds.
        packs: digest of ``SHA256SUMS`` by folder, None where there is none; not compared when not given.
        head: the digest of the last line, from a place that is trusted; not compared when not given.
    """
    faults: list[ChainFault] = []
    before: bytes | None = None
    latest: dict[str, ArchiveEntry] = {}
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None:
            texts = ["this is no entry, or not written as entries are."]
        else:
            texts = [*_breaks(entry, number, before, latest.get(entry.system)), *_pack(entry, packs)]
            latest[entry.system] = entry
        faults += [ChainFault(line=number, text=text) for text in texts]
        before = line
    if head is not None and head_of(lines) != head:
        faults.append(ChainFault(line=len(lines), text=f"the head of the chain is not {head}."))
    return tuple(faults)


def _entry(line: bytes) -> ArchiveEntry | None:
    """Return the entry that a line is; None when it is none, or could be written in another way."""
    try:
        entry = ArchiveEntry.model_validate(json.loads(line.decode("utf-8")))
    except (ValueError, RecursionError):
        return None
    return entry if line_of(entry) == line else None


def _breaks(
    entry: ArchiveEntry, number: int, before: bytes | None, earlier: ArchiveEntry | None
) -> list[str]:
    """Return how an entry does not follow what stands before it.

    Args:
        entry: the entry.
        number: its line.
        before: the line before.
        earlier: the entry before of the same system.
    """
    found: list[str] = []
    if entry.sequence != number:
        found.append(f"its number is {entry.sequence}: lines were dropped, inserted or put in another order.")
    if entry.previous_entry != (None if before is None else sha256_of(before)):
        found.append("the line before is not the one that it names: that one was changed, dropped or moved.")
    if entry.previous_version != (earlier.pack_sha256 if earlier else None):
        found.append(f"it does not follow the version before of {entry.system} in this index.")
    if earlier is not None and numbers(entry.version) <= numbers(earlier.version):
        found.append(f"its version {entry.version} does not come after {earlier.version}.")
    return found


def _pack(entry: ArchiveEntry, packs: Mapping[str, Sha256 | None] | None) -> list[str]:
    """Return how the pack of an entry is not the one that the entry names."""
    if packs is None or packs.get(entry.path) == entry.pack_sha256:
        return []
    if packs.get(entry.path) is None:
        return [f"there is no {SUMS} in {entry.path}."]
    return [f"the pack in {entry.path} is not the one that was archived: its digest is another."]


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to compare."""
    return tuple(int(part) for part in version.split("."))

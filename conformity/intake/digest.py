"""Record what was handed in: how many files, how large, which digest; the bytes are read once."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from conformity.errors import DataError
from conformity.intake.paths import files_at, fixed_part
from conformity.model.base import SubjectId, sha256_of
from conformity.model.evidence import SubjectRecord
from conformity.model.manifest import Exhibit
from conformity.model.subject import ModelSubject, Subject, TableSubject

_BLOCK = 1 << 20
"""How many bytes are read at a time."""
_TABLE_TEXT = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson"})
_LOG_TEXT = _TABLE_TEXT | {".txt", ".json"}
_EXHIBIT_TEXT = frozenset({".md", ".txt"})
_OF_KEY = b"conformity pack key 1".ljust(64, b"\0")
"""What the second digest of a table begins with: a whole block, so that it shares no state with the first."""


@dataclass(frozen=True)
class _FileDigest:
    """One file as it was read."""

    name: str
    size: int
    sha256: str
    second: bytes = b""
    """The second digest, of a table only."""


class PackKey:
    """Gathers the key under which the tallies of a pack are sealed, from the bytes of all its tables.

    The same tables give the same key, and nobody can tell it who does not have all of them: it comes from
    digests of their bytes that differ from the published ones, and is never written anywhere. Of a frame in
    memory, and of a table in a database elsewhere, they are the bytes of the file that it was copied to.
    """

    def __init__(self) -> None:
        """Begin without tables."""
        self._hasher = hashlib.sha256(_OF_KEY)

    def add(self, seconds: Sequence[bytes]) -> None:
        """Take in the second digests of one table's files.

        Args:
            seconds: 32 bytes for each file, in the order of the names.
        """
        self._hasher.update(len(seconds).to_bytes(8, "big") + b"".join(seconds))

    def value(self) -> str:
        """Return the key, as 64 hexadecimal digits."""
        return self._hasher.hexdigest()


def record_subject(
    item: Subject | Exhibit, path: Path, root: Path | None = None, key: PackKey | None = None
) -> SubjectRecord:
    """Return the record of a subject or exhibit, with the digest of its bytes.

    One file has the SHA-256 digest of its bytes. Several files (a folder, or a glob that matches
    more than one) have the SHA-256 digest of a listing: a line ``<64 hex digits>  <name>`` and a
    line feed for each file, where the name is relative to the folder, or to the fixed part of the
    glob, with ``/`` between its parts, and the lines are sorted by the bytes of the name. It is what
    ``sha256sum`` prints for the files in that order, so that anyone can check it.

    Files that hold text (tables, logs and records in CSV, TSV or JSON Lines; exhibits in ``.md`` or
    ``.txt``) are checked to be UTF-8 in the same pass.

    Args:
        item: the subject or exhibit as declared.
        path: what :func:`conformity.intake.paths.resolve_inside` returned for it.
        root: the folder that nothing may leave; the path's own folder when None.
        key: takes in what the bytes of a table give to the key of the pack, in the same pass.

    Raises:
        DataError: a file cannot be read, is not UTF-8 where it must be, changes while it is read, or
            there is not a single byte.
        PathError: a file in a folder or glob lies outside the root or is not a file.
    """
    below = fixed_part(path)
    files = files_at(path, (below if root is None else root).resolve())
    keyed = key is not None and isinstance(item, TableSubject)
    digests = [
        _digest(file, file.relative_to(below).as_posix(), is_text=_is_text(item, file), keyed=keyed)
        for file in files
    ]
    size = sum(digest.size for digest in digests)
    if size == 0:
        raise DataError(f"{item.path} is empty (0 bytes); hand in the file with its contents")
    if key is not None and keyed:
        key.add([digest.second for digest in _ordered(digests)])
    return SubjectRecord(
        id=SubjectId(item.id),
        kind=kind_of(item),
        path=item.path,
        files=len(digests),
        size_bytes=size,
        sha256=_together(digests),
    )


def state_of(path: Path, root: Path | None = None) -> tuple[tuple[str, int, int, int], ...]:
    """Return name, number, size and time of last change of every file that a path stands for.

    Two equal states, one from before a digest and one from after the work, show that the digested bytes
    are those that were worked on. The time is the system's own, which no program can set back.

    Args:
        path: what :func:`conformity.intake.paths.resolve_inside` returned.
        root: the folder that nothing may leave; the path's own folder when None.

    Raises:
        DataError: a file is gone.
        PathError: a file in a folder or glob lies outside the root or is not a file.
    """
    files = files_at(path, (fixed_part(path) if root is None else root).resolve())
    try:
        seen = [(str(file), file.stat()) for file in files]
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}; check that it is complete") from error
    return tuple((name, stat.st_ino, stat.st_size, stat.st_ctime_ns) for name, stat in seen)


def unreadable_record(item: Subject | Exhibit, problem: str) -> SubjectRecord:
    """Return the record of a subject or exhibit that could not be read, with the reason.

    Args:
        item: the subject or exhibit as declared.
        problem: why it could not be read, in a sentence.
    """
    return SubjectRecord(
        id=SubjectId(item.id),
        kind=kind_of(item),
        path=item.path,
        files=0,
        size_bytes=0,
        sha256=None,
        problem=problem[:500],
    )


def kind_of(item: Subject | Exhibit) -> str:
    """Return the kind of a subject, or ``exhibit``."""
    return "exhibit" if isinstance(item, Exhibit) else item.kind


def _together(digests: list[_FileDigest]) -> str:
    """Return the digest of one file, or of the listing of several."""
    if len(digests) == 1:
        return digests[0].sha256
    lines = (f"{digest.sha256.removeprefix('sha256:')}  {digest.name}\n" for digest in _ordered(digests))
    return sha256_of("".join(lines).encode("utf-8"))


def _ordered(digests: list[_FileDigest]) -> list[_FileDigest]:
    """Return files sorted by the bytes of their names."""
    return sorted(digests, key=lambda digest: digest.name.encode("utf-8"))


def _is_text(item: Subject | Exhibit, file: Path) -> bool:
    """Tell whether a file holds text that must be UTF-8."""
    suffix = file.suffix.lower()
    if isinstance(item, Exhibit):
        return suffix in _EXHIBIT_TEXT
    if isinstance(item, ModelSubject) or suffix in {".gz", ".zst"}:
        return False
    if isinstance(item, TableSubject):
        return item.format in {"csv", "tsv", "jsonl"} or (item.format == "auto" and suffix in _TABLE_TEXT)
    return suffix in _LOG_TEXT


def _digest(file: Path, name: str, *, is_text: bool, keyed: bool) -> _FileDigest:
    """Return name, size and digest of one file, and the second digest if it goes into a key.

    Raises:
        DataError: it cannot be read, changes meanwhile, or is text but not UTF-8 or empty.
    """
    try:
        with file.open("rb") as stream:
            before = os.fstat(stream.fileno())
            found = _hash(stream, name, is_text=is_text, keyed=keyed)
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}; check its permissions") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        found.size != after.st_size
    ):
        raise DataError(f"{name} changed while it was read; wait until it is complete and run again")
    if is_text and found.size == 0:
        raise DataError(f"{name} is empty (0 bytes); hand in the file with its contents")
    return found


def _hash(stream: io.BufferedReader, name: str, *, is_text: bool, keyed: bool) -> _FileDigest:
    """Return what one pass over the bytes of a file tells."""
    if not (is_text or keyed):
        digest = hashlib.file_digest(stream, "sha256")
        return _FileDigest(name, stream.tell(), f"sha256:{digest.hexdigest()}")
    hasher, second = hashlib.sha256(), hashlib.sha256(_OF_KEY)
    check = _Utf8Check(name) if is_text else None
    size = 0
    while block := stream.read(_BLOCK):
        size += len(block)
        hasher.update(block)
        if keyed:
            second.update(block)
        if check is not None:
            check.feed(block)
    if check is not None:
        check.feed(b"", final=True)
    return _FileDigest(name, size, f"sha256:{hasher.hexdigest()}", second.digest() if keyed else b"")


class _Utf8Check:
    """Checks a stream of blocks for UTF-8; a character may lie across two blocks."""

    def __init__(self, name: str) -> None:
        """Begin at the first byte of the file called ``name``."""
        self.name = name
        self.offset = 0
        self._lines = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")

    def feed(self, block: bytes, *, final: bool = False) -> None:
        """Check the next bytes.

        Args:
            block: the bytes.
            final: whether the file ends here.

        Raises:
            DataError: a byte is not UTF-8; the message names its offset and line.
        """
        waiting = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            within = error.start - waiting
            line = self._lines + block.count(b"\n", 0, max(within, 0)) + 1
            raise DataError(
                f"{self.name}: the byte at offset {self.offset + within} in line {line} is not UTF-8; "
                "convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`"
            ) from error
        self.offset += len(block)
        self._lines += block.count(b"\n")

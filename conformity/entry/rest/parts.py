"""The parts of a multipart body as they arrive: fields are kept, files are written to disk.

Source:
    RFC 7578, multipart/form-data.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from python_multipart.multipart import parse_options_header

from conformity.entry.rest.bodies import too_large
from conformity.entry.rest.problems import Fault, ProblemError, pointer_to
from conformity.settings import Settings

_MIB = 1024 * 1024
_MOST_PARTS = 250
_FIELD_BYTES = 64 * 1024
_NAME_BYTES = 200
_DEEPEST = 8


@dataclass(frozen=True)
class UploadLimits:
    """How much may be uploaded."""

    total: int
    """Most that one request may hold, in bytes."""
    file: int
    """Most that one file may hold, in bytes."""
    manifest: int | None = None
    """Most that a manifest may hold, which this process reads itself; as any file if None."""

    @classmethod
    def of(cls, settings: Settings) -> UploadLimits:
        """Return the limits that the settings give."""
        return cls(settings.upload_mb * _MIB, settings.upload_file_mb * _MIB, settings.manifest_max_bytes)


@dataclass
class Upload:
    """What was uploaded."""

    folder: Path
    """Where the files lie."""
    fields: dict[str, str] = field(default_factory=dict)
    """The fields that are no files, by name."""
    files: dict[str, list[str]] = field(default_factory=dict)
    """The names of the files, relative to the folder, by the name of the field that they came in."""
    digests: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of every file, by its name."""

    def digest(self) -> str:
        """Return one digest of the files and their names, whatever their order."""
        told = [f"{len(name)}:{name}:{digest}" for name, digest in sorted(self.digests.items())]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def safe_name(text: str) -> str:
    """Return a relative path as it is kept: as it was given, if it can do no harm.

    >>> safe_name("data/./test.csv")
    'data/test.csv'

    Raises:
        ValueError: it is absolute or empty, leads upwards, is too long or too deep, or holds characters that
            do not belong into a name.
    """
    path = PurePosixPath(text)
    if not path.parts:
        raise ValueError("it names no file")
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("it is absolute or leads upwards; give it relative to the manifest")
    if not text.isprintable() or "\\" in text:
        raise ValueError("it holds a character that does not belong into the name of a file")
    if any(part.startswith((".", "~", "-")) or part.endswith((" ", ".")) for part in path.parts):
        raise ValueError("a part of it begins with a dot, dash or tilde, or ends with a dot or blank")
    if len(path.parts) > _DEEPEST or any(len(part.encode()) > _NAME_BYTES for part in path.parts):
        raise ValueError(f"it is longer than {_NAME_BYTES} bytes, or more than {_DEEPEST} folders deep")
    return str(path)


class Parts:
    """The parts of a body as they arrive: fields are kept, files are written.

    Args:
        upload: to be filled.
        limits: how much is taken.
        fixed: what files of some fields are called.
    """

    def __init__(self, upload: Upload, limits: UploadLimits, fixed: dict[str, str]) -> None:
        self.upload = upload
        self.ended = False
        self._limits = limits
        self._fixed = fixed
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._field = ""
        self._name: str | None = None
        self._text = bytearray()
        self._file: BinaryIO | None = None
        self._sum = hashlib.sha256()
        self._size = self._most = 0
        self._parts = 0

    def on_part_begin(self) -> None:
        """Begin a part."""
        self._disposition = b""
        self._header.clear()
        self._value.clear()

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's name."""
        self._header += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        """Take a piece of a header's value."""
        self._value += data[start:end]

    def on_header_end(self) -> None:
        """Keep the one header that counts."""
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def on_headers_finished(self) -> None:
        """Begin a field or a file, as its headers say.

        Raises:
            ProblemError: there are too many parts, or the name cannot be used.
        """
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise ProblemError(413, f"The body has more than {_MOST_PARTS} parts.")
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise broken("a part has no Content-Disposition: form-data with a name")
        self._field = _decoded(options[b"name"])
        if b"filename" not in options:
            self._name = None
            self._text.clear()
            return
        self._begin_file(_decoded(options[b"filename"]))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Keep or write a piece of a part.

        Raises:
            ProblemError: it is too large (413), or the disk is full (507).
        """
        piece = data[start:end]
        if self._name is None:
            self._text += piece
            if len(self._text) > _FIELD_BYTES:
                raise too_large(_FIELD_BYTES)
            return
        self._size += len(piece)
        if self._size > self._most:
            raise too_large(self._most)
        assert self._file is not None
        with _writing():
            self._file.write(piece)
        self._sum.update(piece)

    def on_part_end(self) -> None:
        """Finish a part.

        Raises:
            ProblemError: a field came twice (422), or the disk is full (507).
        """
        if self._name is None:
            if self._field in self.upload.fields:
                raise unusable(self._field, "the field came twice")
            self.upload.fields[self._field] = _decoded(bytes(self._text))
            return
        self.upload.digests[self._name] = self._sum.hexdigest()
        self.close()

    def on_end(self) -> None:
        """Note that the closing boundary was seen."""
        self.ended = True

    def close(self) -> None:
        """Close the file that is being written, if there is one.

        Raises:
            ProblemError: the disk is full (507).
        """
        if self._file is not None:
            with _writing():
                self._file.close()
            self._file = None

    def _begin_file(self, given: str) -> None:
        """Open a new file.

        Raises:
            ProblemError: its name cannot be used, or came before (422).
        """
        try:
            name = safe_name(self._fixed.get(self._field, given))
        except ValueError as error:
            raise unusable(self._field, f"the file name cannot be used: {error}") from error
        place = self.upload.folder / name
        try:
            with _writing():
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._file = place.open("xb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise unusable(self._field, "two files have the same name") from error
        self._name, self._size, self._sum = name, 0, hashlib.sha256()
        self._most = self._limits.file
        if self._limits.manifest is not None and name in self._fixed.values():
            self._most = min(self._most, self._limits.manifest)
        self.upload.files.setdefault(self._field, []).append(name)


@contextmanager
def _writing() -> Iterator[None]:
    """Turn a full disk into the answer for it.

    Raises:
        ProblemError: the disk is full (507).
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise ProblemError(
                507, "There is no room for this upload; nothing of it was kept. Try again later."
            ) from error
        raise


def _decoded(text: bytes) -> str:
    """Return a name or a field as text.

    Raises:
        ProblemError: it is not UTF-8 (400).
    """
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise broken("a name or a field is not UTF-8") from error


def broken(why: str) -> ProblemError:
    """Return the error for a body that cannot be read."""
    return ProblemError(400, f"The multipart body cannot be read: {why}.", [Fault(pointer="#", detail=why)])


def unusable(name: str, why: str) -> ProblemError:
    """Return the error for a part that cannot be used."""
    fault = Fault(pointer=pointer_to(name), detail=why)
    return ProblemError(422, f"A part of the body cannot be used: {why}.", [fault])

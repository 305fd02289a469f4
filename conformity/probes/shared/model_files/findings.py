"""What the examination of a model file brings to light, and how much of it may be read."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from conformity.probes.shared.model_files.machine import Global

MAX_BYTES = 2 * 1024**3
"""Most that is unpacked of one model, in bytes."""

MAX_DEPTH = 4
"""Most wrappings that are opened, one in the other."""

MAX_MEMBERS = 20_000
"""Most files in an archive or folder that are looked at."""

_LEAST_BYTES = 256 * 1024**2
_MOST_TIMES = 50
_IN_MEMORY = 16 * 1024**2
_MOST_TOLD = 200
_NAME_LENGTH = 120
_DRIVE = re.compile(r"[A-Za-z]:|file:", re.IGNORECASE)

Severity = Literal["dangerous", "review"]
"""Whether content is known to run code or reach files, or needs a look by a person."""


class TooLargeError(Exception):
    """More came out than may be unpacked."""


@dataclass(frozen=True)
class Content:
    """Something in a file, other than an imported name, that runs code or reaches out when it is loaded."""

    severity: Severity
    """How bad it is."""
    what: str
    """What it is and where, for a person; printable."""


class Findings:
    """What has been found so far."""

    def __init__(self, scratch: Path, size: int) -> None:
        """Start with nothing.

        Args:
            scratch: a folder for unpacked copies.
            size: the size of the whole model in bytes; it bounds what may be unpacked of it.
        """
        self.globals: set[Global] = set()
        self.hidden: set[Global] = set()
        self.streams: list[bytes] = []
        self.problems: list[str] = []
        self.contents: list[Content] = []
        self._scratch = scratch
        self._unpacked = 0
        self._most = min(MAX_BYTES, max(_LEAST_BYTES, _MOST_TIMES * size))

    def problem(self, text: str) -> None:
        """Note what could not be read."""
        if len(self.problems) < _MOST_TOLD:
            self.problems.append(text)

    def flag(self, severity: Severity, what: str) -> None:
        """Note dangerous content, or content to look at."""
        content = Content(severity, what)
        if content not in self.contents and len(self.contents) < _MOST_TOLD:
            self.contents.append(content)

    def count(self, size: int) -> None:
        """Count bytes that were unpacked.

        Raises:
            TooLargeError: they are too many together.
        """
        self._unpacked += size
        if self._unpacked > min(self._most, MAX_BYTES):
            raise TooLargeError(f"it holds more than {min(self._most, MAX_BYTES)} bytes")

    @contextmanager
    def unpacked(self, pieces: Iterable[bytes]) -> Iterator[BinaryIO]:
        """Give what the pieces make together, in memory or in a file that nobody else sees.

        Raises:
            TooLargeError: they are too much.
        """
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(self._scratch)) as copy:
            for piece in pieces:
                self.count(len(piece))
                copy.write(piece)
            copy.seek(0)
            yield cast("BinaryIO", copy)


def shown(name: str) -> str:
    """Return the name of a file inside a file so that it can be printed."""
    text = ascii(name)[1:-1]
    return repr(text if len(text) <= _NAME_LENGTH else f"{text[:_NAME_LENGTH]}...")


def leaves_its_folder(path: str) -> bool:
    """Tell whether a path inside a file would lead out of the folder into which it is unpacked."""
    parts = path.replace("\\", "/").split("/")
    return path.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(path) is not None


def size_of(file: BinaryIO) -> int:
    """Return the size of a file in bytes; it is at its beginning afterwards."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def why(error: Exception) -> str:
    """Return the first line of an error's text, or its kind."""
    return ascii(next(iter(str(error).splitlines()), "") or type(error).__name__)[1:-1]

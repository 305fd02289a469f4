"""The file of API keys: read again when it has changed, and written whole under a lock."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from conformity.entry.rest.auth.keys import ApiKey, KeyFile, key_shown
from conformity.errors import InputError, PathError, UsageError
from conformity.model.base import canonical_json

_MAX_BYTES: Final = 8_000_000
_Stamp = tuple[int, int, int]
_logger = logging.getLogger(__name__)


class KeyRing:
    """The keys in a file, as they stand now; may be asked from any thread.

    Args:
        file: where they are.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._read: tuple[_Stamp, tuple[ApiKey, ...]] | None = None

    def keys(self) -> tuple[ApiKey, ...]:
        """Return all keys, read again if the file has changed.

        Raises:
            PathError: the file is not there, or others than its owner may open it.
            InputError: it is not such a file.
        """
        with self._lock:
            stamp = _stamp(self._file)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, read_keys(self._file).keys)
                _logger.info("api_keys_read count=%d", len(self._read[1]))
            return self._read[1]

    def shown(self, text: str, now: datetime) -> ApiKey | None:
        """Return the valid key that a request shows, or None.

        Raises:
            PathError: the file is not there, or others than its owner may open it.
            InputError: it is not such a file.
        """
        return key_shown(text, self.keys(), now)

    def valid(self, key_id: str, now: datetime) -> ApiKey | None:
        """Return the key of an id while it is valid, or None.

        Raises:
            PathError: the file is not there, or others than its owner may open it.
            InputError: it is not such a file.
        """
        return next((key for key in self.keys() if key.id == key_id and key.valid(now)), None)


def _stamp(file: Path) -> _Stamp:
    """Return what tells one state of a file from another.

    Raises:
        PathError: it is not there, or others than its owner may open it.
    """
    try:
        found = file.stat()
    except OSError as error:
        raise PathError(f"{file} could not be looked at ({error.strerror}); correct its path.") from error
    if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077:
        raise PathError(f"{file} must be a file that its owner alone may open; run: chmod 600 {file}")
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def read_keys(file: Path) -> KeyFile:
    """Return the keys in a file.

    Raises:
        PathError: it is not there, cannot be read, or others than its owner may open it.
        InputError: it is not such a file.
    """
    from pydantic import ValidationError

    _stamp(file)
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES)
    except OSError as error:
        raise PathError(f"{file} could not be read ({error.strerror}); correct its owner.") from error
    try:
        return KeyFile.model_validate_json(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InputError(
            f"{file} is not a file of API keys ({where or 'what it holds'} does not fit); "
            "make one with `conformity api-keys new`."
        ) from error


def change_keys(file: Path, change: Callable[[KeyFile], KeyFile]) -> None:
    """Put in the place of a file of keys what ``change`` makes of it; a new one begins without keys.

    Whoever reads meanwhile finds the old file or the new one, and of two changes none is lost.

    Args:
        file: where the keys are.
        change: from the keys there are to those there shall be.

    Raises:
        PathError: the file cannot be read or written, or others than its owner may open it.
        InputError: it is not such a file.
        UsageError: ``change`` refuses.
    """
    with _held(file):
        there = read_keys(file) if os.path.lexists(file) else KeyFile()
        _write(file, canonical_json(change(there)) + b"\n")


@contextlib.contextmanager
def _held(file: Path) -> Iterator[None]:
    """Keep others from changing a file until the block ends.

    Raises:
        PathError: the lock beside it cannot be opened.
    """
    place = file.with_name(f".{file.name}.lock")
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise PathError(f"{place} could not be made ({error.strerror}); choose another folder.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(file: Path, content: bytes) -> None:
    """Put a file in its place, whole, for its owner alone.

    Raises:
        PathError: it cannot be written.
    """
    partial = file.with_name(f".{file.name}.{secrets.token_hex(8)}.partial")
    try:
        with open(partial, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise PathError(f"{file} could not be written ({error.strerror}); choose another place.") from error


def revoked(keys: KeyFile, which: str, now: datetime) -> KeyFile:
    """Return the keys with those of an id or a name revoked; what was revoked before stays as it was.

    Args:
        keys: all keys.
        which: the id of a key, or the name that keys were made for.
        now: the present.

    Raises:
        UsageError: there is none of them.
    """
    if not any(which in (key.id, key.name) for key in keys.keys):
        raise UsageError(f"There is no key with the id or name {which!r}; see `conformity api-keys list`.")
    return KeyFile(
        keys=tuple(
            key.model_copy(update={"revoked": now})
            if which in (key.id, key.name) and key.revoked is None
            else key
            for key in keys.keys
        )
    )

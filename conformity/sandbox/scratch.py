"""Scratch folders that never outlive their owner for long: what a worker spills may be rows of data."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

PREFIX = "conformity-worker-"
"""How the folders' names begin."""

# A folder is made a moment before it is locked; one that is this young is left alone.
_YOUNG_S = 60


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for its owner alone that is removed afterwards, whatever is in it.

    A process that is killed cannot tidy up; the next one does it, at its first folder. The lock tells
    which folders are in use: the system frees it when its holder ends, however it ends.
    """
    sweep_once()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


@cache
def sweep_once() -> None:
    """Remove what killed processes left behind; once for each process."""
    sweep(Path(tempfile.gettempdir()))


def sweep(place: Path) -> None:
    """Remove this user's scratch folders in ``place`` that nobody holds any more; all, if it is root."""
    for folder in place.glob(f"{PREFIX}*"):
        # What another process removes at the same time, or another user owns, is no concern here.
        with contextlib.suppress(OSError):
            _remove_if_left(folder)


def _remove_if_left(folder: Path) -> None:
    """Remove a folder unless it is young, somebody else's or in use.

    Raises:
        OSError: it is gone or in use.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        seen = os.fstat(handle)
        if os.getuid() in (seen.st_uid, 0) and time.time() - seen.st_mtime > _YOUNG_S:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)

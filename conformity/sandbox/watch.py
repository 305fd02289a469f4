"""Watch how much a worker writes: its limits bound each file, not all of them together."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

_EVERY_S = 0.25
_MOST_ENTRIES = 20_000
"""How many files and folders a worker may have; looking at more would take too long."""
_LEAST_FREE_MB = 200
"""What is left of the disk for everybody else, in MiB."""
_MIB = 1024 * 1024


class Watch:
    """Look into a folder now and then.

    Args:
        folder: where a worker writes.
        most_mb: how much it may hold, in MiB; None for any amount.
    """

    def __init__(self, folder: Path, most_mb: int | None) -> None:
        self._folder = folder
        self._most_mb = most_mb
        self._next = time.monotonic() + _EVERY_S
        # A disk that is nearly full already is not the worker's doing.
        self._spare = most_mb is not None and _free_mb(folder) > _LEAST_FREE_MB

    def is_full(self) -> bool:
        """Tell whether the folder holds too much, or the disk is full; not looked at more than needed."""
        if self._most_mb is None or time.monotonic() < self._next:
            return False
        full = _held(self._folder) > self._most_mb * _MIB
        self._next = time.monotonic() + _EVERY_S
        return full or (self._spare and _free_mb(self._folder) <= _LEAST_FREE_MB)


def _free_mb(folder: Path) -> int:
    """Return how much of the disk is free, in MiB."""
    return shutil.disk_usage(folder).free // _MIB


def _held(folder: Path) -> float:
    """Return how many bytes of disk a folder takes; without end when it has too many entries."""
    size, entries, left = 0, 0, [folder]
    while left:
        try:
            with os.scandir(left.pop()) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    if entries > _MOST_ENTRIES:
                        return float("inf")
        except OSError:
            # It went away while it was looked at.
            continue
    return size

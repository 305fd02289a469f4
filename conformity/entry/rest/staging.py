"""Where uploads lie until they are whole, and how they then become the input of a run.

A folder in the making is locked by the process that fills it; whatever lies there unlocked was left by one
that died, and is removed when a server starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformity.entry.jobs.folders import RUNS, make_data_folder
from conformity.entry.jobs.interface import INPUT
from conformity.errors import PathError

_STAGING = "uploads"


def prepare_data(data: Path) -> None:
    """Make the folder of runs, and the one for uploads in it, unless they are there.

    Raises:
        PathError: they cannot be made or written.
    """
    make_data_folder(data)
    try:
        (data / _STAGING).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PathError(
            f"The folder of runs {data} cannot be written ({error.strerror}); set CONFORMITY_DATA to another."
        ) from error


def clear_abandoned(data: Path) -> int:
    """Remove uploads that nobody fills any more, and return how many there were."""
    removed = 0
    for folder in (data / _STAGING).iterdir():
        with contextlib.suppress(OSError), _locked(folder):
            shutil.rmtree(folder)
            removed += 1
    return removed


@contextlib.contextmanager
def staging(data: Path) -> Iterator[Path]:
    """Yield an empty folder for an upload; what is left of it at the end is removed."""
    folder = data / _STAGING / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    try:
        with _locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_folder(data: Path, run_id: str) -> Path:
    """Return the folder of a run."""
    return data / RUNS / run_id


@dataclass(frozen=True)
class Settled:
    """Where an upload lies as the input of a run."""

    place: Path
    """The folder."""
    made: tuple[Path, ...]
    """The folder and those around it that were not there before, the innermost first."""

    def undo(self) -> None:
        """Take away what was put there; what lay there before, or came since, stays."""
        if self.place in self.made:
            shutil.rmtree(self.place, ignore_errors=True)
        for folder in self.made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def settle(staged: Path, data: Path, run_id: str, name: str) -> Settled:
    """Make an upload the input of a run.

    What lies there already is the same, since the name is a digest of what is in it.

    Args:
        staged: where it was uploaded.
        data: the folder of runs.
        run_id: the run.
        name: what the folder is to be called.
    """
    folder = run_folder(data, run_id)
    places = (folder / INPUT / name, folder / INPUT, folder)
    made = tuple(place for place in places if not place.exists())
    places[1].mkdir(mode=0o700, parents=True, exist_ok=True)
    if places[0] in made:
        staged.rename(places[0])
    return Settled(places[0], made)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder.

    Raises:
        OSError: somebody holds it, or it is no folder.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)

"""Workers that a server starts: processes of their own that outlive it, at most one for each place.

Who holds the lock of a place is its worker. The system frees the lock when the worker ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from conformity.settings import Settings

LOG = "worker.log"
"""The file in the data folder that holds what workers say which a server started."""
IDLE_S = 30
"""How long a worker that a server started waits for more to do, in seconds."""


@contextlib.contextmanager
def place(data: Path, number: int | None) -> Iterator[bool]:
    """Take a place for as long as the block lasts; give whether it was free.

    Args:
        data: the folder of runs.
        number: which place; None for none of them, which is always free.
    """
    if number is None:
        yield True
        return
    handle = os.open(_lock(data, number), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            os.truncate(handle, 0)
            os.write(handle, str(os.getpid()).encode("ascii"))
            yield True
    finally:
        os.close(handle)


def is_taken(data: Path, number: int) -> bool:
    """Tell whether a place has a worker."""
    try:
        handle = os.open(_lock(data, number), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


class Detached(subprocess.Popen[bytes]):
    """A process that is meant to outlive the one that started it; that is nothing to warn of."""

    def __del__(self) -> None:
        """Forget it."""


def start_worker(settings: Settings, number: int) -> Detached:
    """Start a worker for a place, in a session of its own, and return its process.

    Args:
        settings: limits, which it gets as variables.
        number: the place.

    Raises:
        OSError: it cannot be started.
    """
    data = settings.data_folder
    with open(data / LOG, "ab", opener=_private) as log:
        return Detached(
            [sys.executable, "-P", "-m", "conformity", "worker", f"--place={number}", f"--idle={IDLE_S}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=data,
            env=environment_of(settings),
            start_new_session=True,
        )


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables under which a process reads these very settings."""
    ours = {
        f"CONFORMITY_{field.name.upper()}": _text(value)
        for field in fields(Settings)
        if (value := getattr(settings, field.name)) != field.default
    }
    ours["CONFORMITY_DATA"] = str(settings.data_folder)
    known = {f"CONFORMITY_{field.name.upper()}" for field in fields(Settings)}
    return {name: value for name, value in os.environ.items() if name not in known} | ours


def _lock(data: Path, number: int) -> Path:
    """Return the file whose lock is a place; it holds the process id of the worker that took it last."""
    return data / f"worker-{number}.lock"


def _text(value: object) -> str:
    """Return a setting as a variable's text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(path, flags, 0o600)

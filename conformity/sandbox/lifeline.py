"""Stand between the parent and a container's program, so that the container ends when the parent does.

Standard library only: it starts with every container.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_MOST_S = 40.0
"""How long it is tried to end a container, in seconds."""
_PAUSE_S = 0.05
EXIT_STOPPED = 67
"""Exit code when the parent is gone, or told this to stop."""


class _StoppedError(Exception):
    """The parent is gone, or told this to stop."""


def main(arguments: Sequence[str]) -> int:
    """Run a program to its end and return its exit code; end its container when the parent dies or says so.

    Args:
        arguments: the parent's process id, the container's name, and the program with its arguments.
    """
    parent, name, *command = arguments
    started: list[subprocess.Popen[bytes]] = []
    told: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        """Leave what is being done, once; if the program is just being started, what starts it does so."""
        told.append(number)
        if started and len(told) == 1:
            raise _StoppedError

    signal.signal(signal.SIGTERM, stop)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):
        return EXIT_STOPPED
    try:
        started.append(subprocess.Popen(command))  # noqa: S603 # built by the caller, not handed in
        if told:
            raise _StoppedError  # a matter of microseconds
        return started[0].wait()
    except _StoppedError:
        _end(started[0], command[0], name)
        return EXIT_STOPPED


def _end(client: subprocess.Popen[bytes], engine: str, name: str) -> None:
    """End a container, and with it the program that waits for it.

    That program makes the container and then starts it. Killed between the two, it would leave processes
    behind of which the engine knows nothing; so it ends by itself, as soon as its container is killed.
    """
    deadline = time.monotonic() + _MOST_S
    while client.poll() is None and time.monotonic() < deadline:
        _ask(engine, "kill", name)
        time.sleep(_PAUSE_S)
    client.kill()
    _ask(engine, "rm", "--force", name)


def _ask(engine: str, *arguments: str) -> None:
    """Run the engine's program; that there is no such container, or not yet, is no trouble."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 # the program that was given, with arguments of our own
            [engine, *arguments], capture_output=True, timeout=_MOST_S, check=False
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

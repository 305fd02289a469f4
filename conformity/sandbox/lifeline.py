"""Stand between the parent and a container's program, so that the container ends when the parent does.

Standard library only: it starts with every container.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

_PR_SET_PDEATHSIG = 1
_PATIENCE_S = 30.0
EXIT_ORPHAN = 67
"""Exit code when the parent was gone before this began."""


def main(arguments: Sequence[str]) -> int:
    """Run a program to its end and return its exit code; remove its container if the parent dies before.

    Args:
        arguments: the parent's process id, the container's name, and the program with its arguments.
    """
    parent, name, *command = arguments
    started: list[subprocess.Popen[bytes]] = []
    told: list[int] = []

    def removed(number: int, _frame: FrameType | None) -> None:
        """End the program and remove the container; if it is just being started, what started it does so."""
        told.append(number)
        if started:
            _remove(started[0], command[0], name)
            os._exit(EXIT_ORPHAN)  # pragma: no cover - tested, but leaves no time to record it

    signal.signal(signal.SIGTERM, removed)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):
        return EXIT_ORPHAN
    started.append(subprocess.Popen(command))  # noqa: S603 # built by the caller, not from what is handed in
    if told:
        removed(told[0], None)  # pragma: no cover - a matter of microseconds
    return started[0].wait()


def _remove(client: subprocess.Popen[bytes], engine: str, name: str) -> None:
    """End the program that speaks for a container, then the container."""
    client.kill()
    for ending in ("kill", name), ("rm", "--force", name):
        subprocess.run(  # noqa: S603 # the program that was given, with arguments of our own
            [engine, *ending], capture_output=True, timeout=_PATIENCE_S, check=False
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

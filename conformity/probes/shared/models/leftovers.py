"""Programs that a started program leaves behind: adopted while it runs, found, and ended.

A program that moves what it starts into a session of its own is not ended with its group. So whatever loses
its parent meanwhile is made a child of this process, as Linux allows it to ask.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE_S = 5.0
_PAUSE_S = 0.002


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of every descendant that loses its own, as long as this lasts."""
    _adopt(1)
    try:
        yield
    finally:
        _adopt(0)


def children() -> frozenset[int]:
    """Return the processes that this thread started, and those that were adopted; none if it is not told.

    The kernel lists children by thread and gives adopted ones to the first: what another thread starts for
    itself is not among them.
    """
    found: set[int] = set()
    for thread in {os.getpid(), threading.get_native_id()}:
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{os.getpid()}/task/{thread}/children").read_text("ascii")
            found.update(map(int, listed.split()))
    return frozenset(found)


def end_leftovers(known: frozenset[int], group: int) -> bool:
    """End every child that was not there before, and theirs; tell whether one had left the group.

    What is still in the group was sent its end with the group, and so cost nothing outside the run.

    Args:
        known: the children from before.
        group: the process group of the program, which was sent its end.
    """
    outside = False
    until = time.monotonic() + _PATIENCE_S
    while left := children() - known:
        outside |= any([_end(child, group) for child in left])
        if time.monotonic() > until:
            return True
        time.sleep(_PAUSE_S)
    return outside


def _end(child: int, group: int) -> bool:
    """End a child, and tell whether it ran outside the group."""
    try:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        outside = os.getpgid(child) != group
        os.kill(child, signal.SIGKILL)
    except (ChildProcessError, ProcessLookupError, PermissionError):
        return False
    return outside


def _adopt(on: int) -> None:
    """Ask for orphans among the descendants, or no longer, where the system knows the call."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, on, 0, 0, 0)

"""Give up this process's privileges for good: standard library only, since a worker runs it first."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from pathlib import Path

_PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _RAISE = 4, 8, 2
_PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _CLEAR_ALL = 24, 47, 4
_VERSION = 0x2008_0522
_READ_ANYTHING = 1 << 2
"""CAP_DAC_READ_SEARCH: a worker of root is to read what root hands in, whoever owns it."""
_READ_NUMBER = 2
_FIRST_FREE = 2_000_000_000
"""From here on user ids belong to nobody."""
_CAPABILITIES = 64


def give_up_privileges() -> None:
    """Keep at most the privilege to read files, in this process and in all that it starts.

    A process of an ordinary user has none to lose. Which files can be read is bounded elsewhere.
    """
    with contextlib.suppress(AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        for number in range(_CAPABILITIES):
            if 1 << number != _READ_ANYTHING:
                library.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
        library.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)
        kept = _permitted() & _READ_ANYTHING
        # What it starts inherits this one too, or a nameless user could not start Python in root's home.
        library.capset(struct.pack("II", _VERSION, 0), struct.pack("6I", kept, kept, kept, 0, 0, 0))
        if kept:
            library.prctl(_PR_CAP_AMBIENT, _RAISE, _READ_NUMBER, 0, 0)


def become_nobody() -> None:
    """Let this process of root go on as a user that there is not, who owns the current folder alone.

    How many processes a user may have is bounded by the kernel, but not for root. Privileges are kept until
    :func:`give_up_privileges`; a process of an ordinary user stays what it is.
    """
    if os.geteuid() != 0:
        return
    number = _FIRST_FREE + int.from_bytes(os.urandom(3))
    os.chown(".", number, number)
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)
    held = _permitted()
    low, high = held & 0xFFFF_FFFF, held >> 32
    # Changing the user took them out of force: Python itself may lie where this user cannot read.
    library.capset(struct.pack("II", _VERSION, 0), struct.pack("6I", low, low, 0, high, high, 0))
    # Else the system would give this process's own entry in /proc to root.
    library.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def tasks_of_user() -> int:
    """Return how many processes and threads the user of this process has on the machine."""
    count = 0
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and entry.stat().st_uid == os.geteuid():
                count += sum(1 for _ in (entry / "task").iterdir())
    return count


def _permitted() -> int:
    """Return the privileges that this process could use, as bits; none where the system does not tell."""
    with contextlib.suppress(OSError), Path("/proc/self/status").open("rb") as lines:
        for line in lines:
            if line.startswith(b"CapPrm:"):
                return int(line.split()[1], 16)
    return 0

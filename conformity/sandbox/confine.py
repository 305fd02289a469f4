"""Confine the process that this runs in: called by a worker first of all, standard library only.

Everything here is done by the worker to itself, after the fork: the parent starts several workers
from threads, where code between fork and exec is not safe.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

EXIT_MEMORY = 66
"""Exit code of a worker that ran out of the memory it is allowed."""

EXIT_ORPHAN = 67
"""Exit code of a worker whose parent was gone before it began."""

_OPEN_FILES = 1024
_GRACE_S = 5
_MIB = 1024 * 1024


Network = Literal["none", "own_loopback", "open"]
"""No network; a loopback network that only the worker and what it starts share; the machine's."""

_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_UP = 1


@dataclass(frozen=True)
class Limits:
    """What bounds a worker, and where it answers."""

    parent: int
    """Process id of the one who asked."""
    events_fd: int
    """File descriptor of the pipe for events."""
    memory_mb: int
    """Most address space, in MiB."""
    cpu_s: int
    """Most processor time, in seconds."""
    file_mb: int
    """Largest file that may be written, in MiB."""
    network: Network = "none"
    """What of the network is left."""

    def to_json(self) -> str:
        """Return the limits as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Limits:
        """Return the limits that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def confine(limits: Limits) -> None:
    """Cut the network, bound memory, time and files, and tie this process to its parent.

    What this kernel does not grant is left out here and shows in the self-test; nothing is assumed.
    """
    if limits.network != "open":
        before = _network_space()
        _cut_network()
        if limits.network == "own_loopback" and _network_space() != before:
            _raise_loopback()
    # After the name spaces: a change of credentials clears the signal.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != limits.parent:
        os._exit(EXIT_ORPHAN)  # pragma: no cover - tested, but leaves no time to record it
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _bound(resource.RLIMIT_FSIZE, limits.file_mb * _MIB)
    _bound(resource.RLIMIT_CPU, limits.cpu_s, _GRACE_S)
    _bound(resource.RLIMIT_AS, limits.memory_mb * _MIB)


def _cut_network() -> None:
    """Move this process into a network name space of its own, which has no way out."""
    user, group = os.getuid(), os.getgid()
    if _unshare(_CLONE_NEWNET):
        return
    if _unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        # Keep the same numbers, so that files made here belong to whom they seem to.
        with contextlib.suppress(OSError):
            Path("/proc/self/setgroups").write_text("deny", "ascii")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")


def _network_space() -> str:
    """Return which network name space this process is in; nothing where the system does not tell."""
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/net").readlink())
    return ""


def _raise_loopback() -> None:
    """Switch on the loopback network of this process's own name space, which nothing else can reach."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(door, _GET_FLAGS, request))[1]
        fcntl.ioctl(door, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _unshare(flags: int) -> bool:
    """Tell whether the kernel granted new name spaces."""
    try:
        return bool(ctypes.CDLL(None, use_errno=True).unshare(flags) == 0)
    except AttributeError:
        return False


def _prctl(option: int, value: int) -> None:
    """Set an attribute of this process, where the system knows the call."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _bound(kind: int, soft: int, grace: int = 0) -> None:
    """Lower a limit; one that is already tighter stays."""
    ceiling = resource.getrlimit(kind)[1]
    hard = soft + grace if ceiling == resource.RLIM_INFINITY else min(soft + grace, ceiling)
    resource.setrlimit(kind, (min(soft, hard), hard))

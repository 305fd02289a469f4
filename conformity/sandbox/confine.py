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

from conformity.sandbox.filter import Calls, filter_calls
from conformity.sandbox.privileges import become_nobody, give_up_privileges, tasks_of_user

_CLONE_NEWUSER = 0x1000_0000
_CLONE_NEWNET = 0x4000_0000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

EXIT_MEMORY = 66
"""Exit code of a worker that ran out of the memory it is allowed."""

EXIT_ORPHAN = 67
"""Exit code of a worker whose parent was gone before it began."""

EXIT_UNCONFINED = 68
"""Exit code of a worker that could not be confined as it was to be; it has done nothing."""

_OPEN_FILES = 1024
_PROCESSES = 64
"""How many processes and threads a worker and the programs that it starts may have."""
_GRACE_S = 5
_MIB = 1024 * 1024


Network = Literal["none", "own_loopback", "open", "given"]
"""No network; a loopback network that only the worker and what it starts share; the machine's; or what
the mechanism that started the worker left of it."""

Files = Literal["shared", "landlock"]
"""All that the user may see, or what the mechanism that started the worker left of it; or only what the
list of paths holds, bounded by the worker itself through Landlock."""

_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914
_UP = 1


@dataclass(frozen=True)
class Limits:
    """What bounds a worker, and where it answers."""

    parent: int
    """Process id of the one who asked; 0 if the mechanism between the two ends the worker with it."""
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
    files: Files = "shared"
    """What of the file system is left."""
    readable: str = ""
    """With Landlock: the file that lists, as JSON, the paths that may be read. The current folder may be
    written too."""
    calls: Calls = "any"
    """Which system calls are left; with fewer than all, privileges are given up as well."""

    def to_json(self) -> str:
        """Return the limits as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Limits:
        """Return the limits that :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def confine(limits: Limits) -> None:
    """Cut the network, bound memory, time and files, and tie this process to its parent.

    What this kernel does not grant is left out here and shows in the self-test; nothing is assumed. But a
    worker whose files are to be bounded ends when they, or its system calls, cannot be.
    """
    if limits.network in ("none", "own_loopback"):
        before = _network_space()
        _cut_network()
        if limits.network == "own_loopback" and _network_space() != before:
            _raise_loopback()
    if limits.calls == "children":
        become_nobody()
        _bound(resource.RLIMIT_NPROC, tasks_of_user() + _PROCESSES)
    # After the name spaces and the user: a change of credentials clears the signal.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if limits.parent and os.getppid() != limits.parent:
        os._exit(EXIT_ORPHAN)  # pragma: no cover - tested, but leaves no time to record it
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _bound(resource.RLIMIT_FSIZE, limits.file_mb * _MIB)
    _bound(resource.RLIMIT_CPU, limits.cpu_s, _GRACE_S)
    _bound(resource.RLIMIT_AS, limits.memory_mb * _MIB)
    bounded = limits.files != "landlock" or _bound_files(limits)
    if limits.calls != "any":
        give_up_privileges()
        filtered = filter_calls(limits.calls)
        bounded &= filtered or limits.files != "landlock"
    if not bounded:
        os._exit(EXIT_UNCONFINED)  # pragma: no cover - tested, but leaves no time to record it


def _bound_files(limits: Limits) -> bool:
    """Let Landlock bound which files can be opened, and tell whether it did; it bounds signals too."""
    try:
        from sandlock import Sandbox
        from sandlock import confine as bound
    except (ImportError, OSError, RuntimeError):
        return False
    readable = [
        path for path in json.loads(Path(limits.readable).read_text("utf-8")) if os.path.lexists(path)
    ]
    # Its own entry, not that of the process whose number stood here when the list was made.
    readable.append(f"/proc/{os.getpid()}")
    try:
        bound(Sandbox(fs_readable=readable, fs_writable=[str(Path.cwd()), "/dev/null"]))
    except Exception:
        # Whatever it was: the caller ends the worker.
        return False
    return True


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

"""Try, in a worker, what a worker must not be able to do; each attempt harms nothing if it succeeds."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

from conformity import __version__
from conformity.sandbox.interface import SelfTested, SelfTestJob

_TIMEOUT_S = 2.0
_MIB = 1024 * 1024
_ELSEWHERE = ("192.0.2.1", 9)
"""An address that belongs to nobody (RFC 5737): nothing is ever sent to it."""


def attempt(job: SelfTestJob) -> SelfTested:
    """Try everything and return what could be done."""
    import resource

    return SelfTested(
        connected=_works(lambda: _connect(job.port)),
        way_out=_works(_look_for_a_way_out),
        spoke=bool(job.door) and _works(lambda: _knock(job.door)),
        read_marker=_works(lambda: job.marker.read_bytes()),
        wrote_outside=_works(lambda: _write_beside(job.marker)),
        read_parent=_works(lambda: Path(f"/proc/{job.parent}/environ").read_bytes()),
        signalled=job.parent > 1 and _works(lambda: os.kill(job.parent, 0)),
        started=_works(_start),
        got_memory=_allocates(job.memory_mb * _MIB),
        gained_privileges=_may_gain_privileges(),
        dumps_core=resource.getrlimit(resource.RLIMIT_CORE)[0] != 0,
        processor_s=max(0, resource.getrlimit(resource.RLIMIT_CPU)[0]),
        files=max(0, resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        variables=tuple(sorted(os.environ)),
        version=__version__,
    )


def _works(action: Callable[[], object]) -> bool:
    """Tell whether the system lets something be done."""
    try:
        action()
    except OSError:
        return False
    return True


def _connect(port: int) -> None:
    """Connect to the parent's port on the loopback address."""
    socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S).close()


def _look_for_a_way_out() -> None:
    """Ask the system for a way to another machine; connecting a socket of this kind sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.connect(_ELSEWHERE)


def _knock(door: str) -> None:
    """Connect to the parent's abstract socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as own:
        own.settimeout(_TIMEOUT_S)
        own.connect("\0" + door)


def _write_beside(marker: Path) -> None:
    """Write a file beside the parent's, and take it away again."""
    file = marker.with_name("written")
    file.write_bytes(b"")
    file.unlink()


def _start() -> None:
    """Start another process that ends at once."""
    child = os.fork()
    if child == 0:
        os._exit(0)  # pragma: no cover - what is recorded here is lost
    os.waitpid(child, 0)


def _allocates(size: int) -> bool:
    """Tell whether so much memory, in bytes, is to be had; it is given back untouched."""
    import mmap

    try:
        mmap.mmap(-1, size).close()
    except (OSError, ValueError, MemoryError):
        return False
    return True


def _may_gain_privileges() -> bool:
    """Tell whether the kernel would let a started program gain privileges."""
    with contextlib.suppress(OSError):
        return "NoNewPrivs:\t1" not in Path("/proc/self/status").read_text("ascii", "replace")
    return True

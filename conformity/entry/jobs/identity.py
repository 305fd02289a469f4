"""Names of workers, from which another process on the same machine can tell that one is gone."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

_BEGAN = 19
"""Where the time at which a process began stands in its ``stat``, counted after its name.

Source:
    proc_pid_stat(5), field 22.
"""
_STATE = 0
_DEAD = "ZX"


def new_name() -> str:
    """Return a name for this process: machine, number, when it began, and something nobody else has."""
    return f"{_machine()}.{os.getpid()}.{_began(os.getpid())}.{secrets.token_hex(4)}"


def is_gone(name: str) -> bool:
    """Tell whether the process of a name has surely ended; of one on another machine nobody here knows."""
    machine, process, began, _ = name.rsplit(".", 3)
    return machine == _machine() and bool(began) and _began(int(process)) != began


def _machine() -> str:
    """Return what tells this machine, as its processes are numbered, from all others."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        # Without them process numbers of two machines could be mixed up.
        return f"{socket.gethostname()[:40]}-{secrets.token_hex(4)}"
    return f"{boot}-{space}"


def _began(process: int) -> str:
    """Return when a process began; nothing when there is none, or it has ended and waits to be reaped."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[_STATE] in _DEAD else fields[_BEGAN]

"""Workers that confine themselves: Landlock for files and signals, a filter of system calls for the rest.

No daemon, no privileges, and nothing between the worker and the kernel while it works: Landlock's rules
are set through the library sandlock by the worker itself, before it reads anything that was handed in.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

from conformity.sandbox.grants import readable
from conformity.sandbox.interface import AnyJob
from conformity.sandbox.needs import counts_with_spark, network_of
from conformity.sandbox.supervise import Command
from conformity.sandbox.syscalls import ARCHITECTURES
from conformity.sandbox.workers import WorkerSandbox

_CREATE_RULESET, _VERSION = 444, 1
_LEAST_ABI = 6
"""The first version of Landlock that bounds signals and abstract sockets: Linux 6.12."""
_LIST = "readable.json"


class SandlockSandbox(WorkerSandbox):
    """Run each job in a process that sees only the files of its job."""

    name = "sandlock"

    def unavailable(self) -> str | None:
        """Return why the kernel or the library does not do; None if they do."""
        if sys.platform != "linux" or platform.machine() not in ARCHITECTURES:
            return "sandlock works on Linux on x86-64 and 64-bit ARM alone; use --isolation container"
        if importlib.util.find_spec("sandlock") is None:
            return "the package sandlock is not installed; run: pip install 'sandlock>=0.9,<0.10'"
        if (version := landlock_version()) < _LEAST_ABI:
            has = f"version {version}" if version > 0 else "none"
            return (
                f"this kernel has {has} of Landlock, and sandlock needs version {_LEAST_ABI} (Linux 6.12); "
                "use bubblewrap or a container"
            )
        return None

    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""
        paths = readable(job, spark=counts_with_spark(job, self.settings))
        (folder / _LIST).write_text(json.dumps(paths), "utf-8")

        def argv(events_fd: int) -> list[str]:
            """Return the program and its arguments."""
            limits = replace(
                self.limits(job),
                parent=os.getpid(),
                events_fd=events_fd,
                network=network_of(job, self.settings),
                files="landlock",
                readable=str(folder / _LIST),
            )
            return self.python(limits)

        return self.command_of(argv, job, folder)


def landlock_version() -> int:
    """Return which version of Landlock this kernel has; 0 or less if none.

    Source: Linux, ``Documentation/userspace-api/landlock.rst``, "Compatibility".
    """
    try:
        return int(ctypes.CDLL(None).syscall(_CREATE_RULESET, None, 0, _VERSION))
    except AttributeError:
        return 0

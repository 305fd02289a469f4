"""Workers in name spaces of their own, made by bubblewrap: what is not shown to them is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from conformity.sandbox.grants import readable
from conformity.sandbox.interface import AnyJob
from conformity.sandbox.needs import counts_with_spark, needs_network
from conformity.sandbox.supervise import Command
from conformity.sandbox.workers import WorkerSandbox

_PROGRAM = "bwrap"
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_PATIENCE_S = 10.0
OF_ROOT = ("CAP_DAC_READ_SEARCH", "CAP_CHOWN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
"""What a worker of root needs to read everybody's inputs, and to become somebody else before it works."""


class BubblewrapSandbox(WorkerSandbox):
    """Run each job under ``bwrap``: read-only views of its files, own processes and network."""

    name = "bubblewrap"
    wrapped = True

    def unavailable(self) -> str | None:
        """Return why the program is not there or the system does not let it work; None if it does."""
        program = shutil.which(_PROGRAM)
        if program is None:
            return "the program bwrap is not installed; on Debian: apt-get install bubblewrap"
        return _refused(program)

    def command(self, job: AnyJob, folder: Path) -> Command:
        """Return the command that runs ``job`` in ``folder``."""
        paths = readable(job, spark=counts_with_spark(job, self.settings))
        open_network = needs_network(job)

        def argv(events_fd: int) -> list[str]:
            """Return the program and its arguments."""
            limits = replace(self.limits(job), events_fd=events_fd)
            return [
                *_spaces(shutil.which(_PROGRAM) or _PROGRAM, network=open_network),
                *_views(paths),
                *("--bind", str(folder), str(folder), "--chdir", str(folder), "--remount-ro", "/", "--"),
                *self.python(limits),
            ]

        return self.command_of(argv, job, folder)


def _spaces(program: str, *, network: bool) -> list[str]:
    """Return the start of the command: which name spaces are new, and which privileges are left."""
    root = os.geteuid() == 0
    return [
        program,
        # Root needs no name space of users, in which it could no longer read other people's files.
        *([] if root else ["--unshare-user"]),
        *("--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"),
        *([] if network else ["--unshare-net"]),
        *("--die-with-parent", "--cap-drop", "ALL"),
        *(part for name in (OF_ROOT if root else ()) for part in ("--cap-add", name)),
    ]


def _views(paths: Sequence[str]) -> list[str]:
    """Return the arguments that show paths, read-only, and nothing else but a few devices.

    The root of all is kept in memory, so it is read-only too; so is the scratch folder's surrounding.
    """
    shown = [path for path in paths if not path.startswith(("/proc", "/dev"))]
    links = [path for path in shown if Path(path).is_symlink() and Path(path).parent == Path("/")]
    # A folder before what lies in it, or it would cover it.
    binds = sorted((path for path in shown if path not in links), key=lambda path: path.count("/"))
    return [
        *(part for path in binds for part in ("--ro-bind-try", path, path)),
        *(part for path in links for part in ("--symlink", str(Path(path).readlink()), path)),
        *(part for path in _DEVICES for part in ("--dev-bind", path, path)),
        *("--proc", "/proc"),
    ]


@cache
def _refused(program: str) -> str | None:
    """Return what stands in the way of name spaces; None if nothing does; tried once per process."""
    command = [
        *_spaces(program, network=False),
        *_views(("/usr", "/lib", "/lib64", "/bin")),
        "--",
        "/bin/true",
    ]
    try:
        done = subprocess.run(  # noqa: S603 # found on the path, with arguments of our own
            command, capture_output=True, timeout=_PATIENCE_S, check=False, env={"PATH": os.defpath}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap does not start ({type(error).__name__}); install it anew"
    if done.returncode == 0:
        return None
    said = " ".join(done.stderr.decode("utf-8", "replace").split())[:160]
    return (
        f"this system does not let bwrap make name spaces ({said}); allow user name spaces, or use sandlock"
    )

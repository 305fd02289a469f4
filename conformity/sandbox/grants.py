"""Which files a worker may read: the interpreter, the libraries, and what its job names; nothing else."""

from __future__ import annotations

import glob
import itertools
import os
import re
import site
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import conformity
from conformity.sandbox.interface import AnyJob, InspectJob, ListJob, MeasureJob, ProfileJob, RemeasureJob

_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_HARDWARE = (
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/loadavg",
    "/proc/uptime",
    "/proc/version",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system",
    # DuckDB looks there for limits, and ends when the answer is neither yes nor "there is no such file".
    "/sys/fs/cgroup",
    # Energy counters of the processor, where the user may read them.
    "/sys/class/powercap",
    "/sys/devices/virtual/powercap",
)
_FOR_JAVA = (
    "/proc",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/java-17-openjdk",
    "/etc/java-21-openjdk",
    "/etc/ssl",
    "/opt/java",
)
_BESIDE = (".wal", "-wal", "-journal", "-shm")
"""What databases put beside their file; without it a file that is in use would look whole."""
_ESCAPED = re.compile(r"\[([*?[])\]")
"""How a character that globs interpret is written when it stands for itself."""
_MOST_LINKS = 20_000
"""How many entries of a folder are looked at for links."""


def readable(job: AnyJob, *, spark: bool) -> tuple[str, ...]:
    """Return the paths that the worker of a job may read, with all that lies below them.

    Args:
        job: what it does.
        spark: whether it starts Spark, whose Java reads more of the system.
    """
    java = (*_FOR_JAVA, os.environ.get("JAVA_HOME", "")) if spark else ()
    return tuple(path for path in dict.fromkeys((*_of_machine(), *java, *inputs(job))) if path)


def inputs(job: AnyJob) -> tuple[str, ...]:
    """Return the paths of everything that a job names: files, folders, and the folders of globs."""
    match job:
        case RemeasureJob():
            # A pack is untrusted: where a link in it leads is not opened to the worker.
            return (str(job.folder),)
        case MeasureJob():
            named: Iterable[Path] = (place.path for place in (*job.targets, *job.tables))
        case InspectJob():
            named = (place.path for place in job.tables)
        case ProfileJob() | ListJob():
            named = (job.path,)
        case _:
            named = ()
    return tuple(dict.fromkeys(str(part) for path in dict.fromkeys(named) for part in _parts(path)))


def _parts(path: Path) -> Iterator[Path]:
    """Give the paths behind one declared path."""
    if path.is_dir():
        yield path
        yield from _targets(path)
    elif path.exists() or not glob.has_magic(str(path)):
        yield path
        yield from (beside for end in _BESIDE if (beside := path.with_name(path.name + end)).exists())
    else:
        folder = _fixed_part(path)
        yield folder
        yield from _targets(folder)


def _fixed_part(pattern: Path) -> Path:
    """Return the folder below which all that a glob matches lies."""
    fixed = [part for part in pattern.parts if not glob.has_magic(_ESCAPED.sub("", part))]
    held = list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(pattern.parts, fixed, strict=False)))
    return Path(*(_ESCAPED.sub(r"\1", part) for part, _ in held))


def _targets(folder: Path) -> Iterator[Path]:
    """Give the files to which links in a folder lead; the caller has checked that they may be read."""
    for entry in itertools.islice(folder.rglob("*"), _MOST_LINKS):
        if entry.is_symlink() and entry.is_file():
            yield entry.resolve()


@cache
def _of_machine() -> tuple[str, ...]:
    """Return the paths of the interpreter, the libraries, this package, and the hardware's description."""
    package = Path(conformity.__file__).parent
    python = (sys.base_prefix, sys.base_exec_prefix, sys.prefix, sys.exec_prefix, *site.getsitepackages())
    packages = [path for path in sys.path if path.endswith("-packages")]
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    found: list[str] = [
        *packages,
        *_SYSTEM,
        *_DEVICES,
        *_HARDWARE,
        *python,
        *(path for path in libraries if path),
        str(package),
    ]
    real = [str(Path(path).resolve()) for path in (*python, str(package))]
    return tuple(path for path in dict.fromkeys((*found, *real)) if path != "/" and Path(path).exists())

"""Try to break out of a worker, and say in words what was seen to hold and what was not."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformity.engines.spark_address import host_of
from conformity.model.evidence import Isolation
from conformity.sandbox.interface import SelfTested, SelfTestJob
from conformity.settings import Settings

_TIMEOUT_S = 2.0
_MIB = 1024 * 1024
# What the C library, the locale or the interpreter may add by themselves.
_HARMLESS = frozenset({"LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"})


@contextmanager
def bait(folder: Path, memory_mb: int) -> Iterator[SelfTestJob]:
    """Give a job with a listening port and a readable file that a confined worker cannot use."""
    marker = folder / "marker"
    marker.write_text("outside the worker's folder", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield SelfTestJob(port=server.getsockname()[1], marker=marker, memory_mb=memory_mb)


def attempt(job: SelfTestJob) -> SelfTested:
    """Try, in the worker, what a worker must not be able to do."""
    import resource

    return SelfTested(
        connected=_connects(job.port),
        read_marker=_reads(job.marker),
        got_memory=_allocates(job.memory_mb * _MIB),
        gained_privileges=_may_gain_privileges(),
        dumps_core=resource.getrlimit(resource.RLIMIT_CORE)[0] != 0,
        processor_s=max(0, resource.getrlimit(resource.RLIMIT_CPU)[0]),
        variables=tuple(sorted(os.environ)),
    )


def _connects(port: int) -> bool:
    """Tell whether the parent's port can be reached."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT_S):
            return True
    except OSError:
        return False


def _reads(path: Path) -> bool:
    """Tell whether a file can be read."""
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


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


def describe(seen: SelfTested, *, stopped: bool, granted: frozenset[str], settings: Settings) -> Isolation:
    """Return what was seen as guarantees and gaps.

    Args:
        seen: what the worker could do.
        stopped: whether a worker that sleeps was stopped when its time was over.
        granted: names of the variables that the parent gave.
        settings: the limits.
    """
    leaked = set(seen.variables) - granted - _HARMLESS
    trials = (
        (
            not seen.connected,
            "No network: a connection to a listening port on this machine was refused.",
            "The network is open to workers: this kernel granted no network name space.",
        ),
        (
            not seen.got_memory,
            f"Memory is bounded: a worker could not have {settings.worker_memory_mb} MiB.",
            f"Memory is not bounded: {settings.worker_memory_mb} MiB were given.",
        ),
        (
            stopped,
            f"Time is bounded: a sleeping worker was stopped; the limit is {settings.worker_wall_s} s.",
            "Time is not bounded: a sleeping worker was not stopped.",
        ),
        (
            0 < seen.processor_s <= settings.worker_cpu_s,
            f"Processor time is bounded to {seen.processor_s} s by the kernel.",
            "Processor time is not bounded.",
        ),
        (
            not leaked,
            "The environment is clean: no variable of the calling process reaches a worker.",
            f"Variables of the calling process reach a worker: {', '.join(sorted(leaked)[:5])}.",
        ),
        (
            not seen.gained_privileges,
            "Programs that a worker starts cannot gain privileges.",
            "Programs that a worker starts can gain privileges.",
        ),
        (
            not seen.dumps_core,
            "A crash leaves no memory dump behind.",
            "A crash may leave a memory dump behind.",
        ),
        (
            not seen.read_marker,
            "A file outside the worker's folder could not be read.",
            "The file system is not confined: a worker reads and writes what its user may.",
        ),
    )
    return Isolation(
        mechanism="process",
        guarantees=tuple(good for held, good, _ in trials if held),
        gaps=(
            *(bad for held, _, bad in trials if not held),
            "Memory and processor time are bounded for each process; one that it starts has its own limits.",
            "A program that a worker starts and that leaves its session may outlive it.",
            *_spark_gaps(settings, cut=not seen.connected),
        ),
    )


def _spark_gaps(settings: Settings, *, cut: bool) -> tuple[str, ...]:
    """Return what is different for workers that count with Spark.

    Args:
        settings: the limits, and where Spark runs.
        cut: whether a worker was seen to have no way to the machine's own network.
    """
    if settings.engine != "spark":
        return ()
    if settings.spark_remote is not None:
        return (
            f"Workers that count in tables have the network: Spark at {host_of(settings.spark_remote)} reads "
            "the tables and counts in them, outside this confinement.",
        )
    where = (
        "a loopback network that only the two can reach"
        if cut
        else "the machine's loopback network, by a secret"
    )
    return (
        "Spark counts in a Java process beside its worker, with memory and processor limits of its own; the "
        f"two speak over {where}.",
    )

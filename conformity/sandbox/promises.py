"""Say in words what was seen to hold when a worker tried to break out, and what was not."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformity.engines.spark_address import host_of
from conformity.model.evidence import Isolation
from conformity.sandbox.interface import SelfTested, SelfTestJob
from conformity.settings import IsolationLevel, Settings

# What the C library, the locale, the interpreter or a container's program may add by themselves.
_HARMLESS = frozenset({"LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_", "HOSTNAME", "TERM", "container", "PATH"})

Promise = tuple[bool, str, str]
"""Whether something held, what to say if it did, and what if not."""


@contextmanager
def bait(folder: Path, memory_mb: int) -> Iterator[SelfTestJob]:
    """Give a job with a file, a port and a socket of this process that a confined worker cannot use."""
    marker = folder / "marker"
    marker.write_text("outside the worker's folder", "utf-8")
    door = f"conformity-{secrets.token_hex(8)}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind("\0" + door)
        abstract.listen()
        port = server.getsockname()[1]
        yield SelfTestJob(port=port, marker=marker, memory_mb=memory_mb, parent=os.getpid(), door=door)


def broken(seen: SelfTested, mechanism: IsolationLevel, settings: Settings) -> str | None:
    """Return what a way to run workers promises and did not keep; None when it kept everything.

    Bare processes promise nothing. Spark's workers may have a network of their own, or that to a server.
    """
    if mechanism == "process":
        return None
    kept = (
        (seen.read_marker, "a worker read a file that it was not given"),
        (seen.wrote_outside, "a worker wrote outside its folder"),
        (seen.read_parent, "a worker read the environment of the process that asked"),
        (settings.engine != "spark" and (seen.connected or seen.way_out), "a worker reached the network"),
        (settings.engine != "spark" and seen.started, "a worker started another process"),
    )
    return next((words for failed, words in kept if failed), None)


def describe(
    seen: SelfTested,
    *,
    stopped: bool,
    granted: frozenset[str],
    settings: Settings,
    mechanism: IsolationLevel = "process",
) -> Isolation:
    """Return what was seen as guarantees and gaps.

    Args:
        seen: what the worker could do.
        stopped: whether a worker that sleeps was stopped when its time was over.
        granted: names of the variables that the parent, or the image, gave.
        settings: the limits.
        mechanism: how the worker ran.
    """
    leaked = set(seen.variables) - granted - _HARMLESS
    promises = (*_reach(seen), *_bounds(seen, stopped, settings), *_leaks(seen, leaked))
    alone = (
        "Memory and processor time are bounded for each process; one that it starts has its own limits.",
        "A program that a worker starts and that leaves its session may outlive it.",
    )
    contained = mechanism in ("bubblewrap", "container")
    return Isolation(
        mechanism=mechanism,
        guarantees=tuple(good for held, good, _ in promises if held),
        gaps=(
            *(bad for held, _, bad in promises if not held),
            *(alone if seen.started and not contained else ()),
            *_unreadable(mechanism),
            *_spark_gaps(settings, cut=not seen.connected),
        ),
    )


def _reach(seen: SelfTested) -> tuple[Promise, ...]:
    """Return what was promised of what a worker can reach beyond itself."""
    return (
        (
            not seen.connected,
            "No network: a connection to a listening port on this machine was refused.",
            "The network is open to workers: a listening port on this machine was reached.",
        ),
        (
            not seen.way_out,
            "No way out: the system knew none to another machine.",
            "The system would send a worker's packets to other machines.",
        ),
        (
            not seen.spoke,
            "A socket of the calling process could not be reached.",
            "Sockets of other processes can be reached.",
        ),
        (
            not seen.read_marker,
            "A file that the job does not name could not be read.",
            "The file system is not confined: a worker reads what its user may.",
        ),
        (
            not seen.wrote_outside,
            "Nothing could be written outside the worker's folder.",
            "A worker may write where its user may.",
        ),
        (
            not seen.read_parent,
            "The environment of the calling process could not be read.",
            "The environment of the user's other processes can be read.",
        ),
        (
            not seen.signalled,
            "No signal reached the calling process.",
            "Signals reach the user's other processes.",
        ),
        (
            not seen.started,
            "No other process could be started.",
            "A worker may start other processes.",
        ),
    )


def _bounds(seen: SelfTested, stopped: bool, settings: Settings) -> tuple[Promise, ...]:
    """Return what was promised of how much a worker can use."""
    return (
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
            seen.files > 0,
            f"At most {seen.files} files can be open; the worker's folder is watched and bounded.",
            "The number of open files is not bounded.",
        ),
    )


def _leaks(seen: SelfTested, leaked: set[str]) -> tuple[Promise, ...]:
    """Return what was promised of what a worker is given or leaves behind without being meant to."""
    return (
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
    )


def _unreadable(mechanism: IsolationLevel) -> tuple[str, ...]:
    """Return what an energy meter in a worker cannot read, so that its part is modelled or left out."""
    if mechanism == "container":
        return ("Energy counters cannot be read in a container: all energy is modelled.",)
    if mechanism == "process":
        return ()
    return (
        "Graphics processors and memory modules cannot be asked by a worker: their energy is not measured.",
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

"""Let a real worker try to break out, once for each way to run one and the same settings."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache

from conformity import __version__
from conformity.errors import MissingLibraryError
from conformity.model.evidence import Isolation
from conformity.sandbox.environment import worker_environment
from conformity.sandbox.interface import Event, SelfTested
from conformity.sandbox.promises import bait, broken, describe
from conformity.sandbox.scratch import scratch
from conformity.sandbox.supervise import supervise
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings

_SLEEP_S = 0.2


@dataclass(frozen=True)
class SelfTest:
    """What came of it."""

    isolation: Isolation
    """What held, and what did not."""
    took_s: float
    """How long the worker took, from its start to its end, in seconds."""
    broken: str | None
    """What is promised and was not kept; None if nothing."""


@cache
def self_test(kind: type[WorkerSandbox], settings: Settings) -> SelfTest:
    """Return what a worker could and could not do.

    Raises:
        MissingLibraryError: the image of a container holds another version of this package.
        SandboxError: no worker could be started, or it did not answer.
    """
    said: list[Event] = []
    with scratch() as folder, bait(folder, settings.worker_memory_mb) as job:
        began = time.perf_counter()
        kind(settings).run(job, said.append)
        took_s = time.perf_counter() - began
        sleeper = kind(settings, entry=("-c", "import time; time.sleep(60)"))
        command = replace(sleeper.command(job, folder), wall_s=_SLEEP_S)
        stopped = supervise(command, lambda _: None).why == "time"
    seen = next(event for event in said if isinstance(event, SelfTested))
    if seen.version != __version__:
        raise MissingLibraryError(
            f"workers of {kind.name} run version {seen.version} and not {__version__}; build the image anew"
        )
    granted = frozenset(worker_environment(folder, settings)) | kind(settings).variables_beside()
    return SelfTest(
        isolation=describe(seen, stopped=stopped, granted=granted, settings=settings, mechanism=kind.name),
        took_s=took_s,
        broken=broken(seen, kind.name, settings),
    )

"""Choose how workers run: what was asked for, or the first way that works here."""

from __future__ import annotations

from functools import cache

from conformity.errors import MissingLibraryError
from conformity.sandbox.bubblewrap import BubblewrapSandbox
from conformity.sandbox.container import ContainerSandbox
from conformity.sandbox.process import ProcessSandbox
from conformity.sandbox.sandlock import SandlockSandbox
from conformity.sandbox.selftest import self_test
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import IsolationLevel, Settings

KINDS: tuple[type[WorkerSandbox], ...] = (
    SandlockSandbox,
    BubblewrapSandbox,
    ContainerSandbox,
    ProcessSandbox,
)
"""All ways, in the order in which they are tried; the last works everywhere."""

_STRENGTH: dict[IsolationLevel, int] = {"process": 0, "sandlock": 1, "bubblewrap": 1, "container": 2}


@cache
def choose(settings: Settings) -> WorkerSandbox:
    """Return the way to run workers; once for the same settings.

    What is required is tried before anything that was handed in is opened. Otherwise a worker confines
    itself or ends, and what held is tried beside the work and told in the evidence.

    Raises:
        MissingLibraryError: what was asked for does not work here, or nothing that is strong enough does.
    """
    chosen = _first(settings) if settings.isolation == "auto" else _asked(settings)
    required = settings.require_isolation
    if required is not None:
        if _STRENGTH[chosen.name] < _STRENGTH[required]:
            raise MissingLibraryError(
                f"{chosen.name} is weaker than {required}, which is required; run conformity doctor to see "
                "what is missing"
            )
        _check(chosen, settings)
    return chosen


def _asked(settings: Settings) -> WorkerSandbox:
    """Return the way that was asked for.

    Raises:
        MissingLibraryError: it does not work here.
    """
    kind = next(kind for kind in KINDS if kind.name == settings.isolation)
    sandbox = kind(settings)
    if (reason := sandbox.unavailable()) is not None:
        raise MissingLibraryError(f"--isolation {kind.name} cannot be used: {reason}")
    return sandbox


def _first(settings: Settings) -> WorkerSandbox:
    """Return the first way that works here and is strong enough, or else the first that works."""
    least = _STRENGTH[settings.require_isolation or "process"]
    working = (kind(settings) for kind in KINDS if kind(settings).unavailable() is None)
    found: WorkerSandbox | None = None
    for sandbox in working:
        if _STRENGTH[sandbox.name] >= least:
            return sandbox
        found = found or sandbox
    return found or ProcessSandbox(settings)


def _check(sandbox: WorkerSandbox, settings: Settings) -> None:
    """Check that a way to run workers keeps what it promises.

    Raises:
        MissingLibraryError: it does not.
    """
    if (broken := self_test(type(sandbox), settings).broken) is not None:
        raise MissingLibraryError(
            f"{sandbox.name} does not hold on this machine: {broken}; choose another --isolation"
        )

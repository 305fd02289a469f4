"""Examine the machine: which ways to keep workers apart work here, and what each was seen to give."""

from __future__ import annotations

import platform
from dataclasses import replace

from conformity.errors import ConformityError
from conformity.model.machine import IsolationFound, MachineReport
from conformity.sandbox.choose import KINDS, choose
from conformity.sandbox.selftest import self_test
from conformity.sandbox.workers import WorkerSandbox
from conformity.settings import Settings


def examine_machine(settings: Settings) -> MachineReport:
    """Return what this machine can do; every way to keep workers apart is really tried."""
    try:
        chosen: str = choose(settings).name
    except ConformityError as error:
        chosen = f"none: {error.message}"[:500]
    # What is asked for does not matter to what there is.
    alike = replace(settings, isolation="auto", require_isolation=None)
    return MachineReport(
        platform=f"{platform.system()} {platform.release()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        chosen=chosen,
        isolations=tuple(_examined(kind, alike) for kind in KINDS),
    )


def _examined(kind: type[WorkerSandbox], settings: Settings) -> IsolationFound:
    """Return what one way gives here."""
    reason = kind(settings).unavailable()
    if reason is not None:
        return IsolationFound(name=kind.name, usable=False, reason=reason[:500])
    try:
        tested = self_test(kind, settings)
    except ConformityError as error:
        return IsolationFound(name=kind.name, usable=False, reason=error.message[:500])
    return IsolationFound(
        name=kind.name,
        usable=tested.broken is None,
        reason=tested.broken,
        seen=tested.isolation,
        took_ms=round(tested.took_s * 1000),
    )

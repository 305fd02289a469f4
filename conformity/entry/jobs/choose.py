"""Open the engine of runs for the settings at hand."""

from __future__ import annotations

from conformity.entry.jobs.interface import JobEngine
from conformity.settings import Settings


def open_engine(settings: Settings, *, workers: int = 1) -> JobEngine:
    """Return the engine of runs. Nothing is read or written before it is first used.

    Args:
        settings: limits, and where the runs are.
        workers: how many worker processes are kept alive while there is something to do. They outlive this
            one, and end by themselves some time after the last run. 0 leaves them to `conformity worker`.
    """
    from conformity.entry.jobs.dbos_engine import DbosEngine

    return DbosEngine(settings, workers)

"""Runs for tests: the least that can be assessed, and an engine whose workers end with the test."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from conformity.entry.jobs.choose import open_engine
from conformity.entry.jobs.interface import JobEngine
from conformity.entry.jobs.spawning import is_taken
from conformity.model.run import AssessmentRequest
from conformity.settings import Settings

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MANIFEST = """\
conformity: 1
system: {name: Scorer, version: "2.0", intended_purpose: Testing the tool.}
provider: {name: Provider, address: Street 1, contact: office}
"""
"""The least that can be assessed: nothing is measured."""


def tiny(root: Path, *, output: str | None = None, name: str = "conformity.yaml") -> AssessmentRequest:
    """Write the least manifest, and return the request to assess it."""
    manifest = root / name
    manifest.write_text(MANIFEST, encoding="utf-8")
    place = None if output is None else str(root / output)
    return AssessmentRequest(manifest=str(manifest), formats=("json",), output=place)


@contextmanager
def running_engine(settings: Settings, workers: int = 1) -> Iterator[JobEngine]:
    """Give an engine; the workers that it has started end with the block."""
    engine = open_engine(settings, workers=workers)
    try:
        yield engine
    finally:
        engine.close()
        end_workers(settings.data_folder, workers)


def end_workers(data: Path, workers: int = 1) -> None:
    """Ask the workers to end that servers have started for a data folder."""
    for number in range(workers):
        # A place that nobody holds may name a process that is somebody else by now.
        if is_taken(data, number):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int((data / f"worker-{number}.lock").read_text(encoding="ascii")), signal.SIGTERM)

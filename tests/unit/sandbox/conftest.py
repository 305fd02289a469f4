"""Jobs and small limits for the workers under test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from conformity.model.base import ExhibitId, ProbeId, RequirementId, StepId, SubjectId
from conformity.model.manifest import Exhibit
from conformity.model.plan import Step
from conformity.sandbox.interface import Located, MeasureJob
from conformity.settings import Settings


@pytest.fixture
def settings() -> Settings:
    """Give limits small enough to be reached in a test."""
    return Settings(worker_wall_s=20, worker_cpu_s=20, worker_memory_mb=2048, workers=2)


@pytest.fixture
def exhibit_job(tmp_path: Path) -> Callable[[str], MeasureJob]:
    """Give a maker of the smallest real job: one document."""

    def make(text: str) -> MeasureJob:
        """Write the document and return the job."""
        path = tmp_path / "purpose.md"
        path.write_text(text, "utf-8")
        exhibit = Exhibit(
            id=ExhibitId("purpose"),
            title="Intended purpose",
            path="purpose.md",
            dated=date(2026, 1, 1),
            covers=(RequirementId("art11.1"),),
        )
        step = Step(
            id=StepId("declared/exhibit@purpose"),
            probe=ProbeId("declared/exhibit"),
            subject=SubjectId("purpose"),
        )
        return MeasureJob(steps=(step,), targets=(Located(subject=exhibit, path=path),), seed=1)

    return make

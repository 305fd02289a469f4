"""What lies where in a run's folder."""

from __future__ import annotations

from pathlib import Path

from conformity.model.run import AssessmentRequest, Run

WORK = "work"
"""The folder of what the stages leave; gone when the run has ended."""
PACK = "pack"
"""The folder of the pack of an assessment."""
INPUT = "input"
"""The folder of what was uploaded."""
RESULT = "result.json"
"""The file of the result: an ``AssessmentSummary`` or a ``ScanResult``."""
DRAFTED = "drafted.json"
"""The file of the manifest that was drafted, if one was: a ``DraftedManifest``."""


def work_of(run: Run) -> Path:
    """Return the folder of what the stages of a run leave."""
    return Path(run.folder) / WORK


def pack_place(run: Run) -> Path:
    """Return where the pack of an assessment is to appear for who asked: as asked, or in the run's folder."""
    asked = run.request.output if isinstance(run.request, AssessmentRequest) else None
    return Path(asked) if asked else Path(run.folder) / PACK

"""What came of a run, as a tool answers it: read from the run's folder, whoever did the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mcp_types import CallToolResult
from pydantic import ValidationError

from conformity.entry.jobs.interface import PACK, RESULT
from conformity.entry.mcp.answers import reports, scans
from conformity.entry.mcp.shared import start_of
from conformity.entry.mcp.waiting import progress_of
from conformity.errors import DataError
from conformity.settings import Settings

if TYPE_CHECKING:
    from conformity.model.checking import MissingInformation
    from conformity.model.run import AssessmentRequest, Run

_DOMAINS: dict[str, tuple[str, ...]] = {
    "prompt_log_scan": ("security",),
    "model_scan": ("security",),
    "inference_energy": ("environment", "security"),
    "energy_record": ("environment",),
}
"""Which measurements a scan is asked for."""


def answer_of(run: Run, settings: Settings, cursor: str | None = None) -> CallToolResult:
    """Return what to answer about a run as it stands.

    Args:
        run: the run.
        settings: limits.
        cursor: for a scan, what the page before named for this one.

    Raises:
        ToolError: the cursor is none.
        DataError: the result of the run cannot be read.
    """
    from conformity.model.summary import AssessmentSummary, ScanResult

    if run.status != "succeeded":
        return reports.unfinished(run, progress_of(run))
    try:
        content = (Path(run.folder) / RESULT).read_bytes()
        if run.request.kind == "assessment":
            summary = AssessmentSummary.model_validate_json(content)
            missing = _missing(run, run.request, settings)
            return reports.report(run, summary, missing, _drafted(run))
        found = ScanResult.model_validate_json(content)
    except (OSError, ValidationError) as error:
        raise DataError(f"The result of the run {run.id} cannot be read; ask for a new run.") from error
    return scans.scan(found, _domains(run), run=run, start=start_of(cursor))


def _missing(run: Run, request: AssessmentRequest, settings: Settings) -> Sequence[MissingInformation]:
    """Return what only a person can say of the manifest that was assessed."""
    from conformity.intake.lock import LOCKED_MANIFEST
    from conformity.pipeline.checking import check_manifest_text

    text = (Path(run.folder) / PACK / LOCKED_MANIFEST).read_text("utf-8")
    as_of = request.as_of or run.asked_at.date()
    return check_manifest_text(text, LOCKED_MANIFEST, settings, as_of=as_of).missing_information


def _drafted(run: Run) -> str | None:
    """Return the manifest that a run drafted, if it did."""
    from conformity.model.run import DraftedManifest
    from conformity.pipeline.staged.places import DRAFTED

    place = Path(run.folder) / DRAFTED
    return DraftedManifest.model_validate_json(place.read_bytes()).path if place.is_file() else None


def _domains(run: Run) -> Sequence[str]:
    """Return which measurements a scan was asked for."""
    if run.request.kind == "table_scan":
        return run.request.modules
    return _DOMAINS[run.request.kind]

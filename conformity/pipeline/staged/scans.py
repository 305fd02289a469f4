"""One module alone, as a run asks for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import assert_never

from conformity.model.run import (
    AssessmentRequest,
    EnergyRecordRequest,
    InferenceEnergyRequest,
    ModelScanRequest,
    PromptLogScanRequest,
    RunRequest,
    TableScanRequest,
)
from conformity.model.summary import ScanResult
from conformity.pipeline import scanning
from conformity.settings import Settings


def scan(request: RunRequest, moment: datetime, settings: Settings) -> ScanResult:
    """Return what the module that a run asks for measures.

    Args:
        request: what is asked; not an assessment.
        moment: when it was asked, in UTC.
        settings: limits.

    Raises:
        ConformityError: something handed in cannot be used.
    """
    match request:
        case TableScanRequest():
            return scanning.scan_table(Path(request.data), _columns(request), moment, settings)
        case PromptLogScanRequest():
            return scanning.scan_prompt_log(Path(request.log), "prompt", moment, settings)
        case ModelScanRequest():
            return scanning.scan_model_file(Path(request.model), moment, settings)
        case InferenceEnergyRequest():
            return scanning.measure_inference(
                Path(request.model),
                Path(request.data),
                request.features,
                request.country,
                request.repeats,
                moment,
                settings,
            )
        case EnergyRecordRequest():
            return scanning.read_energy_record(Path(request.record), request.phase, moment, settings)
        case AssessmentRequest():
            raise TypeError("an assessment is no scan")
        case _:
            assert_never(request)


def _columns(request: TableScanRequest) -> scanning.Columns:
    """Return which columns of a table mean what."""
    return scanning.Columns(
        label=request.label,
        prediction=request.prediction,
        protected=request.protected,
        quasi_identifiers=request.quasi_identifiers,
        positive=request.positive,
        negative=request.negative,
    )

"""Scans as runs ask for them: each calls the module that it names, with what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.model.run import (
    AssessmentRequest,
    EnergyRecordRequest,
    InferenceEnergyRequest,
    ModelScanRequest,
    PromptLogScanRequest,
    Run,
    RunRequest,
    TableScanRequest,
)
from conformity.model.summary import ScanResult
from conformity.pipeline import scanning
from conformity.pipeline.scanning import Columns
from conformity.pipeline.staged import carry_out, stages_of
from conformity.pipeline.staged.scans import scan
from conformity.settings import Settings
from tests.support.jobs import MOMENT
from tests.support.reproduced import Here, silent

_SETTINGS = Settings()
_CASES: list[tuple[RunRequest, str, tuple[Any, ...]]] = [
    (
        TableScanRequest(
            data="/a.csv",
            modules=("fairness",),
            protected=("sex",),
            quasi_identifiers=("zip",),
            label="y",
            prediction="p",
            positive=("1",),
            negative=("0",),
        ),
        "scan_table",
        (Path("/a.csv"), Columns("y", "p", ("sex",), ("zip",), ("1",), ("0",))),
    ),
    (PromptLogScanRequest(log="/a.jsonl"), "scan_prompt_log", (Path("/a.jsonl"), "prompt")),
    (ModelScanRequest(model="/m.pkl"), "scan_model_file", (Path("/m.pkl"),)),
    (
        InferenceEnergyRequest(model="/m.skops", data="/a.csv", features=("x",), country="DEU", repeats=2),
        "measure_inference",
        (Path("/m.skops"), Path("/a.csv"), ("x",), "DEU", 2),
    ),
    (
        EnergyRecordRequest(record="/emissions.csv", phase="training"),
        "read_energy_record",
        (Path("/emissions.csv"), "training"),
    ),
]


@pytest.mark.parametrize(("request_", "function", "arguments"), _CASES, ids=lambda case: str(case)[:12])
def test_module_is_called(
    monkeypatch: pytest.MonkeyPatch, request_: RunRequest, function: str, arguments: tuple[Any, ...]
) -> None:
    called: list[tuple[Any, ...]] = []
    monkeypatch.setattr(scanning, function, lambda *given: called.append(given))
    scan(request_, MOMENT, _SETTINGS)
    assert called == [(*arguments, MOMENT, _SETTINGS)]


def test_assessment_is_no_scan() -> None:
    with pytest.raises(TypeError, match="no scan"):
        scan(AssessmentRequest(), MOMENT, _SETTINGS)


def test_scan_leaves_its_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was uploaded is read, though it lies in the folder of runs."""
    monkeypatch.setattr(scanning, "sandbox_of", lambda _settings: Here())
    folder = tmp_path / "runs" / "the-run-itself"
    record = folder / "input" / "emissions.csv"
    record.parent.mkdir(parents=True)
    record.write_text("timestamp,energy_consumed\n2026-11-01T10:00:00,1.25\n", "utf-8")
    run = Run(
        id="the-run-itself",
        owner="local",
        request=EnergyRecordRequest(record=str(record), phase="training"),
        status="running",
        stage="measuring",
        asked_at=MOMENT,
        changed_at=MOMENT,
        folder=str(folder),
    )
    assert stages_of(run.request) == ("measuring",)
    carry_out(run, "measuring", Settings(root=tmp_path), silent)
    result = ScanResult.model_validate_json((folder / "work/measuring/result.json").read_bytes())
    assert result.subject.id == "energy"

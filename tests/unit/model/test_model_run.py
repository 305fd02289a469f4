"""Runs: what may be asked, how far a run may be, and what a record of one may hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from conformity.model.base import Value
from conformity.model.run import (
    AssessmentRequest,
    EnergyRecordRequest,
    InferenceEnergyRequest,
    ModelScanRequest,
    Path,
    PromptLogScanRequest,
    Run,
    RunEvent,
    RunFailure,
    RunRequest,
    TableScanRequest,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TABLE = {"data": "/in/t.csv", "modules": ("privacy",)}
INFERENCE = {"model": "/in/m.onnx", "data": "/in/t.csv", "features": ("age",), "country": "AUT"}
RECORD = {"record": "/in/emissions.csv", "phase": "training"}
FAILURE = {"message": "It failed.", "exit_code": 70}
RUN = {
    "id": "a-run-of-ours",
    "owner": "local",
    "request": {"kind": "assessment"},
    "status": "queued",
    "stage": "queued",
    "asked_at": NOON,
    "changed_at": NOON,
    "folder": "/runs/a-run-of-ours",
}
EVENT = {"number": 1, "at": NOON, "status": "queued", "stage": "queued"}
STATES = ["queued", "running", "succeeded", "failed", "cancelled"]
STAGES = ["queued", "preparing", "measuring", "judging", "rendering", "publishing", "finished"]
ASKED = TypeAdapter[RunRequest](RunRequest)


@pytest.mark.parametrize(
    ("kind", "fields", "model"),
    [
        ("assessment", {}, AssessmentRequest),
        ("table_scan", TABLE, TableScanRequest),
        ("prompt_log_scan", {"log": "/in/log.jsonl"}, PromptLogScanRequest),
        ("model_scan", {"model": "/in/m.onnx"}, ModelScanRequest),
        ("inference_energy", INFERENCE, InferenceEnergyRequest),
        ("energy_record", RECORD, EnergyRecordRequest),
    ],
)
def test_what_is_asked_is_told_by_its_kind(kind: str, fields: dict[str, Any], model: type[Value]) -> None:
    assert model.model_validate(fields).model_dump()["kind"] == kind
    assert type(ASKED.validate_python({"kind": kind, **fields})) is model
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        ASKED.validate_python({**fields, "kind": "anything"})
    with pytest.raises(ValidationError, match="Unable to extract tag using discriminator 'kind'"):
        ASKED.validate_python(fields)


@pytest.mark.parametrize(
    ("model", "fields", "field", "good", "bad"),
    [
        (TableScanRequest, TABLE, "modules", [("privacy",), ("fairness", "accuracy")], [(), ("energy",)]),
        (InferenceEnergyRequest, INFERENCE, "features", [("a",), ("a", "b")], [(), ("",)]),
        (InferenceEnergyRequest, INFERENCE, "repeats", [1, 100], [0, 101]),
        (InferenceEnergyRequest, INFERENCE, "country", ["AUT"], ["aut", "AT", "AUTT"]),
        (RunFailure, FAILURE, "exit_code", [1, 255], [0, 256]),
        (Run, RUN, "status", STATES, ["", "finished", "lost"]),
        (Run, RUN, "stage", STAGES, ["", "running", "lost"]),
        (Run, RUN, "id", ["a2345678", "0" * 64], ["a234567", "0" * 65, "-a234567", "A2345678"]),
        (Run, RUN, "owner", ["local", "https://a.example/b@c", "o" * 200], ["", "-o", "a b", "o" * 201]),
        (Run, RUN, "done", [0, 1], [-1]),
        (Run, RUN, "total", [0, 1], [-1]),
        (Run, RUN, "version", [0, 1], [-1]),
        (Run, RUN, "attempts", [0, 1], [-1]),
        (RunEvent, EVENT, "number", [1, 2], [0]),
        (RunEvent, EVENT, "status", STATES, ["finished"]),
        (RunEvent, EVENT, "stage", STAGES, ["running"]),
        (RunEvent, EVENT, "done", [0, 1], [-1]),
        (RunEvent, EVENT, "total", [0, 1], [-1]),
    ],
)
def test_each_field_keeps_its_bounds(
    model: type[Value], fields: dict[str, Any], field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert getattr(model.model_validate({**fields, field: value}), field) == value
    for value in bad:
        with pytest.raises(ValidationError, match=field):
            model.model_validate({**fields, field: value})


@pytest.mark.parametrize(("length", "fits"), [(0, False), (1, True), (4096, True), (4097, False)])
def test_a_path_is_as_long_as_a_system_allows(length: int, fits: bool) -> None:
    path = TypeAdapter[str](Path)
    if fits:
        assert path.validate_python("p" * length) == "p" * length
    else:
        with pytest.raises(ValidationError, match="String should have at"):
            path.validate_python("p" * length)


def test_what_is_not_said_is_left_to_the_settings_or_has_not_begun() -> None:
    asked = AssessmentRequest()
    assert (asked.formats, asked.language) == (("html", "pdf", "json"), "en")
    assert (asked.depth, asked.engine) == (None, None)
    assert InferenceEnergyRequest.model_validate(INFERENCE).repeats == 6
    run = Run.model_validate(RUN)
    assert (run.done, run.total, run.version, run.attempts) == (0, 0, 0, 0)
    event = RunEvent.model_validate(EVENT)
    assert (event.done, event.total) == (0, 0)

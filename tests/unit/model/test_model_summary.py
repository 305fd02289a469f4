"""Short answers: counts begin at zero and are never below it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from conformity.model.machine import IsolationFound
from conformity.model.summary import AssessmentSummary, VerdictCounts, WrittenFile

SUMMARY: dict[str, Any] = {
    "system": "Scorer 2",
    "assessment_version": "1.0.0",
    "assessment_sha256": "sha256:" + "a" * 64,
    "outcome": "minimal",
    "classification": "Neither high-risk nor under transparency duties.",
    "counts": {},
    "open_points": (),
    "gate": 0,
    "pack": "pack",
    "files": (),
}


def test_without_findings_every_count_is_zero() -> None:
    counts = VerdictCounts().model_dump()
    assert counts == dict.fromkeys(("met", "not_met", "undetermined", "not_collected", "not_applicable"), 0)


@pytest.mark.parametrize("verdict", list(VerdictCounts.model_fields))
def test_a_count_of_verdicts_may_be_zero_and_not_below(verdict: str) -> None:
    assert VerdictCounts.model_validate({verdict: 0}).model_dump()[verdict] == 0
    with pytest.raises(ValidationError):
        VerdictCounts.model_validate({verdict: -1})


def test_a_file_may_be_empty() -> None:
    empty = {"name": "a", "path": "a", "size_bytes": 0}
    assert WrittenFile.model_validate(empty).size_bytes == 0
    with pytest.raises(ValidationError):
        WrittenFile.model_validate({**empty, "size_bytes": -1})


def test_a_summary_may_have_passed_the_gate_and_left_nothing_out() -> None:
    found = AssessmentSummary.model_validate(SUMMARY)
    assert (found.gate, found.left_out) == (0, 0)
    assert AssessmentSummary.model_validate({**SUMMARY, "left_out": 0}).left_out == 0
    for field in ("gate", "left_out"):
        with pytest.raises(ValidationError):
            AssessmentSummary.model_validate({**SUMMARY, field: -1})


def test_a_worker_may_take_less_than_a_millisecond() -> None:
    way = {"name": "process", "usable": True, "took_ms": 0}
    assert IsolationFound.model_validate(way).took_ms == 0
    with pytest.raises(ValidationError):
        IsolationFound.model_validate({**way, "took_ms": -1})

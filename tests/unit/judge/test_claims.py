"""Levels stated to deployers, held against what was measured (Art. 13(3)(b)(ii), Art. 15(3))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge import judge
from conformity.model.finding import Finding
from tests.support.assessments import (
    TODAY,
    criterion,
    evidence,
    exhibit,
    manifest,
    measured,
    observation,
    plan,
    record,
    requirement,
    scalar,
)

SEEN = observation(measured(scalar(0.05, 0.02, 0.08)))
LATE = date(2026, 10, 30)
"""After the evidence: a claim may be, any other bound may not."""


def finding(*subjects: Any, of_claims: bool = True, **changes: Any) -> Finding:
    """Return the finding on a row, with one criterion fixed late."""
    declared = manifest(
        criteria=(criterion(fixed_at=LATE, **changes),), exhibits=(exhibit(id="instructions"),)
    )
    found = evidence(SEEN, subjects=(record("test"), *subjects))
    (result,) = judge(declared, plan(requirement(of_claims=of_claims)), found, TODAY)
    return result


@pytest.mark.parametrize(
    ("claimed", "verdict"), [(0.1, "met"), (0.08, "met"), (0.05, "undetermined"), (0.01, "not_met")]
)
def test_a_claim_holds_when_the_whole_interval_keeps_it(claimed: float, verdict: str) -> None:
    result = finding(record("instructions"), claimed_in="instructions", at_most=claimed)
    assert result.verdict == verdict


def test_a_claim_in_a_document_that_was_not_found_is_none() -> None:
    result = finding(record("instructions", None, problem="gone"), claimed_in="instructions")
    assert result.verdict == "undetermined"
    assert "the document that is to state this level, instructions, was not found" in result.reason.lower()


def test_a_bound_that_is_stated_nowhere_does_not_meet_a_duty_to_state_it() -> None:
    late = finding()
    assert "not older" in late.reason or "must be older" in late.reason
    declared = manifest(criteria=(criterion(),))
    (result,) = judge(declared, plan(requirement(of_claims=True)), evidence(SEEN), TODAY)
    assert result.verdict == "undetermined"
    assert "names no document that states the level to deployers" in result.reason


def test_without_a_claim_the_finding_asks_for_one() -> None:
    (result,) = judge(manifest(), plan(requirement(of_claims=True)), evidence(SEEN), TODAY)
    assert result.verdict == "undetermined"
    assert result.reason == "Measured, but no level stated to deployers is named to hold it against."
    assert result.to_do == (
        "State the level in the instructions for use and name it as a criterion with `claimed_in`.",
    )

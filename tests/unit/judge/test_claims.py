"""Levels stated to deployers, held against what was measured (Art. 13(3)(b)(ii), Art. 15(3))."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformity.judge import judge
from conformity.model.finding import Finding
from tests.support.assessments import (
    SEAL,
    TODAY,
    criterion,
    evidence,
    examined,
    exhibit,
    manifest,
    measured,
    observation,
    plan,
    record,
    requirement,
    scalar,
    sign_off,
)

SEEN = observation(measured(scalar(0.05, 0.02, 0.08)))
LATE = date(2026, 10, 30)
"""After the evidence: a claim may be, any other bound may not."""


SIGNED = (sign_off(over=({"exhibit": "instructions", "sha256": SEAL},)),)
"""A named person says that the document states the level."""


def finding(*subjects: Any, of_claims: bool = True, **changes: Any) -> Finding:
    """Return the finding on a row, with one criterion fixed late."""
    declared = manifest(
        criteria=(criterion(fixed_at=LATE, **changes),),
        exhibits=(exhibit(id="instructions"),),
        sign_offs=SIGNED,
    )
    found = evidence(SEEN, examined("instructions"), subjects=(record("test"), *subjects))
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
    assert result.verdict == "not_collected"
    assert "was not found (gone)" in result.reason
    assert "instructions, was not found" in result.measured[0].reason


def test_a_claim_counts_only_when_somebody_signed_that_the_document_makes_it() -> None:
    declared = manifest(
        criteria=(criterion(fixed_at=LATE, claimed_in="instructions"),),
        exhibits=(exhibit(id="instructions"),),
    )
    found = evidence(SEEN, examined("instructions"), subjects=(record("test"), record("instructions")))
    (result,) = judge(declared, plan(requirement(of_claims=True)), found, TODAY)
    assert result.verdict == "not_collected"
    assert result.measured[0].verdict == "met"


def test_a_bound_that_is_stated_nowhere_does_not_meet_a_duty_to_state_it() -> None:
    assert "must be older" in finding(record("instructions")).reason
    declared = manifest(criteria=(criterion(),), exhibits=(exhibit(id="instructions"),), sign_offs=SIGNED)
    found = evidence(SEEN, examined("instructions"), subjects=(record("test"), record("instructions")))
    (result,) = judge(declared, plan(requirement(of_claims=True)), found, TODAY)
    assert result.verdict == "undetermined"
    assert "names no document that states the level to deployers" in result.reason


def test_without_a_claim_the_finding_asks_for_one() -> None:
    (result,) = judge(manifest(), plan(requirement(of_claims=True)), evidence(SEEN), TODAY)
    assert result.verdict == "not_collected"
    assert "State the level in the instructions for use and name it as a criterion with `claimed_in`." in (
        result.to_do
    )


def test_a_claim_that_is_kept_says_that_the_document_agrees() -> None:
    kept = finding(record("instructions"), claimed_in="instructions").measured[0]
    assert kept.reason.startswith("The level stated in instructions agrees with what was measured. The whole")
    missed = finding(record("instructions"), claimed_in="instructions", at_most=0.01).measured[0]
    assert "agrees" not in missed.reason


@pytest.mark.parametrize(
    ("dated", "flagged"),
    [(date(2026, 10, 29), False), (date(2026, 10, 30), False), (date(2026, 10, 31), True)],
)
@pytest.mark.parametrize("fixed_at", [LATE, datetime(2026, 10, 30, 12, tzinfo=UTC)])
def test_a_claim_older_than_its_document_is_flagged(
    dated: date, flagged: bool, fixed_at: date | datetime
) -> None:
    declared = manifest(
        criteria=(criterion(fixed_at=fixed_at, claimed_in="instructions"),),
        exhibits=(exhibit(id="instructions", dated=dated),),
    )
    found = evidence(SEEN, examined("instructions"), subjects=(record("test"), record("instructions")))
    (result,) = judge(declared, plan(requirement(of_claims=True)), found, TODAY)
    said = f"The claim is dated 2026-10-30, before the document that states it ({dated})"
    assert (said in result.measured[0].reason) == flagged
    assert result.measured[0].verdict == "met"

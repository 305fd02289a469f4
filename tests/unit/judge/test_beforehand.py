"""Art. 9(8) second sentence: the dates of all bounds, not whether they are kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge import STANDING, gate, judge
from conformity.model.evidence import Observation
from conformity.model.finding import Finding
from tests.support.assessments import (
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
    table,
)

ELSEWHERE = {"requirements": ("art15.1.accuracy",)}
"""A bound that does not name the row: its date counts all the same."""
KEPT = observation(measured(scalar(0.05, 0.02, 0.08)))
MISSED = observation(measured(scalar(0.5, 0.4, 0.6)))


def finding(
    *bounds: dict[str, Any], seen: tuple[Observation, ...] = (KEPT,), produced_on: date | None = None
) -> Finding:
    """Return the finding on the row, signed for, with these bounds."""
    day = produced_on or date(2026, 10, 2)
    declared = manifest(
        subjects=(table(produced_on=day), table(id="undated", produced_on=None)),
        criteria=bounds,
        exhibits=(exhibit(), exhibit(id="instructions")),
        sign_offs=(sign_off(),),
    )
    records = (record("test"), record("record"), record("instructions"))
    row = requirement(rule="fixed_beforehand", automation="partly")
    (result,) = judge(declared, plan(row), evidence(*seen, examined(), subjects=records), TODAY)
    return result


def test_bounds_that_came_first_meet_it_whether_kept_or_not() -> None:
    for seen in (KEPT, MISSED):
        result = finding(criterion(**ELSEWHERE), criterion(id="second", **ELSEWHERE), seen=(seen,))
        assert result.verdict == "met"
        assert "every bound (2 in all) came before the data" in result.reason


def test_a_bound_missed_that_serves_this_row_alone_is_still_seen() -> None:
    result = finding(criterion(), seen=(MISSED,))
    assert (result.verdict, result.measured[0].verdict) == ("met", "not_met")
    assert gate([result], "high_risk_annex_iii") == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"fixed_at": date(2026, 10, 3)}, "not before the data came into being", id="after data"),
        pytest.param({"fixed_at": date(2026, 10, 2)}, "not before the data came into being", id="same day"),
        pytest.param({"fixed_at": TODAY}, "a bound must be older", id="day of the run"),
        pytest.param({"owner": "REPLACE"}, "still holds a placeholder", id="nobody's"),
        pytest.param({"subject": "undated"}, "(`produced_on`)", id="data of an unknown day"),
    ],
)
def test_one_late_bound_among_others_leaves_it_open(changes: dict[str, Any], words: str) -> None:
    result = finding(criterion(), criterion(**{**ELSEWHERE, "id": "late", **changes}))
    assert result.verdict == "undetermined"
    assert "Not shown to be fixed beforehand: 1 of 2 bounds. late: " in result.reason
    assert words in result.reason
    assert any("For late: fill in" in step and "test again" in step for step in result.to_do)


def test_bounds_with_the_same_fault_are_named_together() -> None:
    late = date(2026, 10, 3)
    result = finding(criterion(fixed_at=late), criterion(id="second", fixed_at=late))
    assert "2 of 2 bounds. gap-sex, second: By the provider's dates" in result.reason


def test_a_bound_against_which_nothing_was_tested_leaves_it_open() -> None:
    result = finding(criterion(), criterion(id="other", by=("AGE",)))
    assert result.verdict == "undetermined"
    assert "Nothing was measured for 1 of 2 bounds: other." in result.reason


def test_without_any_test_it_is_not_collected() -> None:
    result = finding(criterion(), seen=())
    assert result.verdict == "not_collected"
    assert result.reason == "Nothing was measured that any bound is about."
    failed = observation(outcome="error", reason="It failed.")
    assert finding(criterion(), seen=(failed,)).verdict == "not_collected"


def test_without_any_bound_it_is_not_collected() -> None:
    claim = criterion(claimed_in="instructions", requirements=("art15.3",))
    for bounds in ((), (claim,)):
        result = finding(*bounds)
        assert result.verdict == "not_collected"
        assert "No bound was fixed to test against." in result.reason
        assert result.to_do[0].startswith("Fix a criterion for it")


def test_a_claim_may_be_later_than_the_test() -> None:
    claim = criterion(id="told", claimed_in="instructions", fixed_at=date(2026, 11, 1))
    result = finding(criterion(), claim)
    assert (result.verdict, "1 in all" in result.reason) == ("met", True)


def test_leaving_the_evidence_of_a_bound_out_never_helps() -> None:
    second = observation(measured(scalar(0.5, 0.4, 0.6), by=("AGE",)), step="fairness/gap@age")
    bounds = (criterion(), criterion(id="age", by=("AGE",)))
    everything, some, nothing = (
        STANDING[finding(*bounds, seen=seen).verdict] for seen in ((KEPT, second), (KEPT,), ())
    )
    assert everything > some > nothing


DENIAL = sign_off(stance="denies")


def denied(*bounds: dict[str, Any], seen: tuple[Observation, ...]) -> Finding:
    """Return the finding on the row where a person denies it, so that no date decides the verdict."""
    declared = manifest(criteria=bounds, exhibits=(exhibit(),), sign_offs=(DENIAL,))
    row = requirement(rule="fixed_beforehand", automation="partly")
    found = evidence(*seen, examined(), subjects=(record("test"), record("record")))
    (result,) = judge(declared, plan(row), found, TODAY)
    return result


@pytest.mark.parametrize(
    ("bounds", "seen", "words"),
    [
        pytest.param((criterion(),), (), "Nothing was measured that any bound is about.", id="no test"),
        pytest.param((criterion(),), (KEPT,), "every bound (1 in all) came before", id="in time"),
        pytest.param(
            (criterion(fixed_at=date(2026, 10, 3)),),
            (KEPT,),
            "Not shown to be fixed beforehand: 1 of 1 bound. gap-sex: ",
            id="late",
        ),
        pytest.param(
            (criterion(), criterion(id="age", by=("AGE",))), (KEPT,), "for 1 of 2 bounds: age.", id="untested"
        ),
    ],
)
def test_the_dates_are_told_even_where_a_denial_decides(
    bounds: tuple[dict[str, Any], ...], seen: tuple[Observation, ...], words: str
) -> None:
    result = denied(*bounds, seen=seen)
    assert result.verdict == "not_met"
    assert words in result.reason

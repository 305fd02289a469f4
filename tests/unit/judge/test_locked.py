"""Bounds that were locked before the test: what the lock bears out, and what it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformity.judge import STANDING, judge
from conformity.judge.locked import UNLOCKED, Locked, differences
from conformity.model.criteria_lock import CriteriaLock, new_lock
from conformity.model.evidence import Observation
from conformity.model.finding import Finding
from conformity.model.nonconformity import Previous
from tests.support.assessments import (
    RUN,
    TODAY,
    bound,
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

KEPT = observation(measured(scalar(0.05, 0.02, 0.08)))
EARLY = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
"""A day before the data came into being."""


def lock(*bounds: dict[str, Any], at: datetime = EARLY, before: CriteriaLock | None = None) -> CriteriaLock:
    """Return a lock of these bounds."""
    return new_lock([bound(**one) for one in bounds or ({},)], "conformity 0", at, before)


def findings(
    held: CriteriaLock | None,
    *bounds: dict[str, Any],
    rule: str | None = None,
    stance: str = "confirms",
    produced_on: date | None = date(2026, 10, 2),
    seen: Observation | None = KEPT,
) -> Finding:
    """Return the finding on a row where the manifest names a lock."""
    declared = manifest(
        subjects=(table(produced_on=produced_on),),
        criteria=bounds or (criterion(),),
        criteria_lock="criteria.lock.json",
        exhibits=(exhibit(),),
        sign_offs=(sign_off(stance=stance),),
    )
    known = evidence(
        *((seen, examined()) if seen else (examined(),)), subjects=(record("test"), record("record"))
    )
    row = requirement(rule=rule, automation="partly")
    (result,) = judge(declared, plan(row), known, TODAY, held)
    return result


def test_a_bound_that_stands_as_it_was_locked_counts_and_tells_what_came_first() -> None:
    held = lock()
    result = findings(held)
    order = result.measured[0].order
    assert result.verdict == "met"
    assert order is not None
    assert (order.locked_at, order.produced_on, order.measured_at) == (EARLY, date(2026, 10, 2), RUN)
    assert (order.criterion_sha256, order.lock_sha256) == (held.criteria[0].sha256, held.sha256)
    assert order.holds


@pytest.mark.parametrize(
    ("held", "words"),
    [
        pytest.param(None, "which was not read", id="not read"),
        pytest.param(lock({"id": "other"}), "lock of 2026-10-01 does not hold this bound", id="added later"),
        pytest.param(
            lock({"at_most": 0.05, "owner": "Somebody"}),
            "locked since 2026-10-01: at_most, owner changed.",
            id="loosened",
        ),
        pytest.param(
            lock(at=datetime(2026, 10, 2, tzinfo=UTC)), "2026-10-02 00:00 UTC, not before the data", id="data"
        ),
        pytest.param(lock(at=RUN), "evidence was collected on 2026-11-22 12:00 UTC", id="at the run"),
    ],
)
def test_a_bound_that_the_lock_does_not_bear_out_settles_nothing(
    held: CriteriaLock | None, words: str
) -> None:
    result = findings(held)
    assert result.verdict == "undetermined"
    assert words in result.measured[0].reason
    assert result.measured[0].readings
    dated = findings(held, rule="fixed_beforehand")
    assert (dated.verdict, words in dated.reason) == ("undetermined", True)


def test_a_lock_at_the_end_of_the_day_before_the_data_is_early_enough() -> None:
    assert findings(lock(at=datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC))).verdict == "met"


def test_a_lock_a_second_before_the_run_is_early_enough_for_later_data() -> None:
    held = lock(at=datetime(2026, 11, 22, 11, 59, 59, tzinfo=UTC))
    result = findings(held, produced_on=date(2026, 11, 23))
    assert result.verdict == "met"


def test_data_of_an_unknown_day_are_not_shown_to_be_later() -> None:
    result = findings(lock(), produced_on=None)
    order = result.measured[0].order
    assert "(`produced_on`)" in result.reason
    assert order is not None
    assert (order.holds, order.produced_on) == (False, None)


def test_what_came_first_is_told_of_a_late_lock_too_but_not_of_another_bound() -> None:
    late = findings(lock(at=RUN)).measured[0].order
    assert late is not None
    assert not late.holds
    assert findings(lock({"at_most": 0.2})).measured[0].order is None
    assert findings(lock({"id": "other"})).measured[0].order is None
    assert findings(None).measured[0].order is None


def test_a_lock_does_not_excuse_what_the_dates_show() -> None:
    held = lock({"fixed_at": date(2026, 10, 2)})
    result = findings(held, criterion(fixed_at=date(2026, 10, 2)))
    assert (result.verdict, "By the provider's dates" in result.reason) == ("undetermined", True)


def test_a_placeholder_is_told_before_the_lock() -> None:
    assert "placeholder" in findings(lock(), criterion(owner="REPLACE")).reason


def test_without_a_named_lock_the_dates_stand() -> None:
    declared = manifest(criteria=(criterion(),))
    (result,) = judge(declared, plan(), evidence(KEPT), TODAY, lock({"at_most": 0.2}))
    assert (result.verdict, result.measured[0].order) == ("met", None)


def test_a_claim_needs_no_lock() -> None:
    claim = criterion(id="told", claimed_in="record", fixed_at=date(2026, 11, 1))
    result = findings(lock(), criterion(), claim)
    assert [judged.verdict for judged in result.measured] == ["met", "met"]
    assert result.measured[1].order is None


def test_the_row_on_dates_tells_the_lock_and_what_it_shows() -> None:
    held = lock()
    result = findings(held, rule="fixed_beforehand")
    assert result.verdict == "met"
    for words in (
        "Every bound (1 in all) stands as it was locked",
        "2026-10-01 09:30 UTC",
        held.sha256,
        "provider's statement",
    ):
        assert words in result.reason


@pytest.mark.parametrize("bounds", [(criterion(),), (criterion(id="told", claimed_in="record"),)])
@pytest.mark.parametrize("seen", [KEPT, None])
def test_a_bound_that_was_locked_and_is_gone_leaves_the_dates_open(
    bounds: tuple[dict[str, Any], ...], seen: Observation | None
) -> None:
    result = findings(lock({}, {"id": "strict"}), *bounds, rule="fixed_beforehand", seen=seen)
    gone = "1 bound that the manifest does not: strict" if "claimed_in" not in bounds[0] else "2 bounds"
    assert result.verdict != "met"
    assert f"The lock holds {gone}" in result.reason
    assert any("Put back the bounds that were locked" in step and "strict" in step for step in result.to_do)


def test_a_bound_that_was_locked_and_is_gone_is_undetermined_on_its_own() -> None:
    result = findings(lock({}, {"id": "strict"}), rule="fixed_beforehand")
    assert result.verdict == "undetermined"


def test_what_earlier_locks_held_is_told_and_changes_nothing() -> None:
    first = lock({"at_most": 0.05}, {"id": "strict"}, at=datetime(2026, 9, 1, tzinfo=UTC))
    result = findings(lock({}, before=first), rule="fixed_beforehand")
    assert result.verdict == "met"
    assert "Earlier locks held bounds that were changed or given up since: gap-sex, strict." in result.reason


def test_without_a_lock_nothing_is_at_fault_left_out_or_given_up() -> None:
    one = bound()
    assert UNLOCKED.fault(one, None, evidence()) is None
    assert UNLOCKED.order(one, None, evidence()) is None
    assert (UNLOCKED.left_out([one]), UNLOCKED.given_up()) == ((), ())
    unnamed = Locked(named=False, lock=lock({"id": "other"}))
    assert unnamed.fault(one, None, evidence()) is None
    assert Locked(named=False, lock=lock()).order(one, None, evidence()) is None


def test_differences_are_named_in_the_order_of_the_fields() -> None:
    other = bound(owner="Else", metric="rate")
    assert differences(bound(), other) == ("metric", "owner")
    assert differences(bound(), bound()) == ()


def test_what_a_lock_shows_is_told_even_where_a_denial_decides() -> None:
    first = lock({"id": "strict"}, at=datetime(2026, 9, 1, tzinfo=UTC))
    result = findings(lock(before=first), rule="fixed_beforehand", stance="denies")
    assert result.verdict == "not_met"
    assert "stands as it was locked" in result.reason
    assert "Earlier locks held bounds that were changed or given up since: strict." in result.reason


@pytest.mark.parametrize("seen", [KEPT, None])
@pytest.mark.parametrize("rule", [None, "fixed_beforehand"])
@pytest.mark.parametrize(
    "held", [None, lock(), lock({"at_most": 0.2}), lock({"id": "other"}), lock(at=RUN), lock({}, {"id": "b"})]
)
def test_naming_a_lock_never_makes_a_verdict_better(
    held: CriteriaLock | None, rule: str | None, seen: Observation | None
) -> None:
    known = evidence(
        *((seen, examined()) if seen else (examined(),)), subjects=(record("test"), record("record"))
    )
    bare = manifest(criteria=(criterion(),), exhibits=(exhibit(),), sign_offs=(sign_off(),))
    (without,) = judge(bare, plan(requirement(rule=rule, automation="partly")), known, TODAY)
    named = findings(held, rule=rule, seen=seen)
    assert STANDING[named.verdict] <= STANDING[without.verdict]


MISSED = observation(measured(scalar(0.5, 0.4, 0.6)))


@pytest.mark.parametrize(
    "held", [None, lock({"id": "other"}), lock({"at_most": 0.7}), lock({"at_most": 0.05}), lock(at=RUN)]
)
def test_a_miss_stays_a_miss_whatever_is_wrong_with_the_lock(held: CriteriaLock | None) -> None:
    (judged,) = findings(held, seen=MISSED).measured
    assert (judged.verdict, judged.readings[0].verdict) == ("not_met", "not_met")
    assert judged.reason.startswith("The whole interval misses the bound. The ")


def test_dates_taken_away_leave_a_miss_of_a_locked_bound_a_miss() -> None:
    assert findings(lock(), seen=MISSED, produced_on=None).measured[0].verdict == "not_met"


@pytest.mark.parametrize(
    "now",
    [
        pytest.param({"at_most": 0.9}, id="loosened"),
        pytest.param({"at_most": 0.9, "owner": "REPLACE"}, id="placeholder"),
        pytest.param({"at_most": 0.9, "fixed_at": TODAY}, id="dated anew"),
        pytest.param({"metric": "rate"}, id="another metric, not measured"),
        pytest.param({"at_most": 0.9, "claimed_in": "record"}, id="made a claim"),
    ],
)
def test_the_bound_that_was_locked_is_judged_where_another_stands_in_its_place(
    now: dict[str, Any],
) -> None:
    (judged,) = findings(lock(), criterion(**now), seen=MISSED).measured
    assert judged.verdict == "not_met"
    assert "Held against the bound that was locked: The whole interval misses the bound." in judged.reason


@pytest.mark.parametrize(
    ("bounds", "seen", "verdict"),
    [
        pytest.param((), MISSED, "not_met", id="taken out"),
        pytest.param((criterion(id="other", at_most=0.9),), MISSED, "not_met", id="renamed"),
        pytest.param((criterion(requirements=("art15.1",)),), MISSED, "not_met", id="for another row"),
        pytest.param((criterion(id="other", at_most=0.9),), KEPT, "undetermined", id="renamed and kept"),
    ],
)
def test_a_locked_bound_counts_where_it_was_to_serve_though_the_manifest_gave_it_up(
    bounds: tuple[dict[str, Any], ...], seen: Observation, verdict: str
) -> None:
    declared = manifest(criteria=bounds, criteria_lock="criteria.lock.json")
    row = requirement(automation="measured")
    (result,) = judge(declared, plan(row), evidence(seen), TODAY, lock())
    assert result.verdict == verdict
    assert "Criterion gap-sex was locked for this requirement, and the manifest" in result.reason
    assert any(step.startswith("Put back the bounds that were locked (gap-sex)") for step in result.to_do)
    (other,) = judge(declared, plan(requirement(id="art9.1")), evidence(seen), TODAY, lock())
    assert "was locked for this requirement" not in other.reason


def test_a_bound_that_serves_another_row_now_is_judged_once_with_the_day_of_its_data() -> None:
    declared = manifest(criteria=(criterion(requirements=("art15.1",)),), criteria_lock="criteria.lock.json")
    (result,) = judge(declared, plan(requirement(automation="measured")), evidence(KEPT), TODAY, lock())
    assert "was locked for this requirement" in result.reason
    assert "does not say on which day the data came into being" not in result.reason


def test_a_claim_in_the_place_of_a_locked_bound_meets_nothing() -> None:
    (judged,) = findings(lock(), criterion(claimed_in="record")).measured
    assert (judged.verdict, "claimed_in changed" in judged.reason) == ("undetermined", True)


def test_a_lock_that_follows_the_one_before_is_no_break_and_any_other_is() -> None:
    first = lock({"at_most": 0.05}, at=datetime(2026, 9, 1, tzinfo=UTC))
    for held in (first, lock(before=first)):
        assert Locked(named=True, lock=held, before=first.sha256).dropped() is None
    for other in (None, lock()):
        assert Locked(named=True, lock=other, before=first.sha256).dropped() == first.sha256
    assert UNLOCKED.dropped() is None


@pytest.mark.parametrize("bounds", [(), (criterion(),)])
def test_a_lock_that_was_dropped_leaves_the_dates_open(bounds: tuple[dict[str, Any], ...]) -> None:
    declared = manifest(criteria=bounds, exhibits=(exhibit(),), sign_offs=(sign_off(),))
    known = evidence(KEPT, examined(), subjects=(record("test"), record("record")))
    row = requirement(rule="fixed_beforehand", automation="partly")
    digest = lock().sha256
    before = Previous(
        version="1.0.0",
        assessed_at=datetime(2026, 9, 1, tzinfo=UTC),
        sha256="sha256:" + "0" * 64,
        criteria_lock_sha256=digest,
    )
    (result,) = judge(declared, plan(row), known, TODAY, None, before)
    assert result.verdict == ("undetermined" if bounds else "not_collected")
    assert f"does not follow: {digest}." in result.reason
    assert any(step.startswith("Put back the lock of the version before") for step in result.to_do)


def test_a_locked_bound_that_is_gone_leaves_its_row_open_beside_one_that_is_kept() -> None:
    held = lock({}, {"id": "other"})
    declared = manifest(criteria=(criterion(id="other"),), criteria_lock="criteria.lock.json")
    row = requirement(automation="measured")
    (result,) = judge(declared, plan(row), evidence(KEPT), TODAY, held)
    assert [one.verdict for one in result.measured] == ["met"]
    assert result.verdict == "undetermined"


def test_a_lock_that_the_manifest_does_not_name_holds_nothing() -> None:
    unnamed, changed = Locked(lock=lock()), bound(at_most=0.9)
    assert (unnamed.held(), unnamed.other(changed)) == ((), None)
    named = Locked(named=True, lock=lock())
    assert named.other(bound()) is None
    assert named.other(changed) == bound()


def test_a_claim_stands_where_the_lock_could_not_be_read() -> None:
    assert Locked(named=True).fault(bound(claimed_in="record"), None, evidence(KEPT)) is None


def test_a_bound_of_nobody_settles_nothing_not_even_a_miss() -> None:
    (judged,) = findings(lock({"owner": "REPLACE"}), criterion(owner="REPLACE"), seen=MISSED).measured
    assert judged.verdict == "undetermined"
    assert "still holds a placeholder" in judged.reason


def test_where_nothing_is_settled_a_broken_lock_is_the_reason() -> None:
    straddling = observation(measured(scalar(0.1, 0.05, 0.15)))
    (judged,) = findings(lock(), criterion(at_most=0.12), seen=straddling).measured
    assert judged.verdict == "undetermined"
    assert judged.reason.startswith("The bound is not the one that has been locked")

"""What came first is printed beside a bound: its lock, the data, the test (Art. 9(8))."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.model.base import CriterionId
from conformity.model.finding import CriterionJudgement
from conformity.render.assets import words_in
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.criteria import criterion_view, dated_view
from conformity.render.views.order import lock_bears_out
from tests.unit.render.render_records import LIMIT, build

SHA = "sha256:" + "34" * 32
ORDER: dict[str, Any] = {
    "locked_at": "2026-10-01T08:00:00Z",
    "criterion_sha256": SHA,
    "lock_sha256": "sha256:" + "56" * 32,
    "produced_on": "2026-11-02",
    "measured_at": "2026-11-20T09:30:00Z",
    "holds": True,
}


def records(*, locked: bool = True, order: dict[str, Any] | None = None, **bound: Any) -> Context:
    """Return records in which the one bound has this order and these fields."""

    def change(whole: dict[str, Any], _: dict[str, Any]) -> None:
        if locked:
            whole["manifest"]["criteria_lock"] = "criteria.lock.json"
        for one in whole["manifest"]["criteria"]:
            one.update(bound if one["id"] == "four-fifths" else {})
        for finding in whole["findings"]:
            for judged in finding.get("measured", ()):
                if judged["criterion"] == "four-fifths":
                    judged["order"] = order

    made = build(change)
    return Context(made[0], made[1], LIMIT, locale_for("en"), words_in("en"))


def judgement(context: Context) -> CriterionJudgement:
    """Return the judgement on the one bound."""
    return next(
        judged
        for finding in context.assessment.findings
        for judged in finding.measured
        if judged.criterion == CriterionId("four-fifths")
    )


def origin(context: Context) -> str:
    """Return what is printed of where the bound comes from."""
    return criterion_view(context, judgement(context), None).origin


def test_a_locked_bound_is_printed_with_digest_and_order() -> None:
    shown = origin(records(order=ORDER))
    assert shown.endswith(
        f". Locked since 1 October 2026, 08:00 UTC, digest {SHA}; data produced on 2 November 2026; "
        "measured on 20 November 2026, 09:30 UTC"
    )


def test_data_of_an_unknown_day_are_said_to_be_so() -> None:
    shown = origin(records(order={**ORDER, "produced_on": None, "holds": False}))
    assert "the day of the data is not declared; measured on 20 November 2026" in shown


def test_a_bound_that_the_lock_does_not_hold_is_said_to_be_so() -> None:
    assert origin(records()).endswith(". Not in the lock as it was judged")


def test_without_a_lock_nothing_is_said_of_one() -> None:
    assert "lock" not in origin(records(locked=False)).lower()


def test_a_claim_is_not_looked_for_in_the_lock() -> None:
    assert "lock" not in origin(records(claimed_in="instructions")).lower()


def test_a_default_is_said_not_to_be_law() -> None:
    shown = origin(records(locked=False, default_set="conventions-2026-11-22"))
    assert shown.endswith("Taken from the set of defaults conventions-2026-11-22, which is not law")


@pytest.mark.parametrize(
    ("locked", "order", "expected"),
    [
        (False, None, True),
        (True, None, False),
        (True, ORDER, True),
        (True, {**ORDER, "holds": False}, False),
    ],
)
def test_only_a_lock_that_came_first_bears_a_bound_out(
    locked: bool, order: dict[str, Any] | None, expected: bool
) -> None:
    context = records(locked=locked, order=order)
    assert lock_bears_out(context, judgement(context)) is expected
    home = context.evidence_links([judgement(context).readings[0].evidence])[0]
    word = dated_view(context, judgement(context), home).mark.word
    assert (word == "fixed before: yes") is expected

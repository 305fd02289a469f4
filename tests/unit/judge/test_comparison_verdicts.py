"""Verdicts that changed: in which direction, and why."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any, get_args

import pytest

from conformity.judge.comparison.sides import Side
from conformity.judge.comparison.verdicts import direction, verdict_changes
from conformity.model.comparison import VerdictChange
from conformity.model.finding import Verdict
from conformity.model.measurement import Scalar
from tests.support.assessments import (
    PROBE,
    criterion,
    exhibit,
    measured,
    observation,
    plan,
    record,
    requirement,
    scalar,
    sign_off,
    table,
)
from tests.support.comparisons import NEW, OLD, version

STANDS: tuple[Verdict, ...] = ("met", "undetermined", "not_met", "not_collected")


def changed(before: Side, after: Side) -> VerdictChange:
    """Return the one requirement whose verdict changed."""
    (found,), same = verdict_changes(before, after)
    assert same == 0
    return found


def gap(result: Scalar, **changes: Any) -> Side:
    """Return a version in which this gap was measured and bounded."""
    return version(observation(measured(result)), **{"criteria": (criterion(),), **changes})


GOOD, BAD = scalar(0.05, 0.03, 0.07), scalar(0.3, 0.2, 0.4)


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(STANDS, 2)))
def test_losing_ground_is_worse_and_every_new_miss_is(before: Verdict, after: Verdict) -> None:
    order = ["not_collected", "not_met", "undetermined", "met"]
    worse = after == "not_met" or order.index(after) < order.index(before)
    assert direction(before, after) == ("worse" if worse else "better")


@pytest.mark.parametrize("before", [None, "not_applicable"])
def test_what_is_asked_anew_is_worse_only_where_it_is_missed(before: Verdict | None) -> None:
    found = {after: direction(before, after) for after in get_args(Verdict)}
    assert found == {**dict.fromkeys(get_args(Verdict), "other"), "not_met": "worse"}


@pytest.mark.parametrize("before", STANDS)
@pytest.mark.parametrize("after", [None, "not_applicable"])
def test_what_is_not_asked_any_more_is_never_called_better(before: Verdict, after: Verdict | None) -> None:
    assert direction(before, after) == "set_aside"


def test_other_evidence_is_told_with_its_subject() -> None:
    found = changed(gap(GOOD), gap(BAD))
    assert (found.before, found.after, found.direction) == ("met", "not_met", "worse")
    assert (found.causes, found.named) == (("evidence",), ("test",))
    assert found.ref == "Art. 10(2)(f)"


def test_a_bound_that_asks_less_is_told_as_the_cause() -> None:
    found = changed(gap(BAD), gap(BAD, criteria=(criterion(at_most=0.5),)))
    assert (found.before, found.after, found.direction) == ("not_met", "met", "better")
    assert (found.causes, found.named) == (("criterion",), ("gap-sex",))


def test_law_that_is_worded_otherwise_is_told_first() -> None:
    other = plan(requirement(obligation="Examine data more closely."))
    found = changed(gap(GOOD), gap(BAD, made=other))
    assert found.causes == ("law", "evidence")
    assert found.named == ("art10.2.f", "test")


def test_answers_that_take_a_requirement_away_are_named() -> None:
    answers = ({"question": "annex_iii", "answer": "no"},)
    aside = gap(
        GOOD, made=plan(applies="no", reason="Not high-risk."), classification=answers, role="deployer"
    )
    found = changed(gap(GOOD), aside)
    assert (found.direction, found.causes) == ("set_aside", ("classification",))
    assert found.named == ("annex_iii", "role")


def test_a_requirement_in_one_plan_alone_is_a_matter_of_law() -> None:
    two = plan(requirement(), requirement(id="art10.2.g", ref="Art. 10(2)(g)"))
    found = changed_of(gap(GOOD), gap(GOOD, made=two), "art10.2.g")
    assert (found.before, found.after, found.causes) == (None, "undetermined", ("law", "evidence"))
    assert found.reason_before is None
    assert (found.ref, found.title) == ("Art. 10(2)(g)", two.requirements[1].requirement.title)
    back = changed_of(gap(GOOD, made=two), gap(GOOD), "art10.2.g")
    assert (back.after, back.direction, back.ref) == (None, "set_aside", "Art. 10(2)(g)")


def changed_of(before: Side, after: Side, name: str) -> VerdictChange:
    """Return what became of one requirement."""
    return next(one for one in verdict_changes(before, after)[0] if one.requirement == name)


def test_sign_offs_and_exhibits_are_told_apart() -> None:
    declared = plan(
        requirement(automation="declared", probes=(), evidence=({"kind": "declared", "item": "x"},))
    )
    from tests.support.assessments import examined

    def made(**changes: Any) -> Side:
        return version(examined(), made=declared, records=(record("record"),), **changes)

    bare = made(exhibits=(exhibit(),))
    signed = made(exhibits=(exhibit(),), sign_offs=(sign_off(),))
    found = changed(bare, signed)
    assert (found.after, found.causes, found.named) == ("met", ("sign_off",), ("record-signed",))
    dated = made(exhibits=(exhibit(dated=date(2026, 9, 1), title="Another"),), sign_offs=(sign_off(),))
    assert changed(bare, dated).causes == ("exhibit", "sign_off")


def test_another_version_of_the_probe_is_named() -> None:
    newer = plan().model_copy(update={"probes": (PROBE.model_copy(update={"version": 2}),)})
    seen = observation(measured(BAD), probe_version=2)
    found = changed(gap(GOOD), version(seen, made=newer, criteria=(criterion(),)))
    assert found.causes == ("probe", "evidence")
    assert found.named[0] == "fairness/gap 1 -> 2"


def test_special_data_count_where_a_rule_looks_at_them() -> None:
    ruled = plan(requirement(rule="special_data_deleted", probes=(), automation="partly"))
    use = {
        "subject": "test",
        "columns": ("SEX",),
        "why_needed": "To find bias.",
        "keep_until": date(2026, 1, 1),
    }
    before = version(made=ruled)
    after = version(made=ruled, special_category_use=(use,))
    found = verdict_changes(before, after)[0]
    assert [one.causes for one in found] == [("declaration",)]


def test_the_tool_and_then_the_day_are_what_is_left() -> None:
    before = gap(GOOD)
    finding = before.assessment.findings[0].model_copy(update={"verdict": "undetermined"})

    def other(tool: str) -> Side:
        assessment = before.assessment.model_copy(update={"findings": (finding,), "tool": tool})
        return Side(assessment, before.evidence, before.assessment_sha256, before.pack_sha256, before.telling)

    assert changed(before, other("conformity 0.2.0")).causes == ("tool",)
    found = changed(before, other(before.assessment.tool))
    assert (found.causes, found.named) == (("day",), ("2026-11-22",))


def test_age_limits_and_other_artefacts_are_told_before_the_tool() -> None:
    limit = ({"days": 30, "reason": "Behaviour changes quickly."},)
    found = changed(gap(GOOD), gap(GOOD, age_limits=limit))
    assert (found.after, found.causes, found.named) == ("undetermined", ("declaration",), ("age:test",))
    made = table(made_with=({"id": "other", "sha256": NEW},))
    before = gap(GOOD, subjects=(made, table(id="other")), records=(record("other", NEW),))
    after = gap(GOOD, subjects=(made, table(id="other")), records=(record("other", OLD),))
    stale = changed(before, after)
    assert (stale.direction, stale.causes, stale.named) == ("worse", ("evidence",), ("other",))


def test_a_lock_that_changed_counts_as_the_bound() -> None:
    before = gap(GOOD)
    judged = before.assessment.findings[0].measured[0]
    order = {
        "locked_at": "2026-10-01T00:00:00Z",
        "criterion_sha256": "sha256:" + "c" * 64,
        "lock_sha256": "sha256:" + "d" * 64,
        "produced_on": None,
        "measured_at": "2026-11-22T12:00:00Z",
        "holds": False,
    }
    locked = type(judged).model_validate({**judged.model_dump(), "order": order})
    finding = before.assessment.findings[0].model_copy(
        update={"verdict": "undetermined", "measured": (locked,)}
    )
    assessment = before.assessment.model_copy(update={"findings": (finding,)})
    after = Side(assessment, before.evidence, before.assessment_sha256, before.pack_sha256, before.telling)
    found = changed(before, after)
    assert (found.causes, found.named) == (("criterion",), ("gap-sex",))

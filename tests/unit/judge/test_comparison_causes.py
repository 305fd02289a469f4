"""Each cause of another verdict, on its own: what is named, and what is not for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformity.judge.comparison.sides import Side
from conformity.judge.comparison.verdicts import verdict_changes
from conformity.model.comparison import VerdictChange
from conformity.model.finding import Verdict
from conformity.model.measurement import Count
from conformity.model.plan import Plan
from tests.support.assessments import (
    PROBE,
    criterion,
    examined,
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

ROW = "art10.2.f"
LATER = datetime(2026, 11, 23, tzinfo=UTC)


def judged(side: Side, **verdicts: Verdict) -> Side:
    """Return a version in which requirements have these verdicts; dots of their ids are underscores."""
    told = {name.replace("_", "."): verdict for name, verdict in verdicts.items()}
    findings = tuple(
        one.model_copy(update={"verdict": told.get(str(one.requirement), one.verdict)})
        for one in side.assessment.findings
    )
    return replace(side, assessment=side.assessment.model_copy(update={"findings": findings}))


def why(before: Side, after: Side) -> VerdictChange:
    """Return what is said of the requirement where its verdict alone is made another one."""
    changes, _ = verdict_changes(judged(before, art10_2_f="met"), judged(after, art10_2_f="undetermined"))
    return next(one for one in changes if one.requirement == ROW)


def causes(before: Side, after: Side) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the causes and what is named."""
    found = why(before, after)
    return found.causes, found.named


NO_CAUSE = (("day",), ("2026-11-22",))


def test_verdicts_are_ordered_by_where_they_lead() -> None:
    names = ("better", "other", "aside", "worse", "same")
    made = plan(*(requirement(id=name) for name in names))
    before = judged(
        version(made=made), better="not_met", other="not_applicable", aside="met", worse="met", same="met"
    )
    after = judged(
        version(made=made), better="met", other="met", aside="not_applicable", worse="not_met", same="met"
    )
    found, same = verdict_changes(before, after)
    assert [(one.requirement, one.direction) for one in found] == [
        ("worse", "worse"),
        ("aside", "set_aside"),
        ("other", "other"),
        ("better", "better"),
    ]
    assert same == 1


def test_a_change_is_told_with_both_reasons_as_each_report_guards_them() -> None:
    def guarded(mark: str) -> Side:
        """Return a version whose report marks each sentence."""
        side = version()
        return replace(side, telling=replace(side.telling, guard=lambda text: f"{mark} {text}"))

    before, after = guarded("then"), guarded("now")
    found = why(before, after)
    assert (found.before, found.after) == ("met", "undetermined")
    assert found.reason_before == f"then {before.assessment.findings[0].reason}"
    assert found.reason_after == f"now {after.assessment.findings[0].reason}"
    assert (found.ref, found.title) == ("Art. 10(2)(f)", "Bias examination")


def test_a_requirement_of_no_plan_is_named_by_its_id() -> None:
    def unplanned(side: Side) -> Side:
        """Return a version whose plan is lost."""
        bare = side.assessment.plan.model_copy(update={"requirements": ()})
        return replace(side, assessment=side.assessment.model_copy(update={"plan": bare}))

    found = why(unplanned(version()), unplanned(version()))
    assert (found.ref, found.title, found.causes) == (ROW, ROW, ("law",))


def test_at_most_twelve_names_are_listed() -> None:
    after = version(criteria=[criterion(id=f"c{number:02}") for number in range(13)])
    assert causes(version(), after) == (("criterion",), tuple(f"c{number:02}" for number in range(12)))


def test_the_tool_is_named_only_where_nothing_else_is() -> None:
    other = version(tool="conformity 2", criteria=(criterion(),))
    assert causes(version(), other) == (("criterion",), ("gap-sex",))
    assert causes(version(), version(tool="conformity 2")) == (("tool",), ("conformity 2",))
    assert causes(version(), version()) == NO_CAUSE


def test_only_bounds_for_the_requirement_are_named() -> None:
    kept, elsewhere = criterion(id="kept"), criterion(id="elsewhere", requirements=("art9.1",))
    changed = criterion(id="elsewhere", requirements=("art9.1",), at_most=0.2)
    before, after = version(criteria=(kept, elsewhere)), version(criteria=(kept, changed, criterion()))
    assert causes(before, after) == (("criterion",), ("gap-sex",))
    assert causes(version(criteria=(elsewhere,)), version(criteria=(changed,))) == NO_CAUSE


def locked(**locks: str | None) -> Side:
    """Return a version whose bounds were judged under these locks."""
    side = version(
        observation(measured(scalar(0.05, 0.03, 0.07))), criteria=[criterion(id=name) for name in locks]
    )
    (finding,) = side.assessment.findings
    order = {
        "locked_at": "2026-10-01T00:00:00Z",
        "criterion_sha256": OLD,
        "produced_on": None,
        "measured_at": "2026-11-22T12:00:00Z",
        "holds": True,
    }
    told = tuple(
        type(one).model_validate(
            {
                **one.model_dump(),
                "order": {**order, "lock_sha256": lock} if (lock := locks[one.criterion]) else None,
            }
        )
        for one in finding.measured
    )
    changed = finding.model_copy(update={"measured": told})
    return replace(side, assessment=side.assessment.model_copy(update={"findings": (changed,)}))


def test_only_locks_that_are_other_ones_are_named() -> None:
    before, after = locked(a=OLD, b=OLD, c=None), locked(a=OLD, b=NEW, c=None)
    assert causes(before, after) == (("criterion",), ("b",))
    assert causes(locked(a=None), locked(a=OLD)) == (("criterion",), ("a",))


def test_only_answers_that_are_other_ones_are_named_where_it_applies_otherwise() -> None:
    def answered(answer: str, made: Plan, **changes: Any) -> Side:
        """Return a version with one answer that stays, and one that may not."""
        told = ({"question": "first", "answer": "yes"}, {"question": "second", "answer": answer})
        return version(made=made, classification=told, **changes)

    maybe = plan(applies="unknown")
    assert causes(answered("yes", plan()), answered("no", maybe)) == (("classification",), ("second",))
    assert causes(answered("yes", plan()), answered("no", plan(), role="deployer")) == NO_CAUSE
    assert causes(answered("yes", plan()), answered("yes", maybe, role="deployer")) == (
        ("classification",),
        ("role",),
    )


def seen(value: float, subject: str = "test", **changes: Any) -> Any:
    """Return an observation of a subject."""
    one = measured(scalar(value, value - 0.01, value + 0.01), subject=subject)
    return observation(one, step=f"fairness/gap@{subject}", subject=subject, **changes)


def test_only_subjects_that_were_seen_otherwise_are_named() -> None:
    subjects = (table(), table(id="other"))
    before = version(seen(0.05), seen(0.05, "other"), subjects=subjects)
    after = version(seen(0.05), seen(0.3, "other"), subjects=subjects)
    assert causes(before, after) == (("evidence",), ("other",))


@pytest.mark.parametrize(
    "changes",
    [
        {"collected_at": LATER},
        {"probe_version": 2},
        {"isolation": "other"},
    ],
)
def test_when_and_where_it_was_seen_is_no_cause(changes: dict[str, Any]) -> None:
    assert causes(version(seen(0.05)), version(seen(0.05, **changes))) == NO_CAUSE


def test_what_was_seen_for_others_is_no_cause() -> None:
    def other(value: float) -> Side:
        """Return a version where another probe saw something on a subject of its own."""
        one = measured(scalar(value, value - 0.01, value + 0.01), metric="else", subject="other")
        odd = observation(one, step="other/probe@other", probe="other/probe", subject="other")
        return version(odd, subjects=(table(), table(id="other")))

    assert causes(other(0.05), other(0.3)) == NO_CAUSE


def test_what_a_bound_was_held_against_is_evidence_though_the_finding_does_not_list_it() -> None:
    def unlisted(value: float) -> Side:
        """Return a version whose finding lists no evidence beside the readings of its bounds."""
        side = version(seen(value), criteria=(criterion(),))
        (finding,) = side.assessment.findings
        bare = finding.model_copy(update={"evidence": ()})
        return replace(side, assessment=side.assessment.model_copy(update={"findings": (bare,)}))

    assert causes(unlisted(0.05), unlisted(0.06)) == (("evidence",), ("test",))


DECLARED = plan(requirement(automation="declared", probes=(), evidence=({"kind": "declared", "item": "x"},)))


def documented(digest: str = OLD, **changes: Any) -> Side:
    """Return a version with documents: one for the requirement that stays, and what else is given."""
    records = (record("record", OLD), record("other", digest))
    return version(examined(), made=DECLARED, records=records, **{"exhibits": (exhibit(),), **changes})


def test_only_documents_for_the_requirement_that_are_other_ones_are_named() -> None:
    both = (exhibit(), exhibit(id="other"))
    assert causes(documented(exhibits=both), documented(NEW, exhibits=both)) == (("exhibit",), ("other",))
    retitled = (exhibit(), exhibit(id="other", title="Another"))
    assert causes(documented(exhibits=both), documented(exhibits=retitled)) == (("exhibit",), ("other",))
    away = [(exhibit(), exhibit(id="other", covers=("art9.1",), title=title)) for title in ("One", "Two")]
    assert "exhibit" not in causes(documented(exhibits=away[0]), documented(exhibits=away[1]))[0]


def test_only_sign_offs_for_the_requirement_that_are_other_ones_are_named() -> None:
    kept = sign_off()
    elsewhere = [sign_off(id="elsewhere", requirements=("art9.1",), statement=text) for text in ("a", "b")]
    before = documented(sign_offs=(kept, elsewhere[0]))
    assert causes(before, documented(sign_offs=(kept, elsewhere[1]))) == NO_CAUSE
    more = documented(sign_offs=(kept, elsewhere[1], sign_off(id="more")))
    assert causes(before, more) == (("sign_off",), ("more",))


def test_a_document_that_was_examined_otherwise_is_no_evidence_of_a_probe() -> None:
    def of_size(size: int) -> Side:
        """Return a version whose document has so many bytes."""
        seen = measured(Count(value=size, unit="bytes"), metric="document_bytes", subject="record", by=())
        looked = observation(seen, step="declared/exhibit@record", probe="declared/exhibit", subject="record")
        return version(looked, made=DECLARED, exhibits=(exhibit(),), records=(record("record", OLD),))

    assert causes(of_size(7), of_size(8)) == NO_CAUSE


def test_special_data_are_no_cause_where_no_rule_looks_at_them() -> None:
    use = {"subject": "test", "columns": ("SEX",), "why_needed": "w", "keep_until": date(2026, 12, 1)}
    using = version(special_category_use=(use,))
    assert causes(version(), using) == NO_CAUSE
    ruled = plan(requirement(rule="special_data_deleted", probes=(), automation="partly"))
    before, after = version(made=ruled), version(made=ruled, special_category_use=(use,))
    assert causes(before, after) == (("declaration",), ("special_category_use",))
    assert causes(before, before) == NO_CAUSE


def probed(number: int | None, **row: Any) -> Side:
    """Return a version whose probe has a version, or is not in the plan."""
    probes = () if number is None else (PROBE.model_copy(update={"version": number}),)
    return version(made=plan(requirement(**row)).model_copy(update={"probes": probes}))


def test_only_probes_of_both_plans_that_are_other_ones_are_named() -> None:
    assert causes(probed(1), probed(2)) == (("probe",), ("fairness/gap 1 -> 2",))
    assert causes(probed(1), probed(1)) == NO_CAUSE
    assert causes(probed(None), probed(2)) == NO_CAUSE
    assert causes(probed(1), probed(None)) == NO_CAUSE


def test_the_probes_are_those_of_the_later_plan_or_of_the_one_that_has_the_requirement() -> None:
    changes, _ = verdict_changes(probed(1), probed(2, id="new"))
    assert {one.requirement: one.causes for one in changes} == {
        "new": ("law", "probe"),
        ROW: ("law", "probe"),
    }
    other = probed(2, probes=("other/probe",))
    assert causes(probed(1), other) == (("law",), (ROW,))
    assert causes(other, probed(3)) == (("law", "probe"), (ROW, "fairness/gap 2 -> 3"))

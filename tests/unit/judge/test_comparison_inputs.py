"""What went into two versions: bounds that ask less first, other bytes, other fields, law, tool, register."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge.comparison import inputs
from conformity.judge.comparison.registers import register_change
from conformity.judge.comparison.sides import Side
from conformity.model.evidence import Package
from conformity.model.nonconformity import Closure, NonConformity
from conformity.model.plan import PlannedRequirement
from tests.support.assessments import (
    PROBE,
    TODAY,
    bound,
    criterion,
    exhibit,
    plan,
    record,
    requirement,
    sign_off,
    table,
)
from tests.support.comparisons import NEW, OLD, between, version


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"at_most": 0.2}, "softened"),
        ({"at_most": None, "at_least": 0.0}, "softened"),
        ({"at_most": 0.05}, "tightened"),
        ({"at_least": 0.01}, "tightened"),
        ({"at_least": 0.01, "at_most": 0.2}, "softened"),
        ({"by": ()}, "moved"),
        ({"metric": "rate"}, "moved"),
        ({"requirements": ("art10.2.g",)}, "softened"),
        ({"requirements": ("art10.2.f", "art10.2.g")}, "reworded"),
        ({"reason": "Other words."}, "reworded"),
    ],
)
def test_a_bound_that_asks_less_is_softened(changes: dict[str, Any], kind: str) -> None:
    assert inputs.bound_kind(bound(), bound(**changes)) == kind


def test_a_lower_end_that_goes_or_falls_is_softened() -> None:
    lower = bound(at_least=0.5, at_most=None)
    assert inputs.bound_kind(lower, bound(at_least=0.4, at_most=None)) == "softened"
    assert inputs.bound_kind(lower, bound(at_least=0.6, at_most=None)) == "tightened"


def test_bounds_are_told_with_what_asks_less_first() -> None:
    before = version(criteria=(criterion(), criterion(id="gone"), criterion(id="same")))
    after = version(
        criteria=(
            criterion(id="new", by=("SEX",), group=("f",)),
            criterion(at_most=0.2),
            criterion(id="same"),
        )
    )
    found = inputs.bound_changes(before, after)
    assert [(one.criterion, one.kind) for one in found] == [
        ("gap-sex", "softened"),
        ("gone", "removed"),
        ("new", "added"),
    ]
    assert found[0].before == "gap on test, SEX <= 0.1"
    day = str(criterion()["fixed_at"])[:10]
    assert found[0].after == f"gap on test, SEX <= 0.2; both bounds are declared as fixed on {day}"
    later = version(criteria=(criterion(at_most=0.2, fixed_at="2026-11-01"),))
    assert inputs.bound_changes(before, later)[0].after == "gap on test, SEX <= 0.2"
    assert found[2].after == "gap on test, SEX, =f <= 0.1"


def aged(*limits: tuple[int, tuple[str, ...]], **changes: Any) -> Side:
    """Return a version with these age limits: days, and of what."""
    return version(
        age_limits=tuple({"days": days, "of": of, "reason": "r"} for days, of in limits),
        exhibits=(exhibit(),),
        **changes,
    )


def test_evidence_that_may_be_older_is_a_softened_bound() -> None:
    before = aged((365, ()), (90, ("test",)))
    found = inputs.bound_changes(before, aged((365, ()), (180, ("test",))))
    assert [(one.criterion, one.kind, one.before, one.after) for one in found] == [
        ("age:test", "softened", "<= 90 d", "<= 180 d")
    ]
    assert [one.kind for one in inputs.age_changes(before, aged())] == ["softened", "softened"]
    assert [one.kind for one in inputs.age_changes(aged(), before)] == ["tightened", "tightened"]
    assert inputs.age_changes(before, aged((365, ("record",)), (90, ("test",)))) == ()
    shorter = inputs.age_changes(before, aged((365, ()), (30, ("test",))))
    assert [one.kind for one in shorter] == ["tightened"]
    assert inputs.field_changes(before, aged()) == ()


def test_other_bytes_and_other_declarations_are_told_apart() -> None:
    before = version(exhibits=(exhibit(),), records=(record("record"),))
    after = version(
        data=NEW,
        subjects=(table(), table(id="more", path="more.csv")),
        exhibits=(exhibit(title="New title"),),
        records=(record("record"),),
    )
    found = {one.id: one for one in inputs.subject_changes(before, after)}
    assert (found["test"].change, found["test"].kind) == ("changed", "table")
    assert (found["test"].before, found["test"].after) == ("sha256:111111111111", "sha256:222222222222")
    assert (found["more"].change, found["more"].after) == ("added", "sha256:?")
    (document,) = inputs.exhibit_changes(before, after)
    assert (document.id, document.kind, document.before) == ("record", "exhibit:declaration", document.after)
    assert inputs.subject_changes(before, before) == ()


def test_sign_offs_that_changed_are_listed() -> None:
    given: dict[str, Any] = {"exhibits": (exhibit(),)}
    before = version(sign_offs=(sign_off(),), **given)
    after = version(sign_offs=(sign_off(stance="denies"), sign_off(id="more")), **given)
    found = inputs.sign_off_changes(before, after)
    assert [(one.id, one.change, one.before, one.after) for one in found] == [
        ("record-signed", "changed", "confirms 2026-10-02", "denies 2026-10-02"),
        ("more", "added", None, "confirms 2026-10-02"),
    ]


def test_other_fields_are_named_by_their_place() -> None:
    answers = ({"question": "annex_iii", "answer": "no"},)
    before, after = version(), version(classification=answers, role="deployer")
    assert [(one.id, one.before, one.after) for one in inputs.field_changes(before, after)] == [
        ("/classification/annex_iii/answer", None, "no"),
        ("/classification/annex_iii/question", None, "annex_iii"),
        ("/role", "provider", "deployer"),
    ]


def law(as_of: date, *rows: tuple[str, str, date | None, str]) -> Side:
    """Return a version judged on a day, with rows: id, applies, duty from, obligation."""
    planned = tuple(
        PlannedRequirement.model_validate(
            {
                "requirement": requirement(id=name, obligation=obligation),
                "applies": applies,
                "reason": "r",
                "duty_from": since,
            }
        )
        for name, applies, since, obligation in rows
    )
    made = plan().model_copy(update={"as_of": as_of, "requirements": planned})
    return version(made=made)


def test_law_between_two_days_is_told() -> None:
    day = date(2027, 12, 2)
    before = law(date(2026, 11, 1), ("a", "yes", day, "x"), ("b", "no", None, "x"), ("c", "yes", None, "x"))
    after = law(date(2027, 12, 2), ("a", "yes", day, "y"), ("b", "yes", None, "x"), ("d", "yes", None, "x"))
    found = inputs.law_change(before, after)
    assert (found.reworded, found.begun, found.now_apply) == (("a",), ("a",), ("b",))
    assert (found.added, found.removed, found.no_longer) == (("d",), ("c",), ())
    assert inputs.law_change(after, before).no_longer == ("b",)
    same_day = law(day, ("a", "yes", day, "x"))
    assert inputs.law_change(same_day, same_day).begun == ()


def test_versions_of_probes_and_packages_are_told() -> None:
    newer = plan().model_copy(update={"probes": (PROBE.model_copy(update={"version": 2}),)})
    before, after = version(), version(made=newer, tool="conformity 0.2.0")
    packages = after.evidence.model_copy(update={"software": (Package(name="duckdb", version="2.1"),)})
    after = Side(after.assessment, packages, after.assessment_sha256, after.pack_sha256, after.telling)
    assert [(one.id, one.before, one.after) for one in inputs.probe_changes(before, after)] == [
        ("fairness/gap", "v1", "v2")
    ]
    assert [(one.id, one.change) for one in inputs.software_changes(before, after)] == [
        ("tool", "changed"),
        ("duckdb", "added"),
    ]


def entry(name: str, state: str = "open", due: date | None = None) -> NonConformity:
    """Return an entry of a register."""
    closure = Closure(on=TODAY, reason="Met.", evidence_sha256=OLD) if state == "closed" else None
    return NonConformity.model_validate(
        {
            "id": name,
            "requirement": "art10.2.f",
            "kind": "missed",
            "verdict": "not_met",
            "reason": "r",
            "blocks": True,
            "rule": "r",
            "severity": "major",
            "severity_rule": "r",
            "owner": None,
            "corrective_action": "c",
            "planned": False,
            "due": due,
            "opened_on": TODAY,
            "opened_in": "1.0.0",
            "state": state,
            "closure": closure,
        }
    )


def registered(*entries: NonConformity) -> Side:
    """Return a version with this register."""
    side = version()
    assessment = side.assessment.model_copy(update={"non_conformities": entries})
    return Side(assessment, side.evidence, side.assessment_sha256, side.pack_sha256, side.telling)


def test_an_entry_that_nothing_closed_is_gone_and_not_closed() -> None:
    passed = date(2026, 11, 21)
    before = registered(entry("a"), entry("b"), entry("c"), entry("d", "closed"))
    after = registered(
        entry("a", due=passed), entry("b", "closed", passed), entry("d"), entry("e", due=TODAY)
    )
    found = register_change(before, after)
    assert [one.id for one in found.still_open] == ["a"]
    assert [one.id for one in found.closed] == ["b"]
    assert [one.id for one in found.gone] == ["c"]
    assert [one.id for one in found.new] == ["d", "e"]
    assert (found.still_open[0].overdue, found.closed[0].overdue, found.new[1].overdue) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("editions", "follows"),
    [(("1.0.0", "1.10.0"), "later"), (("1.2.0", "1.2.0"), "same"), (("1.10.0", "1.9.0"), "earlier")],
)
def test_how_versions_follow_is_told_by_their_numbers(editions: tuple[str, str], follows: str) -> None:
    before, after = (version(edition={"version": one}) for one in editions)
    assert between(before, after).follows == follows


def test_a_version_that_names_the_one_before_follows_it() -> None:
    before = version()
    after = version(edition={"version": "2.0.0", "previous": before.assessment_sha256})
    found = between(before, after)
    assert (found.follows, found.same_system) == ("names_it", True)
    other = version(provider={"name": "Another", "address": "a", "contact": "c"})
    assert not between(before, other).same_system

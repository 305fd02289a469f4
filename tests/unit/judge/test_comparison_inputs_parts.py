"""Each part of what went into two versions, on its own: order, names, kinds, and what is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge.comparison import inputs
from conformity.judge.comparison.sides import Side
from conformity.model.evidence import Isolation, Package
from conformity.model.plan import PlannedRequirement
from tests.support.assessments import (
    PROBE,
    bound,
    criterion,
    exhibit,
    plan,
    record,
    requirement,
    sign_off,
    table,
)
from tests.support.comparisons import NEW, OLD, version

MODEL = {"id": "model", "kind": "model", "title": "M", "path": "m.onnx", "format": "onnx"}
CHANGE = {"id": "monthly", "description": "New data every month."}
CORRECTION = {
    "requirement": "art10.2.f",
    "owner": "o",
    "corrective_action": "c",
    "due": date(2026, 12, 1),
}


def test_bounds_are_ordered_by_what_became_of_them_and_then_by_name() -> None:
    before = version(criteria=[criterion(id=one) for one in ("f", "e", "c", "b", "a2", "a1", "same")])
    after = version(
        criteria=[
            criterion(id="f", reason="Other words."),
            criterion(id="e", at_most=0.05),
            criterion(id="d"),
            criterion(id="c", by=()),
            criterion(id="a2", at_most=0.2),
            criterion(id="a1", at_most=0.2),
            criterion(id="same"),
        ]
    )
    assert [(one.criterion, one.kind) for one in inputs.bound_changes(before, after)] == [
        ("a1", "softened"),
        ("a2", "softened"),
        ("b", "removed"),
        ("c", "moved"),
        ("d", "added"),
        ("e", "tightened"),
        ("f", "reworded"),
    ]


@pytest.mark.parametrize(
    ("ends", "changes", "kind"),
    [
        ({"at_least": 0.1, "at_most": None}, {"reason": "Other words."}, "reworded"),
        ({"at_least": 0.1, "at_most": None}, {"at_most": 0.9}, "tightened"),
        ({"at_least": 0.1, "at_most": 0.9}, {"at_most": None}, "softened"),
        ({"at_least": 0.1, "at_most": 0.9}, {"at_least": None}, "softened"),
        ({"at_least": 0.1, "at_most": 0.9}, {"at_least": 0.2, "at_most": 0.8}, "tightened"),
        ({"at_least": 0.1, "at_most": 0.9}, {"at_least": 0.2, "at_most": 0.95}, "softened"),
        ({}, {"subject": "other"}, "moved"),
        ({}, {"group": ("f",)}, "moved"),
        ({}, {"subject": "other", "at_most": 0.05}, "moved"),
    ],
)
def test_what_became_of_a_bound(ends: dict[str, Any], changes: dict[str, Any], kind: str) -> None:
    assert inputs.bound_kind(bound(**ends), bound(**{**ends, **changes})) == kind


def test_a_bound_that_moved_is_told_with_both_places_and_the_metric_of_today() -> None:
    (found,) = inputs.criterion_changes(
        version(criteria=[criterion(fixed_at="2026-09-01")]), version(criteria=[criterion(metric="rate")])
    )
    assert (found.metric, found.before, found.after) == (
        "rate",
        "gap on test, SEX <= 0.1",
        "rate on test, SEX <= 0.1",
    )
    (gone,) = inputs.criterion_changes(version(criteria=[criterion()]), version())
    assert (gone.metric, gone.before, gone.after) == ("gap", "gap on test, SEX <= 0.1", None)


def test_a_bound_in_other_words_bears_its_day_by_right() -> None:
    (found,) = inputs.criterion_changes(
        version(criteria=[criterion()]), version(criteria=[criterion(reason="Other words.")])
    )
    assert found.after == "gap on test, SEX <= 0.1"


def test_a_bound_is_told_in_symbols_and_cut_where_it_is_long() -> None:
    both = bound(at_least=0.25, at_most=0.5, by=("SEX", "AGE"), group=("f", "old"))
    assert inputs.bound_words(both) == "gap on test, SEX, AGE, =f, =old >= 0.25 <= 0.5"
    assert inputs.bound_words(bound(at_least=0.25, at_most=None)) == "gap on test, SEX >= 0.25"
    assert inputs.bound_words(bound(by=("x" * 300,))) == "gap on test, " + "x" * 187


def test_the_age_of_evidence_is_told_only_where_it_changed_and_both_name_the_thing() -> None:
    def aged(days: int | None, *others: str) -> Side:
        """Return a version whose tables may be so many days old."""
        limits = [{"days": days, "reason": "r"}] if days else []
        subjects = [table(), *(table(id=one) for one in others)]
        return version(subjects=subjects, age_limits=limits)

    (found,) = inputs.age_changes(aged(30, "gone"), aged(90, "new"))
    assert (found.criterion, found.metric, found.kind) == ("age:test", "age_d", "softened")
    (first,) = inputs.age_changes(aged(None), aged(90))
    assert (first.before, first.after, first.kind) == (None, "<= 90 d", "tightened")
    (last,) = inputs.age_changes(aged(90), aged(None))
    assert (last.before, last.after, last.kind) == ("<= 90 d", None, "softened")
    assert inputs.age_changes(aged(90), aged(90)) == ()


def test_of_several_limits_that_are_about_a_thing_the_shortest_counts() -> None:
    def limited(*limits: tuple[int, tuple[str, ...]]) -> Side:
        """Return a version with two tables and these limits."""
        told = [{"days": days, "of": of, "reason": "r"} for days, of in limits]
        return version(subjects=[table(), table(id="other")], age_limits=told)

    before, after = limited((30, ("other",)), (90, ())), limited((30, ("other",)), (60, ("test",)))
    (found,) = inputs.age_changes(before, after)
    assert (found.criterion, found.before, found.after) == ("age:test", "<= 90 d", "<= 60 d")


@pytest.mark.parametrize(
    "changes",
    [
        {"subjects": (table(title="Another"),)},
        {"exhibits": (exhibit(id="second"),)},
        {"criteria": (criterion(),)},
        {"sign_offs": (sign_off(requirements=("art9.1",)),), "exhibits": (exhibit(),)},
        {"non_conformities": (CORRECTION,)},
        {"predetermined_changes": (CHANGE,)},
        {"age_limits": ({"days": 30, "reason": "r"},)},
    ],
)
def test_what_has_a_part_of_its_own_is_no_other_field(changes: dict[str, Any]) -> None:
    assert inputs.field_changes(version(), version(**changes)) == ()


def test_other_fields_are_told_as_far_as_they_differ() -> None:
    long = {"name": "Scorer", "version": "2.0", "intended_purpose": "x" * 300}
    (found,) = inputs.field_changes(version(), version(system=long))
    assert (found.id, found.kind, found.change) == ("/system/intended_purpose", "field", "changed")
    assert (found.before, found.after) == ("Testing.", "x" * 200)


def test_what_stands_in_a_list_is_named_by_its_number() -> None:
    use = {"subject": "test", "columns": ("SEX",), "why_needed": "w", "keep_until": date(2026, 12, 1)}
    found = inputs.field_changes(version(special_category_use=(use,)), version())
    assert [(one.id, one.before) for one in found] == [
        ("/special_category_use/0/columns/0", "SEX"),
        ("/special_category_use/0/keep_until", "2026-12-01"),
        ("/special_category_use/0/subject", "test"),
        ("/special_category_use/0/why_needed", "w"),
    ]


def test_things_that_are_gone_are_told_by_their_kind() -> None:
    before = version(
        subjects=(table(), MODEL),
        exhibits=(exhibit(),),
        records=(record("model", NEW), record("record", OLD)),
    )
    found = (*inputs.subject_changes(before, version()), *inputs.exhibit_changes(before, version()))
    assert [(one.id, one.kind, one.change, one.before, one.after) for one in found] == [
        ("model", "model", "removed", "sha256:222222222222", None),
        ("record", "exhibit", "removed", "sha256:111111111111", None),
    ]


def test_a_thing_of_another_kind_is_told_as_what_it_is_now() -> None:
    before = version(subjects=(table(), MODEL), records=(record("model", OLD),))
    after = version(subjects=(table(), {**table(), "id": "model"}), records=(record("model", NEW),))
    (found,) = inputs.subject_changes(before, after)
    assert (found.kind, found.change) == ("table", "changed")


def test_a_thing_whose_bytes_are_known_now_has_changed() -> None:
    (found,) = inputs.subject_changes(version(data=None), version(data=NEW))
    assert (found.kind, found.before, found.after) == ("table", "sha256:?", "sha256:222222222222")


def test_sign_offs_that_are_gone_are_told_and_those_that_stay_are_not() -> None:
    given: dict[str, Any] = {"exhibits": (exhibit(),)}
    before = version(sign_offs=(sign_off(), sign_off(id="gone")), **given)
    (found,) = inputs.sign_off_changes(before, version(sign_offs=(sign_off(),), **given))
    assert (found.id, found.kind, found.change) == ("gone", "sign-off", "removed")
    assert (found.before, found.after) == ("confirms 2026-10-02", None)


FIRST, LAST = date(2026, 11, 1), date(2027, 12, 2)


def law(as_of: date, *rows: tuple[str, str, date | None]) -> Side:
    """Return a version judged on a day, with rows: id, whether it applies, from when."""
    planned = tuple(
        PlannedRequirement.model_validate(
            {"requirement": requirement(id=name), "applies": applies, "reason": "r", "duty_from": since}
        )
        for name, applies, since in rows
    )
    return version(made=plan().model_copy(update={"as_of": as_of, "requirements": planned}))


@pytest.mark.parametrize(
    ("applies", "since", "begun"),
    [
        ("yes", LAST, True),
        ("unknown", LAST, True),
        ("no", LAST, False),
        ("yes", date(2026, 11, 2), True),
        ("yes", FIRST, False),
        ("yes", date(2026, 10, 31), False),
        ("yes", date(2027, 12, 3), False),
        ("yes", None, False),
    ],
)
def test_a_duty_begins_after_the_earlier_day_and_on_the_later_at_the_latest(
    applies: str, since: date | None, begun: bool
) -> None:
    for days in ((FIRST, LAST), (LAST, FIRST)):
        found = inputs.law_change(law(days[0], ("a", applies, since)), law(days[1], ("a", applies, since)))
        assert found.begun == (("a",) if begun else ())
        assert (found.as_of_before, found.as_of_after) == days


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        ("yes", "yes", ((), ())),
        ("yes", "no", ((), ("a",))),
        ("yes", "unknown", ((), ())),
        ("no", "yes", (("a",), ())),
        ("no", "no", ((), ())),
        ("no", "unknown", ((), ())),
        ("unknown", "yes", (("a",), ())),
        ("unknown", "no", ((), ("a",))),
    ],
)
def test_what_applies_now_and_what_does_not_any_more(
    then: str, now: str, told: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    found = inputs.law_change(law(FIRST, ("a", then, None)), law(FIRST, ("a", now, None)))
    assert (found.now_apply, found.no_longer) == told
    assert (found.added, found.removed, found.reworded) == ((), (), ())


def test_probes_that_are_new_gone_or_changed_are_told_and_others_are_not() -> None:
    def probes(**versions: int) -> Side:
        """Return a version whose plan has these probes."""
        told = tuple(
            PROBE.model_copy(update={"id": f"fairness/{name}", "version": number})
            for name, number in versions.items()
        )
        return version(made=plan().model_copy(update={"probes": told}))

    found = inputs.probe_changes(probes(same=1, gone=1, other=1), probes(same=1, other=2, new=3))
    assert [(one.id, one.kind, one.change, one.before, one.after) for one in found] == [
        ("fairness/gone", "probe", "removed", "v1", None),
        ("fairness/other", "probe", "changed", "v1", "v2"),
        ("fairness/new", "probe", "added", None, "v3"),
    ]


def test_the_tool_the_machine_and_its_packages_are_told_where_they_differ() -> None:
    def ran(tool: str, platform: str, mechanism: str, *packages: str) -> Side:
        """Return a version that was measured so."""
        side = version(tool=tool)
        changes = {
            "platform": platform,
            "isolation": Isolation.model_validate({"mechanism": mechanism, "guarantees": ()}),
            "software": tuple(Package(name=name, version="1") for name in packages),
        }
        seen = side.evidence.model_copy(update=changes)
        return Side(side.assessment, seen, side.assessment_sha256, side.pack_sha256, side.telling)

    before = ran("conformity 1", "Linux", "none", "duckdb", "gone")
    found = inputs.software_changes(before, ran("conformity 2", "Windows", "namespaces", "duckdb"))
    assert [(one.id, one.kind, one.before, one.after) for one in found] == [
        ("tool", "software", "conformity 1", "conformity 2"),
        ("platform", "software", "Linux", "Windows"),
        ("isolation", "software", "none", "namespaces"),
        ("gone", "software", "1", None),
    ]
    assert inputs.software_changes(before, before) == ()

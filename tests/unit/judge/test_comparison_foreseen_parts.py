"""Each part of the work sheet: which change speaks of what, where a range ends, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformity.judge.comparison.foreseen import place_in
from conformity.judge.comparison.sides import Side
from conformity.model.comparison import ObservedChange
from conformity.model.measurement import Measurement
from conformity.model.predetermined import AllowedRange
from tests.support.assessments import criterion, exhibit, measured, record, scalar, table
from tests.support.comparisons import NEW, OLD, PLAIN, between, of_rates, rate, version

ALLOWED: dict[str, Any] = {"metric": "rate", "subject": "test", "at_least": 0.5, "at_most": 0.9}
THINGS: dict[str, dict[str, Any]] = {
    "data": table(id="thing", path="t.csv"),
    "model": {"id": "thing", "kind": "model", "title": "M", "path": "m.onnx", "format": "onnx"},
    "software": {"id": "thing", "kind": "dependencies", "title": "P", "path": "uv.lock"},
    "records": {"id": "thing", "kind": "prompt_log", "title": "L", "path": "log.jsonl"},
}


def change(**changes: Any) -> dict[str, Any]:
    """Return the fields of a change determined in advance that may replace data."""
    return {"id": "monthly", "description": "New data every month.", "replaces": ["data"], **changes}


def observed(before: Side, after: Side) -> list[ObservedChange]:
    """Return what changed."""
    return list(between(before, after).work_sheet.observed)


@pytest.mark.parametrize("kind", THINGS)
def test_each_kind_of_thing_is_replaced_by_changes_of_its_kind(kind: str) -> None:
    def made(digest: str, *kinds: str) -> Side:
        """Return a version with a thing of these bytes, and a change for these kinds of things."""
        return of_rates(
            rate(700, 1000),
            subjects=(table(), THINGS[kind]),
            records=(record("thing", digest),),
            predetermined_changes=[change(replaces=kinds, ranges=[ALLOWED])],
        )

    others = [other for other in THINGS if other != kind]
    (covered,) = observed(made(OLD, kind), made(NEW))
    assert (covered.kind, covered.coverage, covered.why, covered.by) == (
        kind,
        "covered",
        "within",
        ("monthly",),
    )
    assert covered.what == f"thing ({THINGS[kind]['kind']}, changed)"
    (open_,) = observed(made(OLD, *others), made(NEW))
    assert (open_.kind, open_.coverage, open_.why, open_.by) == (kind, "not_covered", "not_foreseen", ())


def test_a_thing_that_is_new_or_gone_is_told_by_its_kind() -> None:
    one, two = of_rates(rate(700, 1000)), of_rates(rate(700, 1000), subjects=(table(), THINGS["model"]))
    told = [
        [(one.what, one.kind, one.coverage, one.why)] for one in (*observed(one, two), *observed(two, one))
    ]
    assert told == [
        [("thing (model, added)", "model", "not_covered", "no_declaration")],
        [("thing (model, removed)", "model", "not_covered", "no_declaration")],
    ]


@pytest.mark.parametrize(
    ("subjects", "coverage"), [([], "covered"), (["test"], "covered"), (["thing"], "not_covered")]
)
def test_a_change_may_name_the_things_that_it_is_about(subjects: list[str], coverage: str) -> None:
    both = (table(), THINGS["data"])
    declared = change(subjects=subjects, ranges=[ALLOWED])
    before = of_rates(rate(700, 1000), subjects=both, predetermined_changes=[declared])
    (found,) = observed(before, of_rates(rate(700, 1000), subjects=both, data=NEW))
    assert found.coverage == coverage


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        (("outside", "no_ranges"), "no_ranges"),
        (("no_ranges", "not_measured"), "not_measured"),
        (("not_measured", "straddles"), "straddles"),
        (("straddles", "within"), "within"),
        (("outside",), "outside"),
    ],
)
def test_of_several_changes_the_one_that_comes_nearest_is_told(kinds: tuple[str, ...], why: str) -> None:
    ranges: dict[str, list[dict[str, Any]]] = {
        "within": [ALLOWED],
        "straddles": [{**ALLOWED, "at_most": 0.7}],
        "not_measured": [{**ALLOWED, "by": ["SEX"]}],
        "no_ranges": [],
        "outside": [{**ALLOWED, "at_most": 0.55}],
    }
    declared = [change(id=kind.replace("_", "-"), ranges=ranges[kind]) for kind in kinds]
    before = of_rates(rate(700, 1000), predetermined_changes=declared)
    (found,) = observed(before, of_rates(rate(700, 1000), data=NEW))
    assert (found.why, found.by) == (why, (why.replace("_", "-"),))


@pytest.mark.parametrize(
    ("places", "why"),
    [
        (("within", "not_measured"), "not_measured"),
        (("not_measured", "straddles"), "straddles"),
        (("straddles", "outside"), "outside"),
    ],
)
def test_of_several_ranges_of_a_change_the_worst_counts(places: tuple[str, ...], why: str) -> None:
    ranges: dict[str, dict[str, Any]] = {
        "within": ALLOWED,
        "not_measured": {**ALLOWED, "by": ["SEX"]},
        "straddles": {**ALLOWED, "at_most": 0.7},
        "outside": {**ALLOWED, "at_most": 0.55},
    }
    declared = change(ranges=[ranges[place] for place in places])
    before = of_rates(rate(700, 1000), predetermined_changes=[declared])
    (found,) = observed(before, of_rates(rate(700, 1000), data=NEW))
    assert found.why == why


def a_rate(low: float, value: float, high: float, **changes: Any) -> Measurement:
    """Return a rate with an interval."""
    return measured(scalar(value, low, high), **{"metric": "rate", "by": (), **changes})


@pytest.mark.parametrize(
    ("ends", "place"),
    [
        ((0.5, 0.6, 0.9), "within"),
        ((0.4, 0.45, 0.5), "straddles"),
        ((0.4, 0.45, 0.49), "outside"),
        ((0.9, 0.95, 1.0), "straddles"),
        ((0.91, 0.95, 1.0), "outside"),
        ((0.4, 0.6, 0.8), "straddles"),
        ((0.6, 0.8, 0.95), "straddles"),
    ],
)
def test_both_ends_of_a_range_belong_to_it(ends: tuple[float, float, float], place: str) -> None:
    assert place_in(AllowedRange.model_validate(ALLOWED), [a_rate(*ends)]) == place


@pytest.mark.parametrize(("end", "place"), [("at_least", "within"), ("at_most", "outside")])
def test_a_range_may_have_one_end(end: str, place: str) -> None:
    allowed = AllowedRange.model_validate({"metric": "rate", "subject": "test", end: 0.5})
    assert place_in(allowed, [a_rate(0.6, 0.7, 0.8)]) == place


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"by": ("SEX",), "group": ("f",)}, "outside"),
        ({"by": ("SEX",), "group": ("m",)}, "not_measured"),
        ({"by": ("AGE",), "group": ("f",)}, "not_measured"),
        ({"by": ("SEX",), "group": ("f",), "metric": "gap"}, "not_measured"),
        ({"by": ("SEX",), "group": ("f",), "subject": "other"}, "not_measured"),
    ],
)
def test_a_range_of_one_group_is_about_that_group(changes: dict[str, Any], place: str) -> None:
    allowed = AllowedRange.model_validate({**ALLOWED, "by": ("SEX",), "group": ("f",)})
    assert place_in(allowed, [a_rate(0.1, 0.2, 0.3, **changes)]) == place


def test_bounds_that_ask_less_are_covered_by_nothing_and_others_are_no_change() -> None:
    before = version(criteria=[criterion(id=one) for one in ("softer", "gone", "elsewhere", "tight", "told")])
    after = version(
        criteria=[
            criterion(id="softer", at_most=0.2),
            criterion(id="elsewhere", by=()),
            criterion(id="tight", at_most=0.01),
            criterion(id="told", reason="Other words."),
            criterion(id="new"),
        ]
    )
    found = observed(before, after)
    assert {one.what for one in found} == {"softer (softened)", "gone (removed)", "elsewhere (moved)"}
    assert {(one.kind, one.coverage, one.why) for one in found} == {
        ("criterion", "not_covered", "not_foreseeable")
    }


def test_another_purpose_and_another_role_are_named() -> None:
    other = {"name": "Scorer", "version": "2.0", "intended_purpose": "Something else."}
    found = observed(version(), version(role="deployer", system=other))
    assert [one.what for one in found] == ["intended_purpose", "role: provider -> deployer"]


@pytest.mark.parametrize(
    ("most", "coverage", "why"),
    [(0.9, "covered", "within"), (0.3, "cannot_tell", "straddles"), (0.1, "not_covered", "outside")],
)
def test_a_measure_that_changed_lies_in_a_range_or_not(most: float, coverage: str, why: str) -> None:
    declared = change(ranges=[{**ALLOWED, "at_least": 0.0, "at_most": most}, {**ALLOWED, "metric": "gap"}])
    before = of_rates(rate(700, 1000), predetermined_changes=[declared])
    (found,) = observed(before, of_rates(rate(300, 1000)))
    assert (found.kind, found.coverage, found.why, found.by) == ("measure", coverage, why, ("monthly",))


def test_a_measure_of_which_no_change_speaks_is_not_covered() -> None:
    silent = of_rates(rate(700, 1000), predetermined_changes=[change()])
    (one,) = observed(silent, of_rates(rate(300, 1000)))
    (two,) = observed(of_rates(rate(700, 1000)), of_rates(rate(300, 1000)))
    assert [(one.coverage, one.why, one.by) for one in (one, two)] == [
        ("not_covered", "not_foreseen", ()),
        ("not_covered", "no_declaration", ()),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "rate on test"), ("SEX: f", "rate on test SEX: f"), ("x" * 400, "rate on test " + "x" * 287)],
)
def test_a_measure_is_named_by_its_metric_its_subject_and_its_group(name: str, words: str) -> None:
    told = replace(PLAIN, about=name)
    (found,) = observed(of_rates(rate(700, 1000), told=told), of_rates(rate(300, 1000), told=told))
    assert found.what == words


def test_only_changes_that_are_new_or_other_ones_are_declared_later() -> None:
    first, second = change(), change(id="second")
    before = version(predetermined_changes=[first, second])
    after = version(
        predetermined_changes=[first, change(id="second", replaces=["model"]), change(id="third")]
    )
    sheet = between(before, after).work_sheet
    assert sheet.declared_later == ("second", "third")
    assert [(one.id, one.kind, one.change) for one in sheet.declared] == [
        ("monthly", "predetermined", "changed"),
        ("second", "predetermined", "changed"),
    ]


@pytest.mark.parametrize(("length", "kept"), [(300, "a" * 300), (301, "a" * 298 + " …")])
def test_a_long_description_is_cut(length: int, kept: str) -> None:
    sheet = between(version(predetermined_changes=[change(description="a" * length)]), version()).work_sheet
    assert sheet.declared[0].after == f"{kept} Ranges: none. No document is named."


def test_many_ranges_are_cut_and_the_document_is_named_all_the_same() -> None:
    ranges = [{**ALLOWED, "metric": f"rate_{number:02}"} for number in range(20)]
    declared = change(description="a" * 300, ranges=ranges, documented_in="record")
    before = version(predetermined_changes=[declared], exhibits=(exhibit(),))
    (told,) = between(before, version()).work_sheet.declared
    assert told.after is not None
    # The document takes 23 letters and the mark two, so that 475 letters of the rest are left.
    whole = "a" * 300 + " Ranges: " + "; ".join(f"rate_{one:02} on test >= 0.5 <= 0.9" for one in range(20))
    assert told.after == whole[:475] + " …" + " Documented in: record."
    assert len(told.after) == 500

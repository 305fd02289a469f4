"""Special-category data used for bias work: what can be told of Art. 4a(1)(a), (b) and (e)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.catalog import load
from conformity.judge import judge
from conformity.judge.special_data import IDENTIFIERS
from conformity.model.measurement import Count, NotAvailable
from conformity.probes.registry import probe_specs
from tests.support.assessments import (
    criterion,
    evidence,
    examined,
    manifest,
    plan,
    record,
    requirement,
    table,
)
from tests.support.special_data import BOUND, GAP, identifiers, signed_finding, use

NAMED = Count(value=1, unit="columns")
UNKNOWN = NotAvailable(why="not_collected", reason="Every cell is blank.")
GONE = record("test", None, files=0, problem="gone")


@pytest.mark.parametrize("rule", ["special_data_needed", "special_data_protected", "special_data_deleted"])
def test_data_that_nobody_names_are_not_collected(rule: str) -> None:
    result = signed_finding(rule, seen=(GAP, identifiers()), bounds=(BOUND,))
    assert result.verdict == "not_collected"
    assert "does not say which special-category data are used" in result.reason
    assert any("`special_category_use`" in step for step in result.to_do)


def test_need_is_never_met_because_synthetic_data_are_not_tried_here() -> None:
    result = signed_finding("special_data_needed", use(), seen=(GAP,), bounds=(BOUND,))
    assert result.verdict == "undetermined"
    assert result.reason == "Whether synthetic or anonymised data would do is not measured here."
    assert result.measured[0].verdict == "met"


@pytest.mark.parametrize(
    ("changes", "bound", "words"),
    [
        pytest.param(
            {"why_needed": "REPLACE: why"}, BOUND, "Why SEX of the table test are needed", id="no reason"
        ),
        pytest.param(
            {}, criterion(by=("AGE",)), "No bound was fixed on how much other data", id="other column"
        ),
        pytest.param(
            {}, criterion(requirements=("art9.6",)), "in the table test tell of SEX", id="other row"
        ),
    ],
)
def test_need_wants_a_reason_and_a_bound_for_each_column(
    changes: dict[str, Any], bound: dict[str, Any], words: str
) -> None:
    result = signed_finding("special_data_needed", use(**changes), seen=(GAP,), bounds=(bound,))
    assert result.verdict != "met"
    assert words in result.reason


def test_a_strong_proxy_beyond_its_bound_misses_the_need() -> None:
    bound = criterion(at_most=0.01)
    assert signed_finding("special_data_needed", use(), seen=(GAP,), bounds=(bound,)).verdict == "not_met"


def test_protection_is_met_by_bounds_no_identifiers_and_a_signature() -> None:
    result = signed_finding("special_data_protected", use(), seen=(GAP, identifiers()), bounds=(BOUND,))
    assert (result.verdict, result.to_do) == ("met", ())


@pytest.mark.parametrize(
    ("seen", "bounds", "verdict", "words"),
    [
        pytest.param(
            (GAP, identifiers(NAMED)), (BOUND,), "undetermined", "which is no pseudonymisation", id="names"
        ),
        pytest.param(
            (GAP, identifiers(UNKNOWN)),
            (BOUND,),
            "not_collected",
            "names or numbers people (Every cell is blank).",
            id="blank",
        ),
        pytest.param((GAP,), (BOUND,), "not_collected", "names or numbers people.", id="not looked for"),
        pytest.param(
            (GAP, identifiers()), (), "undetermined", "No bound was fixed on how well", id="no bound at all"
        ),
    ],
)
def test_protection_wants_bounds_and_a_look_for_identifiers(
    seen: tuple[Any, ...], bounds: tuple[Any, ...], verdict: str, words: str
) -> None:
    result = signed_finding("special_data_protected", use(), seen=seen, bounds=bounds)
    assert result.verdict == verdict
    assert words in result.reason


@pytest.mark.parametrize(
    ("changes", "found", "verdict", "words"),
    [
        pytest.param({}, None, "undetermined", "is to be deleted by 2026-12-31", id="not due"),
        pytest.param(
            {"keep_until": date(2026, 11, 22)}, None, "undetermined", "by 2026-11-22", id="last day"
        ),
        pytest.param(
            {"keep_until": date(2026, 11, 21)}, None, "not_met", "is still there on 2026-11-22", id="overdue"
        ),
        pytest.param(
            {"bias_corrected_on": date(2026, 11, 2)}, None, "not_met", "by 2026-11-02", id="corrected before"
        ),
        pytest.param(
            {"bias_corrected_on": date(2027, 1, 2)},
            None,
            "undetermined",
            "by 2026-12-31",
            id="corrected later",
        ),
        pytest.param({}, GONE, "not_collected", "does not say that it was deleted", id="lost"),
        pytest.param({}, record("other"), "not_collected", "Nothing looked whether", id="not looked at"),
        pytest.param(
            {"deleted_on": date(2026, 11, 1)}, None, "not_met", "is still there", id="said to be deleted"
        ),
        pytest.param(
            {"deleted_on": date(2026, 11, 3), "keep_until": date(2026, 11, 2)},
            GONE,
            "not_met",
            "that was due by 2026-11-02",
            id="deleted late",
        ),
        pytest.param(
            {"deleted_on": date(2026, 11, 1)}, GONE, "undetermined", "a copy is left", id="deleted in time"
        ),
        pytest.param(
            {"deleted_on": date(2026, 11, 23)}, None, "undetermined", "to be deleted by", id="in future"
        ),
    ],
)
def test_deletion_follows_the_dates_and_what_is_there(
    changes: dict[str, Any], found: Any, verdict: str, words: str
) -> None:
    result = signed_finding("special_data_deleted", use(**changes), table=found, probes=())
    assert result.verdict == verdict
    assert words in result.reason


def test_deletion_is_told_even_where_nothing_was_handed_in() -> None:
    row = requirement(rule="special_data_deleted", automation="partly", probes=())
    declared = manifest(special_category_use=(use(),))
    (result,) = judge(declared, plan(row), evidence(examined()), date(2026, 11, 22))
    assert result.verdict == "not_collected"
    assert "The table test is there on 2026-11-22" in result.reason
    assert "This tool cannot measure all of it." in result.reason
    assert "Delete the table test by 2026-12-31 and declare the day (`deleted_on`)." in result.to_do


def test_the_worst_of_several_tables_counts() -> None:
    uses = (use(), use(subject="other"))
    other = {
        "id": "other",
        "kind": "table",
        "title": "Other",
        "path": "o.csv",
        "purpose": "training",
        "columns": ({"name": "SEX", "roles": ("protected",)},),
    }
    row = requirement(rule="special_data_protected", automation="measured")
    declared = manifest(subjects=(table(), other), special_category_use=uses, criteria=(BOUND,))
    (result,) = judge(declared, plan(row), evidence(GAP, identifiers()), date(2026, 11, 22))
    assert result.verdict == "not_collected"
    assert "how well the people in the table other are protected" in result.reason


def test_a_row_that_does_not_apply_says_that_such_data_are_named_all_the_same() -> None:
    result = signed_finding("special_data_deleted", use(), probes=(), applies="no")
    assert result.verdict == "not_applicable"
    assert "names such data all the same" in result.reason
    assert "all the same" not in signed_finding("special_data_deleted", probes=(), applies="no").reason


def test_the_rules_stand_at_the_rows_of_the_law_and_know_the_metric() -> None:
    ruled = {str(row.id): row.rule for row in load.requirements() if row.rule}
    assert ruled == {
        "art4a.1.a": "special_data_needed",
        "art4a.1.b": "special_data_protected",
        "art4a.1.e": "special_data_deleted",
        "art9.8.thresholds": "fixed_beforehand",
    }
    assert {"fairness/proxies", "privacy/attribute_inference"} <= set(load.requirement("art4a.1.a").probes)
    looking = [s.id for s in probe_specs() if IDENTIFIERS in {m.id for m in s.metrics}]
    assert looking == ["privacy/direct_identifiers"]
    assert set(looking) <= set(load.requirement("art4a.1.b").probes)

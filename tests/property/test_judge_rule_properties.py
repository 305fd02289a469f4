"""The rules on dates: absence never helps, and dates alone never meet Art. 4a(1)(a) and (e)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from conformity.judge import STANDING, judge
from conformity.model.evidence import SubjectRecord
from conformity.model.finding import Verdict
from conformity.model.measurement import Count
from tests.support.assessments import (
    TODAY,
    criterion,
    evidence,
    examined,
    exhibit,
    manifest,
    plan,
    record,
    requirement,
    sign_off,
)
from tests.support.special_data import GAP, identifiers, use

RULES = ("fixed_beforehand", "special_data_needed", "special_data_protected", "special_data_deleted")
rules = st.sampled_from(RULES)
days = st.integers(-60, 60).map(lambda n: TODAY + timedelta(days=n))
uses = st.builds(use, keep_until=days, bias_corrected_on=st.none() | days, deleted_on=st.none() | days)
records = st.sampled_from([record("test"), record("test", None, files=0, problem="gone")])
pieces = st.sets(st.integers(0, 2))
columns = st.integers(0, 2)


def verdict(
    rule: str,
    declared: dict[str, Any],
    table: SubjectRecord | None,
    fixed_at: date,
    named: int,
    left_out: set[int] | None = None,
) -> Verdict:
    """Return the verdict on a row with a rule, signed for, with some observations left out."""
    whole = manifest(
        special_category_use=(declared,),
        criteria=(criterion(fixed_at=fixed_at),),
        exhibits=(exhibit(),),
        sign_offs=(sign_off(),),
    )
    seen = (GAP, identifiers(Count(value=named, unit="columns")), examined())
    kept = [o for i, o in enumerate(seen) if i not in (left_out or ())]
    subjects = (record("record"), *([table] if table else []))
    # As in the catalogue: no probe speaks to deletion.
    probes = () if rule == "special_data_deleted" else ("fairness/gap",)
    row = requirement(rule=rule, automation="partly", probes=probes)
    return judge(whole, plan(row), evidence(*kept, subjects=subjects), TODAY)[0].verdict


@given(rules, uses, records, days, columns, pieces)
def test_leaving_observations_out_never_improves_a_rule(
    rule: str, declared: dict[str, Any], table: SubjectRecord, day: date, named: int, left_out: set[int]
) -> None:
    before = verdict(rule, declared, table, day, named)
    after = verdict(rule, declared, table, day, named, left_out)
    assert STANDING[after] <= STANDING[before]


@given(rules, uses, records, days, columns)
def test_not_looking_at_the_table_never_improves_a_rule(
    rule: str, declared: dict[str, Any], table: SubjectRecord, day: date, named: int
) -> None:
    before = verdict(rule, declared, table, day, named)
    assert STANDING[verdict(rule, declared, None, day, named)] <= STANDING[before]


@given(st.sampled_from(RULES[1::2]), uses, records, days, columns)
def test_what_a_tool_cannot_see_is_never_met(
    rule: str, declared: dict[str, Any], table: SubjectRecord, day: date, named: int
) -> None:
    assert verdict(rule, declared, table, day, named) != "met"


@given(uses, days, days, columns)
def test_a_later_bound_never_has_a_better_verdict(
    declared: dict[str, Any], one: date, other: date, named: int
) -> None:
    early, late = sorted([one, other])
    before, after = (
        verdict("fixed_beforehand", declared, record("test"), day, named) for day in (early, late)
    )
    assert STANDING[after] <= STANDING[before]

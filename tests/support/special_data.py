"""A table with special-category data used for bias work, and what may be declared and found of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from conformity.judge import judge
from conformity.model.evidence import Observation, SubjectRecord
from conformity.model.finding import Finding
from conformity.model.measurement import Count, NotAvailable
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
)

GAP = observation(measured(scalar(0.05, 0.02, 0.08)))
"""A gap that keeps its bound."""


def use(**changes: Any) -> dict[str, Any]:
    """Return the fields of a use of the column SEX of the one table, kept until the last day of 2026."""
    fields: dict[str, Any] = {
        "subject": "test",
        "columns": ("SEX",),
        "why_needed": "Gaps by this attribute show only where it is known.",
        "keep_until": date(2026, 12, 31),
    }
    return {**fields, **changes}


def identifiers(result: Count | NotAvailable | None = None) -> Observation:
    """Return an observation of how many columns name or number people; none by default."""
    found = Count(value=0, unit="columns") if result is None else result
    one = measured(found, metric="identifier_columns", by=())
    return observation(one, step="privacy/direct_identifiers@test", probe="privacy/direct_identifiers")


def signed_finding(
    rule: str,
    *uses: dict[str, Any],
    seen: tuple[Observation, ...] = (),
    table: SubjectRecord | None = None,
    bounds: tuple[dict[str, Any], ...] = (),
    probes: tuple[str, ...] = ("fairness/gap",),
    today: date = TODAY,
    applies: str = "yes",
) -> Finding:
    """Return the finding on a row with a rule whose declared side is in order.

    Args:
        rule: the rule.
        uses: what the manifest says of special-category data.
        seen: observations beside that of the exhibit.
        table: the record of the table; found unchanged by default.
        bounds: criteria.
        probes: the probes that speak to the row.
        today: the day of the judgement.
        applies: whether the row concerns the system.
    """
    declared = manifest(
        special_category_use=uses, criteria=bounds, exhibits=(exhibit(),), sign_offs=(sign_off(),)
    )
    found = evidence(*seen, examined(), subjects=(table or record("test"), record("record")))
    row = requirement(rule=rule, automation="partly", probes=probes)
    (result,) = judge(declared, plan(row, applies=applies), found, today)
    return result


BOUND = criterion()
"""A criterion on the gap by SEX."""

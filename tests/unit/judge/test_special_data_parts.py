"""Each part that a rule on special-category data contributes, with its own verdict."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge.parts import Given
from conformity.judge.special_data import special_data_parts
from conformity.model.base import RequirementId
from conformity.model.evidence import SubjectRecord
from conformity.model.measurement import Count
from tests.support.assessments import TODAY, criterion, evidence, manifest, record
from tests.support.special_data import BOUND, identifiers, use

GONE = record("test", None, files=0, problem="gone")


def parts(
    rule: str,
    *bounds: dict[str, Any],
    found: SubjectRecord | None = None,
    named: int = 0,
    **changes: Any,
) -> list[tuple[str, bool]]:
    """Return verdict and whether it is shown of every part of a rule on the one table."""
    declared = manifest(special_category_use=(use(**changes),), criteria=bounds)
    seen = evidence(identifiers(Count(value=named, unit="columns")), subjects=(found or record("test"),))
    given = Given(declared, seen, {}, TODAY)
    return [
        (part.verdict, part.shown) for part in special_data_parts(rule, RequirementId("art10.2.f"), given)
    ]


OPEN = ("undetermined", True)


@pytest.mark.parametrize(
    ("bounds", "changes", "count"),
    [
        pytest.param((BOUND,), {}, 1, id="in order"),
        pytest.param((), {}, 2, id="no bound"),
        pytest.param((BOUND,), {"why_needed": "REPLACE"}, 2, id="no reason"),
        pytest.param((), {"why_needed": "REPLACE"}, 3, id="neither"),
    ],
)
def test_need_is_open_in_every_part(
    bounds: tuple[dict[str, Any], ...], changes: dict[str, Any], count: int
) -> None:
    assert parts("special_data_needed", *bounds, **changes) == [OPEN] * count


@pytest.mark.parametrize(
    ("bounds", "named", "expected"),
    [
        ((BOUND,), 0, []),
        ((), 0, [OPEN]),
        ((BOUND,), 1, [OPEN]),
        ((criterion(requirements=("art9.6",)),), 1, [OPEN, OPEN]),
    ],
)
def test_protection_is_open_where_a_bound_or_a_pseudonym_is_missing(
    bounds: tuple[dict[str, Any], ...], named: int, expected: list[tuple[str, bool]]
) -> None:
    assert parts("special_data_protected", *bounds, named=named) == expected


@pytest.mark.parametrize(
    ("found", "changes", "verdict"),
    [
        pytest.param(None, {}, "undetermined", id="there and not due"),
        pytest.param(None, {"keep_until": TODAY}, "undetermined", id="there on the last day"),
        pytest.param(None, {"keep_until": date(2026, 11, 21)}, "not_met", id="there and overdue"),
        pytest.param(GONE, {"deleted_on": date(2026, 11, 1)}, "undetermined", id="gone in time"),
        pytest.param(GONE, {"deleted_on": TODAY, "keep_until": TODAY}, "undetermined", id="on the last day"),
        pytest.param(None, {"deleted_on": TODAY}, "not_met", id="said to be gone today, and there"),
    ],
)
def test_deletion_is_settled_only_by_a_miss(
    found: SubjectRecord | None, changes: dict[str, Any], verdict: str
) -> None:
    assert parts("special_data_deleted", found=found, **changes) == [(verdict, True)]

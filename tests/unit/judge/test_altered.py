"""A bound that was changed after a version was assessed was not fixed on its old day (Art. 9(8))."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from conformity.judge import judge
from conformity.judge.altered import altered
from conformity.model.assessment import Assessment
from conformity.model.base import CriterionId
from conformity.model.manifest import Criterion
from conformity.model.nonconformity import Previous
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

THEN = datetime(2026, 10, 20, 12, tzinfo=UTC)
KEPT = observation(measured(scalar(0.15, 0.12, 0.18)))


def previous(*altered_bounds: str) -> Previous:
    """Return the name of a version before."""
    return Previous(
        version="1.0.0",
        assessed_at=THEN,
        sha256="sha256:" + "0" * 64,
        altered_bounds=tuple(CriterionId(name) for name in altered_bounds),
    )


def version(*bounds: dict[str, Any], before: Previous | None = None) -> Assessment:
    """Return an assessment with these bounds."""
    declared = manifest(criteria=bounds, exhibits=(exhibit(id="told"),))
    return Assessment(
        tool="conformity 0",
        assessed_at=THEN,
        manifest=declared,
        manifest_sha256="sha256:" + "0" * 64,
        plan=plan(),
        evidence_sha256="sha256:" + "0" * 64,
        findings=judge(declared, plan(), evidence(), THEN.date()),
        previous=before,
    )


def now(**changes: Any) -> list[Criterion]:
    """Return one bound, changed."""
    return [Criterion.model_validate(criterion(**changes))]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({}, (), id="the same"),
        pytest.param({"reason": "Said better.", "owner": "Somebody else"}, (), id="told otherwise"),
        pytest.param({"at_most": 0.2}, ("gap-sex",), id="softer"),
        pytest.param({"at_most": 0.05}, ("gap-sex",), id="stricter"),
        pytest.param({"at_least": -0.1}, ("gap-sex",), id="a further end"),
        pytest.param({"by": ("SEX", "AGE")}, ("gap-sex",), id="other groups"),
        pytest.param({"at_most": 0.2, "fixed_at": THEN.date()}, (), id="on the day of the assessment"),
        pytest.param({"at_most": 0.2, "fixed_at": date(2026, 10, 19)}, ("gap-sex",), id="the day before"),
        pytest.param({"at_most": 0.2, "fixed_at": THEN}, ("gap-sex",), id="at that moment"),
        pytest.param(
            {"at_most": 0.2, "fixed_at": datetime(2026, 10, 20, 12, 0, 1, tzinfo=UTC)}, (), id="just after"
        ),
        pytest.param({"id": "renamed", "at_most": 0.2}, ("renamed",), id="under another name"),
        pytest.param({"id": "other", "metric": "other_gap", "at_most": 0.2}, (), id="a new bound"),
        pytest.param({"at_most": 0.2, "claimed_in": "told"}, (), id="a claim in a document"),
    ],
)
def test_what_differs_and_is_not_dated_later_was_altered(changes: dict[str, Any], found: tuple[str]) -> None:
    assert altered(now(**changes), version(criterion())) == found


def test_a_bound_beside_one_that_stays_takes_the_place_of_none() -> None:
    both = [*now(), *now(id="second", at_most=0.2)]
    assert altered(both, version(criterion())) == ()


def test_a_claim_of_before_was_no_bound() -> None:
    assert altered(now(at_most=0.2), version(criterion(claimed_in="told"))) == ()


def test_it_stays_so_from_version_to_version_until_a_later_day_is_given() -> None:
    second = version(criterion(at_most=0.2), before=previous("gap-sex"))
    assert altered(now(at_most=0.2), second) == ("gap-sex",)
    assert altered(now(at_most=0.2, fixed_at=date(2026, 10, 21)), second) == ()
    assert altered(now(at_most=0.2), version(criterion(at_most=0.2), before=previous())) == ()


@pytest.mark.parametrize(("names", "verdict"), [((), "met"), (("gap-sex",), "undetermined")])
@pytest.mark.parametrize("rule", [None, "fixed_beforehand"])
def test_what_was_altered_meets_nothing(rule: str | None, names: tuple[str], verdict: str) -> None:
    declared = manifest(criteria=(criterion(at_most=0.2),), exhibits=(exhibit(),), sign_offs=(sign_off(),))
    row = requirement(rule=rule, automation="partly") if rule else requirement(automation="measured")
    seen = evidence(KEPT, examined(), subjects=(record("test"), record("record")))
    (result,) = judge(declared, plan(row), seen, TODAY, None, previous(*names))
    assert result.verdict == verdict
    told = "fixed on 2026-10-01, before that version was assessed" in f"{result.reason} {result.measured}"
    assert told is bool(names)

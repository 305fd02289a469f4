"""What a verdict rests on: numbers, statements, both, or neither."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.judge import judge
from conformity.model.evidence import Evidence
from conformity.model.measurement import Count, NotAvailable, Scalar
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
    table,
)
from tests.support.special_data import use

SEEN = observation(measured(scalar(0.05, 0.02, 0.08)))
FAILED = observation(outcome="error", reason="It failed.")
OTHER = observation(
    measured(scalar(0.9, 0.8, 1.0), metric="auc", by=()), probe="accuracy/scores", step="accuracy/scores@test"
)
RECORDS = (record("test"), record("record"))
SIGNED: dict[str, Any] = {"exhibits": (exhibit(),), "sign_offs": (sign_off(),)}
BOUND: dict[str, Any] = {"criteria": (criterion(),)}


def basis(seen: Evidence, row: dict[str, Any], **declared: Any) -> str | None:
    """Return the basis of the finding on one row."""
    (result,) = judge(manifest(**declared), plan(requirement(**row)), seen, TODAY)
    return result.basis


def both(*observations: Any) -> Evidence:
    """Return evidence in which the exhibit was examined too."""
    return evidence(*observations, examined(), subjects=RECORDS)


@pytest.mark.parametrize(
    ("seen", "row", "declared", "expected"),
    [
        pytest.param(both(SEEN), {}, BOUND, "measured", id="a bound and its number"),
        pytest.param(both(SEEN), {}, {}, "measured", id="a number without a bound"),
        pytest.param(both(SEEN), {}, SIGNED, "measured", id="a signature nobody asked for"),
        pytest.param(both(FAILED), {}, BOUND, "none", id="a probe that failed"),
        pytest.param(both(OTHER), {}, {}, "none", id="a probe that does not speak to it"),
        pytest.param(
            both(SEEN), {"automation": "partly"}, {**BOUND, **SIGNED}, "measured_and_declared", id="both"
        ),
        pytest.param(both(SEEN), {"of_claims": True}, SIGNED, "measured_and_declared", id="a level stated"),
        pytest.param(both(), {"automation": "partly"}, SIGNED, "declared", id="a signature alone"),
        pytest.param(both(), {"probes": ()}, SIGNED, "declared", id="no probe in this version"),
        pytest.param(
            both(SEEN), {"automation": "declared", "probes": ()}, SIGNED, "declared", id="declared alone"
        ),
        pytest.param(
            both(),
            {"automation": "declared", "probes": ()},
            {"exhibits": (exhibit(),)},
            "none",
            id="unsigned",
        ),
        pytest.param(
            both(SEEN), {"probes": ("accuracy/scores",)}, BOUND, "measured", id="a bound on something else"
        ),
    ],
)
def test_the_basis_is_what_the_verdict_rests_on(
    seen: Evidence, row: dict[str, Any], declared: dict[str, Any], expected: str
) -> None:
    assert basis(seen, row, **declared) == expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Count(value=0, unit="rows"), "measured"),
        (Scalar(value=0.1, unit="1", n=1), "measured"),
        (Scalar(value=0.0, unit="1", n=0), "none"),
        (NotAvailable(why="undefined", reason="0/0"), "none"),
    ],
)
def test_a_number_needs_a_case_behind_it(result: Any, expected: str) -> None:
    seen = both(observation(measured(result)))
    assert basis(seen, {"probes": ("accuracy/scores",)}, **BOUND) == expected


RECORD = {"id": "test", "kind": "imported_record", "title": "R", "path": "r.json", "written_by": "fairlearn"}
ATTACKS = {"id": "test", "kind": "attack_record", "title": "A", "path": "a.json", "written_by": "garak"}
OTHERS = {"subjects": (RECORD,)}


@pytest.mark.parametrize(
    ("seen", "row", "declared", "expected"),
    [
        pytest.param(both(SEEN), {}, OTHERS, "imported", id="a number of others"),
        pytest.param(both(SEEN), {}, {"subjects": (ATTACKS,)}, "imported", id="attacks of others"),
        pytest.param(both(SEEN), {}, {**OTHERS, **BOUND}, "imported", id="a bound and such a number"),
        pytest.param(
            both(SEEN), {"automation": "partly"}, {**OTHERS, **SIGNED}, "imported_and_declared", id="signed"
        ),
        pytest.param(both(FAILED), {}, OTHERS, "none", id="a record that could not be read"),
        pytest.param(
            both(SEEN, observation(measured(scalar(0.05, 0.02, 0.08), subject="own"), subject="own")),
            {},
            {"subjects": (RECORD, table(id="own"))},
            "measured",
            id="a number of our own beside it",
        ),
    ],
)
def test_numbers_of_other_programs_are_no_measurement_of_ours(
    seen: Evidence, row: dict[str, Any], declared: dict[str, Any], expected: str
) -> None:
    assert basis(seen, row, **declared) == expected


RULE = {"rule": "fixed_beforehand", "automation": "partly", "probes": ("fairness/none",)}


@pytest.mark.parametrize(
    ("seen", "bounds", "expected"),
    [
        pytest.param(
            both(SEEN), (criterion(requirements=("art15.1",)),), "measured_and_declared", id="tested"
        ),
        pytest.param(both(), (criterion(),), "declared", id="dates alone"),
        pytest.param(both(SEEN), (), "none", id="no bound"),
        pytest.param(both(SEEN), (criterion(claimed_in="record"),), "none", id="a claim is no bound"),
    ],
)
def test_dates_of_bounds_are_declared_and_what_was_held_against_them_measured(
    seen: Evidence, bounds: tuple[dict[str, Any], ...], expected: str
) -> None:
    assert basis(seen, RULE, criteria=bounds, exhibits=(exhibit(),)) == expected


def test_dates_without_a_signature_do_not_hide_one_and_need_none() -> None:
    assert basis(both(), RULE, **SIGNED) == "declared"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [({"special_category_use": (use(),)}, "declared"), ({}, "none"), (SIGNED, "declared")],
)
def test_a_use_of_special_data_is_declared(declared: dict[str, Any], expected: str) -> None:
    row = {"rule": "special_data_deleted", "automation": "partly", "probes": ()}
    assert basis(both(SEEN), row, **declared) == expected


def test_a_use_of_special_data_is_no_basis_of_other_rows() -> None:
    assert basis(both(), {"automation": "partly"}, special_category_use=(use(),)) == "none"

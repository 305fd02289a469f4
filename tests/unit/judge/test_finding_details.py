"""One requirement in detail: what counts for it, what does not, and which steps are advised."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from conformity.judge import judge
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import Finding
from conformity.model.measurement import Measurement
from tests.support.assessments import (
    SEAL,
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
from tests.support.special_data import use

GOOD = observation(measured(scalar(0.05, 0.02, 0.08)))
BAD = observation(measured(scalar(0.5, 0.4, 0.6)))
SIGN = "A named person must sign for the document; the signature names its SHA-256 digest."
FIX = "Fix a criterion for it, with reason, owner and date, before the next test (Art. 9(8))."
RECORDS = (record("test"), record("record"))


def finding(
    seen: Evidence, applies: str = "yes", row: dict[str, Any] | None = None, **declared: Any
) -> Finding:
    """Return the finding on one row."""
    law = plan(requirement(**(row or {})), applies=applies)
    (result,) = judge(manifest(**declared), law, seen, TODAY)
    return result


def both(*observations: Observation) -> Evidence:
    """Return evidence in which the exhibit was examined too."""
    return evidence(*observations, examined(), subjects=RECORDS)


def test_a_criterion_for_another_requirement_is_left_out() -> None:
    others = criterion(id="other", requirements=("art15.1.accuracy",))
    result = finding(evidence(GOOD), criteria=(criterion(), others))
    assert [judged.criterion for judged in result.measured] == ["gap-sex"]


@pytest.mark.parametrize(
    ("of_claims", "reason"),
    [
        (False, "Measured, but no criterion was fixed beforehand that could settle it (Art. 9(8))."),
        (True, "Measured, but no level stated to deployers is named to hold it against (`claimed_in`)."),
    ],
)
def test_numbers_without_a_bound_say_which_bound_is_missing(of_claims: bool, reason: str) -> None:
    declared: dict[str, Any] = {"exhibits": (exhibit(),), "sign_offs": (sign_off(),)}
    assert finding(both(GOOD), row={"of_claims": of_claims}, **declared).reason == reason


def test_the_numbers_of_another_probe_do_not_count_as_measured() -> None:
    other = observation(
        measured(scalar(0.9, 0.8, 1.0), metric="auc", by=()),
        probe="accuracy/scores",
        step="accuracy/scores@test",
    )
    result = finding(evidence(other))
    assert (result.verdict, result.evidence) == ("not_collected", ())


def test_a_row_without_a_probe_is_told_apart_from_one_that_is_measured_in_part() -> None:
    assert finding(evidence(), row={"probes": ()}).reason == (
        "This tool cannot measure it. Nothing was handed in."
    )


def test_a_row_without_a_probe_drops_what_its_criteria_leave_open() -> None:
    signed: dict[str, Any] = {"exhibits": (exhibit(),), "sign_offs": (sign_off(),)}
    result = finding(both(), criteria=(criterion(),), row={"probes": ()}, **signed)
    assert result.verdict == "undetermined"
    assert "Criterion" not in result.reason


def test_what_speaks_to_a_row_is_all_of_its_probes_its_criteria_and_its_exhibits() -> None:
    unbound = observation(measured(scalar(0.3, 0.2, 0.4), by=("AGE",)), step="fairness/gap@age")
    assert finding(both(unbound)).evidence == (unbound.id,)
    read = finding(both(GOOD), criteria=(criterion(),), row={"probes": ("accuracy/scores",)})
    assert read.evidence == (GOOD.id,)
    shown = finding(both(GOOD), exhibits=(exhibit(),), row={"probes": (), "automation": "declared"})
    assert shown.evidence == (examined().id,)


def test_a_bound_of_a_row_that_does_not_apply_is_told_with_its_verdict() -> None:
    for seen, word in ((evidence(), "not collected"), (evidence(BAD), "missed"), (evidence(GOOD), "met")):
        result = finding(seen, applies="no", criteria=(criterion(),))
        assert result.reason.endswith(f"Criterion gap-sex was fixed for it all the same; it is {word}.")
        assert result.basis is None


@pytest.mark.parametrize(
    ("rule", "told"), [("special_data_needed", True), ("fixed_beforehand", False), (None, False)]
)
def test_special_data_of_a_row_that_does_not_apply_are_told_where_it_is_on_them(
    rule: str | None, told: bool
) -> None:
    result = finding(evidence(), applies="no", special_category_use=(use(),), row={"rule": rule})
    assert ("names such data all the same" in result.reason) is told


def test_a_bound_of_which_nothing_was_measured_is_a_step() -> None:
    result = finding(evidence(), criteria=(criterion(),))
    assert result.to_do == ("Criterion gap-sex: Nothing in the evidence measures gap on test.",)


def rates(*values: tuple[float, float, float, int]) -> Observation:
    """Return rates of groups."""
    found: list[Measurement] = [
        measured(scalar(value, low, high, n), metric="rate", group=(f"g{number}",))
        for number, (value, low, high, n) in enumerate(values)
    ]
    return observation(*found)


RATE = criterion(metric="rate", at_least=0.5, at_most=None)


def test_of_several_groups_the_one_that_needs_most_cases_is_told() -> None:
    # 4, 9 and 4 times 400 cases; the last has too few to tell.
    close = rates(
        (0.625, 0.375, 0.7, 400), (0.625, 0.25, 0.7, 400), (0.625, 0.375, 0.7, 400), (0.625, 0.375, 0.7, 29)
    )
    (step,) = finding(evidence(close), criteria=(RATE,)).to_do
    assert "About 3,200 more cases of this group would settle it" in step


def test_where_no_number_of_cases_is_told_the_step_says_how_many_readings_are_open() -> None:
    few = rates((0.625, 0.375, 0.7, 29), (0.625, 0.25, 0.7, 29))
    (step,) = finding(evidence(few), criteria=(RATE,)).to_do
    assert step == "Criterion gap-sex: 2 of 2 readings do not settle the bound; each says why."


def test_beside_the_dates_only_a_miss_is_a_step() -> None:
    bounds = (criterion(), criterion(id="age", by=("AGE",)), criterion(id="late", fixed_at=date(2026, 10, 3)))
    row = {"rule": "fixed_beforehand", "automation": "partly"}
    result = finding(both(BAD), criteria=bounds, exhibits=(exhibit(),), sign_offs=(sign_off(),), row=row)
    told = [step for step in result.to_do if step.startswith("Criterion")]
    assert [step.split(":")[0] for step in told] == ["Criterion gap-sex is missed"]


def test_a_row_that_is_met_asks_for_nothing_even_beside_a_bound_that_is_missed() -> None:
    row = {"rule": "fixed_beforehand", "automation": "partly"}
    result = finding(
        both(BAD), criteria=(criterion(),), exhibits=(exhibit(),), sign_offs=(sign_off(),), row=row
    )
    assert (result.verdict, result.to_do) == ("met", ())


def test_a_rule_on_special_data_asks_for_its_own_bounds_alone() -> None:
    result = finding(
        both(GOOD), special_category_use=(use(),), row={"rule": "special_data_needed", "automation": "partly"}
    )
    assert FIX not in result.to_do
    assert any("`proxy_association` by SEX" in step for step in result.to_do)


@pytest.mark.parametrize(
    ("row", "steps"),
    [
        pytest.param({}, (FIX,), id="measured"),
        pytest.param(
            {"of_claims": True},
            (
                "State the level in the instructions for use and name it as a criterion with `claimed_in`.",
                "Hand in: the mitigation record.",
                SIGN,
            ),
            id="measured and stated",
        ),
        pytest.param(
            {"automation": "partly"}, (FIX, "Hand in: the mitigation record.", SIGN), id="measured in part"
        ),
        pytest.param(
            {"automation": "declared", "probes": ()},
            ("Hand in: the mitigation record.", SIGN),
            id="declared",
        ),
        pytest.param(
            {"automation": "partly", "probes": ()},
            (
                "Hand in: the mitigation record.",
                SIGN,
                "This tool cannot measure it: what is handed in must be judged outside this tool.",
            ),
            id="in part, without a probe",
        ),
    ],
)
def test_each_kind_of_row_asks_for_what_would_change_it(row: dict[str, Any], steps: tuple[str, ...]) -> None:
    assert finding(evidence(GOOD), row=row).to_do == steps


def test_after_a_refusal_nobody_is_asked_to_sign() -> None:
    other = sign_off(id="other", by={"name": "Somebody else", "function": "Head of sales"})
    # What a third person refused for another requirement is nothing to deal with here.
    elsewhere = {"name": "A third person", "function": "Head of data"}
    third = sign_off(id="third", requirements=("art9.1",), by=elsewhere, stance="denies")
    denied = declared_row(sign_offs=(sign_off(stance="denies"), other, third))
    assert denied.to_do == (
        "Deal with what Specimen signatory refused; then have the document judged again.",
    )


@pytest.mark.parametrize("sign_offs", [(), (sign_off(statement="REPLACE: what you state"),)])
def test_what_a_document_must_hold_is_told_until_somebody_signs(
    sign_offs: tuple[dict[str, Any], ...],
) -> None:
    assert declared_row(sign_offs=sign_offs).to_do == (
        "Check that what is handed in holds: the mitigation record",
        SIGN,
    )
    reserved = declared_row(sign_offs=(sign_off(stance="reserves"),))
    assert reserved.to_do == (SIGN,)


def declared_row(**fields: Any) -> Finding:
    """Return the finding on a row that is declared, with everything in order but for the changes."""
    both_exhibits = (record("test"), record("record"), record("annex"))
    seen = evidence(examined(), examined("annex"), subjects=both_exhibits)
    given: dict[str, Any] = {"exhibits": (exhibit(), exhibit(id="annex", covers=("art9.1",))), **fields}
    return finding(seen, row={"automation": "declared", "probes": ()}, **given)


def test_a_signature_for_another_requirement_does_not_count() -> None:
    result = declared_row(sign_offs=(sign_off(requirements=("art9.1",)),))
    assert (result.verdict, result.reason) == (
        "not_collected",
        "Handed in (record), but no named person has signed for it.",
    )


def test_one_of_the_exhibits_signed_for_must_cover_the_requirement() -> None:
    over = ({"exhibit": "record", "sha256": SEAL}, {"exhibit": "annex", "sha256": SEAL})
    assert declared_row(sign_offs=(sign_off(over=over),)).verdict == "met"


@pytest.mark.parametrize("signed_on", [TODAY, date(2026, 10, 1)])
def test_a_signature_counts_on_the_day_of_the_judgement_and_of_the_exhibit(signed_on: date) -> None:
    assert declared_row(sign_offs=(sign_off(signed_on=signed_on),)).verdict == "met"


@pytest.mark.parametrize(
    ("rule", "rest"), [("special_data_needed", "The rest should also be"), (None, "It should also be")]
)
def test_what_else_would_have_to_be_measured_depends_on_the_rule(rule: str | None, rest: str) -> None:
    result = finding(
        both(),
        exhibits=(exhibit(),),
        sign_offs=(sign_off(),),
        special_category_use=(use(),),
        row={"rule": rule, "automation": "partly", "probes": ()},
    )
    assert f" {rest} measured, which this tool cannot do" in result.reason

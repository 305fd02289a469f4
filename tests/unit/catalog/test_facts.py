"""The conditions on which requirements depend, for many systems."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from conformity.catalog.classify import classify
from conformity.catalog.load import conditions
from conformity.model.classification import Fact
from conformity.model.manifest import Role
from tests.support.systems import BIOMETRIC, CREDIT, IN_SCOPE, MEDICAL, ORDINARY, Said, system

TODAY = date(2026, 11, 22)
BEFORE, BINDING = date(2027, 12, 1), date(2027, 12, 2)
MACHINE: dict[str, Said] = {**MEDICAL, "annex_i_product": ("annexI.21",)}
MODEL: dict[str, Said] = {**IN_SCOPE, "ai_system": "no", "gpai_model": "yes"}
WATER: dict[str, Said] = {**CREDIT, "annex_iii_use": ("annexIII.2",)}
OPEN_USE: dict[str, Said] = {name: said for name, said in ORDINARY.items() if name != "annex_iii_use"}
BODY: dict[str, Said] = {**BIOMETRIC, "harmonised_standards_applied": "no"}
PROHIBITED: dict[str, Said] = {**ORDINARY, "prohibited_practice": ("art5.1.c",)}
DERIVED_AWAY: dict[str, Said] = {
    **CREDIT,
    "profiling": "no",
    "art6_3_condition": ("art6.3.d",),
    "no_significant_risk": "yes",
}


def fact(answers: Mapping[str, Said], condition: str, role: Role = "provider") -> Fact:
    """Return one fact about a system."""
    found = classify(system(answers, role=role), TODAY)
    return next(fact for fact in found.facts if fact.condition == condition)


def test_there_is_a_fact_for_every_condition() -> None:
    for answers in ({}, CREDIT, MEDICAL, MODEL, PROHIBITED):
        facts = classify(system(answers), TODAY).facts
        assert [row.condition for row in facts] == [row.id for row in conditions()]


@pytest.mark.parametrize(
    ("condition", "answers", "holds"),
    [
        ("in_scope", ORDINARY, "yes"),
        ("in_scope", PROHIBITED, "yes"),
        ("in_scope", {}, "unknown"),
        ("in_scope", {"union_link": "no"}, "no"),
        ("in_scope", MACHINE, "no"),
        ("in_scope", MODEL, "no"),
        ("high_risk", CREDIT, "yes"),
        ("high_risk", MEDICAL, "yes"),
        ("high_risk", MACHINE, "no"),
        ("high_risk", PROHIBITED, "no"),
        ("high_risk", ORDINARY, "no"),
        ("high_risk", {}, "unknown"),
        ("annex_iii", CREDIT, "yes"),
        ("annex_iii", MEDICAL, "no"),
        ("annex_iii", MACHINE, "no"),
        ("annex_iii", OPEN_USE, "unknown"),
        ("annex_iii_except_point_2", CREDIT, "yes"),
        ("annex_iii_except_point_2", WATER, "no"),
        ("annex_iii_except_point_2", {**WATER, "annex_iii_use": ("annexIII.2", "annexIII.5.b")}, "yes"),
        ("annex_iii_except_point_2", OPEN_USE, "unknown"),
        ("annex_iii_1a", BIOMETRIC, "yes"),
        ("annex_iii_1a", CREDIT, "no"),
        ("annex_iii_1a", MODEL, "no"),
        ("annex_i_section_a", MEDICAL, "yes"),
        ("annex_i_section_a", MACHINE, "no"),
        ("annex_i_section_a", {}, "unknown"),
        ("art6_3_derogation_used", DERIVED_AWAY, "yes"),
        ("art6_3_derogation_used", CREDIT, "no"),
        ("art6_3_derogation_used", {}, "unknown"),
        ("fria_required", CREDIT, "yes"),
        ("fria_required", WATER, "no"),
        ("fria_required", ORDINARY, "no"),
        ("fria_required", OPEN_USE, "unknown"),
        ("fria_required", BIOMETRIC, "unknown"),
        ("fria_required", {**BIOMETRIC, "fria_deployer": "yes"}, "yes"),
        ("fria_required", {**BIOMETRIC, "fria_deployer": "no"}, "no"),
        ("internal_control_route", CREDIT, "yes"),
        ("internal_control_route", BODY, "no"),
        ("internal_control_route", BIOMETRIC, "unknown"),
        ("internal_control_route", {**BIOMETRIC, "harmonised_standards_applied": "yes"}, "unknown"),
        ("internal_control_route", {}, "unknown"),
        ("notified_body_route", BODY, "yes"),
        ("notified_body_route", BIOMETRIC, "unknown"),
        ("notified_body_route", MEDICAL, "yes"),
        ("notified_body_route", CREDIT, "no"),
        ("annex_vii_route", BODY, "yes"),
        ("annex_vii_route", MEDICAL, "no"),
        ("art50_case", {**CREDIT, "deep_fake": "yes"}, "yes"),
        ("art50_case", CREDIT, "no"),
        ("art50_case", {}, "unknown"),
        ("gpai_model", MODEL, "yes"),
        ("gpai_model", ORDINARY, "no"),
        ("gpai_model", {"gpai_model": "yes", "union_link": "no"}, "no"),
        ("gpai_model", {"gpai_model": "yes"}, "unknown"),
        ("gpai_documentation_due", ORDINARY, "no"),
        ("gpai_documentation_due", MODEL, "unknown"),
        ("gpai_documentation_due", {**MODEL, "gpai_open_source": "no"}, "yes"),
        ("gpai_documentation_due", {**MODEL, "gpai_open_source": "yes", "systemic_risk": "no"}, "no"),
        ("gpai_documentation_due", {**MODEL, "gpai_open_source": "yes", "systemic_risk": "yes"}, "yes"),
        ("learns_in_service", {**CREDIT, "learns_in_service": "yes"}, "yes"),
        ("learns_in_service", CREDIT, "unknown"),
        ("voluntary_commitment", CREDIT, "unknown"),
    ],
)
def test_fact(condition: str, answers: Mapping[str, Said], holds: str) -> None:
    found = fact(answers, condition)
    assert found.holds == holds
    assert len(found.reason) > 20


@pytest.mark.parametrize(
    ("answers", "role", "holds"),
    [
        ({**CREDIT, "special_category_data": "yes"}, "provider", "unknown"),
        ({**CREDIT, "special_category_data": "yes"}, "deployer", "yes"),
        ({**ORDINARY, "special_category_data": "yes"}, "provider", "yes"),
        ({**ORDINARY, "special_category_data": "no"}, "provider", "no"),
        (ORDINARY, "provider", "unknown"),
        ({"special_category_data": "yes"}, "provider", "unknown"),
        ({"special_category_data": "yes", "union_link": "no"}, "provider", "no"),
    ],
)
def test_special_categories_outside_article_4a_1(answers: Mapping[str, Said], role: Role, holds: str) -> None:
    assert fact(answers, "special_category_bias_work_outside_4a1", role).holds == holds


def test_a_fact_quotes_the_reason_given() -> None:
    manifest = system({**CREDIT, "learns_in_service": "no"})
    answer = manifest.classification[-1].model_copy(update={"because": "Weights are frozen"})
    manifest = manifest.model_copy(update={"classification": (*manifest.classification[:-1], answer)})
    facts = {str(row.condition): row.reason for row in classify(manifest, TODAY).facts}
    assert facts["learns_in_service"] == (
        "The question on learning in service is answered no: Weights are frozen. (Art. 15(4))"
    )


ARMY: dict[str, Said] = {"excluded": ("art2.3",), "special_category_data": "yes"}
OPEN_SCOPE: dict[str, Said] = {"prohibited_practice": ("art5.1.c",)}


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        (PROHIBITED, "a prohibited practice (Art. 5(1))"),
        (ARMY, "the scope of the Act (Art. 2, Art. 3(1))"),
        (MACHINE, "Annex I Section B (Art. 2(2))"),
        (MODEL, "what is no AI system (Art. 3(1))"),
    ],
)
def test_what_was_not_examined_is_not_denied(answers: Mapping[str, Said], end: str) -> None:
    for condition in (
        "annex_iii",
        "annex_iii_except_point_2",
        "annex_iii_1a",
        "fria_required",
        "art6_3_derogation_used",
    ):
        found = fact(answers, condition)
        assert found.holds == "no"
        assert found.reason.startswith(f"Not examined: the procedure ended at {end}. (")


def test_what_was_not_examined_is_open_while_the_classification_is() -> None:
    for condition in ("annex_iii", "annex_iii_1a", "fria_required"):
        found = fact(OPEN_SCOPE, condition)
        assert found.holds == "unknown"
        assert "ended at a prohibited practice (Art. 5(1)). Depends on the classification" in found.reason


def test_what_was_examined_is_denied() -> None:
    assert fact(ORDINARY, "annex_iii").reason.startswith("It is not a high-risk use under Annex III.")
    assert fact(ORDINARY, "high_risk").reason.startswith("It is not a high-risk system.")
    assert fact(ORDINARY, "art6_3_derogation_used").reason.startswith("Art. 6(3) is not relied on.")


def test_outside_the_scope_no_answer_is_asked_for() -> None:
    open_source: dict[str, Said] = {**ORDINARY, "excluded": ("art2.12",)}
    for answers, end in ((ARMY, "Art. 2, Art. 3(1)"), (open_source, "Art. 2(12)")):
        facts = classify(system(answers), TODAY).facts
        unknown = [row.reason for row in facts if row.holds == "unknown"]
        assert unknown
        assert all(f"Not examined: the procedure ended at the scope of the Act ({end})" in r for r in unknown)


def test_where_article_50_cannot_bind_no_answer_on_it_is_asked_for() -> None:
    machine = {name: said for name, said in MACHINE.items() if name != "deep_fake"}
    for answers in (machine, MODEL):
        for condition in ("art50_case", "deep_fake"):
            assert fact(answers, condition).reason.startswith("Not examined")
    assert fact(machine, "voluntary_commitment").reason.startswith("Needs an answer")


def test_the_reason_on_article_4a_2_is_the_true_one() -> None:
    condition = "special_category_bias_work_outside_4a1"
    used: dict[str, Said] = {"special_category_data": "yes"}
    assert "outside the scope of the Act" in fact(ARMY, condition).reason
    assert "Art. 57-59" in fact({**MACHINE, **used}, condition).reason
    assert "Art. 10(2), which does not apply yet" in fact({**CREDIT, **used}, condition).reason
    on = {day: classify(system({**CREDIT, **used}), day).facts for day in (BEFORE, BINDING)}
    holds = [next(one.holds for one in on[day] if one.condition == condition) for day in (BEFORE, BINDING)]
    assert holds == ["unknown", "no"]
    assert any(one.reason.startswith("Such use is governed by Art. 4a(1)") for one in on[BINDING])
    unused = fact({**CREDIT, "special_category_data": "no"}, condition)
    assert unused.reason.startswith("The question on special-category data is answered no")

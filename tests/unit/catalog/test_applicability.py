"""Whether a requirement concerns a system in a role, and from when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

import pytest

from conformity.catalog.applicability import applicability
from conformity.catalog.classify import classify
from conformity.catalog.load import requirement, requirements
from conformity.model.manifest import Role
from conformity.model.plan import PlannedRequirement
from tests.support.systems import BIOMETRIC, CREDIT, IN_SCOPE, MEDICAL, ORDINARY, Said, system

TODAY = date(2026, 11, 22)
MACHINE: dict[str, Said] = {**MEDICAL, "annex_i_product": ("annexI.21",)}
CHAT: dict[str, Said] = {**ORDINARY, "direct_interaction": "yes"}
MODEL: dict[str, Said] = {**IN_SCOPE, "ai_system": "no", "gpai_model": "yes", "gpai_open_source": "no"}
ARMY: dict[str, Said] = {**ORDINARY, "excluded": ("art2.3",)}


def planned(
    row: str,
    answers: Mapping[str, Said],
    role: Role = "provider",
    as_of: date = TODAY,
    placed: date | None = None,
) -> PlannedRequirement:
    """Return one requirement planned for a system."""
    found = classify(system(answers, role=role, placed_on_market_on=placed), as_of)
    return applicability(requirement(row), found, role, as_of)


@pytest.mark.parametrize(
    ("row", "answers", "role", "applies"),
    [
        ("art10.2.f", CREDIT, "provider", "yes"),
        ("art10.2.f", CREDIT, "deployer", "no"),
        ("art10.2.f", {**CREDIT, "role_change": "yes"}, "deployer", "yes"),
        ("art10.2.f", {k: v for k, v in CREDIT.items() if k != "role_change"}, "deployer", "unknown"),
        ("art10.2.f", CREDIT, "authorised_representative", "no"),
        ("art10.2.f", MEDICAL, "product_manufacturer", "yes"),
        ("art10.2.f", CHAT, "provider", "no"),
        ("art10.2.f", MACHINE, "provider", "no"),
        ("art10.2.f", {}, "provider", "unknown"),
        ("art10.5", CREDIT, "provider", "no"),
        ("art11.3", CREDIT, "provider", "no"),
        ("art15.2", CREDIT, "provider", "no"),
        ("art12.3.a", BIOMETRIC, "provider", "yes"),
        ("art12.3.a", CREDIT, "provider", "no"),
        ("art15.4.feedback", CREDIT, "provider", "unknown"),
        ("art15.4.feedback", {**CREDIT, "learns_in_service": "no"}, "provider", "no"),
        ("art27.1.a", CREDIT, "deployer", "yes"),
        ("art27.1.a", CREDIT, "provider", "no"),
        ("art26.11", CREDIT, "deployer", "yes"),
        ("art86.1", {**CREDIT, "annex_iii_use": ("annexIII.2",)}, "deployer", "no"),
        ("art49.1", MEDICAL, "provider", "no"),
        ("annexVI.2", CREDIT, "provider", "yes"),
        ("annexVII.4.2", CREDIT, "provider", "no"),
        ("annexVII.4.2", {**BIOMETRIC, "harmonised_standards_applied": "no"}, "provider", "yes"),
        ("annexVII.4.2", BIOMETRIC, "provider", "unknown"),
        ("annexVII.4.3-4.5", MEDICAL, "provider", "yes"),
        ("annexVII.4.7", MEDICAL, "provider", "no"),
        ("art50.1", CHAT, "provider", "yes"),
        ("art50.1", CREDIT, "provider", "no"),
        ("art50.5", CHAT, "provider", "yes"),
        ("art4.1", ORDINARY, "provider", "yes"),
        ("art4.1", ORDINARY, "deployer", "yes"),
        ("art4.1", ARMY, "provider", "no"),
        ("art4.1", MACHINE, "provider", "no"),
        ("art4.1", {}, "provider", "unknown"),
        ("annexXI.1.2.e", MODEL, "provider", "yes"),
        ("annexXI.1.2.e", MODEL, "deployer", "no"),
        ("annexXI.1.2.e", CREDIT, "provider", "no"),
        ("art95.2.b", {**CHAT, "voluntary_commitment": "yes"}, "provider", "yes"),
        ("art95.2.b", {**CHAT, "voluntary_commitment": "no"}, "provider", "no"),
        ("art95.2.b", CHAT, "provider", "unknown"),
        ("art6.4", CREDIT, "provider", "no"),
    ],
)
def test_applies(row: str, answers: Mapping[str, Said], role: Role, applies: str) -> None:
    found = planned(row, answers, role)
    assert found.applies == applies
    assert found.reason
    if applies == "no":
        assert found.duty_from is None


@pytest.mark.parametrize(
    ("row", "answers", "start"),
    [
        ("art10.2.f", CREDIT, date(2027, 12, 2)),
        ("art10.2.f", MEDICAL, date(2028, 8, 2)),
        ("art10.2.f", {**MEDICAL, "annex_iii_use": ("annexIII.5.d",), "profiling": "yes"}, date(2027, 12, 2)),
        ("art10.2.f", {}, date(2027, 12, 2)),
        ("art47.1", CREDIT, date(2027, 12, 2)),
        ("art50.1", CHAT, date(2026, 8, 2)),
        ("art4.1", CHAT, date(2025, 2, 2)),
        ("annexXI.1.2.e", MODEL, date(2025, 8, 2)),
        ("art95.2.b", {**CHAT, "voluntary_commitment": "yes"}, None),
    ],
)
def test_duty_from(row: str, answers: Mapping[str, Said], start: date | None) -> None:
    assert planned(row, answers).duty_from == start


def test_the_reason_says_when_it_is_still_preparation() -> None:
    assert "until then this is preparation" in planned("art10.2.f", CREDIT).reason
    assert "preparation" not in planned("art10.2.f", CREDIT, as_of=date(2027, 12, 2)).reason
    assert "preparation" not in planned("art50.1", CHAT).reason


def test_what_is_formally_applicable_is_said_to_be_without_object() -> None:
    for row in ("art43.4", "art72.1", "art73.2"):
        answers: dict[str, Said] = {**CREDIT, "substantial_modification": "yes", "serious_incident": "yes"}
        reason = planned(row, answers).reason
        assert "Formally applicable since 2 August 2026 (Art. 113); without object" in reason
        assert "Formally" not in planned(row, answers, as_of=date(2027, 12, 2)).reason
    assert "Formally" not in planned("art10.2.f", CREDIT).reason


@pytest.mark.parametrize(
    ("row", "question"),
    [
        ("art20.1", "non_conformity_found"),
        ("art20.2", "risk_found"),
        ("art43.4", "substantial_modification"),
        ("art73.2", "serious_incident"),
        ("art73.3", "serious_incident"),
        ("art73.4", "serious_incident"),
        ("art73.5", "serious_incident"),
        ("art73.5", "incomplete_report_used"),
        ("art73.6", "serious_incident"),
        ("art10.3.combination", "data_sets_combined"),
        ("art15.4.redundancy", "redundancy_used"),
    ],
)
def test_a_duty_that_depends_on_an_event_waits_for_it(row: str, question: str) -> None:
    others: dict[str, Said] = {"serious_incident": "yes", "incomplete_report_used": "yes"}
    others = {**CREDIT, **{name: said for name, said in others.items() if name != question}}
    assert planned(row, others).applies == "unknown"
    assert f"({question})" in planned(row, others).reason
    assert planned(row, {**others, question: "yes"}).applies == "yes"
    denied = planned(row, {**others, question: "no"})
    assert denied.applies == "no"
    assert denied.reason.startswith("The question on ")
    assert "is answered no" in denied.reason
    assert question not in denied.reason


def test_the_reason_of_an_unknown_says_what_to_answer() -> None:
    assert (
        "the question on learning in service (learns_in_service): Does"
        in planned("art15.4.feedback", CREDIT).reason
    )
    open_reason = planned("art10.2.f", {}).reason
    assert open_reason.startswith("Depends on the classification, which is open: 11 questions to answer.")
    one = {**CREDIT, "ai_system": "unknown"}
    assert "1 question to answer." in planned("art10.2.f", one).reason


def test_the_reason_of_a_no_names_the_text_or_the_fact() -> None:
    assert "see Art. 4a(1) intro, Art. 4a(2)." in planned("art10.5", CREDIT).reason
    assert "addresses the Commission" in planned("art11.3", CREDIT).reason
    assert planned("art10.2.f", CREDIT, "deployer").reason.startswith(
        "It binds the provider, not the deployer"
    )
    assert "prohibited" in planned("art10.2.f", {**ORDINARY, "prohibited_practice": ("art5.1.c",)}).reason
    assert "provider of a general-purpose AI model" in planned("annexXI.1.2.e", MODEL, "deployer").reason


def test_all_rows_are_planned_for_every_kind_of_system() -> None:
    for answers in ({}, CREDIT, MEDICAL, MACHINE, CHAT, MODEL, ARMY):
        found = classify(system(answers), TODAY)
        rows = [applicability(row, found, "provider", TODAY) for row in requirements()]
        applies = Counter(row.applies for row in rows)
        assert sum(applies.values()) == 224
        if answers == ARMY:
            assert applies == {"no": 224}
        if answers == {}:
            assert applies["yes"] == 0


PRIVATE: dict[str, Said] = {**CREDIT, "public_authority_deployer": "no"}
OLD = date(2025, 1, 1)


def test_an_open_question_on_annex_iii_never_gives_a_later_duty() -> None:
    open_use = {name: said for name, said in MEDICAL.items() if name != "annex_iii_use"}
    assert planned("art10.2.f", open_use).duty_from == date(2027, 12, 2)
    assert planned("art10.2.f", MEDICAL).duty_from == date(2028, 8, 2)


@pytest.mark.parametrize(
    ("row", "answers", "placed", "start", "cited"),
    [
        ("art10.2.f", PRIVATE, date(2027, 12, 1), None, "Art. 111(2)"),
        ("art10.2.f", PRIVATE, date(2027, 12, 2), date(2027, 12, 2), None),
        ("art10.2.f", CREDIT, OLD, date(2030, 8, 2), "(public_authority_deployer) is not answered"),
        (
            "art10.2.f",
            {**CREDIT, "public_authority_deployer": "yes"},
            OLD,
            date(2030, 8, 2),
            "by 2 August 2030 in any case.",
        ),
        (
            "art10.2.f",
            {**MEDICAL, "public_authority_deployer": "no"},
            date(2028, 8, 1),
            None,
            "before 2 August 2028",
        ),
        ("art10.2.f", {"public_authority_deployer": "no"}, OLD, None, "Art. 111(2)"),
        ("art4a.1.b", {**PRIVATE, "special_category_data": "yes"}, OLD, date(2026, 7, 27), None),
        ("art50.2", {**CHAT, "synthetic_content": "yes"}, date(2026, 8, 1), date(2026, 12, 2), "Art. 111(4)"),
        ("art50.2", {**CHAT, "synthetic_content": "yes"}, date(2026, 8, 2), date(2026, 8, 2), None),
        ("art50.2", {**CHAT, "synthetic_content": "yes"}, None, date(2026, 8, 2), "Art. 111(4)"),
        ("art50.2", {**CHAT, "synthetic_content": "yes"}, None, date(2026, 8, 2), "is not declared"),
        ("art53.1.c", MODEL, None, date(2025, 8, 2), "Art. 111(3)"),
        ("art50.1", CHAT, OLD, date(2026, 8, 2), None),
        ("art53.1.c", MODEL, date(2025, 8, 1), date(2027, 8, 2), "Art. 111(3)"),
        ("art53.1.c", MODEL, date(2025, 8, 2), date(2025, 8, 2), None),
        ("art4.1", CREDIT, OLD, date(2025, 2, 2), None),
    ],
)
def test_duty_from_of_a_system_on_the_market(
    row: str, answers: Mapping[str, Said], placed: date | None, start: date | None, cited: str | None
) -> None:
    found = planned(row, answers, placed=placed)
    assert found.applies != "no"
    assert found.duty_from == start
    assert (cited or "") in found.reason
    assert ("Art. 111" in found.reason) == (cited is not None)


def test_the_documented_derogation_keeps_its_day() -> None:
    task: dict[str, Said] = {
        **CREDIT,
        "profiling": "no",
        "art6_3_condition": ("art6.3.a",),
        "no_significant_risk": "yes",
        "public_authority_deployer": "no",
    }
    assert planned("art6.4", task, placed=OLD).duty_from == date(2027, 12, 2)


def test_a_row_that_does_not_apply_cites_no_transition() -> None:
    found = planned("art10.2.f", PRIVATE, "deployer", placed=OLD)
    assert (found.applies, found.duty_from) == ("no", None)
    assert "Art. 111" not in found.reason

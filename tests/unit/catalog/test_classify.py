"""The decision procedure on many systems: outcome, steps, date; and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from conformity.catalog.classify import classify
from conformity.errors import ManifestError, UsageError
from conformity.model.manifest import Role
from tests.support.systems import (
    BIOMETRIC,
    CREDIT,
    IN_SCOPE,
    MEDICAL,
    NO_TRANSPARENCY,
    ORDINARY,
    Said,
    system,
)

TODAY = date(2026, 11, 22)
TASK: dict[str, Said] = {
    **ORDINARY,
    "annex_iii_use": ("annexIII.4.a",),
    "profiling": "no",
    "art6_3_condition": ("art6.3.a",),
    "no_significant_risk": "yes",
}
"""A narrow procedural task in recruitment."""
MACHINE: dict[str, Said] = {
    **MEDICAL,
    "annex_i_product": ("annexI.21",),
    "safety_component": ("art6.1.component",),
}
OPEN_SOURCE: dict[str, Said] = {**ORDINARY, "excluded": ("art2.12",)}
UNSURE: dict[str, Said] = {name: "unknown" for name in NO_TRANSPARENCY}


def without(answers: Mapping[str, Said], *names: str) -> dict[str, Said]:
    """Return the answers but some."""
    return {name: said for name, said in answers.items() if name not in names}


CASES: list[tuple[str, Mapping[str, Said], str]] = [
    ("credit scoring", CREDIT, "high_risk_annex_iii"),
    (
        "recruitment, no condition",
        {**TASK, "art6_3_condition": "no", "no_significant_risk": "no"},
        "high_risk_annex_iii",
    ),
    ("remote biometric identification", BIOMETRIC, "high_risk_annex_iii"),
    ("narrow procedural task", TASK, "not_high_risk_art6_3"),
    ("narrow task that profiles", {**TASK, "profiling": "yes"}, "high_risk_annex_iii"),
    ("narrow task with a significant risk", {**TASK, "no_significant_risk": "no"}, "high_risk_annex_iii"),
    ("narrow task, profiling not answered", without(TASK, "profiling"), "cannot_tell"),
    (
        "no condition, profiling not answered",
        without({**TASK, "art6_3_condition": "no"}, "profiling"),
        "high_risk_annex_iii",
    ),
    ("narrow task, risk not answered", without(TASK, "no_significant_risk"), "cannot_tell"),
    ("medical device", MEDICAL, "high_risk_annex_i_a"),
    (
        "medical device, failure not answered",
        without(MEDICAL, "failure_endangers"),
        "high_risk_annex_i_a",
    ),
    ("medical device, who assesses not answered", without(MEDICAL, "third_party_assessment"), "cannot_tell"),
    ("machinery", MACHINE, "high_risk_annex_i_b"),
    (
        "machinery and medical",
        {**MEDICAL, "annex_i_product": ("annexI.11", "annexI.21")},
        "high_risk_annex_i_a",
    ),
    (
        "component that only assists",
        {**MACHINE, "assistance_only": "yes", "failure_endangers": "no"},
        "minimal",
    ),
    ("assistance whose failure endangers", {**MACHINE, "assistance_only": "yes"}, "high_risk_annex_i_b"),
    (
        "component, assistance not answered",
        without({**MACHINE, "failure_endangers": "no"}, "assistance_only"),
        "cannot_tell",
    ),
    ("radio only for the spectrum", {**MACHINE, "third_party_assessment": "no"}, "minimal"),
    ("chat assistant", {**ORDINARY, "direct_interaction": "yes"}, "transparency_only"),
    (
        "chat assistant, other cases not answered",
        {**without(ORDINARY, *NO_TRANSPARENCY), "direct_interaction": "yes"},
        "transparency_only",
    ),
    ("spam filter", ORDINARY, "minimal"),
    ("spam filter, transparency not answered", without(ORDINARY, *NO_TRANSPARENCY), "cannot_tell"),
    ("credit scoring, transparency not answered", {**CREDIT, **UNSURE}, "high_risk_annex_iii"),
    ("military", {**ORDINARY, "excluded": ("art2.3",)}, "out_of_scope"),
    ("military, all else open", {"excluded": ("art2.3",)}, "out_of_scope"),
    ("exclusion without a point", {**ORDINARY, "excluded": "yes"}, "cannot_tell"),
    ("no link to the Union", {**ORDINARY, "union_link": "no"}, "out_of_scope"),
    ("a rule without AI", {**ORDINARY, "ai_system": "no"}, "out_of_scope"),
    ("model alone", {**IN_SCOPE, "ai_system": "no", "gpai_model": "yes"}, "gpai_model_only"),
    ("model alone, scope open", {"ai_system": "no", "gpai_model": "yes"}, "cannot_tell"),
    ("no system, model not answered", {**IN_SCOPE, "ai_system": "no"}, "cannot_tell"),
    ("open source, unregulated", OPEN_SOURCE, "out_of_scope"),
    ("open source, chat", {**OPEN_SOURCE, "direct_interaction": "yes"}, "transparency_only"),
    ("open source, transparency open", without(OPEN_SOURCE, "deep_fake"), "cannot_tell"),
    ("open source, credit", {**CREDIT, "excluded": ("art2.12",)}, "high_risk_annex_iii"),
    ("open source, narrow task", {**TASK, "excluded": ("art2.12",)}, "out_of_scope"),
    ("social scoring", {**ORDINARY, "prohibited_practice": ("art5.1.c",)}, "prohibited"),
    (
        "social scoring, scope open",
        {**without(ORDINARY, "union_link"), "prohibited_practice": ("art5.1.c",)},
        "cannot_tell",
    ),
    ("prohibition without a point", {**CREDIT, "prohibited_practice": "yes"}, "cannot_tell"),
    ("screening not answered", without(CREDIT, "prohibited_practice"), "cannot_tell"),
    ("annex I not answered", without(CREDIT, "annex_i_product"), "cannot_tell"),
    ("annex III not answered", without(ORDINARY, "annex_iii_use"), "cannot_tell"),
    ("medical device, annex III not answered", without(MEDICAL, "annex_iii_use"), "high_risk_annex_i_a"),
    ("nothing answered", {}, "cannot_tell"),
]


@pytest.mark.parametrize(("answers", "outcome"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_outcome(answers: Mapping[str, Said], outcome: str) -> None:
    found = classify(system(answers), TODAY)
    assert found.outcome == outcome
    blocked = [line for line in found.missing if "does not change the outcome" not in line]
    assert bool(blocked) == (outcome == "cannot_tell")
    assert all(line.startswith("needs an answer to ") for line in found.missing)


def test_every_step_bears_its_citation_and_consequence() -> None:
    found = classify(system(CREDIT), TODAY)
    assert [step.question for step in found.steps] == [
        *IN_SCOPE,
        "annex_i_product",
        "annex_iii_use",
        "profiling",
        *NO_TRANSPARENCY,
        "gpai_model",
        "role_change",
    ]
    use = found.steps[5]
    assert (use.answer, use.because, use.points) == ("yes", "As declared", ("annexIII.5.b",))
    assert use.ref == "Art. 6(2), Art. 3(12)"
    assert found.high_risk_from == date(2027, 12, 2)
    assert found.summary == "High-risk under Art. 6(2): Annex III(5)(b) (Credit)."
    assert found.missing == ()
    assert any("bind from 2 December 2027" in line for line in found.also)


def test_nothing_answered_lists_everything_that_can_be_reached() -> None:
    found = classify(system({}), TODAY)
    asked = [line.removeprefix("needs an answer to ").split(":")[0] for line in found.missing]
    assert asked == [
        *IN_SCOPE,
        "annex_i_product",
        "annex_iii_use",
        *NO_TRANSPARENCY,
        "gpai_model",
        "role_change",
    ]
    assert found.high_risk_from is None
    assert found.route.procedure == "cannot_tell"


def test_a_profiling_system_that_claims_a_condition_records_the_contradiction() -> None:
    found = classify(system({**TASK, "profiling": "yes"}), TODAY)
    claims = [step for step in found.steps if step.question in ("art6_3_condition", "no_significant_risk")]
    assert len(claims) == 2
    assert all("always high-risk" in step.consequence for step in claims)


@pytest.mark.parametrize("point", ["art5.1.ba", "art5.1.bb"])
def test_intimate_material_is_prohibited_from_2_december_2026(point: str) -> None:
    answers = {**ORDINARY, "deep_fake": "yes", "prohibited_practice": (point,)}
    before = classify(system(answers), date(2026, 12, 1))
    assert before.outcome == "transparency_only"
    assert before.also[0].startswith(f"Will be prohibited from 2026-12-02 (Art. 5(1)({point[-2:]})")
    assert "Will be prohibited" in before.steps[3].consequence
    assert classify(system(answers), date(2026, 12, 2)).outcome == "prohibited"


def test_a_practice_already_prohibited_prevails_over_one_that_will_be() -> None:
    answers = {**ORDINARY, "prohibited_practice": ("art5.1.ba", "art5.1.c")}
    found = classify(system(answers), date(2026, 12, 1))
    assert found.outcome == "prohibited"
    assert "Art. 5(1)(c) (Social scoring)" in found.summary


@pytest.mark.parametrize(("role", "outcome"), [("deployer", "out_of_scope"), ("provider", "minimal")])
def test_private_use_frees_deployers_only(role: Role, outcome: str) -> None:
    found = classify(system({**ORDINARY, "excluded": ("art2.10",)}, role=role), TODAY)
    assert found.outcome == outcome
    if role == "provider":
        assert "does not concern a provider" in found.steps[2].consequence


def test_annex_i_and_annex_iii_together_take_the_earlier_date() -> None:
    found = classify(system({**MEDICAL, "annex_iii_use": ("annexIII.5.d",), "profiling": "yes"}), TODAY)
    assert (found.outcome, found.high_risk_from) == ("high_risk_annex_i_a", date(2027, 12, 2))
    assert any("earlier date" in line for line in found.also)
    assert classify(system(MEDICAL), TODAY).high_risk_from == date(2028, 8, 2)


def test_what_binds_already_is_told_apart_from_what_is_preparation() -> None:
    said = next(line for line in classify(system(CREDIT), TODAY).also if "preparation" in line)
    assert "The duties for high-risk systems (Art. 8-27) bind from 2 December 2027 (Art. 113(c))" in said
    assert "Art. 4(1) binds already: since 2 February 2025" in said
    assert "Art. 72-73 are formally applicable since 2 August 2026 (Art. 113), without object" in said


def test_no_preparation_once_the_duties_bind() -> None:
    found = classify(system(CREDIT), date(2027, 12, 2))
    assert not any("preparation" in line for line in found.also)


def test_section_b_is_not_asked_about_annex_iii_and_transparency() -> None:
    found = classify(system({**MACHINE, "direct_interaction": "yes"}), TODAY)
    asked = {step.question for step in found.steps}
    assert not asked & {"annex_iii_use", *NO_TRANSPARENCY}
    assert found.high_risk_from is None
    assert not any("Art. 50" in line for line in found.also)
    assert "60a" in found.summary
    assert "Art. 57-59 where the sectoral law has absorbed the requirements" in found.summary


def test_old_systems_are_told_of_article_111() -> None:
    answers: dict[str, Said] = {
        **CREDIT,
        "synthetic_content": "yes",
        "gpai_model": "yes",
        "systemic_risk": "yes",
    }
    old = " ".join(classify(system(answers, placed_on_market_on=date(2025, 1, 1)), TODAY).also)
    for part in ("Art. 111(2)", "2 August 2030", "Art. 111(4)", "2 August 2027", "Art. 52 and 55"):
        assert part in old
    assert "preparation" not in old
    assert "Art. 53 applies since" not in old
    new = " ".join(classify(system(answers, placed_on_market_on=date(2027, 12, 2)), TODAY).also)
    assert "Art. 111" not in new
    plain = " ".join(classify(system(ORDINARY, placed_on_market_on=date(2025, 1, 1)), TODAY).also)
    assert "Art. 111" not in plain


def test_models_are_noted_beside_the_outcome() -> None:
    found = classify(system({**ORDINARY, "gpai_model": "yes", "systemic_risk": "no"}), TODAY)
    assert found.outcome == "minimal"
    assert any("Art. 53" in line for line in found.also)
    assert not any("Art. 52 and 55" in line for line in found.also)
    open_risk = classify(system({**ORDINARY, "gpai_model": "yes"}), TODAY)
    assert any(line.startswith("needs an answer to systemic_risk") for line in open_risk.missing)
    model = classify(system({**IN_SCOPE, "ai_system": "no", "gpai_model": "yes"}), TODAY)
    assert [step.question for step in model.steps][-1] == "systemic_risk"
    assert model.missing[0].startswith("needs an answer to systemic_risk")


def test_registration_and_the_reserve_of_law_are_noted() -> None:
    also = " ".join(classify(system(BIOMETRIC), TODAY).also)
    assert "secure section for law enforcement" in also
    assert "in so far as Union or national law permits" in also
    water = classify(system({**CREDIT, "annex_iii_use": ("annexIII.2",)}), TODAY)
    assert any("at national level (Art. 49(5))" in line for line in water.also)


@pytest.mark.parametrize(
    ("role", "words"),
    [("deployer", "one is the provider now"), ("provider", "another is the provider now")],
)
def test_a_change_of_provider_is_noted(role: Role, words: str) -> None:
    also = classify(system({**CREDIT, "role_change": "yes"}, role=role), TODAY).also
    assert any(words in line for line in also)


@pytest.mark.parametrize(
    "role", ["importer", "distributor", "authorised_representative", "product_manufacturer"]
)
def test_other_roles_get_their_note(role: Role) -> None:
    found = classify(system(CREDIT, role=role), TODAY)
    assert any(line.endswith((".",)) and "Art. 2" in line for line in found.also)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"ai_sytem": "yes"}, "no question 'ai_sytem', did you mean 'ai_system'"),
        ({"annex_iii_use": ("annexIII.5b",)}, "'annexIII.5b', which is not one of its points, did you mean"),
        ({"annex_i_product": ("annexI.1",)}, "annexI.1, which is deleted. .*Section B"),
        ({"ai_system": ("art2.3",)}, "takes no points"),
    ],
)
def test_answers_that_fit_no_question_are_refused(answers: Mapping[str, Said], message: str) -> None:
    with pytest.raises(ManifestError, match=message):
        classify(system(answers), TODAY)


def test_points_need_a_yes() -> None:
    wrong = system({"excluded": ("art2.3",)})
    answer = wrong.classification[0].model_copy(update={"answer": "no"})
    with pytest.raises(ManifestError, match="excluded is answered no but names points"):
        classify(wrong.model_copy(update={"classification": (answer,)}), TODAY)


def test_a_yes_without_points_says_so() -> None:
    found = classify(system({**ORDINARY, "annex_iii_use": "yes"}), TODAY)
    assert "names none of the points meant" in found.missing[0]
    assert found.steps[5].answer == "unknown"


def test_a_day_before_the_consolidated_text_is_refused() -> None:
    with pytest.raises(UsageError, match="from 2026-07-27 on"):
        classify(system(CREDIT), date(2026, 7, 26))
    assert classify(system(CREDIT), date(2026, 7, 27)).outcome == "high_risk_annex_iii"


@pytest.mark.parametrize(
    "answers",
    [
        without(MEDICAL, "annex_iii_use"),
        {**without(MEDICAL, "profiling"), "annex_iii_use": ("annexIII.5.d",)},
    ],
)
def test_an_open_question_on_annex_iii_never_gives_the_later_date(answers: Mapping[str, Said]) -> None:
    found = classify(system(answers), TODAY)
    assert (found.outcome, found.high_risk_from) == ("high_risk_annex_i_a", date(2027, 12, 2))
    assert any("is open and needs an answer to" in line and "earlier date" in line for line in found.also)
    assert not any("as well; the earlier" in line for line in found.also)


@pytest.mark.parametrize(
    ("answers", "placed", "start"),
    [
        (CREDIT, date(2027, 12, 1), date(2030, 8, 2)),
        ({**CREDIT, "public_authority_deployer": "yes"}, date(2027, 12, 1), date(2030, 8, 2)),
        ({**CREDIT, "public_authority_deployer": "no"}, date(2027, 12, 1), None),
        ({**CREDIT, "public_authority_deployer": "no"}, date(2027, 12, 2), date(2027, 12, 2)),
        ({**MEDICAL, "public_authority_deployer": "no"}, date(2028, 8, 1), None),
        ({**MEDICAL, "public_authority_deployer": "no"}, date(2028, 8, 2), date(2028, 8, 2)),
        (without(MEDICAL, "annex_iii_use"), date(2028, 8, 1), date(2027, 12, 2)),
    ],
)
def test_high_risk_from_of_a_system_on_the_market(
    answers: Mapping[str, Said], placed: date, start: date | None
) -> None:
    found = classify(system(answers, placed_on_market_on=placed), TODAY)
    assert (found.high_risk_from, found.placed_on_market_on) == (start, placed)
    remarks = " ".join(found.also)
    assert ("Art. 111(2)" in remarks) == (start not in (date(2027, 12, 2), date(2028, 8, 2)))
    assert ("is not answered, so that day is given" in remarks) == (
        start == date(2030, 8, 2) and "public_authority_deployer" not in answers
    )


def test_where_the_placing_is_not_declared_both_days_are_told() -> None:
    answers: dict[str, Said] = {**ORDINARY, "synthetic_content": "yes", "gpai_model": "yes"}
    also = classify(system(answers), TODAY).also
    assert (
        "Art. 50(2) binds since 2 August 2026; from 2 December 2026 if the system was placed on the market "
        "before that day (Art. 111(4)). When it was placed is not declared."
    ) in also
    assert (
        "Chapter V applies since 2 August 2025; a model placed on the market before that day must meet it by "
        "2 August 2027 (Art. 111(3)). When it was placed is not declared."
    ) in also


def test_article_111_4_is_silent_where_article_50_is() -> None:
    answers: dict[str, Said] = {**MACHINE, "synthetic_content": "yes"}
    also = classify(system(answers, placed_on_market_on=date(2025, 1, 1)), TODAY).also
    assert not any("Art. 50" in line for line in also)


def test_a_new_model_is_told_since_when_article_53_applies() -> None:
    found = classify(system({**ORDINARY, "gpai_model": "yes", "systemic_risk": "no"}), TODAY)
    assert "General-purpose AI model: Art. 53 applies since 2 August 2025." in found.also

"""The route of Art. 43 for each kind of system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from conformity.catalog.classify import classify
from conformity.catalog.dates import in_words
from conformity.catalog.load import known, questions
from conformity.errors import CatalogError
from tests.support.systems import BIOMETRIC, CREDIT, MEDICAL, ORDINARY, Said, system

TODAY = date(2026, 11, 22)
NO_STANDARDS: dict[str, Said] = {**BIOMETRIC, "harmonised_standards_applied": "no"}
STANDARDS: dict[str, Said] = {**BIOMETRIC, "harmonised_standards_applied": "yes"}

CASES: list[tuple[str, Mapping[str, Said], str, str]] = [
    ("credit", CREDIT, "annex_vi", "whatever standards exist"),
    (
        "credit with standards",
        {**CREDIT, "harmonised_standards_applied": "yes"},
        "annex_vi",
        "internal control",
    ),
    (
        "biometrics, standards open",
        BIOMETRIC,
        "cannot_tell",
        "the question on harmonised standards (harmonised_standards_applied). No harmonised standard for "
        "this Act was found cited in the Official Journal (state of 24 September 2026); on these facts "
        "Annex VII",
    ),
    (
        "biometrics without standards",
        {**BIOMETRIC, "harmonised_standards_applied": "no"},
        "annex_vii",
        "were applied in full; hence Annex VII",
    ),
    (
        "biometrics for the police",
        {**NO_STANDARDS, "biometrics_for_authorities": "yes"},
        "annex_vii",
        "market surveillance authority acts",
    ),
    (
        "biometrics for a shop",
        {**NO_STANDARDS, "biometrics_for_authorities": "no"},
        "annex_vii",
        "Any notified body",
    ),
    (
        "biometrics and credit",
        {**NO_STANDARDS, "annex_iii_use": ("annexIII.1.b", "annexIII.5.b")},
        "annex_vii",
        "point 1",
    ),
    ("standards, not chosen", STANDARDS, "annex_vi_or_vii", "a notified body (notified_body_chosen)"),
    ("standards, own control", {**STANDARDS, "notified_body_chosen": "no"}, "annex_vi", "internal control"),
    ("standards, body", {**STANDARDS, "notified_body_chosen": "yes"}, "annex_vii", "chooses a notified body"),
    ("medical", MEDICAL, "sectoral", "Medical devices"),
    (
        "medical and emergency triage",
        {**MEDICAL, "annex_iii_use": ("annexIII.5.d",), "profiling": "yes"},
        "sectoral",
        "fourth subpara.",
    ),
    ("machinery", {**MEDICAL, "annex_i_product": ("annexI.21",)}, "none", "sectoral law does"),
    ("ordinary", ORDINARY, "none", "high-risk systems only"),
    ("nothing answered", {}, "cannot_tell", "needs: ai_system"),
]


@pytest.mark.parametrize(
    ("answers", "procedure", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_route(answers: Mapping[str, Said], procedure: str, words: str) -> None:
    route = classify(system(answers), TODAY).route
    assert route.procedure == procedure
    assert words in route.reason
    assert route.ref.startswith("Art. ")


@pytest.mark.parametrize(
    ("answers", "open_question"),
    [
        (BIOMETRIC, "harmonised_standards_applied"),
        (STANDARDS, "notified_body_chosen"),
        (NO_STANDARDS, None),
        ({**STANDARDS, "notified_body_chosen": "no"}, None),
        (CREDIT, None),
        (ORDINARY, None),
        ({**MEDICAL, "annex_iii_use": ("annexIII.1.a",), "profiling": "yes"}, None),
    ],
)
def test_what_keeps_the_route_open_is_missing(answers: Mapping[str, Said], open_question: str | None) -> None:
    missing = classify(system(answers), TODAY).missing
    asked = [line.removeprefix("needs an answer to ").split(":")[0] for line in missing]
    assert asked == ([] if open_question is None else [open_question])
    assert all("It does not change the outcome, but" in line for line in missing)


def test_the_question_and_the_route_give_the_same_day_for_what_is_known() -> None:
    asked = next(row for row in questions() if row.id == "harmonised_standards_applied")
    assert in_words(known("standards_cited").as_of) in asked.text


def test_only_what_is_known_is_reported() -> None:
    with pytest.raises(CatalogError, match="no row 'weather'"):
        known("weather")

"""The route of Art. 43 for each kind of system."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from conformity.catalog.classify import classify
from tests.support.systems import BIOMETRIC, CREDIT, MEDICAL, ORDINARY, Said, system

TODAY = date(2026, 11, 22)
STANDARDS: dict[str, Said] = {**BIOMETRIC, "harmonised_standards_applied": "yes"}

CASES: list[tuple[str, Mapping[str, Said], str, str]] = [
    ("credit", CREDIT, "annex_vi", "whatever standards exist"),
    (
        "credit with standards",
        {**CREDIT, "harmonised_standards_applied": "yes"},
        "annex_vi",
        "internal control",
    ),
    ("biometrics", BIOMETRIC, "annex_vii", "state of 24 September 2026"),
    (
        "biometrics without standards",
        {**BIOMETRIC, "harmonised_standards_applied": "no"},
        "annex_vii",
        "were applied in full; hence Annex VII",
    ),
    (
        "biometrics for the police",
        {**BIOMETRIC, "biometrics_for_authorities": "yes"},
        "annex_vii",
        "market surveillance authority acts",
    ),
    (
        "biometrics for a shop",
        {**BIOMETRIC, "biometrics_for_authorities": "no"},
        "annex_vii",
        "Any notified body",
    ),
    (
        "biometrics and credit",
        {**BIOMETRIC, "annex_iii_use": ("annexIII.1.b", "annexIII.5.b")},
        "annex_vii",
        "point 1",
    ),
    ("standards, not chosen", STANDARDS, "annex_vi_or_vii", "answer notified_body_chosen"),
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

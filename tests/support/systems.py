"""Manifests of many kinds of AI systems, reduced to their answers to the classification procedure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from conformity.model.base import QuestionId, RequirementId
from conformity.model.manifest import Answer, Manifest, Provider, Role, System

Said = str | tuple[str, ...]
"""An answer, or the points named with a yes."""

IN_SCOPE: dict[str, Said] = {
    "ai_system": "yes",
    "union_link": "yes",
    "excluded": "no",
    "prohibited_practice": "no",
}
NO_TRANSPARENCY: dict[str, Said] = {
    "direct_interaction": "no",
    "synthetic_content": "no",
    "emotion_or_biometric_categorisation": "no",
    "deep_fake": "no",
    "public_interest_text": "no",
}
ORDINARY: dict[str, Said] = {
    **IN_SCOPE,
    "annex_i_product": "no",
    "annex_iii_use": "no",
    **NO_TRANSPARENCY,
    "gpai_model": "no",
    "role_change": "no",
}
"""An AI system about which every question of the procedure is answered, and nothing is regulated."""

CREDIT: dict[str, Said] = {**ORDINARY, "annex_iii_use": ("annexIII.5.b",), "profiling": "yes"}
"""Credit scoring of people."""

MEDICAL: dict[str, Said] = {
    **ORDINARY,
    "annex_i_product": ("annexI.11",),
    "safety_component": ("art6.1.product",),
    "assistance_only": "no",
    "failure_endangers": "yes",
    "third_party_assessment": "yes",
}
"""Software that is a medical device assessed by a notified body."""

BIOMETRIC: dict[str, Said] = {**ORDINARY, "annex_iii_use": ("annexIII.1.a",), "profiling": "no"} | {
    "art6_3_condition": "no",
    "no_significant_risk": "no",
}
"""Remote biometric identification."""


def system(
    answers: Mapping[str, Said], *, role: Role = "provider", placed_on_market_on: date | None = None
) -> Manifest:
    """Return a manifest with these answers."""
    return Manifest(
        conformity=1,
        system=System(
            name="System",
            version="1",
            intended_purpose="As the answers say.",
            placed_on_market_on=placed_on_market_on,
        ),
        provider=Provider(name="Provider", address="Street 1", contact="contact@example.org"),
        role=role,
        classification=tuple(_answer(question, said) for question, said in answers.items()),
    )


def _answer(question: str, said: Said) -> Answer:
    """Return one answer; points make it a yes."""
    if isinstance(said, tuple):
        points = tuple(RequirementId(point) for point in said)
        return Answer(question=QuestionId(question), answer="yes", points=points, because="As declared")
    return Answer.model_validate({"question": question, "answer": said})

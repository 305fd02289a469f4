"""The catalogue answers without a manifest, and a wrong answer is wrong usage."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from conformity.errors import UsageError
from conformity.pipeline.knowing import (
    classify_answers,
    classify_system,
    explain_requirement,
    list_probes,
    list_questions,
    list_requirements,
)
from conformity.settings import Settings
from tests.support.cases import manifest, system
from tests.support.systems import CREDIT

DAY = date(2026, 11, 22)
WORDS = {
    question: said if isinstance(said, str) else f"yes: {', '.join(said)}"
    for question, said in CREDIT.items()
}


def test_answers_alone_classify_a_system() -> None:
    found = classify_answers(WORDS, DAY)
    assert (found.outcome, found.as_of) == ("high_risk_annex_iii", DAY)
    assert "Annex III(5)(b)" in found.summary
    named = {str(step.question): step.points for step in found.steps}
    assert named["annex_iii_use"] == ("annexIII.5.b",)


def test_several_points_may_be_named_and_empty_ones_are_dropped() -> None:
    found = classify_answers({**WORDS, "annex_iii_use": " yes : annexIII.5.b , annexIII.4.a ,, "}, DAY)
    named = {str(step.question): step.points for step in found.steps}
    assert set(named["annex_iii_use"]) == {"annexIII.5.b", "annexIII.4.a"}
    assert len(named["annex_iii_use"]) == 2


def test_no_answers_tell_nothing() -> None:
    found = classify_answers({}, DAY)
    assert found.outcome == "cannot_tell"
    assert found.missing
    assert classify_answers({"ai_system": "unknown"}, DAY).outcome == "cannot_tell"


@pytest.mark.parametrize("text", ["", "maybe", "Yes", "true", ": annexIII.5.b", "no way"])
def test_an_answer_is_yes_no_or_unknown(text: str) -> None:
    with pytest.raises(UsageError, match="'ai_system' with yes, no or unknown"):
        classify_answers({"ai_system": text}, DAY)


def test_a_manifest_and_the_same_answers_classify_alike(tmp_path: Path) -> None:
    lines = ["classification:"]
    for question, said in CREDIT.items():
        points = "" if isinstance(said, str) else f", points: [{', '.join(said)}]"
        lines.append(
            f'  - {{question: {question}, answer: "{said if isinstance(said, str) else "yes"}"{points}}}'
        )
    place = system(tmp_path, text=manifest(extra="\n".join(lines) + "\n"))
    found = classify_system(place, DAY, Settings())
    assert found.model_dump(exclude={"facts"}) == classify_answers(WORDS, DAY).model_dump(exclude={"facts"})


def test_what_there_is_can_be_listed() -> None:
    asked = {question.id for question in list_questions()}
    assert set(WORDS) <= asked
    assert len(asked) == len(list_questions())
    rows = list_requirements()
    assert explain_requirement("art10.2.f") in rows
    probes = {spec.id for spec in list_probes()}
    assert {probe for row in rows for probe in row.probes} <= probes


def test_an_unknown_requirement_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"art10\.2\.f"):
        explain_requirement("art10.2.ff")

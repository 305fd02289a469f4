"""The questions on a substantial modification: with citations, without answers, and never half read."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.catalog import change_questions
from conformity.catalog.load import requirement
from conformity.errors import CatalogError


def test_each_question_cites_the_act_and_ends_as_one() -> None:
    asked = change_questions.change_questions()
    assert len(asked.questions) == 7
    assert all(one.ref.startswith(("Art. ", "Annex ")) for one in asked.questions)
    assert all(one.question.endswith("?") for one in asked.questions)
    assert "a person decides" in asked.statement
    # The provisions are those of the requirement on new assessments.
    for ref in requirement("art43.4").ref.split(", "):
        assert ref in asked.ref


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "requirements"}, "no file of questions on changes"),
        ({"ref": None}, "no file of questions on changes"),
        ({"statement": ["x"]}, "no file of questions on changes"),
        ({"rows": [{"id": "a"}]}, "does not fit"),
        ({"rows": [{"id": "a", "ref": "r", "question": "q", "looks_at": "l"}] * 2}, "stands twice"),
    ],
)
def test_a_broken_file_is_told(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str) -> None:
    whole = {"kind": "change_questions", "ref": "r", "statement": "s", "rows": []}
    monkeypatch.setattr(change_questions, "law_file", lambda _: {**whole, **changes})
    with pytest.raises(CatalogError, match=said):
        change_questions.read_questions("x.yaml")

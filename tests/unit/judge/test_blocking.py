"""What a declaration must wait for, article by article, and how grave it is when it is missed."""

from __future__ import annotations

from datetime import date

import pytest

from conformity.judge.blocking import gap_rule, severity
from conformity.model.finding import Finding
from conformity.model.plan import PlannedRequirement
from tests.support.assessments import TODAY, requirement

LATER = date(2027, 12, 2)


@pytest.mark.parametrize(
    ("article", "in_register", "gravity"),
    [
        ("Article 4", False, "major"),
        ("Article 4a", True, "critical"),
        ("Article 7", False, "major"),
        ("Article 8", True, "critical"),
        ("Article 15", True, "critical"),
        ("Article 16", True, "major"),
        ("Article 17", True, "major"),
        ("Article 18", False, "major"),
        ("Article 71", False, "major"),
        ("Article 72", True, "major"),
        ("Article 73", False, "major"),
        ("Annex IV", True, "major"),
        ("Annex V", False, "major"),
    ],
)
def test_what_a_declaration_speaks_for_waits_whatever_day_it_binds(
    article: str, in_register: bool, gravity: str
) -> None:
    row = requirement(id="art0.1", article=article)
    item = PlannedRequirement(requirement=row, applies="yes", reason="It does.", duty_from=LATER)
    finding = Finding(requirement=row.id, verdict="not_collected", reason="Nothing.")
    assert (gap_rule(item, finding, TODAY) is not None) is in_register
    assert severity(article, "not_met")[0] == gravity


@pytest.mark.parametrize("article", ["Article 18", "Article 19", "Article 47", "Article 48", "Article 49"])
def test_what_follows_a_declaration_is_not_asked_for_before_it_though_it_binds(article: str) -> None:
    row = requirement(id="art0.1", article=article)
    item = PlannedRequirement(requirement=row, applies="yes", reason="It does.", duty_from=TODAY)
    assert (
        gap_rule(item, Finding(requirement=row.id, verdict="not_collected", reason="Nothing."), TODAY) is None
    )
    ordinary = item.model_copy(update={"requirement": requirement(id="art0.1", article="Article 71")})
    assert gap_rule(ordinary, Finding(requirement=row.id, verdict="not_collected", reason="-"), TODAY)

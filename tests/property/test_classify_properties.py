"""What must hold of every classification: an answer left out never makes the outcome lighter."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformity.catalog.applicability import applicability
from conformity.catalog.classify import classify
from conformity.catalog.load import questions, requirements
from conformity.catalog.rows import Question
from conformity.catalog.ternary import Ternary, both, either, negated
from conformity.model.manifest import Role
from tests.support.systems import BIOMETRIC, MEDICAL, Said, system

days = st.sampled_from([date(2026, 11, 22), date(2026, 12, 2), date(2027, 12, 2)])
roles: st.SearchStrategy[Role] = st.sampled_from(["provider", "deployer", "importer", "product_manufacturer"])
placings: st.SearchStrategy[date | None] = st.sampled_from(
    [None, date(2025, 8, 1), date(2026, 8, 1), date(2027, 12, 1), date(2027, 12, 2), date(2028, 8, 2)]
)
ternaries: st.SearchStrategy[Ternary] = st.sampled_from(["yes", "no", "unknown"])


def _said(question: Question) -> st.SearchStrategy[Said]:
    """Draw an answer, or points where a yes must name some."""
    if not question.points:
        return st.sampled_from(["yes", "no"])
    names = [str(point.id) for point in question.points]
    picked = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(st.just("no"), st.just("no"), picked)


def _likely(question: Question) -> st.SearchStrategy[Said]:
    """Draw an answer that more often lets the procedure go on."""
    onward: dict[str, Said] = {
        "ai_system": "yes",
        "union_link": "yes",
        "excluded": "no",
        "prohibited_practice": "no",
    }
    usual = onward.get(question.id)
    return _said(question) if usual is None else st.one_of(st.just(usual), st.just(usual), _said(question))


full: st.SearchStrategy[dict[str, Said]] = st.fixed_dictionaries({str(q.id): _likely(q) for q in questions()})
WHOLE: dict[str, Said] = {str(q.id): "no" for q in questions()}
kept = st.sets(st.sampled_from([str(question.id) for question in questions()]))


@settings(deadline=None, max_examples=60)
@given(answers=full, left_out=kept, role=roles, as_of=days)
def test_leaving_answers_out_gives_the_same_outcome_or_cannot_tell(
    answers: dict[str, Said], left_out: set[str], role: Role, as_of: date
) -> None:
    whole = classify(system(answers, role=role), as_of)
    part = {name: said for name, said in answers.items() if name not in left_out}
    partial = classify(system(part, role=role), as_of)
    assert whole.outcome != "cannot_tell"
    assert partial.outcome in (whole.outcome, "cannot_tell")
    assert (partial.outcome == "cannot_tell") == any(
        "does not change the outcome" not in line for line in partial.missing
    )


@example(
    answers={**WHOLE, **BIOMETRIC, "harmonised_standards_applied": "yes"},
    left_out={"harmonised_standards_applied", "notified_body_chosen"},
    role="provider",
    as_of=date(2026, 11, 22),
)
@settings(deadline=None, max_examples=60)
@given(answers=full, left_out=kept, role=roles, as_of=days)
def test_leaving_answers_out_never_settles_whether_a_requirement_applies(
    answers: dict[str, Said], left_out: set[str], role: Role, as_of: date
) -> None:
    whole = classify(system(answers, role=role), as_of)
    part = {name: said for name, said in answers.items() if name not in left_out}
    partial = classify(system(part, role=role), as_of)
    for row in requirements():
        fewer = applicability(row, partial, role, as_of).applies
        more = applicability(row, whole, role, as_of).applies
        assert fewer in (more, "unknown"), row.id


@example(
    answers={**WHOLE, **MEDICAL, "annex_iii_use": ("annexIII.5.d",), "profiling": "yes"},
    left_out={"annex_iii_use"},
    placed=None,
)
@example(
    answers={**WHOLE, **BIOMETRIC, "public_authority_deployer": "yes"},
    left_out={"public_authority_deployer"},
    placed=date(2026, 1, 1),
)
@settings(deadline=None, max_examples=60)
@given(answers=full, left_out=kept, placed=placings)
def test_leaving_answers_out_never_gives_a_later_duty(
    answers: dict[str, Said], left_out: set[str], placed: date | None
) -> None:
    part = {name: said for name, said in answers.items() if name not in left_out}
    whole, partial = (
        classify(system(said, placed_on_market_on=placed), date(2026, 11, 22)) for said in (answers, part)
    )
    never = date.max
    if partial.outcome == whole.outcome:
        assert (partial.high_risk_from or never) <= (whole.high_risk_from or never)
    for row in requirements():
        more = applicability(row, whole, "provider", whole.as_of)
        fewer = applicability(row, partial, "provider", whole.as_of)
        if more.applies != "no":
            assert (fewer.duty_from or never) <= (more.duty_from or never), row.id


@settings(deadline=None, max_examples=60)
@given(answers=full, role=roles, as_of=days)
def test_answering_unknown_is_the_same_as_not_answering(
    answers: dict[str, Said], role: Role, as_of: date
) -> None:
    names = sorted(answers)[::2]
    silent = system({name: said for name, said in answers.items() if name not in names}, role=role)
    unsure = system({name: "unknown" if name in names else said for name, said in answers.items()}, role=role)
    assert classify(silent, as_of) == classify(unsure, as_of)


@settings(deadline=None, max_examples=60)
@given(a=ternaries, b=ternaries, c=ternaries)
def test_three_valued_logic_is_that_of_kleene(a: Ternary, b: Ternary, c: Ternary) -> None:
    order = {"no": 0, "unknown": 1, "yes": 2}
    names: list[Ternary] = ["no", "unknown", "yes"]
    assert both(a, b, c) == names[min(order[a], order[b], order[c])]
    assert either(a, b, c) == names[max(order[a], order[b], order[c])]
    assert negated(a) == names[2 - order[a]]

"""The decision procedure: from the manifest's answers to what kind of system it is under the Act.

The questions are data (``questions.yaml``); the parts of the procedure are in
:mod:`conformity.catalog.procedure`; this module puts them in order. The invariant: an answer left out
can lead to ``cannot_tell``, never to another outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conformity.catalog import procedure
from conformity.catalog.answers import Answers, read_answers
from conformity.catalog.case import Case
from conformity.catalog.facts import facts_of
from conformity.catalog.load import milestone
from conformity.catalog.procedure import Part
from conformity.catalog.remarks import remarks_on
from conformity.catalog.route import open_for_route, route_of
from conformity.errors import UsageError
from conformity.model.classification import Classification, DecisionStep, Outcome
from conformity.model.manifest import Manifest


@dataclass(frozen=True)
class _Walk:
    """A way through the procedure."""

    steps: tuple[DecisionStep, ...]
    """The questions put, in order."""
    outcome: Outcome
    """Where it ended."""
    blocking: tuple[str, ...] = ()
    """The open questions without which it cannot end."""
    aside: tuple[str, ...] = ()
    """Other open questions; they do not change the outcome."""
    scope_open: bool = False
    """Whether the scope is unsettled."""
    annex_iii: Part | None = None
    """The part on Annex III, when it was put."""
    ended_at: str | None = None
    """Where it ended before that part, in words."""


def classify(manifest: Manifest, as_of: date) -> Classification:
    """Return what kind of system it is, every step that led there, the route and the facts.

    Args:
        manifest: the manifest with its answers and the role.
        as_of: the day whose law applies.

    Raises:
        ManifestError: an answer does not fit its question.
        UsageError: ``as_of`` lies before the consolidated text of the catalogue.
    """
    start = milestone("amendment").on
    if as_of < start:
        raise UsageError(
            f"the catalogue holds the law from {start.isoformat()} on; choose that day or a later one"
        )
    answers = read_answers(manifest)
    walk = _walk(answers, manifest.role, as_of)
    case = Case(
        manifest,
        answers,
        as_of,
        outcome=walk.outcome,
        blocking=walk.blocking,
        scope_open=walk.scope_open,
        annex_iii=walk.annex_iii,
        ended_at=walk.ended_at,
    )
    route = route_of(case)
    return Classification(
        as_of=as_of,
        outcome=walk.outcome,
        summary=_summary(case),
        steps=walk.steps,
        also=remarks_on(case),
        missing=(
            *(_missing(answers, name) for name in walk.blocking),
            *(f"{_missing(answers, name)} It does not change the outcome." for name in walk.aside),
            *(f"{_missing(answers, name)} {_ROUTE_ONLY}" for name in open_for_route(case)),
        ),
        facts=facts_of(case, route),
        route=route,
        high_risk_from=case.start.on,
        placed_on_market_on=manifest.system.placed_on_market_on,
    )


_ROUTE_ONLY = "It does not change the outcome, but the conformity assessment procedure depends on it."


def _missing(answers: Answers, question_id: str) -> str:
    """Return what must be answered, with the provision that asks it."""
    return f"{answers.needed(question_id)} ({answers.asked[question_id].ref})."


_SCOPE = "the scope of the Act (Art. 2, Art. 3(1))"
_MODEL = "what is no AI system (Art. 3(1))"
_BAN = "a prohibited practice (Art. 5(1))"
_SECTION_B = "Annex I Section B (Art. 2(2))"


def _walk(answers: Answers, role: str, as_of: date) -> _Walk:
    """Put the questions in order and stop where the procedure ends."""
    scope = procedure.scope(answers, role)
    if scope.end is not None:
        return _Walk(scope.steps, scope.end, ended_at=_SCOPE)
    if answers.state("ai_system") == "no":
        return _model_only(answers, scope)
    ban = procedure.prohibited(answers, as_of)
    steps = scope.steps + ban.steps
    if ban.end is not None:
        if scope.open:
            return _Walk(steps, "cannot_tell", blocking=scope.open, scope_open=True, ended_at=_BAN)
        return _Walk(steps, ban.end, ended_at=_BAN)
    return _levels(answers, steps, scope, ban)


def _model_only(answers: Answers, scope: Part) -> _Walk:
    """Return the way for something that is no AI system, but may be a general-purpose AI model."""
    steps, aside = scope.steps, tuple[str, ...]()
    if answers.state("gpai_model") == "yes":
        model = procedure.gpai(answers)
        steps, aside = steps + model.steps[1:], model.open
    if scope.open:
        return _Walk(steps, "cannot_tell", scope.open, aside, scope_open=True, ended_at=_MODEL)
    return _Walk(steps, "gpai_model_only", aside=aside, ended_at=_MODEL)


def _levels(answers: Answers, steps: tuple[DecisionStep, ...], scope: Part, ban: Part) -> _Walk:
    """Return the way through the levels of risk, once no prohibition ended it."""
    one = procedure.annex_i(answers)
    beside = (procedure.gpai(answers), procedure.role_change(answers))
    if one.end == "high_risk_annex_i_b":
        three, fifty = None, Part(())
    else:
        three, fifty = procedure.annex_iii(answers), procedure.transparency(answers)
    level = _level(answers, one, three, fifty)
    ends = level is not None and not (scope.open or ban.open)
    three_steps, three_open = (three.steps, three.open) if three is not None else ((), ())
    wanted = () if level is not None else _level_open(one, three_open, three, fifty)
    blocking = () if ends else (*scope.open, *ban.open, *wanted)
    rest = (*three_open, *fifty.open, *(name for part in beside for name in part.open))
    return _Walk(
        steps=steps + one.steps + three_steps + fifty.steps + tuple(s for part in beside for s in part.steps),
        outcome=level if level is not None and ends else "cannot_tell",
        blocking=blocking,
        aside=tuple(name for name in rest if name not in blocking),
        scope_open=bool(scope.open),
        annex_iii=three,
        ended_at=_SECTION_B if three is None else None,
    )


def _level(answers: Answers, one: Part, three: Part | None, fifty: Part) -> Outcome | None:
    """Return the level of risk, as far as it is settled."""
    if one.end is not None or three is None:
        return one.end
    if one.open:
        return None
    if three.end == "high_risk_annex_iii":
        return three.end
    if three.open:
        return None
    level = three.end or fifty.end
    if not any(point.unless_regulated for point in answers.points("excluded")):
        return level
    if fifty.end is None:
        return None
    return "out_of_scope" if fifty.end == "minimal" else level


def _level_open(one: Part, three_open: tuple[str, ...], three: Part | None, fifty: Part) -> tuple[str, ...]:
    """Return the questions that keep the level of risk unsettled."""
    settled_high = three is not None and three.end == "high_risk_annex_iii"
    return (*one.open, *three_open, *(() if settled_high or fifty.end else fifty.open))


_SUMMARIES: dict[Outcome, str] = {
    "out_of_scope": "The Act does not apply to the system (Art. 2, Art. 3(1)).",
    "prohibited": "The system meets a practice that Art. 5(1) prohibits: {practices}.",
    "high_risk_annex_i_a": "High-risk under Art. 6(1) and Annex I Section A: {acts}.",
    "high_risk_annex_i_b": (
        "High-risk under Art. 6(1) and Annex I Section B ({acts}); of the Act only Art. 6(1), 60a and "
        "102-112 apply, and Art. 57-59 where the sectoral law has absorbed the requirements (Art. 2(2))."
    ),
    "high_risk_annex_iii": "High-risk under Art. 6(2): {points}.",
    "not_high_risk_art6_3": (
        "Listed in Annex III ({points}) but not high-risk, as the provider holds under Art. 6(3); the "
        "assessment must be documented (Art. 6(4)) and the system registered (Art. 49(2))."
    ),
    "transparency_only": "Not high-risk; the transparency duties of Art. 50 apply.",
    "minimal": (
        "Not high-risk, and no case of Art. 50; Art. 4 on AI literacy applies, codes are voluntary (Art. 95)."
    ),
    "gpai_model_only": "No AI system but a general-purpose AI model; Chapter V applies (Art. 51-55).",
    "cannot_tell": "Cannot tell: needs an answer to {needs}.",
}


def _summary(case: Case) -> str:
    """Return the outcome in a sentence, with its citation."""
    return _SUMMARIES[case.outcome].format(
        practices=", ".join(f"{p.ref} ({p.title})" for p in case.answers.points("prohibited_practice")),
        acts="; ".join(act.act for act in case.acts),
        points=", ".join(f"{point.ref} ({point.title})" for point in case.points),
        needs=case.answers.open_questions(*case.blocking),
    )

"""Each condition of the vocabulary, decided for a case: yes, no or unknown, always with the reason."""

from __future__ import annotations

from collections.abc import Callable

from conformity.catalog.case import Case
from conformity.catalog.load import conditions
from conformity.catalog.procedure import ART_50
from conformity.catalog.rows import Condition
from conformity.catalog.ternary import Ternary, both, either, negated, truth
from conformity.model.classification import Fact, Route
from conformity.model.said import said

_Decision = tuple[Ternary, str]

_ANSWERED = (
    ("The question on {title} is answered no.", "The question on {title} is answered no: {because}"),
    ("The question on {title} is answered yes.", "The question on {title} is answered yes: {because}"),
)
"""What is said of an answer, without and with the provider's reason; first for no, then for yes."""

_BEFORE_ART_10 = (
    "Art. 4a(1) speaks of high-risk systems under Art. 10(2), which does not apply yet; whether the work "
    "rests on Art. 4a(2) until then is for a person to judge."
)
"""Why it is open what governs the work of the provider of a high-risk system before Art. 10(2) applies."""


def facts_of(case: Case, route: Route) -> tuple[Fact, ...]:
    """Return one fact for each condition of the vocabulary, in its order.

    Raises:
        KeyError: a derived condition has no derivation here; a test holds both to each other.
    """
    return tuple(_fact(condition, case, route) for condition in conditions())


def _fact(condition: Condition, case: Case, route: Route) -> Fact:
    """Return one condition decided."""
    if condition.question is not None:
        holds, reason = _asked(condition.question, case)
    elif condition.id in ROUTES:
        holds, reason = _routed(condition.id, route)
    else:
        holds, reason = DERIVED[condition.id](case)
    if holds == "unknown" and _idle(condition, case):
        reason = _not_examined(case)
    return Fact(condition=condition.id, holds=holds, reason=f"{reason} ({condition.ref})")


def _idle(condition: Condition, case: Case) -> bool:
    """Tell whether nothing hangs on a condition any more, so that no answer to it is needed."""
    if case.outcome in ("high_risk_annex_i_b", "gpai_model_only"):
        return condition.id == "art50_case" or condition.question in ART_50
    return case.outcome == "out_of_scope"


def _not_examined(case: Case) -> str:
    """Return that a condition was not examined, and where the procedure ended instead."""
    ended = f"Not examined: the procedure ended at {case.ended_at or 'the scope of the Act (Art. 2(12))'}."
    return f"{ended} {_needs(case)}" if case.outcome == "cannot_tell" else ended


def _asked(question_id: str, case: Case) -> _Decision:
    """Return what the answer to a question says."""
    state = case.answers.state(question_id)
    if state == "unknown":
        return state, _needed(question_id, case)
    because = case.answers.because(question_id)
    bare, reasoned = _ANSWERED[state == "yes"]
    title = case.answers.asked[question_id].title
    if not because:
        return state, said(bare, title=title)
    return state, said(reasoned, title=title, because=_sentence(because))


def _sentence(text: str) -> str:
    """Return the text with a full stop."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _needed(question_id: str, case: Case) -> str:
    """Return which answer is missing, as a sentence."""
    needed = case.answers.open_questions(question_id)
    if case.answers.lacks_points(question_id):
        return f"Needs an answer to {needed}: it is answered yes, but names none of the points meant."
    return f"Needs an answer to {needed}: {case.answers.asked[question_id].text}"


def _needs(case: Case) -> str:
    """Return what the classification lacks, as a sentence; the questions themselves stand there."""
    count = len(case.blocking)
    if count == 1:
        return "Depends on the classification, which is open: 1 question to answer."
    return f"Depends on the classification, which is open: {count} questions to answer."


def _in_scope(case: Case) -> _Decision:
    """Decide whether the Act as a whole applies to the system."""
    match case.outcome:
        case "cannot_tell":
            return "unknown", _needs(case)
        case "out_of_scope":
            return "no", "The system is outside the scope of the Act."
        case "high_risk_annex_i_b":
            return "no", _SECTION_B
        case "gpai_model_only":
            return "no", "It is a model, not an AI system."
        case _:
            return "yes", "It is an AI system within the scope of the Act."


_SECTION_B = (
    "For Annex I Section B only Art. 6(1), 60a and 102-112 apply, and Art. 57-59 where the sectoral law has "
    "absorbed the requirements, as Art. 2(2) says."
)


def _high_risk(case: Case) -> _Decision:
    """Decide whether Chapter III applies."""
    if case.high_risk == "unknown":
        return "unknown", _needs(case)
    if case.high_risk == "yes":
        return "yes", "It is a high-risk system to which Chapter III applies."
    if case.outcome == "prohibited":
        return "no", "The practice is prohibited; meeting Chapter III cannot make it lawful."
    if case.outcome == "high_risk_annex_i_b":
        return "no", "It is high-risk under Annex I Section B, to which Chapter III does not apply."
    if case.ended_at is not None:
        return "no", _not_examined(case)
    return "no", "It is not a high-risk system."


def _annex_iii(case: Case) -> _Decision:
    """Decide whether the system is a high-risk use of Annex III."""
    state = case.under_annex_iii
    if case.ended_at is not None:
        return state, _not_examined(case)
    if state == "unknown":
        return state, _open_annex_iii(case)
    if state == "no":
        return state, "It is not a high-risk use under Annex III."
    return state, f"Named: {', '.join(point.ref for point in case.points)}."


def _open_annex_iii(case: Case) -> str:
    """Return which questions on Annex III are open, as a sentence."""
    names = case.annex_iii.open if case.annex_iii else ()
    return f"Needs an answer to {case.answers.open_questions(*names)}."


def _annex_iii_except_2(case: Case) -> _Decision:
    """Decide whether a point of Annex III other than point 2 is met."""
    return _of_points(case, truth(any(point.number != "2" for point in case.points)), "other than point 2")


def _annex_iii_1a(case: Case) -> _Decision:
    """Decide whether it is remote biometric identification."""
    return _of_points(case, truth(any(point.id == "annexIII.1.a" for point in case.points)), "1(a)")


def _of_points(case: Case, among: Ternary, what: str) -> _Decision:
    """Decide by the points of Annex III named, if it is settled that Annex III applies."""
    status = case.under_annex_iii
    if case.ended_at is not None:
        return status, _not_examined(case)
    if case.answers.state("annex_iii_use") == "yes":
        status = both(status, among)
    if status == "unknown":
        return status, _open_annex_iii(case)
    if status == "yes":
        return status, f"Named: {', '.join(point.ref for point in case.points)}."
    return status, f"It is not a high-risk use under Annex III, {what}."


def _section_a(case: Case) -> _Decision:
    """Decide whether a product under Annex I Section A is concerned."""
    state = case.answers.state("annex_i_product")
    if state == "unknown":
        return state, _needed("annex_i_product", case)
    acts = [act.act for act in case.acts if act.section == "A"]
    if not acts:
        return "no", "No act of Annex I Section A is named."
    return "yes", f"Named: {'; '.join(acts)}."


def _derogation(case: Case) -> _Decision:
    """Decide whether the provider relies on Art. 6(3)."""
    if case.outcome == "cannot_tell":
        return "unknown", _needs(case)
    if case.outcome == "not_high_risk_art6_3":
        return "yes", "The procedure ended at not high-risk under Art. 6(3)."
    return "no", "Art. 6(3) is not relied on." if case.ended_at is None else _not_examined(case)


def _fria(case: Case) -> _Decision:
    """Decide whether the deployer must assess the impact on fundamental rights."""
    if case.under_annex_iii != "yes":
        return _annex_iii(case)
    kinds = {point.fria for point in case.points}
    if "every_deployer" in kinds:
        return "yes", "Annex III points 5(b) and 5(c) bind every deployer."
    if kinds == {"excluded"}:
        return "no", "Annex III point 2 is excluded."
    return _asked("fria_deployer", case)


def _outside_4a1(case: Case) -> _Decision:
    """Decide whether special-category data are used outside Art. 4a(1)."""
    used = case.answers.state("special_category_data")
    by_provider = truth(case.manifest.role in ("provider", "product_manufacturer"))
    within = both(case.high_risk, by_provider)
    reached: Ternary = "unknown" if case.outcome == "cannot_tell" else _reached(case)
    state = both(used, negated(within), reached)
    if state == "unknown":
        return state, _asked("special_category_data", case)[1] if used == "unknown" else _needs(case)
    if state == "yes":
        return state, "Special-category data are used, and not by the provider of a high-risk system."
    if used == "no":
        return state, _asked("special_category_data", case)[1]
    if reached != "yes":
        return _in_scope(case)
    if case.start.on is not None and case.as_of < case.start.on:
        return "unknown", _BEFORE_ART_10
    return state, "Such use is governed by Art. 4a(1)."


def _reached(case: Case) -> Ternary:
    """Return whether Art. 4a reaches the system or model."""
    return truth(case.outcome not in ("out_of_scope", "high_risk_annex_i_b"))


def _art50(case: Case) -> _Decision:
    """Decide whether any case of Art. 50 is met."""
    state = either(*(case.answers.state(name) for name in ART_50))
    if state == "unknown":
        names = [name for name in ART_50 if case.answers.state(name) == "unknown"]
        return state, f"Needs an answer to {case.answers.open_questions(*names)}."
    return state, "A case of Art. 50 is met." if state == "yes" else "No case of Art. 50 is met."


def _gpai(case: Case) -> _Decision:
    """Decide whether a general-purpose AI model within the scope is concerned."""
    if case.outcome == "out_of_scope":
        return "no", "It is outside the scope of the Act."
    state = case.answers.state("gpai_model")
    if state == "yes" and case.scope_open:
        return "unknown", _needs(case)
    return _asked("gpai_model", case)


def _gpai_documentation(case: Case) -> _Decision:
    """Decide whether Art. 53(2) lifts the documentation duties."""
    if case.answers.state("gpai_model") == "no":
        return "no", "No general-purpose AI model is concerned."
    open_source, systemic = case.answers.state("gpai_open_source"), case.answers.state("systemic_risk")
    state = either(negated(open_source), systemic)
    if state == "unknown":
        names = [n for n in ("gpai_open_source", "systemic_risk") if case.answers.state(n) == "unknown"]
        return state, f"Needs an answer to {case.answers.open_questions(*names)}."
    if state == "yes":
        return state, "The model is not an open-source model to which the exemption applies."
    return state, "The model is open-source and has no systemic risk."


DERIVED: dict[str, Callable[[Case], _Decision]] = {
    "in_scope": _in_scope,
    "high_risk": _high_risk,
    "annex_iii": _annex_iii,
    "annex_iii_except_point_2": _annex_iii_except_2,
    "annex_iii_1a": _annex_iii_1a,
    "annex_i_section_a": _section_a,
    "art6_3_derogation_used": _derogation,
    "fria_required": _fria,
    "special_category_bias_work_outside_4a1": _outside_4a1,
    "art50_case": _art50,
    "gpai_model": _gpai,
    "gpai_documentation_due": _gpai_documentation,
}
"""How each derived condition follows from a case."""

ROUTES: dict[str, tuple[str, ...]] = {
    "internal_control_route": ("annex_vi",),
    "annex_vii_route": ("annex_vii",),
    "notified_body_route": ("annex_vii", "sectoral"),
}
"""The procedures in which each condition on the route holds."""


def _routed(condition_id: str, route: Route) -> _Decision:
    """Decide a condition by the route."""
    reason = f"The route decides ({route.ref}). {route.reason}"
    if route.procedure in ("annex_vi_or_vii", "cannot_tell"):
        return "unknown", reason
    return truth(route.procedure in ROUTES[condition_id]), reason

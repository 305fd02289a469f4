"""The parts of the decision procedure, each a pure function from answers to what it settles.

A part either ends the procedure, lets it go on, or stays open. Whatever the questions that are still
open will be answered, a result given here stands: unknown answers are weighed with three-valued logic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conformity.catalog.answers import Answers
from conformity.catalog.load import annex_i_acts, prohibited_practices
from conformity.catalog.rows import AnnexIAct, Point
from conformity.catalog.ternary import Ternary, both, either, negated, truth
from conformity.model.classification import DecisionStep, Outcome

ART_50 = (
    "direct_interaction",
    "synthetic_content",
    "emotion_or_biometric_categorisation",
    "deep_fake",
    "public_interest_text",
)
"""The questions on the cases of Art. 50, in the order of the law."""


@dataclass(frozen=True)
class Part:
    """What one part of the procedure came to."""

    steps: tuple[DecisionStep, ...]
    """The questions put, in order."""
    end: Outcome | None = None
    """The outcome, when the procedure ends here."""
    open: tuple[str, ...] = ()
    """The questions that must be answered before the part is settled."""


def scope(answers: Answers, role: str) -> Part:
    """Return whether the Act reaches the system (Art. 2, 3(1)); ends at ``out_of_scope`` if not."""
    system, model = answers.state("ai_system"), answers.state("gpai_model")
    steps = [answers.step("ai_system")]
    subject = system
    if system == "no":
        steps.append(answers.step("gpai_model"))
        subject = model
    steps.append(answers.step("union_link"))
    excluded, consequence = _excluded(answers, role)
    steps.append(answers.step("excluded", consequence))
    if both(subject, answers.state("union_link"), negated(excluded)) == "no":
        return Part(tuple(steps), end="out_of_scope")
    asked = {"gpai_model" if system == "no" else "ai_system": subject}
    asked |= {"union_link": answers.state("union_link"), "excluded": negated(excluded)}
    return Part(tuple(steps), open=tuple(name for name, state in asked.items() if state == "unknown"))


def _excluded(answers: Answers, role: str) -> tuple[Ternary, str | None]:
    """Return whether an exclusion surely holds, and the consequence to record when it is special."""
    state = answers.state("excluded")
    if state != "yes":
        return state, None
    named = answers.points("excluded")
    if any(_excludes(point, role) for point in named):
        return "yes", None
    if any(point.unless_regulated for point in named):
        return "no", (
            "The open-source exclusion yields to high-risk classification, Art. 5 and Art. 50 (Art. 2(12)); "
            "the procedure goes on."
        )
    return "no", f"The exclusion does not concern a {role.replace('_', ' ')}; the procedure goes on."


def _excludes(point: Point, role: str) -> bool:
    """Tell whether an exclusion holds by itself for someone in this role."""
    return not point.unless_regulated and point.only_role in (None, role)


def prohibited(answers: Answers, as_of: date) -> Part:
    """Return whether a practice is named that Art. 5(1) prohibits on ``as_of``."""
    state = answers.state("prohibited_practice")
    if state != "yes":
        return Part(
            (answers.step("prohibited_practice"),),
            open=("prohibited_practice",) if state == "unknown" else (),
        )
    named = {point.id for point in answers.points("prohibited_practice")}
    days = {row.id: row.applies_from for row in prohibited_practices() if row.id in named}
    if any(day <= as_of for day in days.values()):
        return Part((answers.step("prohibited_practice"),), end="prohibited")
    return Part(
        (answers.step("prohibited_practice", f"{future_ban(answers, as_of)} The procedure goes on."),)
    )


def future_ban(answers: Answers, as_of: date) -> str | None:
    """Return which practices named will be prohibited after ``as_of``, as a sentence; None if none."""
    named = {point.id for point in answers.points("prohibited_practice")}
    later = [row for row in prohibited_practices() if row.id in named and row.applies_from > as_of]
    if not later:
        return None
    refs = " and ".join(row.ref for row in later)
    return f"Will be prohibited from {later[0].applies_from.isoformat()} ({refs})."


def annex_i(answers: Answers) -> Part:
    """Return whether Art. 6(1) makes the system high-risk, and under which section of Annex I."""
    product = answers.state("annex_i_product")
    if product != "yes":
        return Part(
            (answers.step("annex_i_product"),), open=("annex_i_product",) if product == "unknown" else ()
        )
    condition_a, used = _safety(answers)
    condition_b = answers.state("third_party_assessment")
    names = ("annex_i_product", "safety_component", "assistance_only", "failure_endangers")
    steps = tuple(answers.step(name) for name in (*names, "third_party_assessment"))
    met = both(condition_a, condition_b)
    if met == "yes":
        return Part(
            steps,
            end="high_risk_annex_i_a" if _section_a(answers) else "high_risk_annex_i_b",
        )
    if met == "no":
        return Part(steps)
    unsettled = [] if condition_a != "unknown" else used
    return Part(steps, open=(*unsettled, *(["third_party_assessment"] if condition_b == "unknown" else [])))


def _safety(answers: Answers) -> tuple[Ternary, list[str]]:
    """Return whether Art. 6(1)(a) is met, and which open questions keep that unknown."""
    named = {point.id for point in answers.points("safety_component")}
    component = answers.state("safety_component")
    itself: Ternary = truth("art6.1.product" in named) if component != "unknown" else "unknown"
    part: Ternary = component if itself != "yes" else "no"
    met = either(
        itself,
        both(part, negated(answers.state("assistance_only"))),
        answers.state("failure_endangers"),
    )
    names = ("safety_component", "assistance_only", "failure_endangers")
    return met, [name for name in names if answers.state(name) == "unknown"]


def acts_named(answers: Answers) -> tuple[AnnexIAct, ...]:
    """Return the acts of Annex I named in the answers."""
    named = {point.id for point in answers.points("annex_i_product")}
    return tuple(act for act in annex_i_acts() if act.id in named)


def _section_a(answers: Answers) -> bool:
    """Tell whether an act of Section A is named; it prevails, since Art. 2(2) frees Section B alone."""
    return any(act.section == "A" for act in acts_named(answers))


def annex_iii(answers: Answers) -> Part:
    """Return whether Art. 6(2) makes the system high-risk or Art. 6(3) takes it out."""
    use = answers.state("annex_iii_use")
    if use != "yes":
        return Part((answers.step("annex_iii_use"),), open=("annex_iii_use",) if use == "unknown" else ())
    profiling = answers.state("profiling")
    names = ("art6_3_condition", "no_significant_risk")
    steps = [answers.step("annex_iii_use"), answers.step("profiling")]
    if profiling == "yes":
        steps += [answers.step(name, _BARRED) for name in names if answers.state(name) == "yes"]
        return Part(tuple(steps), end="high_risk_annex_iii")
    steps += [answers.step(name) for name in names]
    asked = ("profiling", *names)
    out = both(negated(profiling), *(answers.state(name) for name in names))
    if out == "unknown":
        return Part(tuple(steps), open=tuple(n for n in asked if answers.state(n) == "unknown"))
    return Part(tuple(steps), end="not_high_risk_art6_3" if out == "yes" else "high_risk_annex_iii")


_BARRED = (
    "This does not help: a system of Annex III that profiles natural persons is always high-risk (Art. 6(3) "
    "third subpara.)."
)


def transparency(answers: Answers) -> Part:
    """Return whether a case of Art. 50 is met; ends at ``transparency_only`` or ``minimal``."""
    states = {name: answers.state(name) for name in ART_50}
    unknown = tuple(name for name, state in states.items() if state == "unknown")
    steps = tuple(answers.step(name) for name in ART_50)
    case = either(*states.values())
    if case == "unknown":
        return Part(steps, open=unknown)
    return Part(steps, end="transparency_only" if case == "yes" else "minimal", open=unknown)


def gpai(answers: Answers) -> Part:
    """Return the steps on general-purpose AI models; they run beside the outcome and never change it."""
    model = answers.state("gpai_model")
    steps = [answers.step("gpai_model")]
    unknown = ["gpai_model"] if model == "unknown" else []
    if model == "yes":
        steps.append(answers.step("systemic_risk"))
        unknown += ["systemic_risk"] if answers.state("systemic_risk") == "unknown" else []
    return Part(tuple(steps), open=tuple(unknown))


def role_change(answers: Answers) -> Part:
    """Return the step on Art. 25(1)."""
    unknown = answers.state("role_change") == "unknown"
    return Part((answers.step("role_change"),), open=("role_change",) if unknown else ())

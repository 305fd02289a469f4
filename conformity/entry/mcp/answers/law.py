"""Classifications and requirements, in short."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import CallToolResult, ResourceLink

from conformity.entry.mcp.answers.base import Answer, fitted, lines, more, result, told

if TYPE_CHECKING:
    from conformity.catalog.rows import Question
    from conformity.model.classification import Classification
    from conformity.model.requirement import Requirement

_MOST = 40


class QuestionAnswer(Answer):
    """A question that must be answered."""

    id: str
    ref: str
    question: str


class ClassificationAnswer(Answer):
    """What kind of system it is."""

    outcome: str
    summary: str
    procedure: str
    procedure_reason: str
    high_risk_from: str | None = None
    also: tuple[str, ...]
    open_questions: tuple[QuestionAnswer, ...]
    open_questions_in_all: int
    next_cursor: str | None = None
    steps: tuple[str, ...]


class RequirementAnswer(Answer):
    """A requirement of the Act."""

    id: str
    citation: str
    title: str
    obligation: str
    binds: tuple[str, ...]
    applies_from: tuple[str, ...]
    only_if: tuple[str, ...]
    a_tool_can: str
    evidence: tuple[str, ...]
    measured_by: tuple[str, ...]
    hand_in: tuple[str, ...]
    status: str


def classification(found: Classification, questions: tuple[Question, ...], start: int) -> CallToolResult:
    """Return what kind of system it is, with the questions that are open.

    Args:
        found: what came of the procedure.
        questions: the open questions, the most pressing first.
        start: how many of them the pages before hold.
    """
    answered = [step for step in found.steps if step.answer != "unknown"]
    steps = [
        told(f"[{step.ref}] {step.question}: {step.answer}; {step.consequence}", 150) for step in answered
    ]

    def page(items: int) -> CallToolResult:
        """Return the answer with so many questions and steps."""
        end = start + items
        shown = [
            QuestionAnswer(id=one.id, ref=one.ref, question=told(one.text, 150))
            for one in questions[start:end]
        ]
        answer = ClassificationAnswer(
            outcome=found.outcome,
            summary=told(found.summary, 300),
            procedure=found.route.procedure,
            procedure_reason=told(f"{found.route.reason} [{found.route.ref}]", 250),
            high_risk_from=str(found.high_risk_from) if found.high_risk_from else None,
            also=tuple(told(text, 200) for text in found.also[: min(items, 3)]),
            open_questions=tuple(shown),
            open_questions_in_all=len(questions),
            next_cursor=str(end) if end < len(questions) else None,
            steps=tuple(steps[-min(items, 8) :]) if items and start == 0 else (),
        )
        return result(answer, _text(answer))

    return fitted(page, _MOST)


def _text(answer: ClassificationAnswer) -> str:
    """Return a classification as lines."""
    asked = answer.open_questions
    shown = more(
        len(asked), answer.open_questions_in_all, f"classify_system with cursor {answer.next_cursor}"
    )
    return lines(
        answer.summary,
        f"Procedure: {answer.procedure}. {answer.procedure_reason}",
        f"Duties for high-risk systems apply to it from {answer.high_risk_from}."
        if answer.high_risk_from
        else None,
        f"Open questions ({shown}): {', '.join(one.id for one in asked)}" if asked else None,
        "This is what the answers lead to, not legal advice.",
    )


def explained(row: Requirement) -> CallToolResult:
    """Return what a requirement asks."""
    return fitted(lambda items: _explained(row, items), 12)


def requirement(row: Requirement) -> RequirementAnswer:
    """Return the whole of what a requirement asks."""
    return RequirementAnswer(
        id=row.id,
        citation=row.ref,
        title=row.title,
        obligation=row.obligation,
        binds=row.addressees,
        applies_from=tuple(f"{one.on} ({one.regime})" for one in row.applies_from),
        only_if=row.conditions,
        a_tool_can=row.automation,
        evidence=tuple(f"{need.kind}: {need.item}" for need in row.evidence),
        measured_by=row.probes,
        hand_in=row.hand_in,
        status=row.status,
    )


def _explained(row: Requirement, items: int) -> CallToolResult:
    """Return a requirement with so many items in each of its lists."""
    whole = requirement(row)
    answer = whole.model_copy(
        update={
            "obligation": told(whole.obligation, 900),
            "evidence": tuple(told(item, 220) for item in whole.evidence[:items]),
            "measured_by": whole.measured_by[:items],
            "hand_in": tuple(told(item, 160) for item in whole.hand_in[:items]),
        }
    )
    text = lines(
        f"{answer.citation} {answer.title}: {told(row.obligation, 500)}",
        f"Binds: {', '.join(answer.binds)}. Applies from {', '.join(answer.applies_from)}.",
        [f"Hand in: {item}" for item in answer.hand_in[:3]],
    )
    link = ResourceLink(name=row.id, uri=f"conformity://requirements/{row.id}", mime_type="application/json")
    return result(answer, text, [link])

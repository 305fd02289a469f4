"""The manifest's answers, checked against the questions; what is not answered is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformity.catalog.load import annex_i_acts, did_you_mean, questions
from conformity.catalog.rows import Point, Question
from conformity.catalog.ternary import Ternary
from conformity.errors import ManifestError
from conformity.model.base import Line, QuestionId
from conformity.model.classification import DecisionStep
from conformity.model.manifest import Answer, Manifest


@dataclass(frozen=True)
class Answers:
    """Checked answers, by question; read them through the methods."""

    given: Mapping[str, Answer]
    """The answers of the manifest."""
    asked: Mapping[str, Question]
    """All questions of the catalogue, in order."""

    def state(self, question_id: str) -> Ternary:
        """Return the answer; a yes that must name points and names none is unknown."""
        answer = self.given.get(question_id)
        if answer is None or self.lacks_points(question_id):
            return "unknown"
        return answer.answer

    def lacks_points(self, question_id: str) -> bool:
        """Tell whether the answer is a yes without the points it must name."""
        answer = self.given.get(question_id)
        return bool(
            answer is not None
            and answer.answer == "yes"
            and self.asked[question_id].points
            and not answer.points
        )

    def points(self, question_id: str) -> tuple[Point, ...]:
        """Return the points named with a yes, in the catalogue's order; none for another answer."""
        answer = self.given.get(question_id)
        named = set(answer.points) if answer is not None else set()
        return tuple(point for point in self.asked[question_id].points if point.id in named)

    def because(self, question_id: str) -> Line | None:
        """Return the provider's reason, if one is given."""
        answer = self.given.get(question_id)
        return None if answer is None else answer.because

    def open_questions(self, *question_ids: str) -> str:
        """Return the questions by their titles, with the ids that the manifest uses in parentheses."""
        named = [f"{self.asked[name].title} ({name})" for name in question_ids]
        return f"the question{'s'[: len(named) != 1]} on {', '.join(named)}"

    def needed(self, question_id: str) -> str:
        """Return what must be answered, as a sentence."""
        question = self.asked[question_id]
        if self.lacks_points(question_id):
            return (
                f"needs an answer to {question_id}: it is answered yes, but names none of the points meant."
            )
        return f"needs an answer to {question_id}: {question.text}"

    def step(self, question_id: str, consequence: str | None = None) -> DecisionStep:
        """Return the record of a question, with the catalogue's consequence unless another is given."""
        question = self.asked[question_id]
        state = self.state(question_id)
        usual = {
            "yes": question.on_yes,
            "no": question.on_no,
            "unknown": "Nothing follows until this is answered; nothing is assumed.",
        }
        return DecisionStep(
            question=question.id,
            text=question.text,
            ref=question.ref,
            answer=state,
            because=self.because(question_id),
            points=tuple(point.id for point in self.points(question_id)),
            consequence=consequence or usual[state],
        )


def read_answers(manifest: Manifest) -> Answers:
    """Return the manifest's answers, checked.

    Raises:
        ManifestError: an answer is to no question, names a point that does not exist or is deleted, or
            names points without being a yes.
    """
    asked = {str(question.id): question for question in questions()}
    for answer in manifest.classification:
        _check(answer, asked)
    return Answers({str(answer.question): answer for answer in manifest.classification}, asked)


def _check(answer: Answer, asked: Mapping[str, Question]) -> None:
    """Raise ManifestError when an answer does not fit its question."""
    question = asked.get(answer.question)
    if question is None:
        raise ManifestError(
            f"classification: there is no question {answer.question!r}"
            f"{did_you_mean(answer.question, asked)}; `conformity classify` lists all questions"
        )
    if answer.points and answer.answer != "yes":
        raise ManifestError(
            f"classification: {question.id} is answered {answer.answer} but names points; "
            "answer yes or take the points away"
        )
    known = [str(point.id) for point in question.points]
    for point in answer.points:
        if point not in known:
            raise ManifestError(_unknown_point(question.id, point, known))


def _unknown_point(question_id: QuestionId, point: str, known: list[str]) -> str:
    """Return the sentence for a point that cannot be named with a question."""
    for act in annex_i_acts():
        if act.id == point and act.status == "deleted" and question_id == "annex_i_product":
            return f"classification: {question_id} names {point}, which is deleted. {act.note}"
    if not known:
        return f"classification: {question_id} takes no points; take {point!r} away"
    return (
        f"classification: {question_id} names {point!r}, which is not one of its points"
        f"{did_you_mean(point, known)}; use one of {', '.join(known)}"
    )

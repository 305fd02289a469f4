"""What only a person can say, in short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformity.entry.mcp.answers.base import Answer, told

if TYPE_CHECKING:
    from conformity.model.checking import MissingInformation


class MissingAnswer(Answer):
    """Something to say, or to confirm."""

    field: str
    article: str
    question: str
    example: str


def missing(items: Sequence[MissingInformation], most: int = 150) -> tuple[MissingAnswer, ...]:
    """Return what is missing, each text at most so long."""
    return tuple(
        MissingAnswer(
            field=told(one.field),
            article=one.article,
            question=told(one.question, most),
            example=told(one.example, 90),
        )
        for one in items
    )


def by_urgency(items: Sequence[MissingInformation]) -> list[MissingInformation]:
    """Return texts to fill in and guesses in turns, then questions: of each a reader sees something."""
    kinds = [[one for one in items if one.kind == kind] for kind in ("guess", "question", "placeholder")]
    return [
        kind[index] for index in range(max(map(len, kinds), default=0)) for kind in kinds if index < len(kind)
    ]


def missing_lines(items: Sequence[MissingAnswer]) -> list[str]:
    """Return what is missing as lines of Markdown."""
    return [f"- {one.field} [{one.article}]: {told(one.question, 110)}" for one in items]

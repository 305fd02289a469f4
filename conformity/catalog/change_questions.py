"""What the law asks about a change of a system: the questions on a substantial modification."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pydantic import ValidationError

from conformity.catalog.load import law_file
from conformity.errors import CatalogError
from conformity.model.comparison import LawQuestion

_FILE = "substantial_modification.yaml"


@dataclass(frozen=True)
class ChangeQuestions:
    """The questions of the law, in order."""

    ref: str
    """The provisions."""
    statement: str
    """What the work sheet is and is not."""
    questions: tuple[LawQuestion, ...]
    """The questions."""


@cache
def change_questions() -> ChangeQuestions:
    """Return the questions on a substantial modification (Art. 3(23), Art. 43(4)).

    Raises:
        CatalogError: the file does not fit.
    """
    return read_questions(_FILE)


def read_questions(name: str) -> ChangeQuestions:
    """Return the questions of one file of the law, checked.

    Raises:
        CatalogError: it is of another kind, or a row does not fit.
    """
    content = law_file(name)
    ref, statement = content.get("ref"), content.get("statement")
    if content["kind"] != "change_questions" or not isinstance(ref, str) or not isinstance(statement, str):
        raise CatalogError(
            f"{name} is no file of questions on changes; give it `kind`, `ref` and `statement`"
        )
    try:
        rows = tuple(LawQuestion.model_validate(row) for row in content["rows"])
    except ValidationError as error:
        raise CatalogError(f"{name} does not fit: {error}") from error
    if len({row.id for row in rows}) != len(rows):
        raise CatalogError(f"{name}: a question stands twice; give each its own `id`")
    return ChangeQuestions(ref, statement.strip(), rows)

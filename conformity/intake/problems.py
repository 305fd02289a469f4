"""Say in plain sentences why a manifest does not fit: pydantic's errors, translated one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformity.intake.fields import Node, expected, field_names, kinds_of_subject, place, plain
from conformity.intake.names import advice, listed, quoted
from conformity.intake.yaml_text import FieldPath, dotted

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a manifest."""

    path: FieldPath
    """The field; its nearest existing parent is where the reader is sent."""
    text: str
    """What is wrong there and what to do."""
    given: str | None = None
    """The name that is wrong, when the text should end with the nearest of ``known``."""
    known: Collection[str] = ()
    """The names that exist; looked at only when the problem is written out."""


@dataclass(frozen=True)
class _Case:
    """One of pydantic's errors with what is known about its place."""

    error: ErrorDetails
    path: FieldPath
    node: Node

    @property
    def ctx(self) -> dict[str, Any]:
        """Return the particulars of the error."""
        return self.error.get("ctx", {})


def problems_of(errors: Iterable[ErrorDetails]) -> tuple[Problem, ...]:
    """Return one problem for each field that pydantic finds fault with.

    Args:
        errors: ``ValidationError.errors()`` of a manifest.
    """
    found: dict[FieldPath, Problem] = {}
    for error in errors:
        problem = _translate(error)
        # Each member of a union reports the same field; the first says enough.
        found.setdefault(problem.path, problem)
    return tuple(problem for path, problem in found.items() if not _follows(path, problem, found))


def _follows(path: FieldPath, problem: Problem, found: Iterable[FieldPath]) -> bool:
    """Tell whether 'too few items' only follows from an item that does not fit."""
    inside = any(len(other) > len(path) and other[: len(path)] == path for other in found)
    return inside and problem.text == _TOO_FEW


_TOO_FEW = "needs at least one item"


def _translate(error: ErrorDetails) -> Problem:
    """Return one error as a problem."""
    kind = error["type"]
    loc = error["loc"]
    unknown = kind == "extra_forbidden" or kind == "missing"
    path, node = place(loc[:-1] if unknown else loc)
    if unknown:
        path = (*path, loc[-1])
    elif kind == "union_tag_invalid":
        path = (*path, "kind")
    case = _Case(error, path, node)
    return _SENTENCES.get(kind, _not_expected)(case)


def _missing(case: _Case) -> Problem:
    """Say which field is missing and what it is for."""
    name = str(case.path[-1])
    what = str(plain(case.node)["properties"][name].get("description", "")).replace("``", "`")
    return Problem(case.path, f"the field `{name}` is missing: {what.rstrip('.')}")


def _unknown(case: _Case) -> Problem:
    """Say which field does not exist and which one was probably meant."""
    name = str(case.path[-1])
    return Problem(case.path, f"there is no field {quoted(name)} here", name, field_names(case.node))


def _choice(case: _Case) -> Problem:
    """Say which values there are and which one was probably meant."""
    given = case.error["input"]
    values = plain(case.node).get("enum")
    if not isinstance(given, str) or not values:
        return _not_expected(case)
    return Problem(case.path, f"{quoted(given)} is none of the possible values", given, values)


def _kind_missing(case: _Case) -> Problem:
    """Say that a subject does not say what it is."""
    kinds = listed(kinds_of_subject())
    return Problem(case.path, f"the field `kind` is missing: what the subject is, one of {kinds}")


def _kind_unknown(case: _Case) -> Problem:
    """Say that there is no such kind of subject."""
    given = str(case.ctx["tag"])
    return Problem(case.path, f"there is no `kind` {quoted(given)} of subject", given, kinds_of_subject())


def _own(case: _Case) -> Problem:
    """Return what a validator of the model says."""
    return Problem(case.path, str(case.ctx["error"]))


def _not_expected(case: _Case) -> Problem:
    """Say what was expected and what was found."""
    given = case.error["input"]
    wanted = expected(case.node)
    hint = ""
    if wanted == "text" and isinstance(given, bool | int | float):
        hint = "; put it in quotes"
    elif wanted == "a list" and not isinstance(given, dict):
        hint = "; write it as [ ... ]"
    return Problem(case.path, f"expected {wanted}, found {in_words(given)}{hint}")


def in_words(value: object) -> str:
    """Return in words what a value is."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping of fields"
        case list() | tuple():
            return "a list"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
    return f"the text {quoted(value)}"


def _says(text: str) -> Callable[[_Case], Problem]:
    """Return a translator that says ``text``, with the error's particulars filled in."""
    return lambda case: Problem(case.path, text.format(**case.ctx))


_SENTENCES: dict[str, Callable[[_Case], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _choice,
    "union_tag_not_found": _kind_missing,
    "union_tag_invalid": _kind_unknown,
    "value_error": _own,
    "too_short": _says(_TOO_FEW),
    "string_too_short": _says("must not be empty"),
    "string_too_long": _says("is longer than {max_length} characters; shorten it"),
    "greater_than_equal": _says("must be at least {ge}"),
    "less_than_equal": _says("must be at most {le}"),
    "timezone_aware": _says("the moment has no time zone; add Z or an offset such as +01:00"),
}


def sentence(problem: Problem) -> str:
    """Return a problem with the name of its field in front, and the nearest name at its end."""
    name = dotted(problem.path)
    text = f"{name}: {problem.text}" if name else problem.text
    return text if problem.given is None else f"{text}; {advice(problem.given, problem.known)}"

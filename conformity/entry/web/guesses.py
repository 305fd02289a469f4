"""What a manifest leaves to a person: guesses that nobody has confirmed, and questions without an answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from conformity.entry.web.words import said
from conformity.errors import ConformityError
from conformity.model.checking import ManifestCheck, MissingInformation
from conformity.settings import Settings

ANSWER: Final = "answer:"
"""How the names of fields begin in which something is answered."""

POINTS: Final = "points:"
"""How the names of fields begin in which points of the Act are named."""

_POINTS = re.compile(r"points: \[([^\]]+)\]")


@dataclass(frozen=True)
class Guessed:
    """A guess, ready to print."""

    field: str
    """The field of the manifest."""
    value: str
    """What was guessed."""
    reason: str
    """What to confirm, and what the guess was told from."""


@dataclass(frozen=True)
class Asked:
    """A question that only a person can answer, ready to print."""

    question: str
    """The question."""
    ref: str
    """The provision that asks for it."""
    field: str
    """The field of the manifest where the answer goes."""
    example: str
    """How an answer may look."""
    name: str = ""
    """What a field of the form for it is called; empty where the answer goes into the text alone."""
    chosen: bool = False
    """Whether the answer is yes or no, and no text."""
    points: str = ""
    """What a field for points of the Act is called; empty where a yes names none."""
    points_label: str = ""
    """What stands beside that field."""


def guesses_in(check: ManifestCheck) -> tuple[Guessed, ...]:
    """Return the guesses that stand in a manifest."""
    return tuple(
        Guessed(one.field, one.example, one.question)
        for one in check.missing_information
        if one.kind == "guess"
    )


def questions_in(check: ManifestCheck, fillable: Collection[str]) -> tuple[Asked, ...]:
    """Return what only a person can say about a manifest.

    Args:
        check: what was found.
        fillable: the fields into which an answer can be filled.
    """
    return tuple(
        _asked(one, one.field in fillable) for one in check.missing_information if one.kind != "guess"
    )


def _asked(one: MissingInformation, fits: bool) -> Asked:
    """Return a question, with the names of its fields in a form where its answer fits there."""
    is_text = one.kind == "placeholder"
    is_choice = one.kind == "question" and one.field.endswith(".answer")
    named = _POINTS.search(one.example) if is_choice and fits else None
    return Asked(
        question=one.question,
        ref=one.article,
        field=one.field,
        example=one.example,
        name=f"{ANSWER}{one.field}" if fits and (is_text or is_choice) else "",
        chosen=is_choice,
        points=f"{POINTS}{one.field}" if named else "",
        points_label=said("missing.points", example=named[1]) if named else "",
    )


def with_answers(text: str, sent: Mapping[str, str]) -> str:
    """Return the text of a manifest with what was answered in a form.

    Args:
        text: the manifest.
        sent: the fields of the form.
    """
    from conformity.pipeline.filling import filled

    given = {name: value.strip() for name, value in sent.items() if value.strip()}
    answers = {name[len(ANSWER) :]: value for name, value in given.items() if name.startswith(ANSWER)}
    points = {
        name[len(POINTS) :]: tuple(value.replace(",", " ").split())
        for name, value in given.items()
        if name.startswith(POINTS)
    }
    return filled(text, answers, points)


def guesses_of(manifest: Path, settings: Settings) -> tuple[Guessed, ...]:
    """Return the guesses in the manifest that was assessed, as its pack keeps it; none without one."""
    from conformity.pipeline.checking import check_manifest_text

    try:
        text = manifest.read_text("utf-8")
        return guesses_in(check_manifest_text(text, manifest.name, settings))
    except (OSError, UnicodeDecodeError, ConformityError):
        return ()

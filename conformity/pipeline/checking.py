"""Check a manifest without measuring anything: what is wrong with it, and what only a person can say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from conformity.archive.redaction.places import pointer
from conformity.catalog.classify import classify
from conformity.errors import ConformityError, ManifestError, PathError
from conformity.intake.criteria_lock import read_lock
from conformity.intake.guesses import MarkedGuess, marked_guesses
from conformity.intake.loaded import FieldsError, LoadedManifest
from conformity.intake.manifest import parse_manifest
from conformity.intake.names import advice, quoted
from conformity.intake.placeholders import placeholders
from conformity.intake.problems import Problem
from conformity.intake.yaml_text import FieldPath, YamlProblemError, dotted
from conformity.model.checking import ManifestCheck, ManifestProblem, MissingInformation
from conformity.model.subject import TableSubject
from conformity.pipeline.knowing import open_questions
from conformity.pipeline.remote import lies_elsewhere, remote_address
from conformity.pipeline.shared import check_names, load_manifest, locate
from conformity.settings import Settings

_PLACEHOLDERS = {
    "system.name": ("Annex V(1)", "Under which trade name is the system supplied?", "Loan Scorer"),
    "system.version": ("Annex IV(1)(a)", "Which version is assessed?", "2.1"),
    "system.intended_purpose": (
        "Art. 3(12)",
        "What is the system for, for whom, and in which context?",
        "Ranks applications for consumer loans of up to 10,000 euros for a bank's credit officers.",
    ),
    "provider.name": ("Annex IV(1)(a)", "Who is the provider?", "Example Bank AG"),
    "provider.address": ("Annex V(2)", "What is the provider's postal address?", "1 Example Street, Vienna"),
    "provider.contact": (
        "Annex V(2)",
        "How can the provider be reached about this assessment?",
        "assessments@example.com",
    ),
}
"""What a drafted manifest leaves to be filled in: the provision, the question, an example."""
_ROLE_REFS = (
    (re.compile(r"protected|label|prediction"), "Art. 10(2)(f)"),
    (re.compile(""), "Annex IV(2)(d)"),
)
"""The provision on which the role of a column bears."""
_EVERY_DAY = date(9999, 12, 31)
"""A day on which all of the law in the catalogue applies."""


def check_manifest(path: Path, settings: Settings, *, as_of: date = _EVERY_DAY) -> ManifestCheck:
    """Return what is wrong with the manifest at a path, the files it names included, and what is not said.

    Args:
        path: the file.
        settings: limits.
        as_of: the day whose law applies; a day on which all of it does when not given.

    Raises:
        PathError: there is no readable file, or it lies outside the root.
    """
    try:
        loaded = load_manifest(path, settings)
    except ManifestError as error:
        return _unusable(str(path), error)
    problems = [*_of_files(loaded, settings), *_of_lock(loaded, settings)]
    return _checked(loaded, problems, as_of)


def check_manifest_text(
    text: str, name: str, settings: Settings, *, as_of: date = _EVERY_DAY
) -> ManifestCheck:
    """Return what is wrong with the text of a manifest, and what is not said; no file is looked at.

    Args:
        text: the manifest, as YAML or JSON.
        name: what to call it in messages.
        settings: limits.
        as_of: the day whose law applies; a day on which all of it does when not given.
    """
    try:
        raw = text.encode("utf-8")
        if len(raw) > settings.manifest_max_bytes:
            raise ManifestError(
                f"{name}: is larger than {settings.manifest_max_bytes:,} bytes and was not read; "
                "a manifest names data files and does not hold them"
            )
        loaded = parse_manifest(raw, name=name, folder=settings.root or Path.cwd())
        check_names(loaded)
    except UnicodeEncodeError:
        return _unusable(name, ManifestError("the text holds half of a character; send it as UTF-8"))
    except ManifestError as error:
        return _unusable(name, error)
    return _checked(loaded, [], as_of)


def missing_information(loaded: LoadedManifest, as_of: date) -> tuple[MissingInformation, ...]:
    """Return what only a person can say about a manifest: texts to fill in, questions, guesses.

    Args:
        loaded: the manifest.
        as_of: the day whose law applies.

    Raises:
        ManifestError: an answer does not fit its question.
    """
    guesses = marked_guesses(loaded.raw.decode("utf-8-sig"), loaded.source.tree)
    return (
        *(_to_fill_in(field) for field in placeholders(loaded.manifest)),
        *_to_answer(loaded, as_of),
        *(_to_confirm(guess, loaded) for guess in guesses),
    )


def _checked(loaded: LoadedManifest, problems: Iterable[ManifestProblem], as_of: date) -> ManifestCheck:
    """Return the check of a manifest that could be read."""
    errors, missing = list(problems), tuple[MissingInformation, ...]()
    try:
        missing = missing_information(loaded, as_of)
    except ConformityError as error:
        errors.append(_problem(loaded, ("classification",), error.message))
    system = loaded.manifest.system
    return ManifestCheck(
        name=loaded.source.name,
        sha256=loaded.sha256,
        system=None if errors else f"{system.name} {system.version}",
        errors=tuple(sorted(errors, key=lambda one: (one.line or 0, one.column or 0))),
        missing_information=missing,
    )


def _unusable(name: str, error: ManifestError) -> ManifestCheck:
    """Return the check of a manifest that could not be read."""
    match error:
        case FieldsError():
            errors = tuple(_placed(problem, spot.line, spot.column) for problem, spot in error.problems)
        case ManifestError(__cause__=YamlProblemError() as cause):
            errors = (_placed(Problem((), cause.text), cause.line, cause.column),)
        case _:
            errors = (_placed(Problem((), error.message.removeprefix(f"{name}: ")), None, None),)
    return ManifestCheck(name=name, sha256=None, system=None, errors=errors)


def _of_files(loaded: LoadedManifest, settings: Settings) -> Iterator[ManifestProblem]:
    """Yield the subjects and exhibits whose files are not there, or may not be read."""
    things = {"subjects": loaded.manifest.subjects, "exhibits": loaded.manifest.exhibits}
    names = {str(thing.id) for listed in things.values() for thing in listed}
    for field, listed in things.items():
        for index, thing in enumerate(listed):
            try:
                if isinstance(thing, TableSubject) and lies_elsewhere(thing):
                    remote_address(thing, settings)
                else:
                    locate(loaded, settings, without=names - {str(thing.id)})
            except PathError as error:
                yield _problem(loaded, (field, index, "path"), error.message)


def _of_lock(loaded: LoadedManifest, settings: Settings) -> Iterator[ManifestProblem]:
    """Yield what is wrong with the lock of bounds that is named."""
    try:
        read_lock(loaded, settings.root, settings.manifest_max_bytes)
    except FieldsError as error:
        yield from (_placed(problem, spot.line, spot.column) for problem, spot in error.problems)
    except ConformityError as error:
        yield _problem(loaded, ("criteria_lock",), error.message)


def _problem(loaded: LoadedManifest, path: FieldPath, text: str) -> ManifestProblem:
    """Return a problem with a field of a manifest that could be read."""
    spot = loaded.source.spot(path)
    return _placed(Problem(path, text), spot.line, spot.column)


def _placed(problem: Problem, line: int | None, column: int | None) -> ManifestProblem:
    """Return a problem with its place and what to do about it."""
    what, _, fix = problem.text.rpartition("; ")
    if problem.given is not None:
        what, fix = problem.text, advice(problem.given, problem.known)
    elif problem.text.startswith("the field `") and "is missing" in problem.text:
        what, fix = problem.text, f"add the field `{problem.path[-1]}`"
    elif not what:
        what, fix = problem.text, "correct the value" if problem.path else "correct the file"
    return ManifestProblem(
        pointer=pointer(problem.path),
        field=dotted(problem.path),
        line=line,
        column=column,
        message=what,
        fix=fix,
    )


def _to_fill_in(field: str) -> MissingInformation:
    """Return what to write into a field that still holds a placeholder."""
    usual = ("Art. 11(1)", "What belongs here? The text is still a placeholder.", "The text that applies.")
    article, question, example = _PLACEHOLDERS.get(field, usual)
    return MissingInformation(
        kind="placeholder", field=field, article=article, question=question, example=example
    )


def _to_answer(loaded: LoadedManifest, as_of: date) -> Iterator[MissingInformation]:
    """Yield the questions on which the classification or the procedure waits, the most pressing first."""
    given = {answer.question: index for index, answer in enumerate(loaded.manifest.classification)}
    for question in open_questions(classify(loaded.manifest, as_of)):
        place = given.get(question.id)
        # A yes that is still open lacks the points that it must name.
        lacking = place is not None and loaded.manifest.classification[place].answer == "yes"
        points = f", points: [{question.points[0].id}]" if question.points else ""
        yield MissingInformation(
            kind="question",
            field="classification"
            if place is None
            else dotted(("classification", place, "points" if lacking else "answer")),
            article=question.ref,
            question=question.text,
            example=f"{{question: {question.id}, answer: yes{points}, because: ...}}, or answer: no",
        )


def _to_confirm(guess: MarkedGuess, loaded: LoadedManifest) -> MissingInformation:
    """Return what to confirm, or correct."""
    column = guess.path[:4]
    data = loaded.source.tree.data
    if len(column) == 4 and column[2] == "columns":
        found = data["subjects"][column[1]]["columns"][column[3]]
        what = f"Is `{guess.path[-1]}` of column {quoted(found['name'])} right?"
        article = next(ref for pattern, ref in _ROLE_REFS if pattern.search(" ".join(found["roles"])))
    else:
        what = f"Is `{guess.path[-1]}` right?"
        article = "Art. 3(3)" if guess.path == ("role",) else "Annex IV(2)(d)"
    return MissingInformation(
        kind="guess",
        field=dotted(guess.path),
        article=article,
        question=f"{what} Guessed: {guess.reason}",
        example=guess.value or "-",
    )

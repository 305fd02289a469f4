"""Kinds of systems and roles, and which requirements each of them must meet."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated

from pydantic import ValidationError

from conformity.catalog.applicability import applicability
from conformity.catalog.classify import classify
from conformity.catalog.load import did_you_mean, law_file, questions, requirements
from conformity.errors import CatalogError, UsageError
from conformity.model.base import Line, QuestionId, RequirementId, Slug, Value
from conformity.model.classification import Classification
from conformity.model.manifest import Answer, Manifest, Provider, Role, System
from conformity.model.plan import PlannedRequirement

_FILE = "profiles.yaml"


class Profile(Value):
    """A kind of system in a role, as answers to the classification procedure."""

    id: Annotated[str, Slug]
    """Its name."""
    title: Line
    """What it is, in words."""
    ref: Line
    """The provision that makes it a kind of its own."""
    role: Role
    """The role in which the assessment is made."""
    yes: tuple[QuestionId, ...] = ()
    """The questions that are answered yes; all others are answered no, but for those of the points."""
    points: tuple[RequirementId, ...] = ()
    """Points of the Act; the question that has a point is answered yes."""


class ProfileResult(Value):
    """What a kind of system must meet on a day."""

    profile: Profile
    """The kind of system."""
    classification: Classification
    """Where the procedure ends for it."""
    requirements: tuple[PlannedRequirement, ...]
    """The requirements that concern it, and those of which that is open."""


@cache
def profiles() -> tuple[Profile, ...]:
    """Return all profiles, in the order of the file.

    Raises:
        CatalogError: a row does not fit, stands twice, or names a question or point that does not exist.
    """
    document = law_file(_FILE)
    rows = document["rows"]
    if document["kind"] != "profiles" or not isinstance(rows, list):
        raise CatalogError(f"{_FILE} is no file of profiles; give it the `kind` and `rows` of one")
    try:
        found = tuple(Profile.model_validate(row) for row in rows)
    except ValidationError as error:
        raise CatalogError(f"{_FILE}: a row does not fit: {error}") from error
    ids = [one.id for one in found]
    if twice := {one for one in ids if ids.count(one) > 1}:
        raise CatalogError(f"{_FILE}: the profile {sorted(twice)[0]!r} stands twice")
    asked = {question.id for question in questions()}
    points = {point.id for question in questions() for point in question.points}
    for one in found:
        if strange := [*(q for q in one.yes if q not in asked), *(p for p in one.points if p not in points)]:
            raise CatalogError(f"{_FILE}: {one.id} names the unknown question or point {strange[0]!r}")
    return found


def profile(name: str) -> Profile:
    """Return one profile.

    Raises:
        UsageError: there is none with this name; the message names the nearest and all others.
    """
    known = {one.id: one for one in profiles()}
    if name in known:
        return known[name]
    hint = did_you_mean(name, known)
    raise UsageError(f"there is no profile {name!r}{hint}; choose from {', '.join(known)}")


def manifest_of(kind: Profile) -> Manifest:
    """Return a manifest that answers the classification procedure as a profile says, and nothing else."""
    answers = []
    for question in questions():
        points = tuple(point.id for point in question.points if point.id in kind.points)
        said = "yes" if points or question.id in kind.yes else "no"
        answers.append(Answer.model_validate({"question": question.id, "answer": said, "points": points}))
    return Manifest(
        conformity=1,
        system=System(name=kind.title, version="0", intended_purpose=f"{kind.title} ({kind.ref})."),
        provider=Provider(name="Not stated", address="Not stated", contact="Not stated"),
        role=kind.role,
        classification=tuple(answers),
    )


def requirements_of(kind: Profile, as_of: date) -> ProfileResult:
    """Return what a kind of system must meet, with the day from which each requirement binds it.

    Args:
        kind: the profile.
        as_of: the day whose law applies.
    """
    classification = classify(manifest_of(kind), as_of)
    planned = (applicability(row, classification, kind.role, as_of) for row in requirements())
    return ProfileResult(
        profile=kind,
        classification=classification,
        requirements=tuple(one for one in planned if one.applies != "no"),
    )

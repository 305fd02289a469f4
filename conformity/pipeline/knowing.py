"""Ask the catalogue: what kind of system, which requirements, which probes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from conformity.catalog.classify import classify
from conformity.catalog.load import questions, requirement, requirements
from conformity.catalog.profiles import Profile, ProfileResult, profile, profiles, requirements_of
from conformity.catalog.rows import Question
from conformity.errors import UsageError
from conformity.model.classification import Classification
from conformity.model.manifest import Manifest
from conformity.model.probe import ProbeSpec
from conformity.model.requirement import Requirement
from conformity.pipeline.shared import load_manifest
from conformity.probes.registry import probe_specs
from conformity.settings import Settings


def classify_system(manifest: Path, as_of: date, settings: Settings) -> Classification:
    """Return what kind of system the manifest describes on a day, with every step of the way."""
    return classify(load_manifest(manifest, settings).manifest, as_of)


def classify_answers(answers: Mapping[str, str], as_of: date) -> Classification:
    """Return what kind of system some answers describe, without a manifest.

    Args:
        answers: ``yes``, ``no`` or ``unknown`` by question id; a yes may name points of the Act after
            a colon, such as ``yes: annexIII.5.b``.
        as_of: the day whose law applies.

    Raises:
        UsageError: an answer is none of these.
    """
    given = []
    for question, text in answers.items():
        answer, _, points = text.partition(":")
        if answer.strip() not in ("yes", "no", "unknown"):
            raise UsageError(f"Answer {question!r} with yes, no or unknown, not {text!r}.")
        named = [point.strip() for point in points.split(",") if point.strip()]
        given.append({"question": question, "answer": answer.strip(), "points": named})
    unnamed = {"name": "Unnamed system", "version": "0", "intended_purpose": "Not stated."}
    nobody = {"name": "Not stated", "address": "Not stated", "contact": "Not stated"}
    manifest = Manifest.model_validate(
        {"conformity": 1, "system": unnamed, "provider": nobody, "classification": given}
    )
    return classify(manifest, as_of)


def open_questions(found: Classification) -> tuple[Question, ...]:
    """Return the questions that a classification misses an answer to, in the order of ``missing``."""
    known = {f"needs an answer to {question.id}": question for question in questions()}
    return tuple(dict.fromkeys(known[text.partition(":")[0]] for text in found.missing))


def list_questions() -> tuple[Question, ...]:
    """Return the questions of the classification procedure, in order."""
    return questions()


def list_requirements() -> tuple[Requirement, ...]:
    """Return all rows of the catalogue, in the order of the law."""
    return requirements()


def list_profiles() -> tuple[Profile, ...]:
    """Return the kinds of systems and roles for which it is known beforehand what they must meet."""
    return profiles()


def requirements_of_profile(name: str, as_of: date) -> ProfileResult:
    """Return what a kind of system must meet on a day.

    Raises:
        UsageError: there is no such profile; the message names all.
    """
    return requirements_of(profile(name), as_of)


def explain_requirement(requirement_id: str) -> Requirement:
    """Return one row of the catalogue.

    Raises:
        UsageError: there is no such row; the message names the nearest.
    """
    return requirement(requirement_id)


def list_probes() -> tuple[ProbeSpec, ...]:
    """Return the definitions of all probes."""
    return probe_specs()

"""The law, and what can be said without measuring: requirements, kinds of systems, faults of a manifest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, StringConstraints

from conformity.entry.clock import now
from conformity.entry.rest import openapi
from conformity.entry.rest.asked import MANIFEST
from conformity.entry.rest.bodies import JSON, YAML, json_of, media_type, read_body, shaped
from conformity.entry.rest.days import Day
from conformity.entry.rest.examples import MANIFEST as MANIFEST_JSON
from conformity.entry.rest.manifests import as_manifest, faults_of
from conformity.entry.rest.pages import Cursor, Limit, add_link, one_page
from conformity.entry.rest.problems import ProblemError
from conformity.entry.rest.service import Given, Known
from conformity.entry.rest.staging import staging
from conformity.errors import UsageError
from conformity.model.base import Line, Value
from conformity.model.checking import ManifestCheck
from conformity.model.classification import Classification
from conformity.model.requirement import Requirement
from conformity.settings import Settings

router = APIRouter(prefix="/v1", tags=["law"])
"""The routes of this module."""

_NAME = "manifest"
_Answer = Annotated[str, StringConstraints(max_length=500)]


class RequirementPage(Value):
    """Some requirements, in the order of the law."""

    items: tuple[Requirement, ...]
    """The requirements."""
    total: int
    """How many there are."""
    next: Line | None
    """The cursor of the next page; none on the last."""


class AnswersBody(Value):
    """Answers to the questions of the classification."""

    answers: Annotated[dict[str, _Answer], Field(default_factory=dict, max_length=100)]
    """``yes``, ``no`` or ``unknown`` by question id; ``yes: annexIII.5.b`` names points."""
    as_of: Day | None = None
    """The day whose law applies; today when not given."""


_MANIFEST_BODY: openapi.Json = {
    JSON: {"schema": {"type": "object", "required": ["conformity"]}, "example": MANIFEST_JSON},
    YAML: {"schema": {"type": "object", "required": ["conformity"]}, "example": MANIFEST_JSON},
}


@router.get("/requirements", operation_id="listRequirements", responses=openapi.problems(404, 422))
def list_requirements(
    request: Request, response: Response, caller: Known, limit: Limit = 20, cursor: Cursor = None
) -> RequirementPage:
    """List the requirements of the Act, in its order."""
    from conformity.pipeline.knowing import list_requirements

    rows = list_requirements()
    items, following = one_page(rows, limit, cursor)
    add_link(request, response, following)
    return RequirementPage(items=tuple(items), total=len(rows), next=following)


@router.get(
    "/requirements/{requirement_id}", operation_id="getRequirement", responses=openapi.problems(404, 422)
)
def get_requirement(
    requirement_id: Annotated[
        str, Path(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Its id.", examples=["art10.2.f"])
    ],
    caller: Known,
) -> Requirement:
    """Say what a requirement asks, of whom, from when, and what would show it."""
    from conformity.pipeline.knowing import explain_requirement

    try:
        return explain_requirement(requirement_id)
    except UsageError as error:
        raise ProblemError(404, error.message) from error


@router.post(
    "/check",
    operation_id="checkManifest",
    openapi_extra=openapi.body(
        {kind: {"schema": {}, "example": MANIFEST_JSON} for kind in (JSON, YAML)},
        "A manifest, or what is to be one: everything that is wrong with it is told.",
    ),
    responses=openapi.problems(with_body=True),
)
async def check(request: Request, service: Given, caller: Known) -> ManifestCheck:
    """Check a manifest without measuring anything; the files that it names are not looked at."""
    content = await _manifest(request, service.settings)
    return await anyio.to_thread.run_sync(partial(_checked, content, service.settings))


@router.post(
    "/classify",
    operation_id="classifySystem",
    openapi_extra=openapi.body(
        {
            JSON: {
                "schema": {
                    "anyOf": [
                        openapi.schema_of(AnswersBody),
                        {"type": "object", "description": "A manifest.", "required": ["conformity"]},
                    ]
                },
                "examples": {
                    "answers": {"value": {"answers": {}, "as_of": "2026-11-23"}},
                    "manifest": {"value": MANIFEST_JSON},
                },
            },
            YAML: _MANIFEST_BODY[YAML],
        },
        "Answers to the questions of the classification, or a manifest that holds them.",
    ),
    responses=openapi.problems(with_body=True),
)
async def classify(
    request: Request,
    service: Given,
    caller: Known,
    as_of: Annotated[Day | None, Query(description="The day whose law applies; today if not given.")] = None,
) -> Classification:
    """Tell what kind of system it is under the Act, by which procedure, and from when."""
    kind = media_type(request, [JSON, YAML])
    content = await read_body(request, service.settings.manifest_max_bytes)
    data = json_of(content) if kind == JSON else None
    today = as_of or now().date()
    if kind == JSON and not (isinstance(data, dict) and "conformity" in data):
        body = shaped(data, AnswersBody)
        return await anyio.to_thread.run_sync(partial(_answered, body, body.as_of or today))
    manifest = content if data is None else as_manifest(content, data)
    with staging(service.data) as folder:
        return await anyio.to_thread.run_sync(partial(_classified, manifest, folder, today, service.settings))


async def _manifest(request: Request, settings: Settings) -> bytes:
    """Return the manifest that is the body of a request.

    Raises:
        ProblemError: it is too large, or neither JSON nor YAML.
    """
    kind = media_type(request, [JSON, YAML])
    content = await read_body(request, settings.manifest_max_bytes)
    return as_manifest(content, json_of(content)) if kind == JSON else content


def _checked(content: bytes, settings: Settings) -> ManifestCheck:
    """Return what is wrong with a manifest.

    Raises:
        ProblemError: it is no text (400).
    """
    from conformity.pipeline.checking import check_manifest_text

    try:
        return check_manifest_text(content.decode("utf-8-sig"), _NAME, settings)
    except UnicodeDecodeError as error:
        raise ProblemError(400, "The manifest is not UTF-8; save it as such.") from error


def _answered(body: AnswersBody, today: date) -> Classification:
    """Return what kind of system some answers describe.

    Raises:
        UsageError: an answer is none that one can give.
    """
    from conformity.pipeline.knowing import classify_answers

    return classify_answers(body.answers, today)


def _classified(content: bytes, folder: FilePath, today: date, settings: Settings) -> Classification:
    """Return what kind of system a manifest describes.

    Raises:
        ProblemError: the manifest is not usable (400, 422).
    """
    from conformity.pipeline.knowing import classify_system

    found = _checked(content, settings)
    if not found.usable:
        raise ProblemError(422, "The manifest is not usable; see errors.", faults_of(found))
    place = folder / MANIFEST
    place.write_bytes(content)
    return classify_system(place, today, replace(settings, root=folder))

"""Verify a report, and lay two versions beside each other."""

from __future__ import annotations

from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request

from conformity.entry.apart import told_by
from conformity.entry.rest import openapi
from conformity.entry.rest.archive import archive_of
from conformity.entry.rest.auth.callers import Caller, require
from conformity.entry.rest.bodies import (
    JSON,
    MULTIPART,
    PDF,
    json_body,
    json_of,
    media_type,
    read_body,
    shaped,
)
from conformity.entry.rest.parts import UploadLimits, unusable
from conformity.entry.rest.problems import ProblemError
from conformity.entry.rest.results import pack_of
from conformity.entry.rest.service import Assessor, Given, Known, Service
from conformity.entry.rest.staging import staging
from conformity.entry.rest.submitting import stored
from conformity.entry.rest.uploads import receive
from conformity.errors import DataError
from conformity.model.archive import EditionVersion, SystemSlug
from conformity.model.base import Value
from conformity.model.comparison import Comparison
from conformity.model.run import RunId
from conformity.model.verification import Verification

if TYPE_CHECKING:
    from conformity.pipeline.archived import InArchive

router = APIRouter(prefix="/v1", tags=["verification"])
"""The routes of this module."""

_MOST_JSON = 64 * 1024
_MOST_PDF = 64 * 1024 * 1024
_REPORT = "report.pdf"
_AT_ONCE = anyio.CapacityLimiter(2)


class RunBody(Value):
    """A run of the caller's."""

    run: RunId
    """Its name."""


class ArchivedName(Value):
    """A version in the archive."""

    system: SystemSlug
    """What the system is called in the archive."""
    version: EditionVersion
    """The version of its assessment."""


class CompareBody(Value):
    """Two versions of one system."""

    before: RunBody | ArchivedName
    """The earlier one."""
    after: RunBody | ArchivedName
    """The later one."""


@router.post(
    "/verify",
    operation_id="verifyReport",
    openapi_extra=openapi.body(
        {
            JSON: {"schema": openapi.schema_of(RunBody), "example": {"run": "r-0123456789abcdef01234567"}},
            PDF: {"schema": {"type": "string", "format": "binary"}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
        "A report in PDF, or a run of the caller's whose pack is to be verified.",
    ),
    responses=openapi.problems(404, 409, 507, with_body=True),
)
async def verify(request: Request, service: Given, caller: Assessor) -> Verification:
    """Verify a report in numbered steps, each passed, failed, or not to be told, with the reason.

    What cannot be told is never passed: without a key that is trusted, nobody can tell who made a file.
    """
    kind = media_type(request, [JSON, PDF, MULTIPART])
    if kind == JSON:
        body = shaped(json_of(await read_body(request, _MOST_JSON)), RunBody)
        pack = await anyio.to_thread.run_sync(partial(pack_of, service, caller, body.run))
        return await _verified(pack.name, pack.parent)
    with staging(service.data) as folder:
        if kind == PDF:
            stored(await read_body(request, _MOST_PDF), folder, _REPORT)
        else:
            limits = UploadLimits(_MOST_PDF, _MOST_PDF)
            upload = await receive(request, folder, limits, {"file": _REPORT})
            if list(upload.digests) != [_REPORT]:
                raise unusable("file", "there must be one file, in the part `file`")
        return await _verified(_REPORT, folder)


@router.post(
    "/compare",
    operation_id="compareVersions",
    openapi_extra=openapi.body(
        {
            JSON: {
                "schema": openapi.schema_of(CompareBody),
                "example": {
                    "before": {"system": "specimen-scorer", "version": "1.0.0"},
                    "after": {"run": "r-0123456789abcdef01234567"},
                },
            }
        },
        "Two versions of one system, each from a run or from the archive.",
    ),
    responses=openapi.problems(404, 409, with_body=True),
)
async def compare(request: Request, service: Given, caller: Known) -> Comparison:
    """Lay two versions of a system beside each other: verdicts, bounds, measures, inputs."""
    body = await json_body(request, CompareBody, _MOST_JSON)
    if any(isinstance(one, ArchivedName) for one in (body.before, body.after)):
        require("archive")(request)

    def act() -> Comparison:
        """Compare them."""
        from conformity.pipeline.archived import compare_versions

        before, after = (_place(service, caller, one) for one in (body.before, body.after))
        try:
            return compare_versions(before, after, service.unbound)
        except DataError as error:
            # Its words name folders of the server.
            raise ProblemError(
                422, "The versions are not of one system, or one was written by another version of this tool."
            ) from error

    return await anyio.to_thread.run_sync(act, limiter=_AT_ONCE)


async def _verified(name: str, folder: FilePath) -> Verification:
    """Return what is told of something in a folder, which a process of its own opens.

    Raises:
        ConformityError: it is neither a pack nor a report.
    """
    act = partial(told_by, ["verify", name, "--json"], folder, (0, 5))
    return Verification.model_validate_json(await anyio.to_thread.run_sync(act, limiter=_AT_ONCE))


def _place(service: Service, caller: Caller, version: RunBody | ArchivedName) -> FilePath | InArchive:
    """Return where a version is.

    Raises:
        NotFoundError: the caller has no such run.
        ProblemError: it has no pack (409), or there is no archive (404).
    """
    if isinstance(version, RunBody):
        return pack_of(service, caller, version.run)
    from conformity.pipeline.archived import InArchive

    return InArchive(archive_of(service), version.system, version.version)

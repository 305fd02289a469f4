"""The archive: the systems and versions in it, and their reports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Literal, TypeVar

import anyio
import anyio.to_thread
from fastapi import APIRouter, Header, Path, Query, Request, Response

from conformity.entry.clock import now
from conformity.entry.rest import openapi
from conformity.entry.rest.formats import REPORT_FORMATS, Report, ReportFormat, described
from conformity.entry.rest.pages import Cursor, Limit, add_link, one_page
from conformity.entry.rest.problems import ProblemError
from conformity.entry.rest.results import negotiated, sent
from conformity.entry.rest.runs import NOT_MODIFIED, IfNoneMatch
from conformity.entry.rest.service import Given, Reader, Service
from conformity.errors import NotFoundError, PathError, UsageError
from conformity.model.archive import ArchivedVersion, Kept, SystemSlug
from conformity.model.base import Line, Value
from conformity.settings import Settings

router = APIRouter(prefix="/v1/reports", tags=["archive"])
"""The routes of this module."""

System = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="What the system is called in the archive.",
        examples=["specimen-scorer"],
    ),
]
"""A system, in a path."""

Version = Annotated[
    str,
    Path(
        pattern=r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})$",
        description="Version of the assessment.",
        examples=["1.0.0"],
    ),
]
"""A version, in a path."""

_FORMATS = tuple(one for one in REPORT_FORMATS if one.name in ("json", "html", "pdf"))
_AT_ONCE = anyio.CapacityLimiter(4)
_Found = TypeVar("_Found")
_logger = logging.getLogger(__name__)


class ArchivedSystem(Value):
    """A system in the archive."""

    system: SystemSlug
    """What it is called in the archive."""
    name: Line
    """Its trade name, as in the latest version."""
    provider: Line
    """Who answers for it."""
    versions: int
    """How many versions of its assessment there are."""
    latest: Kept
    """The latest."""


class SystemPage(Value):
    """Some systems, by name."""

    items: tuple[ArchivedSystem, ...]
    """The systems."""
    next: Line | None
    """The cursor of the next page; none on the last."""


class VersionPage(Value):
    """Some versions of a system, the first one first."""

    items: tuple[Kept, ...]
    """The versions."""
    next: Line | None
    """The cursor of the next page; none on the last."""


@router.get("", operation_id="listSystems", responses=openapi.problems(404, 409, 422))
async def list_systems(
    request: Request,
    response: Response,
    service: Given,
    caller: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SystemPage:
    """List the systems in the archive, each with its latest version."""
    from conformity.pipeline.archiving import list_archive

    log = await _read(service, partial(list_archive, today=now().date()))
    by_name: dict[str, list[Kept]] = {}
    for one in log.versions:
        by_name.setdefault(one.entry.system, []).append(one)
    items, following = one_page([_system(by_name[name]) for name in sorted(by_name)], limit, cursor)
    add_link(request, response, following)
    return SystemPage(items=tuple(items), next=following)


@router.get("/{system}", operation_id="listVersions", responses=openapi.problems(404, 409, 422))
async def list_versions(
    system: System,
    request: Request,
    response: Response,
    service: Given,
    caller: Reader,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> VersionPage:
    """List the versions of a system, and until when each must be kept."""
    from conformity.pipeline.archiving import list_archive

    log = await _read(service, partial(list_archive, today=now().date(), system=system))
    items, following = one_page(log.versions, limit, cursor)
    add_link(request, response, following)
    return VersionPage(items=tuple(items), next=following)


@router.get("/{system}/{version}", operation_id="getVersion", responses=openapi.problems(404, 409, 422))
async def get_version(system: System, version: Version, service: Given, caller: Reader) -> ArchivedVersion:
    """Show an archived version with its files."""
    return await _shown(service, system, version)


@router.get(
    "/{system}/{version}/report",
    operation_id="getArchivedReport",
    response_class=Response,
    responses={
        200: {
            "description": "The report, in the format that the client accepts.",
            "content": described(_FORMATS),
            "headers": {"ETag": {"schema": {"type": "string"}}},
        },
        304: NOT_MODIFIED,
        **openapi.problems(404, 406, 409, 422),
    },
)
async def get_archived_report(
    system: System,
    version: Version,
    service: Given,
    caller: Reader,
    accept: Annotated[str | None, Header(description="Media types that will do, with their quality.")] = None,
    format: Annotated[
        Literal["json", "html", "pdf"] | None,
        Query(description="A format by name; counts over `Accept`."),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Show the report of an archived version as JSON, HTML or PDF."""
    shown = await _shown(service, system, version)
    names = {file.name for file in shown.files}
    chosen = negotiated(tuple(one for one in _FORMATS if one.filename in names), accept, format)
    content = await _read(service, partial(_content, system=system, version=version, chosen=chosen))
    return sent(Report(chosen, content), if_none_match)


def archive_of(service: Service) -> FilePath:
    """Return the archive that may be read.

    Raises:
        ProblemError: there is none (404).
    """
    if service.archive is None:
        raise ProblemError(404, "This server has no archive; it is started with one by --archive.")
    return service.archive


async def _shown(service: Service, system: str, version: str) -> ArchivedVersion:
    """Return an archived version.

    Raises:
        ProblemError: there is no such version (404).
    """
    from conformity.pipeline.archiving import show_version

    return await _read(service, partial(show_version, today=now().date(), system=system, version=version))


def _content(
    repository: FilePath, *, settings: Settings, system: str, version: str, chosen: ReportFormat
) -> bytes:
    """Return a file of an archived version."""
    from conformity.pipeline.archived import InArchive, archived_file

    return archived_file(InArchive(repository, system, version), chosen.filename, settings)


async def _read(service: Service, act: Callable[..., _Found]) -> _Found:
    """Return what is read from the archive, by git, in a thread.

    Args:
        service: what the server works with.
        act: given the archive, and ``settings`` for it: it may lie outside the root.

    Raises:
        ProblemError: there is no archive, or nothing of this name in it (404).
        IntegrityError: it does not hold together.
    """
    repository = archive_of(service)

    def read() -> _Found:
        """Read it."""
        with _missing():
            return act(repository, settings=service.unbound)

    return await anyio.to_thread.run_sync(read, limiter=_AT_ONCE)


@contextmanager
def _missing() -> Iterator[None]:
    """Turn what is not there into the answer for it; where the archive lies is told to nobody.

    Raises:
        ProblemError: there is nothing of this name (404).
    """
    try:
        yield
    except (UsageError, NotFoundError) as error:
        raise ProblemError(404, error.message) from error
    except PathError as error:
        _logger.error("archive_unreadable %s", error.message)
        raise ProblemError(404, "The archive of this server holds nothing that can be read.") from error


def _system(versions: list[Kept]) -> ArchivedSystem:
    """Return a system with its latest version."""
    latest = versions[-1]
    return ArchivedSystem(
        system=latest.entry.system,
        name=latest.entry.name,
        provider=latest.entry.provider,
        versions=len(versions),
        latest=latest,
    )

"""The list of systems in the archive, and the runs of whoever looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.clock import now
from conformity.entry.rest.auth.callers import caller
from conformity.entry.rest.service import Service, service
from conformity.entry.web.pages import Link, may, page
from conformity.entry.web.views import Count, counts, row
from conformity.entry.web.words import Moment, moment, words
from conformity.errors import DataError, PathError
from conformity.model.archive import ArchiveEntry, Kept

_LATEST = 8
_ON_A_PAGE = 25


@dataclass(frozen=True)
class SystemRow:
    """A system in the archive, ready to print."""

    href: str
    """Its page."""
    name: str
    """Its trade name."""
    provider: str
    """Who answers for it."""
    version: str
    """The latest version of its assessment."""
    assessed: Moment
    """When that was judged."""
    n: int
    """How many versions there are."""
    counts: tuple[Count, ...]
    """The verdicts of the latest; none where its record cannot be read."""


@dataclass(frozen=True)
class Held:
    """What an archived version holds, ready to print."""

    counts: tuple[Count, ...]
    """Its verdicts."""
    files: tuple[str, ...]
    """The names of its files."""


def home(request: Request) -> Response:
    """Answer with the systems in the archive and the latest runs of whoever asks."""
    given = service(request)
    said = words()["home"]
    found = given.engine.runs(owner=caller(request).owner, limit=_LATEST + 1)
    systems = _systems(given) if may(request, "archive") else ()
    return page(
        request,
        "home",
        said["title"],
        actions=(Link("/upload", said["assess"]), Link("/requirements", said["look_up"])),
        may_assess=may(request, "assess"),
        may_archive=may(request, "archive"),
        systems=systems,
        no_systems=said["empty_archive"] if given.archive else said["no_archive"],
        command=said["archive_command"] if given.archive else said["serve_command"],
        runs=tuple(row(one) for one in found[:_LATEST]),
        more=len(found) > _LATEST,
    )


def all_runs(request: Request) -> Response:
    """Answer with the runs of whoever asks, the latest first, a page at a time."""
    before = request.query_params.get("before")
    engine, owner = service(request).engine, caller(request).owner
    found = engine.runs(owner=owner, limit=_ON_A_PAGE + 1, before=before)
    shown = found[:_ON_A_PAGE]
    return page(
        request,
        "runs",
        words()["runs"]["title"],
        runs=tuple(row(one) for one in shown),
        newest=before is not None,
        older=f"/runs?before={shown[-1].id}" if len(found) > len(shown) else None,
        trail=(Link("/", words()["nav"]["home"]), Link("", words()["runs"]["title"])),
    )


def versions(given: Service, today: date) -> tuple[Kept, ...]:
    """Return the versions in the archive, in the order in which they were archived; none without one.

    Raises:
        IntegrityError: its index does not hold together.
    """
    from conformity.pipeline.archiving import list_archive

    if given.archive is None:
        return ()
    try:
        return list_archive(given.archive, today, given.unbound).versions
    except PathError:
        # An archive that is still to be made holds nothing yet.
        return ()


def held(given: Service, entry: ArchiveEntry) -> Held:
    """Return the verdicts and the files of an archived version; none if it is of another version of ours."""
    from conformity.pipeline.archived import archived_contents

    assert given.archive is not None
    try:
        found = archived_contents(given.archive, entry, given.unbound)
    except DataError:
        return Held((), ())
    return Held(counts(found.counts), found.files)


def _systems(given: Service) -> tuple[SystemRow, ...]:
    """Return the systems in the archive, by name."""
    by_system: dict[str, list[ArchiveEntry]] = {}
    for one in versions(given, now().date()):
        by_system.setdefault(one.entry.system, []).append(one.entry)
    return tuple(sorted(_rows(given, by_system.values()), key=lambda one: one.name.casefold()))


def _rows(given: Service, systems: Iterable[list[ArchiveEntry]]) -> Iterable[SystemRow]:
    """Yield every system, ready to print."""
    for entries in systems:
        latest = entries[-1]
        yield SystemRow(
            href=f"/systems/{latest.system}",
            name=latest.name,
            provider=latest.provider,
            version=latest.version,
            assessed=moment(latest.assessed_at),
            n=len(entries),
            counts=held(given, latest).counts,
        )

"""A system in the archive: its versions, until when they are kept, their documents, and what to compare."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.clock import now
from conformity.entry.rest.auth.callers import require
from conformity.entry.rest.service import Service, service
from conformity.entry.web.documents import DOCUMENTS
from conformity.entry.web.forms import Choice
from conformity.entry.web.home import held, versions
from conformity.entry.web.pages import Link, page
from conformity.entry.web.views import Count, Fact
from conformity.entry.web.words import Moment, english, moment, words
from conformity.errors import NotFoundError
from conformity.model.archive import Kept


@dataclass(frozen=True)
class VersionRow:
    """An archived version, ready to print."""

    version: str
    """Version of the assessment."""
    of_system: str
    """Version of the system."""
    assessed: Moment
    """When it was judged."""
    counts: tuple[Count, ...]
    """Its verdicts; none where its record cannot be read."""
    keep: str
    """Until when it must be kept."""
    documents: tuple[Link, ...]
    """Its documents."""


@dataclass(frozen=True)
class SystemView:
    """A system, ready to print."""

    name: str
    """Its trade name."""
    provider: str
    """Who answers for it."""
    facts: tuple[Fact, ...]
    """What else is known of it."""


def system(request: Request) -> Response:
    """Answer with the versions of a system, the latest first.

    Raises:
        ProblemError: whoever asks may not read the archive.
        NotFoundError: the archive holds no such system.
    """
    require("archive")(request)
    given = service(request)
    name = request.path_params["system"]
    found = [one for one in versions(given, now().date()) if one.entry.system == name]
    if not found:
        raise NotFoundError(words()["error"]["missing"])
    latest = found[-1].entry
    return page(
        request,
        "system",
        latest.name,
        system=SystemView(latest.name, latest.provider, _facts(found[-1])),
        versions=tuple(_row(given, one) for one in reversed(found)),
        before=_choices(found, len(found) - 2),
        after=_choices(found, len(found) - 1),
        trail=(Link("/", words()["nav"]["home"]), Link("", latest.name)),
    )


def _facts(latest: Kept) -> tuple[Fact, ...]:
    """Return what is known of a system from its latest version."""
    said, placed = words()["system"], latest.entry.placed_on_market_on
    return (
        Fact(said["latest"], latest.entry.version),
        Fact(said["placed"], english().day(placed) if placed else said["not_placed"]),
        Fact(said["keep"], _keep(latest)),
        Fact(said["keep_because"], latest.because),
    )


def _keep(kept: Kept) -> str:
    """Return until when a version must be kept."""
    until = kept.keep_until
    return english().day(until) if until else str(words()["system"]["keep_unknown"])


def _row(given: Service, kept: Kept) -> VersionRow:
    """Return a version, ready to print."""
    entry = kept.entry
    found = held(given, entry)
    return VersionRow(
        version=entry.version,
        of_system=entry.system_version,
        assessed=moment(entry.assessed_at),
        counts=found.counts,
        keep=_keep(kept),
        documents=tuple(
            Link(f"/systems/{entry.system}/{entry.version}/{name}", words()["documents"][kind])
            for kind, name in DOCUMENTS.items()
            if name in found.files
        ),
    )


def _choices(found: list[Kept], proposed: int) -> tuple[Choice, ...]:
    """Return the versions to choose from, one of them proposed; none where there is only one."""
    if len(found) < 2:
        return ()
    entries = [one.entry for one in found]
    return tuple(
        Choice(f"{one.system}/{one.version}", one.version, at == proposed) for at, one in enumerate(entries)
    )

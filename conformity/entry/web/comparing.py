"""The difference between two versions: of the archive, or of a run of whoever asks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.jobs.interface import PACK
from conformity.entry.rest.auth.callers import caller, require
from conformity.entry.rest.service import service
from conformity.entry.web.pages import Link, page
from conformity.entry.web.words import words
from conformity.errors import NotFoundError, UsageError
from conformity.pipeline.archived import InArchive, compare_versions

_SEPARATOR: Final = "/"


def comparison(request: Request) -> Response:
    """Answer with the comparison of the versions ``a`` and ``b``: ``system/version``, or the id of a run.

    Raises:
        UsageError: two versions are not named.
        ProblemError: whoever asks may not read the archive.
        NotFoundError: there is no such version.
        ConformityError: they cannot be compared.
    """
    from conformity.render.comparison.views import view_of
    from conformity.render.comparison.words import PAGE

    asked = [request.query_params.get(name, "") for name in ("a", "b")]
    if not all(asked):
        raise UsageError(words()["compare"]["choose"])
    before, after = (_version(request, one) for one in asked)
    found = compare_versions(before, after, service(request).unbound)
    view = view_of(found)
    trail = [Link("/", words()["nav"]["home"])]
    if isinstance(after, InArchive):
        trail.append(Link(f"/systems/{after.system}", found.after.system))
    title = words()["compare"]["title"]
    return page(request, "compare", view.title, view=view, words=PAGE, trail=(*trail, Link("", title)))


def _version(request: Request, named: str) -> Path | InArchive:
    """Return where a version lies.

    Raises:
        ProblemError: whoever asks may not read the archive.
        NotFoundError: there is no archive, or no such run.
    """
    given = service(request)
    if _SEPARATOR not in named:
        return Path(given.engine.get(named, owner=caller(request).owner).folder) / PACK
    require("archive")(request)
    if given.archive is None:
        raise NotFoundError(words()["error"]["archive"])
    system, _, version = named.partition(_SEPARATOR)
    return InArchive(given.archive, system, version)

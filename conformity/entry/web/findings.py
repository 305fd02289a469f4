"""All findings of a run, by verdict and provision, a page at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from conformity.entry.jobs.interface import PACK
from conformity.entry.rest.auth.callers import caller
from conformity.entry.rest.service import service
from conformity.entry.web.forms import Choice
from conformity.entry.web.pages import Link, page
from conformity.entry.web.points import points
from conformity.entry.web.views import mark, short
from conformity.entry.web.words import counted, said, words
from conformity.errors import NotFoundError
from conformity.pipeline.found import findings_of
from conformity.render.views.verdicts import ICONS

_ON_A_PAGE: Final = 25
_LONGEST: Final = 60


def findings(request: Request) -> Response:
    """Answer with the findings of a run of whoever asks.

    Raises:
        NotFoundError: they have no such run, or it has no report.
        UsageError: there is no such verdict or provision.
    """
    given = service(request)
    run = given.engine.get(request.path_params["run"], owner=caller(request).owner)
    if run.status != "succeeded" or run.request.kind != "assessment":
        raise NotFoundError(words()["error"]["missing"])
    asked = {name: request.query_params.get(name, "")[:_LONGEST] for name in ("verdict", "article", "cursor")}
    found = findings_of(
        Path(run.folder) / PACK,
        given.unbound,
        article=asked["article"].strip() or None,
        verdict=asked["verdict"] or None,
        cursor=asked["cursor"] or None,
        limit=_ON_A_PAGE,
    )
    title = words()["findings"]["title"]
    return page(
        request,
        "findings",
        title,
        points=points(found.findings),
        shown=counted("findings.shown", found.total),
        verdicts=_choices(asked["verdict"]),
        article=asked["article"],
        first=_address(asked) if asked["cursor"] else None,
        next=_address(asked, cursor=found.next_cursor) if found.next_cursor else None,
        trail=(
            Link("/", words()["nav"]["home"]),
            Link(f"/runs/{run.id}", said("run.title", name=short(run.id))),
            Link("", title),
        ),
    )


def _choices(chosen: str) -> tuple[Choice, ...]:
    """Return the verdicts to choose from."""
    told = words()["findings"]
    named = (("", told["every"]), ("open", told["is_open"]))
    verdicts = ((one, f"{ICONS[one]} {mark(one).word}") for one in ICONS)
    return tuple(Choice(value, text, value == chosen) for value, text in (*named, *verdicts))


def _address(asked: dict[str, str], **changed: str) -> str:
    """Return the address of another page of the same findings."""
    return "?" + urlencode(
        {name: value for name, value in {**asked, "cursor": "", **changed}.items() if value}
    )

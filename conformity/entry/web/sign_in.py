"""Sign in with a key, and out again."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from conformity.entry.rest.auth.session import access_of, check_form, log_in, log_out
from conformity.entry.web.forms import fields
from conformity.entry.web.pages import caller_or_none, page
from conformity.entry.web.words import words

_LONGEST: Final = 500


def form(request: Request) -> Response:
    """Answer with the form; whoever is let in already is led on."""
    following = _own(request.query_params.get("next", ""))
    if access_of(request).open or caller_or_none(request):
        return RedirectResponse(following, 303)
    return _form(request, following)


async def sign_in(request: Request) -> Response:
    """Begin a session and lead on; or show the form again when the key is not valid.

    Raises:
        ProblemError: the form was not sent from a page of ours.
    """
    given = await fields(request)
    check_form(request, given.get("csrf"))
    following = _own(given.get("next", ""))
    cookie = await run_in_threadpool(log_in, request, given.get("key", "")[:_LONGEST])
    if cookie is None:
        return _form(request, following, words()["login"]["wrong"])
    return RedirectResponse(following, 303, {"Set-Cookie": cookie})


async def sign_out(request: Request) -> Response:
    """End a session, and lead to the form.

    Raises:
        ProblemError: the form was not sent from a page of ours.
    """
    check_form(request, (await fields(request)).get("csrf"))
    return RedirectResponse("/login", 303, {"Set-Cookie": log_out(request)})


def _form(request: Request, following: str, problem: str = "") -> Response:
    """Return the form, with what was wrong with the last one."""
    title = words()["login"]["title"]
    return page(request, "login", title, status=401 if problem else 200, next=following, problem=problem)


def _own(address: str) -> str:
    r"""Return an address if it is a path of this server, or else the first page.

    >>> [_own(one) for one in ("/runs?before=r-1", "//other.example", "https://other.example", "/\\other")]
    ['/runs?before=r-1', '/', '/', '/']
    """
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not address.isprintable() or "\\" in address:
        return "/"
    return address if address.startswith("/") and not address.startswith("//") else "/"

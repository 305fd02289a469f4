"""Fill the templates of the pages, and say under which policy a browser shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from conformity.entry.rest.auth.callers import Caller, Scope
from conformity.entry.rest.auth.session import cookie_of, form_token
from conformity.entry.web import files
from conformity.entry.web.words import words
from conformity.errors import RenderError
from conformity.render.characters import visible
from conformity.render.html import environment

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load and do: what this server gives, and nothing that stands in the page itself."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of every page; none is kept by a browser, since pages tell of one caller's runs."""

_NAV: Final = (("home", "/", None), ("upload", "/upload", "assess"), ("requirements", "/requirements", None))


@dataclass(frozen=True)
class Link:
    """A link, ready to print."""

    href: str
    """Where it leads; empty for the page itself."""
    text: str
    """What it says."""
    current: bool = False
    """Whether it leads to where the reader is."""


def page(
    request: Request,
    template: str,
    title: str,
    *,
    status: int = 200,
    trail: tuple[Link, ...] = (),
    refresh: int | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return a page.

    Args:
        request: what is answered.
        template: name of the template, without its folder and ending.
        title: what the page is called.
        status: the status code.
        trail: where the page stands, the page itself last.
        refresh: after how many seconds a browser without scripts asks again; None for never.
        values: what else the template needs, ready to print.

    Raises:
        RenderError: the template names something that does not exist.
    """
    from jinja2 import TemplateError

    who = caller_or_none(request)
    try:
        text = (
            environment()
            .get_template(f"web/{template}.html.j2")
            .render(
                w=words(),
                files=files.named(),
                title=visible(title),
                trail=trail,
                refresh=refresh,
                nav=_nav(request, who),
                signed_in=who is not None,
                who=who.owner if who and cookie_of(request) else None,
                csrf=form_token(request),
                **values,
            )
        )
    except TemplateError as error:
        raise RenderError(f"the template of {template} fails: {error}; report this as a defect") from error
    return HTMLResponse(text, status, HEADERS)


def caller_or_none(request: Request) -> Caller | None:
    """Return who calls, or None on the pages for those who are not signed in."""
    found = request.scope.get("state", {}).get("caller")
    return found if isinstance(found, Caller) else None


def may(request: Request, scope: Scope) -> bool:
    """Tell whether whoever calls may do something."""
    who = caller_or_none(request)
    return who is not None and scope in who.scopes


def _nav(request: Request, who: Caller | None) -> tuple[Link, ...]:
    """Return the links to the main pages that whoever calls may use."""
    at = request.url.path
    return tuple(
        Link(href, words()["nav"][name], at == href or (href != "/" and at.startswith(f"{href}/")))
        for name, href, scope in _NAV
        if scope is None or (who is not None and scope in who.scopes)
    )

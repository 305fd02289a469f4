"""Let requests in: find out who calls before any route sees the request."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import anyio
import anyio.to_thread
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from conformity.entry.rest.auth.access import Access
from conformity.entry.rest.auth.callers import CHALLENGE, HERE, NOT_VALID, Caller
from conformity.entry.rest.auth.crossing import crossed
from conformity.entry.rest.auth.keys import PREFIX
from conformity.entry.rest.auth.session import cookie_of
from conformity.entry.rest.limits import Buckets
from conformity.entry.rest.problems import problem_response
from conformity.errors import ConformityError

PUBLIC: Final = frozenset({"/healthz", "/readyz", "/login", "/favicon.ico"})
"""Paths that anybody may ask for."""

PUBLIC_BELOW: Final = "/static/"
"""The folder that anybody may ask for: style sheets, scripts and fonts of the pages."""

_LOGIN: Final = "/login"
_AGAIN_S: Final = 10
_MOST_HEADER: Final = 10_000
_TOKENS_AT_ONCE: Final = 4
_TWO_LENGTHS: Final = (
    "The body has a length and comes in chunks at once; send it with one of the two headers."
)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Authentication:
    """Middleware that puts the caller into ``scope["state"]["caller"]``, or refuses the request."""

    app: ASGIApp
    """What answers when the request is let in."""
    access: Access
    """Who is let in."""
    failures: Buckets
    """How often one address may show what is not valid."""
    at_once: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(_TOKENS_AT_ONCE))
    """How many tokens are checked at once: an issuer that is slow to answer holds up nothing else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            # There is nothing behind it, and so nobody is let in.
            await send({"type": "websocket.close", "code": 1008})
        else:
            refused = await self._refusal(scope)
            await (refused or self.app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return why a request is not let in; None if it is, and then its caller is noted."""
        request = HTTPConnection(scope)
        if {"content-length", "transfer-encoding"} <= set(request.headers.keys()):
            # A proxy may take the one to be right and we the other: what follows could be somebody else's
            # request. RFC 9112, section 6.1: the connection must be closed after the answer.
            return problem_response(400, _TWO_LENGTHS, headers={"Connection": "close"})
        why = crossed(scope["method"], request.headers, is_open=self.access.open)
        if why is not None:
            return problem_response(403, why)
        if self.access.open:
            scope.setdefault("state", {})["caller"] = HERE
            return None
        try:
            caller = await self._caller(request)
        except ConformityError as error:
            _logger.error("access_unavailable reason=%s", type(error).__name__)
            return problem_response(
                503, "Keys cannot be checked now; try again later.", headers={"Retry-After": str(_AGAIN_S)}
            )
        if caller is not None:
            scope.setdefault("state", {})["caller"] = caller
            return None
        path = scope["path"]
        if path in PUBLIC or path.startswith(PUBLIC_BELOW):
            return None
        return self._not_let_in(request)

    async def _caller(self, request: HTTPConnection) -> Caller | None:
        """Return who sent a request, or None.

        Raises:
            ConformityError: keys cannot be read or had now.
        """
        shown = request.headers.getlist("authorization")
        if not shown:
            cookie = cookie_of(request)
            return self.access.caller_of_session(cookie) if cookie else None
        scheme, _, text = shown[0].partition(" ")
        text = text.strip()
        if len(shown) > 1 or scheme.lower() != "bearer" or len(text) > _MOST_HEADER:
            return None
        if text.startswith(PREFIX):
            return self.access.caller_shown(text)
        # The issuer may have to be asked for its keys.
        return await anyio.to_thread.run_sync(self.access.caller_shown, text, limiter=self.at_once)

    def _not_let_in(self, request: HTTPConnection) -> Response:
        """Return the answer to somebody who shows nothing that is valid: the same whatever it was."""
        taken = self.failures.take(request.client.host if request.client else "")
        if not taken.allowed:
            return problem_response(
                429,
                "Too many requests without a valid key; wait.",
                headers={"Retry-After": str(taken.wait_s)},
            )
        wants_page = request.scope["method"] == "GET" and "text/html" in request.headers.get("accept", "")
        if wants_page and self.access.keys is not None and "authorization" not in request.headers:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"{_LOGIN}?next={quote(request.url.path + query, safe='')}", 303)
        return problem_response(401, NOT_VALID, headers=CHALLENGE)

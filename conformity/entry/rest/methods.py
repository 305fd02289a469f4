"""HEAD and OPTIONS for every path, and which methods a path has.

Source:
    RFC 9110, sections 9.3.2 (HEAD), 9.3.7 (OPTIONS) and 10.2.1 (Allow).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Methods:
    """Middleware that answers OPTIONS, and HEAD by what GET would answer."""

    app: ASGIApp
    """What answers."""
    routes: tuple[BaseRoute, ...]
    """The routes that there are; other paths are left to whoever answers for them."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in ("HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        own, allowed = own_methods(self.routes, scope["path"]), allowed_methods(self.routes, scope["path"])
        if scope["method"] in own or scope["method"] not in allowed:
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self.app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await Response(status_code=204, headers={"Allow": ", ".join(allowed)})(scope, receive, send)


def own_methods(routes: Iterable[BaseRoute], path: str) -> frozenset[str]:
    """Return the methods that routes give to a path."""
    fitting = (one for one in routes if isinstance(one, Route) and one.path_regex.fullmatch(path))
    return frozenset(method for route in fitting for method in route.methods or ())


def allowed_methods(routes: Iterable[BaseRoute], path: str) -> tuple[str, ...]:
    """Return the methods that a path is answered for, with HEAD and OPTIONS; none if it has no route."""
    own = own_methods(routes, path)
    return tuple(sorted({*own, "OPTIONS", *(["HEAD"] if "GET" in own else [])})) if own else ()


def _without_body(send: Send) -> Send:
    """Return how an answer is sent without its body; the length that it would have stays."""

    async def sent(message: Message) -> None:
        """Pass a part of the answer on, without a body."""
        if message["type"] == "http.response.body":
            message = {
                "type": "http.response.body",
                "body": b"",
                "more_body": message.get("more_body", False),
            }
        await send(message)

    return sent

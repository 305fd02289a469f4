"""The tools over HTTP: alone on this machine, or inside the REST application behind its authentication.

In: requests of both eras of the protocol at one path. Out: answers as JSON or as a stream of events.
Invariant: a request tells who asks; nothing of one request is remembered for the next, so that any number
of processes may serve.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import Route

from conformity.entry.mcp.server import build_server
from conformity.errors import UsageError
from conformity.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Receive, Scope, Send

    from conformity.entry.jobs.interface import JobEngine

PATH = "/mcp"
"""Where the tools are served."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_NEEDED = frozenset({"assess", "paths"})
"""What a caller must be allowed to do: tools name files of the server."""
_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
_GRACE_S = 10


def mount(app: Starlette, settings: Settings, engine: JobEngine, *, guarded: bool = True) -> None:
    """Serve the tools inside an application that has found out who calls.

    Args:
        app: the application; ``app.state.lives`` is the list of what begins and ends with it.
        settings: limits; the root is set.
        engine: the engine of runs.
        guarded: whether only names of this machine may be asked for, which keeps web pages out that let a
            name of theirs point here; needless where every caller shows a key.
    """
    server = build_server(settings, engine)
    inner = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=_guard(guarded)
    )
    app.router.routes.extend(
        Route(PATH, endpoint=_Allowed(route.app)) for route in inner.routes if isinstance(route, Route)
    )

    def life(_: Starlette) -> AbstractAsyncContextManager[None]:
        """Return what lives as long as the application."""
        return server.session_manager.run()

    app.state.lives.append(life)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve the tools on this machine until a signal ends it; runs go on without the server.

    Args:
        settings: limits; the root is set.
        host: the address to listen at.
        port: the port; 0 takes a free one.

    Raises:
        UsageError: the address is not of this machine alone, or is taken.
    """
    if host not in _LOOPBACK:
        raise UsageError(
            f"{host!r} is not this machine alone; `conformity serve` gives the tools to others, with keys."
        )
    import click
    import uvicorn

    from conformity.entry.jobs.choose import open_engine
    from conformity.entry.rest.serving import listening, shown
    from conformity.entry.rest.stopping import StoppingServer

    bound = listening(host, port)
    engine = open_engine(settings)
    app = build_server(settings, engine).streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=_guard(guarded=True)
    )
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE_S
    )
    click.echo(f"conformity: serving MCP at http://{shown(bound)}{PATH}", err=True)
    try:
        with bound:
            StoppingServer(config, threading.Event()).run([bound])
    finally:
        engine.close()


def _guard(guarded: bool) -> TransportSecuritySettings:
    """Return which names of the server, and which pages, requests may come with."""
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=guarded,
        allowed_hosts=[one for name in _OWN_NAMES for one in (name, f"{name}:*")],
        allowed_origins=[
            one
            for name in _OWN_NAMES
            for scheme in ("http", "https")
            for one in (f"{scheme}://{name}", f"{scheme}://{name}:*")
        ],
    )


class _Allowed:
    """Lets callers through who may start runs on files of the server.

    Args:
        inner: what serves the tools.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        lacking = _lacking(scope)
        if not lacking:
            await self._inner(scope, receive, send)
            return
        from conformity.entry.rest.problems import problem_response

        refusal = problem_response(403, f"The tools need a key for {' and '.join(lacking)}.")
        await refusal(scope, receive, send)


def _lacking(scope: Mapping[str, Any]) -> list[str]:
    """Return what a caller may not do but would have to; nothing where nobody is asked who he is."""
    caller = scope.get("state", {}).get("caller")
    return [] if caller is None else sorted(_NEEDED - caller.scopes)

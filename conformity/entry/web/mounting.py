"""Hang the pages into an application: they answer their own paths, and what browsers ask for in vain."""

from __future__ import annotations

from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import Headers, State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from conformity.entry.rest.problems import ProblemError, Unforeseen
from conformity.entry.web import (
    comparing,
    documents,
    drafts,
    files,
    findings,
    home,
    law,
    runs,
    sign_in,
    systems,
    uploads,
)
from conformity.entry.web.faults import on_anything, on_http, on_ours, on_problem
from conformity.errors import ConformityError

_OTHERS: Final = ("v1", "mcp", "healthz", "readyz", "metrics", ".well-known")
"""First parts of paths that belong to programs; what is not there is told to them in their way."""


def pages(state: State) -> Mount:
    """Return the pages as one route, to be added after all others.

    Args:
        state: what the application keeps: ``service`` and ``access``.
    """
    inner = Starlette(
        routes=_routes(),
        middleware=[Middleware(Unforeseen, answer=on_anything)],
        exception_handlers={ProblemError: on_problem, ConformityError: on_ours, HTTPException: on_http},
    )
    inner.state = state
    return _Pages(inner)


class _Pages(Mount):
    """The pages: their own paths, and those that a browser asks for and nobody else answers.

    Args:
        inner: the pages as an application.
    """

    def __init__(self, inner: Starlette) -> None:
        super().__init__("", app=inner, name="pages")
        self._own = inner.routes

    def matches(self, scope: Scope) -> tuple[Match, dict[str, Any]]:
        """Tell whether a request is for a page."""
        if scope["type"] != "http":
            return Match.NONE, {}
        known = any(route.matches(scope)[0] is not Match.NONE for route in self._own)
        if known or _is_astray(scope):
            return Match.FULL, {"endpoint": self.app}
        return Match.NONE, {}


def _is_astray(scope: Scope) -> bool:
    """Tell whether a browser asks for a page that there is not."""
    first = scope["path"].split("/")[1]
    return first not in _OTHERS and "text/html" in Headers(scope=scope).get("accept", "")


def _routes() -> list[BaseRoute]:
    """Return every page with its path."""
    return [
        Route("/", home.home),
        Route("/static/{name}", files.serve_file),
        Route("/favicon.ico", files.serve_icon),
        Route("/systems/{system}", systems.system),
        Route("/systems/{system}/{version}/{name}", documents.archived),
        Route("/runs", home.all_runs),
        Route("/runs/{run}", runs.run),
        Route("/runs/{run}/cancel", runs.cancel, methods=["POST"]),
        Route("/runs/{run}/report", documents.of_run),
        Route("/runs/{run}/findings", findings.findings),
        Route("/runs/{run}/{name}", documents.of_run),
        Route("/compare", comparing.comparison),
        Route("/upload", uploads.form),
        Route("/upload", uploads.take, methods=["POST"]),
        Route("/drafts/{draft}", drafts.show),
        Route("/drafts/{draft}", drafts.assess, methods=["POST"]),
        Route("/requirements", law.catalogue),
        Route("/requirements/{requirement}", law.requirement),
        Route("/login", sign_in.form),
        Route("/login", sign_in.sign_in, methods=["POST"]),
        Route("/logout", sign_in.sign_out, methods=["POST"]),
    ]

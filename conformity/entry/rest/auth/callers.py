"""Who calls, what they may do, and how a route asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from starlette.requests import Request

from conformity.entry.jobs.interface import LOCAL

Scope = Literal["assess", "paths", "archive", "metrics"]
"""Upload, run and scan; name files of the server inside its root; read the archive; read the metrics."""

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""All of them."""


@dataclass(frozen=True)
class Caller:
    """Somebody who sends requests."""

    owner: str
    """Whose runs they see: the name of a key, or the project of a token; ``local`` on this machine."""
    scopes: frozenset[str]
    """What they may do besides looking at runs of their own and at the law."""


HERE: Final = Caller(LOCAL, frozenset(SCOPES))
"""The caller of a server that asks for no keys: whoever uses this machine."""


def caller(request: Request) -> Caller:
    """Return who calls; a dependency of routes.

    Raises:
        ProblemError: nobody was let in (401); a fault of the set-up, which lets nobody through.
    """
    found = request.scope.get("state", {}).get("caller")
    if isinstance(found, Caller):
        return found
    from conformity.entry.rest.problems import ProblemError

    raise ProblemError(401, NOT_VALID, headers=CHALLENGE)


def require(scope: Scope) -> Callable[[Request], Caller]:
    """Return a dependency of routes that gives the caller, who must have a scope.

    Args:
        scope: what the caller must be allowed to do.
    """

    def allowed(request: Request) -> Caller:
        """Return who calls.

        Raises:
            ProblemError: they may not do this (403), or nobody was let in (401).
        """
        found = caller(request)
        if scope in found.scopes:
            return found
        from conformity.entry.rest.problems import ProblemError

        challenge = f'Bearer realm="conformity", error="insufficient_scope", scope="{scope}"'
        raise ProblemError(
            403,
            f"This needs the scope {scope}, which the key or token shown does not have; ask for it.",
            headers={"WWW-Authenticate": challenge},
        )

    return allowed


NOT_VALID: Final = (
    "Show a valid key or token in the header Authorization: Bearer; this request has none that is valid."
)
"""The one sentence for whoever is not let in, whatever the reason: none, unknown, revoked, expired."""

CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="conformity"'}
"""The header of that answer (RFC 6750, section 3)."""

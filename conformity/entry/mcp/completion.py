"""Complete the ids of runs, of evidence and of requirements as a user types them.

In: the name of an argument and its beginning. Out: at most a hundred ids that begin so.
Invariant: only runs of whoever asks; what cannot be completed gives nothing, and no error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import anyio.to_thread
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp_types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

from conformity.entry.jobs.interface import LOCAL
from conformity.entry.mcp.shared import owner_of
from conformity.entry.mcp.shelf import Shelf
from conformity.errors import ConformityError

_MOST = 100
"""The protocol takes no more values."""
_asker: ContextVar[str] = ContextVar("conformity_asker", default=LOCAL)


def add_completion(server: MCPServer[Any], shelf: Shelf) -> None:
    """Add the completion of ids in addresses of resources and in arguments of prompts."""
    server.middleware.append(_remember_asker)

    @server.completion()  # type: ignore[no-untyped-call, untyped-decorator] # the library does not say
    async def complete(
        _ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        """Return the ids that begin as the argument does."""
        owner, known = _asker.get(), (context.arguments if context else None) or {}
        ids = await anyio.to_thread.run_sync(lambda: _ids(argument.name, known, shelf, owner))
        found = [one for one in ids if one.startswith(argument.value)]
        return Completion(values=found[:_MOST], total=len(found), has_more=len(found) > _MOST)


async def _remember_asker(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Keep who asks while a request is answered: the library tells it to everything but completion."""
    token = _asker.set(owner_of(ctx.request))
    try:
        return await call_next(ctx)
    finally:
        _asker.reset(token)


def _ids(name: str, known: Mapping[str, str], shelf: Shelf, owner: str) -> Sequence[str]:
    """Return all ids that an argument can have.

    Args:
        name: the argument.
        known: arguments that the user has filled in already.
        shelf: the documents of runs.
        owner: who asks.
    """
    try:
        if name == "run_id":
            return shelf.run_ids(owner, _MOST)
        if name == "evidence_id" and "run_id" in known:
            return shelf.evidence_ids(known["run_id"], owner)
    except ConformityError:
        # Half of an id is no id yet.
        return ()
    if name != "requirement_id":
        return ()
    from conformity.pipeline import knowing

    return [str(row.id) for row in knowing.list_requirements()]

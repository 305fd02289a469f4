"""What happens to a run, as server-sent events.

Source:
    WHATWG HTML Living Standard, section 9.2, Server-sent events.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import partial

import anyio
import anyio.to_thread

from conformity.entry.jobs.interface import ENDED
from conformity.entry.rest.service import Service
from conformity.entry.rest.views import event_of
from conformity.model.run import Run, RunEvent

_POLL_S = 0.3
_HEARTBEAT_S = 15.0


async def stream(service: Service, run: Run, *, owner: str, after: int) -> AsyncIterator[str]:
    """Yield what happened to a run after an event, and what happens until it ends, as lines of a stream.

    Each event has its number as ``id``, so that a client that comes again goes on where it was. The last
    one is called ``end``, all others ``progress``. A comment every few seconds keeps the connection alive.

    Args:
        service: what the server works with.
        run: the run, which is the owner's.
        owner: who listens.
        after: the number of the last event that the client has.
    """
    yield "retry: 2000\n\n"
    told = time.monotonic()
    while not service.stopping.is_set():
        found = await anyio.to_thread.run_sync(
            partial(service.engine.events, run.id, owner=owner, after=after)
        )
        for event in found:
            yield _written(event_of(event, run, service.root))
            after = event.number
            if event.status in ENDED:
                return
        if found:
            told = time.monotonic()
        elif time.monotonic() - told >= _HEARTBEAT_S:
            yield ": still here\n\n"
            told = time.monotonic()
        await anyio.sleep(_POLL_S)


def _written(event: RunEvent) -> str:
    """Return an event as lines; JSON has no line feed in it, so one line of data is enough."""
    name = "end" if event.status in ENDED else "progress"
    return f"id: {event.number}\nevent: {name}\ndata: {event.model_dump_json()}\n\n"

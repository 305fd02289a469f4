"""Hold requests to their limits, whatever route they go to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformity.entry.rest.auth.callers import HERE
from conformity.entry.rest.limits import Buckets, Limits, Slots, Taken
from conformity.entry.rest.problems import problem_response

_STREAM: Final = "text/event-stream"
_STREAM_AGAIN_S: Final = 10


@dataclass(frozen=True)
class Limiting:
    """Middleware that answers 408, 413, 429 and 431 where a request goes too far."""

    app: ASGIApp
    """What answers requests within the limits."""
    limits: Limits
    """The limits."""
    buckets: Buckets
    """Requests of each caller."""
    slots: Slots
    """Streams of each caller."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        caller = scope.get("state", {}).get("caller")
        name = caller.owner if caller else f"?{(scope.get('client') or ('',))[0]}"
        taken = None if caller is HERE else self.buckets.take(name)
        refused = self._too_large(scope) or self._too_many(taken)
        one = _Exchange(self.limits, self.slots, name, receive, send, self._policy(taken))
        if caller is None:
            # Else nobody known could hold all connections by sending a letter now and then.
            one.until = asyncio.get_running_loop().time() + self.limits.body_wait_s
        if refused is not None:
            await refused(scope, receive, one.send)
        else:
            await one.run(self.app, scope)

    def _too_large(self, scope: Scope) -> Response | None:
        """Return the refusal of headers that are too large, or of a body that is said to be, unread."""
        if sum(len(name) + len(value) for name, value in scope["headers"]) > self.limits.head_bytes:
            return problem_response(431, f"The headers are larger than {self.limits.head_bytes:,} bytes.")
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and (len(said) > 15 or int(said) > self.limits.body_bytes):
            return _too_large(self.limits)
        return None

    def _too_many(self, taken: Taken | None) -> Response | None:
        """Return the refusal of one request too many."""
        if taken is None or taken.allowed:
            return None
        return problem_response(
            429,
            f"More than {self.limits.requests_per_minute} requests in a minute; wait {taken.wait_s} s.",
            headers={"Retry-After": str(taken.wait_s)},
        )

    def _policy(self, taken: Taken | None) -> dict[str, str]:
        """Return the headers that tell what is left."""
        if taken is None:
            return {}
        return {
            "RateLimit-Policy": f'"caller";q={self.buckets.per_minute};w=60',
            "RateLimit": f'"caller";r={taken.left};t={taken.wait_s}',
        }


@dataclass
class _Exchange:
    """One request on its way through, and what became of it."""

    limits: Limits
    """The limits."""
    slots: Slots
    """Streams of each caller."""
    name: str
    """Who calls."""
    inner_receive: Receive
    """Where the body comes from."""
    inner_send: Send
    """Where the answer goes."""
    headers: dict[str, str]
    """Headers that every answer gets."""
    until: float | None = None
    """When the whole body must have come, by the watch of the loop; None for those who were let in."""
    size: int = 0
    """How much of the body has come."""
    whole: bool = False
    """Whether all of the body has come."""
    begun: bool = False
    """Whether the answer has begun."""
    streams: bool = False
    """Whether it holds a slot for streams."""
    refusal: Response | None = field(default=None)
    """What is answered instead of what the application would say."""

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        """Let the application answer, unless a limit is passed meanwhile."""
        try:
            await app(scope, self.receive, self.send)
        except Exception:
            # What the application makes of a request that is cut short is of no interest.
            if self.refusal is None:
                raise
        finally:
            if self.streams:
                self.slots.give_back(self.name)
        if self.refusal is not None and not self.begun:
            refusal, self.refusal = self.refusal, None
            await refusal(scope, self.inner_receive, self.send)

    async def receive(self) -> Message:
        """Return the next part of the body; to the application, one that goes too far breaks off."""
        if self.whole:
            return await self.inner_receive()
        try:
            async with asyncio.timeout(self._patience()):
                message = await self.inner_receive()
        except TimeoutError:
            return self._cut(problem_response(408, "The body did not come in time; send it again."))
        self.whole = not message.get("more_body", False)
        self.size += len(message.get("body", b""))
        if self.size > self.limits.body_bytes:
            return self._cut(_too_large(self.limits))
        return message

    def _patience(self) -> float:
        """Return how long the next part of the body is awaited, in seconds."""
        if self.until is None:
            return self.limits.body_wait_s
        return max(0.0, self.until - asyncio.get_running_loop().time())

    def _cut(self, refusal: Response) -> Message:
        """Note a refusal, and return what the application is told instead of the rest of the body."""
        refusal.headers["Connection"] = "close"
        self.refusal, self.whole = refusal, True
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, unless something else is answered instead.

        Raises:
            OSError: this would be one stream too many; the application takes it for a client that left.
        """
        if self.refusal is not None:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith(_STREAM):
                self._take_slot()
            for name, value in self.headers.items():
                headers[name] = value
            self.begun = True
        await self.inner_send(message)

    def _take_slot(self) -> None:
        """Take a slot for a stream.

        Raises:
            OSError: there is none left.
        """
        self.streams = self.slots.take(self.name)
        if not self.streams:
            self.refusal = problem_response(
                429,
                f"More than {self.limits.streams} streams at once; close one.",
                headers={"Retry-After": str(_STREAM_AGAIN_S)},
            )
            raise OSError("one stream too many")


def _too_large(limits: Limits) -> Response:
    """Return the refusal of a body that is too large."""
    refusal = problem_response(413, f"The body is larger than {limits.body_bytes:,} bytes; send less.")
    refusal.headers["Connection"] = "close"
    return refusal

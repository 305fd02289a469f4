"""What a request that goes too far is answered, whatever route it goes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from conformity.entry.rest import problems
from conformity.entry.rest.auth.callers import HERE, Caller
from conformity.entry.rest.limiting import Limiting
from conformity.entry.rest.limits import Buckets, Limits, Slots

LIMITS = Limits(requests_per_minute=3, streams=1, body_bytes=10)
CALLER = Caller("ci", frozenset())


def limited(app: Any, limits: Limits = LIMITS) -> Limiting:
    """Return an application behind the limits."""
    return Limiting(app, limits, Buckets(limits.requests_per_minute, lambda: 0.0), Slots(limits.streams))


class As:
    """Calls an application as somebody."""

    def __init__(self, app: Any, caller: Caller | None = CALLER) -> None:
        self.app, self.caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call it."""
        if self.caller:
            scope.setdefault("state", {})["caller"] = self.caller
        await self.app(scope, receive, send)


def small_app() -> FastAPI:
    """Return an application that reads bodies in several ways."""
    app = FastAPI()
    problems.install(app)

    @app.post("/whole")
    async def whole(request: Request) -> int:
        """Read the whole body."""
        return len(await request.body())

    @app.post("/json")
    async def parsed(body: dict[str, int]) -> dict[str, int]:
        """Have the body read."""
        return body

    @app.post("/ignored")
    async def ignored() -> str:
        """Read nothing."""
        return "done"

    @app.post("/left")
    async def left(request: Request) -> str:
        """Note that the client has gone."""
        try:
            await request.body()
        except ClientDisconnect:
            app.state.left = True
        return "done"

    return app


def test_what_is_left_is_told_and_the_next_request_too_many_is_refused() -> None:
    client = TestClient(As(limited(small_app())))
    answers = [client.post("/ignored") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["RateLimit"] for one in answers] == [
        '"caller";r=2;t=20',
        '"caller";r=1;t=40',
        '"caller";r=0;t=60',
        '"caller";r=0;t=20',
    ]
    assert answers[0].headers["RateLimit-Policy"] == '"caller";q=3;w=60'
    assert answers[3].headers["Retry-After"] == "20"
    assert answers[3].headers["Content-Type"] == problems.MEDIA_TYPE


def test_callers_are_told_apart_and_strangers_by_their_address() -> None:
    guarded = limited(small_app())
    for caller in (CALLER, Caller("other", frozenset()), None):
        client = TestClient(As(guarded, caller))
        assert [client.post("/ignored").status_code for _ in range(4)] == [200, 200, 200, 429]
    elsewhere = TestClient(As(guarded, None), client=("192.0.2.1", 5))
    assert elsewhere.post("/ignored").status_code == 200


def test_this_machine_itself_is_not_held_up() -> None:
    client = TestClient(As(limited(small_app()), HERE))
    answers = [client.post("/ignored") for _ in range(5)]
    assert {one.status_code for one in answers} == {200}
    assert "RateLimit" not in answers[0].headers


@pytest.mark.parametrize("path", ["/whole", "/json", "/ignored", "/none"])
@pytest.mark.parametrize("size", [11, 10**16], ids=["a little", "absurd"])
def test_a_body_that_is_said_to_be_too_large_is_refused_unread(path: str, size: int) -> None:
    client = TestClient(As(limited(small_app())))
    answer = client.post(path, headers={"Content-Length": str(size)})
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")


def test_headers_that_are_too_large_are_refused() -> None:
    client = TestClient(As(limited(small_app())))
    assert client.post("/ignored", headers={"X-Large": "a" * 32_000}).status_code == 200
    assert client.post("/ignored", headers={"X-Large": "a" * 33_000}).status_code == 431


def parts(sizes: list[int]) -> Iterator[bytes]:
    """Yield a body of unknown size."""
    for size in sizes:
        yield b"1" * size


@pytest.mark.parametrize("path", ["/whole", "/json", "/left"])
def test_a_streamed_body_is_broken_off_where_it_is_too_large(path: str) -> None:
    app = small_app()
    client = TestClient(As(limited(app)))
    answer = client.post(path, content=parts([6, 5]), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Connection"]) == (413, "close")
    assert "10 bytes" in answer.json()["detail"]
    assert getattr(app.state, "left", False) is (path == "/left")


def test_a_body_as_large_as_allowed_is_taken() -> None:
    client = TestClient(As(limited(small_app())))
    assert client.post("/whole", content=parts([6, 4])).json() == 10
    said = {"Content-Type": "application/json"}
    assert client.post("/json", content=b'{"a": 111}', headers=said).json() == {"a": 111}


async def call(app: Any, receive: Receive, state: dict[str, Any] | None = None) -> list[Message]:
    """Call an application directly, and return what it sent."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/whole", "headers": [], "query_string": b""}
    await app({**scope, "state": state or {"caller": CALLER}}, receive, send)
    return sent


def test_a_body_that_does_not_come_is_not_awaited_for_ever() -> None:
    async def silent() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    quick = Limits(body_wait_s=0.01)
    sent = asyncio.run(call(limited(small_app(), quick), silent))
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(("state", "status"), [({"caller": CALLER}, 200), ({"caller": None}, 408)])
def test_a_body_that_trickles_in_is_awaited_for_those_alone_who_were_let_in(
    state: dict[str, Any], status: int
) -> None:
    left = iter(range(8))

    async def trickle() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"1", "more_body": next(left) < 7}

    quick = Limits(body_wait_s=0.3)
    assert asyncio.run(call(limited(small_app(), quick), trickle, state))[0]["status"] == status


def test_an_error_of_the_application_is_not_hidden() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        TestClient(As(limited(broken))).get("/")


def stream_app(seen: list[str]) -> Any:
    """Return an application that streams until its client leaves."""

    async def events() -> AsyncIterator[str]:
        try:
            while True:
                yield "data: x\n\n"
                await asyncio.sleep(0.001)
        finally:
            seen.append("closed")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        streams = scope["path"] == "/events"
        response = StreamingResponse(events(), media_type="text/event-stream") if streams else None
        await (response or PlainTextResponse("here"))(scope, receive, send)

    return app


def test_one_stream_too_many_is_refused_and_ended() -> None:
    async def play() -> None:
        seen: list[str] = []
        guarded = limited(stream_app(seen))
        sent: list[list[Message]] = [[], []]
        gone = asyncio.Event()

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def ask(number: int) -> None:
            async def send(message: Message) -> None:
                sent[number].append(message)

            scope = {"type": "http", "method": "GET", "path": "/events", "headers": []}
            await guarded({**scope, "state": {"caller": CALLER}}, receive, send)

        first = asyncio.create_task(ask(0))
        while len(sent[0]) < 3:
            await asyncio.sleep(0.001)
        await ask(1)
        assert sent[1][0]["status"] == 429
        assert (b"retry-after", b"10") in sent[1][0]["headers"]
        gone.set()
        await first
        assert sent[0][0]["status"] == 200
        # The slot of the one that ended is free again.
        assert guarded.slots.take("ci")

    asyncio.run(play())


def test_what_is_no_request_passes() -> None:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    with TestClient(limited(life)):
        pass

"""Whoever does not say what they want in time is not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from conformity.entry.rest import connections
from conformity.entry.rest.connections import Connection

HEAD = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


async def _slow(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer after longer than the head of a request may take."""
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def talked(*talks: Talk) -> list[bytes]:
    """Return what each of several clients of one server was sent."""

    async def play() -> list[bytes]:
        config = uvicorn.Config(_slow, log_config=None, lifespan="off", http=Connection, ws="none")
        state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        streams = [await asyncio.open_connection("127.0.0.1", port) for _ in talks]
        found = await asyncio.wait_for(
            asyncio.gather(*(talk(*one) for talk, one in zip(talks, streams, strict=True))), 20
        )
        for _, writer in streams:
            writer.close()
        server.close()
        return found

    return asyncio.run(play())


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the server closes the connection."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b"closed"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a short while only."""
    monkeypatch.setattr(connections, "HEAD_S", 0.1)


def test_silence_and_a_head_letter_by_letter_are_not_waited_for() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
        return await until_closed(reader)

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        async def drip() -> None:
            for letter in HEAD * 100:
                writer.write(bytes([letter]))
                await asyncio.sleep(0.02)

        task = asyncio.create_task(drip())
        found = await until_closed(reader)
        task.cancel()
        return found

    assert set(talked(silent, dripping)) <= {b"", b"closed"}


def test_an_answer_may_take_its_time_and_the_next_request_has_its_own() -> None:
    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        found = b""
        for _ in range(2):
            writer.write(HEAD[:5])
            await asyncio.sleep(0.03)
            writer.write(HEAD[5:])
            found += await reader.readuntil(b"ok")
        writer.write(HEAD[:5])
        return found + await until_closed(reader)

    (found,) = talked(twice)
    assert found.count(b"HTTP/1.1 200 OK") == 2
    assert found.endswith((b"ok", b"closed"))


def test_one_connection_too_many_is_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "MOST", 1)

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(HEAD)
        try:
            return await reader.readuntil(b"ok")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b"closed"

    first, second = talked(ask, ask)
    assert first.startswith(b"HTTP/1.1 200 OK")
    assert second == b"closed"

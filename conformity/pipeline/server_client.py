"""Requests to a server of conformity: streamed from disk, bounded, never redirected, its key never told.

The token goes over TLS, or to this machine; to nobody else.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformity.errors import (
    BusyError,
    ConformityError,
    DataError,
    InputError,
    NotFoundError,
    PathError,
    UsageError,
)
from conformity.model.hosts import is_loopback

Part = tuple[str, str, bytes | Path]
"""A part of a form: its name, the name of its file, and the content or where that lies."""

_PATIENCE_S = 60.0
_CHUNK = 1 << 20
_MOST_BYTES = 512 * 1024 * 1024
_MOST_TOLD = 5
_KINDS: Mapping[int, type[ConformityError]] = {
    401: UsageError,
    403: UsageError,
    404: NotFoundError,
    409: UsageError,
    429: BusyError,
    503: BusyError,
}


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    headers: Mapping[str, str]
    """Its headers, their names in lower case."""
    content: bytes
    """Its body."""

    def json(self) -> Any:
        """Return the body as plain data.

        Raises:
            DataError: it is no JSON.
        """
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise DataError("The server answered with something else than JSON; correct --server.") from error


@dataclass(frozen=True)
class Server:
    """A server, and how its caller proves who he is."""

    url: str
    """Its address, such as ``https://conformity.example.org``."""
    token: str | None = field(default=None, repr=False)
    """A key of the server, or a token of the platform that the pipeline runs on."""

    def __post_init__(self) -> None:
        """Check the address and the token.

        Raises:
            UsageError: it is no address, or a token would go over the network in the clear.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
            raise UsageError(
                "The server's address cannot be used; write it as https://HOST or https://HOST/PATH."
            )
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UsageError(f"{parts.hostname} is another machine; write its address with https.")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise UsageError("The server's key holds characters that no key has; set it anew.")

    @property
    def name(self) -> str:
        """Host and port, for a person."""
        return urlsplit(self.url).netloc

    def get(self, target: str) -> Answer:
        """Return what the server answers to a question.

        Raises:
            BusyError: it cannot be reached now.
            ConformityError: it refuses.
        """
        return self._send("GET", target, {}, None)

    def upload(self, target: str, parts: Sequence[Part], headers: Mapping[str, str]) -> Answer:
        """Return what the server answers to a form, whose files are read while it is sent.

        Args:
            target: path and query.
            parts: the form.
            headers: further headers.

        Raises:
            BusyError: it cannot be reached, or takes no more runs now.
            ConformityError: it refuses.
        """
        boundary = secrets.token_hex(24)
        heads = [_head(boundary, name, file) for name, file, _ in parts]
        sizes = [len(one) if isinstance(one, bytes) else one.stat().st_size for _, _, one in parts]
        end = f"--{boundary}--\r\n".encode()
        length = sum(map(len, heads)) + sum(sizes) + 2 * len(parts) + len(end)
        told = {
            **headers,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(length),
        }
        return self._send("POST", target, told, _body(heads, parts, end))

    def _send(
        self, method: str, target: str, headers: Mapping[str, str], body: Iterator[bytes] | None
    ) -> Answer:
        """Return what the server answers to one request."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(
                host, parts.port, timeout=_PATIENCE_S, context=ssl.create_default_context()
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=_PATIENCE_S)
        )
        proof = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            path = parts.path.rstrip("/") + target
            connection.request(method, path, body=body, headers={**proof, **headers})
            answer = connection.getresponse()
            content = answer.read(_MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise BusyError(
                f"{self.name} cannot be reached ({type(error).__name__}); try again later."
            ) from error
        finally:
            connection.close()
        if len(content) > _MOST_BYTES:
            raise DataError(f"{self.name} sent more than {_MOST_BYTES:,} bytes; nothing of it was kept.")
        if answer.status not in (200, 202):
            raise self._refused(answer.status, content)
        return Answer({name.lower(): value for name, value in answer.getheaders()}, content)

    def _refused(self, status: int, content: bytes) -> ConformityError:
        """Return the error for a request that was refused, in the words of the server."""
        try:
            problem = json.loads(content)
            faults = [f"{one['detail']}" for one in problem.get("errors", ())[:_MOST_TOLD]]
            told = " ".join([str(problem["detail"]), *faults])
        except (ValueError, KeyError, TypeError, AttributeError):
            told = "no reason was given."
        kind = _KINDS.get(status, InputError if 400 <= status < 500 else ConformityError)
        return kind(f"{self.name} refuses ({status}): {told}")


def _head(boundary: str, name: str, file: str) -> bytes:
    """Return what stands before a part.

    Raises:
        PathError: the name of the file holds what would end it.

    Source:
        RFC 7578, sections 4.2 and 5.1: names of files in UTF-8, in quotes.
    """
    if not file.isprintable() or set(file) & set('"\\'):
        raise PathError(f"{file!r} cannot be handed to a server under this name; rename the file.")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


def _body(heads: Sequence[bytes], parts: Sequence[Part], end: bytes) -> Iterator[bytes]:
    """Yield a form, piece by piece."""
    for head, (_, _, content) in zip(heads, parts, strict=True):
        yield head
        if isinstance(content, bytes):
            yield content
        else:
            with content.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        yield b"\r\n"
    yield end

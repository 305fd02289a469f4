"""One HTTPS request to somebody else: bounded in time and size, never redirected, to the address given.

The library behind it follows no redirect, uses no proxy and keeps no cookie.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from conformity.errors import ConformityError, UsageError

WALL_S: Final = 10.0
"""Longest time that one request may take, in seconds."""

MAX_BYTES: Final = 262_144
"""Most of an answer that is read."""

_PRINTABLE_ASCII: Final = frozenset(map(chr, range(0x21, 0x7F)))


class UnreachableError(ConformityError):
    """Another server gave no answer that can be used; the message names no more than its host."""


@dataclass(frozen=True)
class Address:
    """Where a request goes, taken from a URL."""

    host: str
    """Name or address of the host, in lower case, without brackets."""
    port: int
    """Its port."""
    target: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """Host and port as a URL has them; the port of HTTPS is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"


@dataclass(frozen=True)
class Outgoing:
    """A request that is to be sent."""

    address: Address
    """Where to."""
    method: str = "GET"
    """How."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """With which headers."""
    body: bytes | None = None
    """With what."""
    connect_to: str | None = None
    """The address to connect to, checked before; None to look the host up."""
    wall_s: float = WALL_S
    """Longest time, in seconds."""


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    """The status code."""
    content: bytes
    """What it said, at most :data:`MAX_BYTES`."""


def address_of(url: str) -> Address:
    """Return where an HTTPS address leads.

    Raises:
        UsageError: it is not an HTTPS address without user, password and fragment; it is not repeated.
    """
    fault = UsageError("This is not an address such as https://host/path without user, password and fragment")
    if not url or not set(url) <= _PRINTABLE_ASCII or "\\" in url:
        raise fault
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise fault from None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or "#" in url or port == 0:
        raise fault
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.hostname.rstrip("."), port or 443, target)


class _Connection(http.client.HTTPSConnection):
    """A connection to an address that was chosen before; the certificate must be that of the host."""

    def __init__(self, request: Outgoing, context: ssl.SSLContext) -> None:
        super().__init__(request.address.host, request.address.port, timeout=request.wall_s, context=context)
        self._request = request
        self._tls = context
        # The library lets go of the socket before the answer has been read.
        self._held: list[ssl.SSLSocket] = []

    def connect(self) -> None:
        """Connect and greet."""
        plain = socket.create_connection(
            (self._request.connect_to or self._request.address.host, self._request.address.port),
            timeout=self._request.wall_s,
        )
        with plain:
            self.sock = self._tls.wrap_socket(
                plain, server_hostname=self._request.address.host, do_handshake_on_connect=False
            )
        self._held.append(self.sock)
        self.sock.do_handshake()

    def cut(self) -> None:
        """End it in both directions, whatever is being read or written."""
        for held in self._held:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


def send(request: Outgoing, context: ssl.SSLContext | None = None) -> Answered:
    """Send a request and return the answer, whatever its status.

    Args:
        request: what to send.
        context: whom to trust; the authorities of this machine when not given.

    Raises:
        UnreachableError: there is no answer, none in time, or none that is HTTP.
    """
    connection = _Connection(request, context or ssl.create_default_context())
    headers = {"Host": request.address.authority, "Connection": "close", **request.headers}
    try:
        with _ended_after(connection, request.wall_s):
            connection.request(request.method, request.address.target, request.body, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read(MAX_BYTES))
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        # AttributeError: the socket was taken from the library's hands when the time was over.
        raise UnreachableError(
            f"{request.address.host} gave no answer ({type(error).__name__}); see whether it can be reached."
        ) from error
    finally:
        connection.close()


@contextlib.contextmanager
def _ended_after(connection: _Connection, seconds: float) -> Iterator[None]:
    """Cut a connection when its time is over, however slowly the other side keeps on sending."""
    timer = threading.Timer(seconds, connection.cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

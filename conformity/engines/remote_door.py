"""A door on the loopback address through which a library reaches one server, and no other.

The library that copies objects follows any redirection of the server that it asks. Told to use this door as
its proxy, it opens no connection itself, and the door opens them to what was allowed only. What is encrypted
stays so: the door passes it on unread.

Source:
    RFC 9110, section 9.3.6 (CONNECT); RFC 9112, section 3.2 (forms of the target of a request).
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit

Allowed = Callable[[str, int], bool]
"""Tells whether a host, in lower case and without brackets, may be reached at a port."""

_CONNECT_S = 10
_HEAD_S = 60
_LONGEST_HEAD = 64 * 1024
_BLOCK = 256 * 1024
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
_REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_UNREACHED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_CREDENTIALS = tuple(ipaddress.ip_address(address) for address in ("fd00:ec2::254", "100.100.100.200"))
"""Where machines in a cloud find credentials, beside the addresses of their own link."""


class Door:
    """A proxy that listens while its block runs; every connection has threads of its own."""

    def __init__(self, allowed: Allowed) -> None:
        """Listen at a free port.

        Args:
            allowed: which servers may be reached.
        """
        self._allowed = allowed
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.refused = False
        """Whether another server was asked for than those that may be reached."""

    @property
    def address(self) -> str:
        """Return where it listens, as the address of a proxy."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Door:
        """Begin to serve."""
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all connections."""
        with self._lock:
            self._closed = True
            for one in (self._listening, *self._held):
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _serve(self) -> None:
        """Take in connections until the door is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        """Serve one connection; whatever goes wrong ends it, and the library tells of that."""
        with contextlib.suppress(OSError, ValueError), client:
            self._hold(client)
            client.settimeout(_HEAD_S)
            head, rest = _head(client)
            (host, port), to_send = _asked(head)
            if not self._allowed(host, port):
                self.refused = True
                client.sendall(_REFUSED)
                return
            try:
                server = self._reach(host, port)
            except OSError:
                # In a tunnel the library takes this for a network that fails; without one, for no answer.
                client.sendall(b"" if to_send else _UNREACHED)
                return
            with server:
                self._hold(server)
                client.settimeout(None)
                server.sendall(to_send + rest)
                if not to_send:
                    client.sendall(_OPEN)
                _both_ways(client, server)
        self._let_go(client)

    def _reach(self, host: str, port: int) -> socket.socket:
        """Return a connection to a server.

        Raises:
            OSError: it cannot be reached, or has an address where machines find credentials.
        """
        found = _addresses(host, port)
        if any(_holds_credentials(address) for address in found):
            self.refused = True
            raise PermissionError(host)
        # The addresses that were looked at, not the name again: it could lead elsewhere by now.
        last: OSError = ConnectionError(host)
        for address in found:
            try:
                server = socket.create_connection((address, port), _CONNECT_S)
            except OSError as error:
                last = error
                continue
            server.settimeout(None)
            return server
        raise last

    def _hold(self, one: socket.socket) -> None:
        """Remember a connection, so that it ends with the door.

        Raises:
            OSError: the door is closed already.
        """
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError
            self._held = {held for held in self._held if held.fileno() >= 0} | {one}

    def _let_go(self, one: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._held.discard(one)


def _head(client: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of the first request, and what came behind it.

    Raises:
        ValueError: it has no end, or is too long.
    """
    content = b""
    while b"\r\n\r\n" not in content:
        block = client.recv(_LONGEST_HEAD)
        content += block
        if not block or len(content) > _LONGEST_HEAD:
            raise ValueError("a request without an end")
    head, _, rest = content.partition(b"\r\n\r\n")
    return head, rest


def _asked(head: bytes) -> tuple[tuple[str, int], bytes]:
    """Return which server a request is for, and what is to be sent there; nothing for a tunnel.

    Raises:
        ValueError: it is no request to a proxy.
    """
    line, *fields = head.decode("latin-1").split("\r\n")
    method, target, version = line.split(" ")
    if method == "CONNECT":
        return _server(f"//{target}", None), b""
    parts = urlsplit(target)
    if parts.scheme != "http":
        raise ValueError("a request that is for no server")
    path = target[len("http://") + len(parts.netloc) :]
    kept = [one for one in fields if not one.lower().startswith(("connection:", "proxy-"))]
    # One request for each connection, so that each is looked at.
    lines = [f"{method} {path if path.startswith('/') else f'/{path}'} {version}", *kept, "Connection: close"]
    return _server(target, 80), "\r\n".join([*lines, "", ""]).encode("latin-1")


def _server(address: str, usual: int | None) -> tuple[str, int]:
    """Return host and port of an address.

    Raises:
        ValueError: it has none.
    """
    parts = urlsplit(address)
    port = parts.port or usual
    if not parts.hostname or port is None:
        raise ValueError("an address without a server")
    return parts.hostname, port


def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, of which it may be one itself.

    Raises:
        OSError: there is no such host.
    """
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    return [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _holds_credentials(address: str) -> bool:
    """Tell whether an address is one at which a machine finds its own credentials."""
    found = ipaddress.ip_address(address.partition("%")[0])
    plain = getattr(found, "ipv4_mapped", None) or found
    return plain.is_link_local or plain in _CREDENTIALS


def _both_ways(one: socket.socket, other: socket.socket) -> None:
    """Pass on what either side sends, until both are done."""
    back = threading.Thread(target=_one_way, args=(other, one), daemon=True)
    back.start()
    _one_way(one, other)
    back.join()


def _one_way(source: socket.socket, target: socket.socket) -> None:
    """Pass on what one side sends until it ends, and tell the other."""
    block = memoryview(bytearray(_BLOCK))
    with contextlib.suppress(OSError):
        while count := source.recv_into(block):
            target.sendall(block[:count])
    # Of a side that went away, the other must not wait for more.
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)

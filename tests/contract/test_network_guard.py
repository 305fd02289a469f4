"""The guard in ``tests/conftest.py`` really stops connections, and lets this machine talk to itself."""

from __future__ import annotations

import socket

import pytest


def test_connection_to_another_machine_fails() -> None:
    with socket.socket() as door, pytest.raises(pytest.fail.Exception, match=r"203\.0\.113\.1"):
        door.connect(("203.0.113.1", 80))


def test_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"host\.example"):
        socket.getaddrinfo("host.example", 80)


def test_loopback_is_open() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()

"""The library that copies objects reaches the server that was allowed, wherever that one sends it."""

from __future__ import annotations

import http.server
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformity.engines import remote_door
from conformity.engines.remote import copy_table, parse_address
from conformity.engines.remote_door import Door
from conformity.engines.remote_objects import _allowed
from conformity.errors import DataError
from tests.support.servers import free_port

BODY = b"a,b\n1,2\n"
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def web(answer: Answer) -> Iterator[tuple[int, list[str]]]:
    """Run a web server; give its port and the first lines of all requests."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        """Answers every request in the same way."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Remember and answer."""
            asked.append(self.requestline)
            answer(self)

        def do_HEAD(self) -> None:
            """Answer as to GET; the answer leaves the body out itself."""
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, asked
        server.shutdown()


def give(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Answer with a file."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BODY)))
    handler.send_header("Last-Modified", "Sun, 01 Nov 2026 00:00:00 GMT")
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(BODY)


def send_to(port: int) -> Answer:
    """Return an answer that leads to another port."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        """Redirect."""
        handler.send_response(307)
        handler.send_header("Location", f"http://127.0.0.1:{port}{handler.path}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this process be somebody with credentials."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key-secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def copy(folder: Path) -> Path:
    """Copy a file from the endpoint."""
    folder.mkdir()
    return copy_table(parse_address("s3://bucket/a.csv"), folder, 1 << 20)


@pytest.mark.usefixtures("user")
def test_a_redirection_to_another_server_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web(give) as (other, seen_there), web(send_to(other)) as (port, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        with pytest.raises(DataError, match="the server that was asked refers to another one"):
            copy(tmp_path / "copy")
        assert asked
        assert seen_there == []
        assert list((tmp_path / "copy").iterdir()) == []
        # The same server is reached when it is the one that was allowed.
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{other}")
        assert copy(tmp_path / "allowed").read_bytes() == BODY
        # The server sees requests as if there were no proxy between.
        assert {line.split(" ")[1] for line in seen_there} == {"/bucket/a.csv"}


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("endpoint", ["http://169.254.169.254", "https://[fd00:ec2::254]"])
def test_where_machines_find_credentials_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(DataError, match="or is none for files"):
        copy(tmp_path / "copy")


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("endpoint", ["http://", "ftp://host", "http://host:nine", "http://host:99999"])
def test_an_endpoint_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(DataError, match="AWS_ENDPOINT_URL names no server"):
        copy(tmp_path / "copy")


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("my.bucket.s3.eu-central-1.amazonaws.com", 443, True),
        ("my.bucket.s3.dualstack.eu-central-1.amazonaws.com", 443, True),
        ("s3.amazonaws.com", 443, True),
        ("s3-us-west-2.amazonaws.com", 443, True),
        ("my.bucket.s3.cn-north-1.amazonaws.com.cn", 443, True),
        ("my.bucket.s3express-usw2-az1.us-west-2.amazonaws.com", 443, True),
        ("my.bucket.s3.eu-central-1.amazonaws.com", 80, False),
        ("other.s3.eu-central-1.amazonaws.com", 443, False),
        ("myxbucket.s3.eu-central-1.amazonaws.com", 443, False),
        ("abc.execute-api.eu-central-1.amazonaws.com", 443, False),
        ("my.bucket.s3.eu-central-1.amazonaws.com.host.example", 443, False),
        ("host.example", 443, False),
    ],
)
def test_without_an_endpoint_only_amazons_servers_for_the_bucket_are_reached(
    monkeypatch: pytest.MonkeyPatch, host: str, port: int, expected: bool
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    assert _allowed(parse_address("s3://my.bucket/k"))(host, port) is expected


def said(door: Door, *sent: bytes) -> bytes:
    """Return all that a door answers."""
    port = int(door.address.rpartition(":")[2])
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 10) as client:
        for one in sent:
            client.sendall(one)
        client.shutdown(socket.SHUT_WR)
        while block := client.recv(1 << 16):
            answer += block
    return answer


def test_a_tunnel_passes_on_what_is_sent_with_and_after_its_request() -> None:
    with web(give) as (port, asked), Door(lambda host, at: (host, at) == ("localhost", port)) as door:
        tunnel = b"CONNECT localhost:%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % port
        asking = b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        answer = said(door, tunnel + asking[:9], asking[9:])
        assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert answer.endswith(BODY)
        assert asked == ["GET /x HTTP/1.1"]
        assert not door.refused


@pytest.mark.parametrize(
    ("request_line", "answer", "refused"),
    [
        (b"CONNECT host.example:443 HTTP/1.1", remote_door._REFUSED, True),
        (b"CONNECT 127.0.0.1:22 HTTP/1.1", remote_door._REFUSED, True),
        (b"GET http://host.example/x HTTP/1.1", remote_door._REFUSED, True),
        (b"GET http://127.0.0.1@host.example/x HTTP/1.1", remote_door._REFUSED, True),
        (b"CONNECT 127.0.0.1 HTTP/1.1", b"", False),
        (b"GET /x HTTP/1.1", b"", False),
        (b"GET https://127.0.0.1/x HTTP/1.1", b"", False),
        (b"GET http:///x HTTP/1.1", b"", False),
        (b"nonsense", b"", False),
        (b"GET http://127.0.0.1/" + b"x" * (1 << 17), b"", False),
    ],
)
def test_nothing_else_is_reached(request_line: bytes, answer: bytes, refused: bool) -> None:
    asked: list[tuple[str, int]] = []

    def none(host: str, port: int) -> bool:
        """Remember what was asked for."""
        asked.append((host, port))
        return False

    with Door(none) as door:
        try:
            assert said(door, request_line + b"\r\n\r\n") == answer
        except ConnectionError:
            assert len(request_line) > 1 << 16
        assert door.refused is refused
        assert bool(asked) is refused


def test_a_request_that_breaks_off_ends() -> None:
    with Door(lambda _host, _port: True) as door:
        assert said(door, b"GET http://127.0.0.1/x") == b""


def test_a_server_that_is_not_there_is_told() -> None:
    port = free_port()
    with Door(lambda _host, _port: True) as door:
        assert said(door, b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % port) == remote_door._UNREACHED
        assert said(door, b"GET http://127.0.0.1:%d HTTP/1.1\r\n\r\n" % port) == b""
        assert not door.refused


def test_a_closed_door_ends_what_goes_through_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with Door(lambda _host, _port: True) as door:
            at = int(door.address.rpartition(":")[2])
            client = socket.create_connection(("127.0.0.1", at), 10)
            client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n\r\n" % port)
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        with client:
            assert client.recv(100) == b""
        with pytest.raises(ConnectionError):
            door._hold(client)
        with pytest.raises(OSError, match=re.compile("refused", re.IGNORECASE)):
            socket.create_connection(("127.0.0.1", at), 10)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("169.254.169.254", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("100.100.100.200", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("::1", False),
    ],
)
def test_addresses_with_credentials_are_known(address: str, expected: bool) -> None:
    assert remote_door._holds_credentials(address) is expected

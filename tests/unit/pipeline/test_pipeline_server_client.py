"""Requests to a server: where a key may go, what is refused, and what a stranger may answer."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformity.errors import (
    BusyError,
    ConformityError,
    DataError,
    InputError,
    NotFoundError,
    PathError,
    UsageError,
)
from conformity.pipeline import server_client as module
from conformity.pipeline.server_client import Answer, Part, Server


class _Stranger(http.server.BaseHTTPRequestHandler):
    """Answers whatever its path asks for, and keeps what it was told."""

    told: list[tuple[str, str | None, bytes]] = []  # noqa: RUF012 # the tests read it

    def do_GET(self) -> None:
        """Answer with the status in the path."""
        length = int(self.headers.get("Content-Length", 0))
        self.told.append((self.path, self.headers["Authorization"], self.rfile.read(length)))
        status, _, body = self.path.rpartition("/")[2].partition("-")
        content = _BODIES[body]
        self.send_response(int(status))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET  # noqa: N815 # the name that the library looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


_BODIES = {
    "": b"",
    "text": b"<html>",
    "list": b"[]",
    "json": b'{"a": 1}',
    "problem": b'{"detail": "No.", "errors": [{"detail": "Because."}]}',
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Return the address of a server that answers anything."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Stranger)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/base"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "example.org",
        "https://",
        "https://a:b@example.org",
        "https://example.org?x=1",
        "",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="cannot be used"):
        Server(address)


@pytest.mark.parametrize("address", ["http://example.org", "http://10.0.0.1", "http://localhost.example.org"])
def test_a_key_never_goes_over_the_network_in_the_clear(address: str) -> None:
    with pytest.raises(UsageError, match="another machine"):
        Server(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:8321", "http://127.0.0.1:1", "http://[::1]:1", "https://example.org/base"]
)
def test_this_machine_and_tls_are_taken(address: str) -> None:
    assert Server(address, "key").name in address


def test_a_key_is_never_shown_and_never_two_headers() -> None:
    assert "secret" not in repr(Server("https://example.org", "secret"))
    with pytest.raises(UsageError, match="no key has") as caught:
        Server("https://example.org", "secret\r\nX: y")
    assert "secret" not in caught.value.message


def test_a_key_is_shown_to_the_server_and_the_path_is_kept(url: str) -> None:
    assert Server(url, "key").get("/200-json").json() == {"a": 1}
    assert Server(url).get("/200-json").headers["location"] == "/elsewhere"
    assert [one[:2] for one in _Stranger.told[-2:]] == [
        ("/base/200-json", "Bearer key"),
        ("/base/200-json", None),
    ]


@pytest.mark.parametrize(
    ("target", "kind", "said"),
    [
        ("/401-problem", UsageError, r"refuses \(401\): No. Because."),
        ("/404-problem", NotFoundError, "No. Because."),
        ("/422-problem", InputError, "No. Because."),
        ("/503-", BusyError, "no reason was given"),
        ("/500-text", ConformityError, "no reason was given"),
        ("/302-list", ConformityError, "no reason was given"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_server(
    url: str, target: str, kind: type[ConformityError], said: str
) -> None:
    with pytest.raises(kind, match=said) as caught:
        Server(url).get(target)
    assert type(caught.value) is kind


def test_what_is_no_json_is_refused(url: str) -> None:
    with pytest.raises(DataError, match="something else than JSON"):
        Server(url).get("/200-text").json()


def test_more_than_a_bound_is_not_read(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 3)
    with pytest.raises(DataError, match="more than 3 bytes"):
        Server(url).get("/200-json")


def test_a_server_that_is_not_there_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BusyError, match="cannot be reached"):
        Server("http://127.0.0.1:1").get("/")


def test_a_server_at_tls_is_checked(url: str) -> None:
    """The stranger speaks no TLS: the connection fails before anything is told."""
    before = len(_Stranger.told)
    with pytest.raises(BusyError):
        Server(url.replace("http:", "https:"), "key").get("/200-json")
    assert len(_Stranger.told) == before


def test_a_form_is_sent_as_its_length_says(url: str, tmp_path: Path) -> None:
    (tmp_path / "ä.csv").write_bytes(b"1,2\n")
    parts: list[Part] = [
        ("manifest", "conformity.yaml", b"conformity: 1"),
        ("files", "d/ä.csv", tmp_path / "ä.csv"),
    ]
    assert isinstance(Server(url).upload("/202-json", parts, {"X-Key": "k"}), Answer)
    body = _Stranger.told[-1][2]
    boundary = body.split(b"\r\n")[0]
    assert body.count(boundary) == 3
    assert body.endswith(boundary + b"--\r\n")
    assert 'filename="d/ä.csv"\r\n'.encode() in body
    assert b"\r\n\r\n1,2\n\r\n" in body


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb"])
def test_a_name_that_would_end_its_header_is_refused(url: str, name: str) -> None:
    with pytest.raises(PathError, match="rename the file"):
        Server(url).upload("/202-json", [("files", name, b"")], {})

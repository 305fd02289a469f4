"""Requests of ours to others: where they go, whom they trust, and how long they take at most."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conformity.entry.rest.outgoing import MAX_BYTES, Address, Outgoing, UnreachableError, address_of, send
from conformity.errors import UsageError
from tests.support.https_here import NAME, Asked, serving_https


def request_to(port: int, **more: object) -> Outgoing:
    """Return a request to the name that leads here in tests alone."""
    made = Outgoing(Address(NAME, port, "/hook?x=1"), "POST", {"X-One": "1"}, b"body", "127.0.0.1")
    return replace(made, **more)  # type: ignore[arg-type] # names of its fields


def test_a_request_goes_to_the_address_that_was_checked_under_the_name_that_was_asked_for() -> None:
    with serving_https(lambda asked: (201, {}, asked.body)) as here:
        answer = send(request_to(here.port), here.trust)
    assert (answer.status, answer.content) == (201, b"body")
    (asked,) = here.asked
    assert (asked.method, asked.path) == ("POST", "/hook?x=1")
    assert asked.headers["host"] == f"{NAME}:{here.port}"
    assert asked.headers["x-one"] == "1"


def test_a_redirection_is_an_answer_like_others() -> None:
    def answer(_: Asked) -> tuple[int, dict[str, str], bytes]:
        return 302, {"Location": "http://169.254.169.254/latest/meta-data"}, b""

    with serving_https(answer) as here:
        assert send(request_to(here.port), here.trust).status == 302
    assert len(here.asked) == 1


def test_a_large_answer_is_read_in_part() -> None:
    with serving_https(lambda _: (200, {}, b"x" * (MAX_BYTES + 10))) as here:
        assert len(send(request_to(here.port), here.trust).content) == MAX_BYTES


def test_a_certificate_of_another_name_or_authority_is_not_trusted() -> None:
    with serving_https(lambda _: (200, {}, b"")) as here:
        wrong_name = request_to(here.port, address=Address("other.example.org", here.port, "/"))
        with pytest.raises(UnreachableError, match=r"other\.example\.org gave no answer"):
            send(wrong_name, here.trust)
        with pytest.raises(UnreachableError, match="SSLCertVerificationError"):
            send(request_to(here.port))
    assert here.asked == []


def test_a_server_that_does_not_answer_is_cut_off() -> None:
    end = threading.Event()

    def answer(_: Asked) -> tuple[int, dict[str, str], bytes]:
        end.wait(5)
        return 200, {}, b""

    with serving_https(answer) as here:
        with pytest.raises(UnreachableError):
            send(request_to(here.port, wall_s=0.1), here.trust)
        end.set()


def test_a_server_that_answers_drop_by_drop_is_cut_off() -> None:
    """Each byte comes in time, and yet the end never does: only the time of the whole ends it."""
    end = threading.Event()

    def drops() -> Iterator[bytes]:
        while not end.wait(0.02):
            yield b"x"

    with serving_https(lambda _: (200, {"Content-Length": "1000"}, drops())) as here:
        begun = time.monotonic()
        answer = send(request_to(here.port, wall_s=0.2), here.trust)
        took = time.monotonic() - begun
        end.set()
    assert answer.status == 200
    assert len(answer.content) < 1000
    assert took < 5


def test_nobody_there_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="ConnectionRefusedError"):
            send(request_to(taken.getsockname()[1]), ssl.create_default_context())


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "authority"),
    [
        ("https://Example.org", "example.org", 443, "/", "example.org"),
        ("https://example.org./a?b=c", "example.org", 443, "/a?b=c", "example.org"),
        ("https://example.org:8443/", "example.org", 8443, "/", "example.org:8443"),
        ("https://[2606:4700::1]:443/x", "2606:4700::1", 443, "/x", "[2606:4700::1]"),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, port: int, target: str, authority: str) -> None:
    found = address_of(url)
    assert found == Address(host, port, target)
    assert found.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.org",
        "ftp://example.org",
        "//example.org",
        "https://",
        "https:///x",
        "https://user@example.org",
        "https://user:secret@example.org",
        "https://example.org#x",
        "https://example.org:0",
        "https://example.org:99999",
        "https://example.org:x",
        "https://[::1",
        "https://example.org\\@evil.example",
        "https://exam ple.org",
        "https://example.org/\r\nX: 1",
        "https://exämple.org",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        address_of(url)
    assert "secret" not in caught.value.message

"""The health check of the container: only what serves is asked."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformity.entry.healthy import main, port_of
from conformity.entry.serve import serve


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers that it is alive, or that it is not."""

    status = 200

    def do_GET(self) -> None:
        """Answer a request."""
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    """Return the port of a server that answers."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def ended(folder: Path, *arguments: str) -> object:
    """Return the exit code where the container was started with these arguments."""
    started = folder / "cmdline"
    started.write_bytes("\0".join([*arguments, ""]).encode())
    with pytest.raises(SystemExit) as stop:
        main(started)
    return stop.value.code


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["conformity", "mcp"], None),
        (["python", "/opt/conformity/bin/conformity", "serve"], 8321),
        (["conformity", "serve", "--port", "9000"], 9000),
        (["conformity", "serve", "--port=9001", "--host", "0.0.0.0"], 9001),
        (["conformity", "serve", "--port"], 8321),
        (["conformity", "serve", "--port", "none"], 8321),
        ([""], None),
    ],
)
def test_the_port_is_the_one_that_the_server_was_given(arguments: list[str], expected: int | None) -> None:
    assert port_of(arguments) == expected


def test_the_usual_port_is_that_of_the_command() -> None:
    (option,) = [one for one in serve.params if one.name == "port"]
    assert port_of(["serve"]) == option.default


def test_a_server_that_answers_is_healthy(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(tmp_path, "conformity", "serve", f"--port={port}") == 0
    monkeypatch.setattr(_Answers, "status", 503)
    assert ended(tmp_path, "conformity", "serve", f"--port={port}") == 1


def test_a_server_that_does_not_answer_is_not(tmp_path: Path) -> None:
    assert ended(tmp_path, "conformity", "serve", "--port=1") == 1


def test_what_does_not_serve_is_healthy(tmp_path: Path) -> None:
    assert ended(tmp_path, "conformity", "mcp") == 0

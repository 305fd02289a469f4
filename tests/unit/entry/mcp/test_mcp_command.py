"""The command that serves the tools: what it refuses before anything is served."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.cases import conformity

REFUSED = [
    (["--http", "--host", "0.0.0.0"], "conformity serve"),
    (["--http", "--root", "/"], "cannot be the root"),
    (["--root", "/no/such/folder"], "cannot be the root"),
]


@pytest.mark.parametrize(("arguments", "part"), REFUSED)
def test_what_cannot_be_served_is_refused(arguments: list[str], part: str) -> None:
    ended = conformity("mcp", *arguments)
    assert ended.code == 2
    assert part in ended.err


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = conformity("mcp", "--http", "--port", port, "--root", tmp_path)
    assert ended.code == 2
    assert "choose another" in ended.err

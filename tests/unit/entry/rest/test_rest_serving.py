"""A server on a socket: where it listens, how it ends, and what it says when it cannot."""

from __future__ import annotations

import builtins
import signal
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner

from conformity.entry.rest import serving
from conformity.entry.rest.auth import Access
from conformity.entry.rest.serving import listening, shown, with_places
from conformity.entry.rest.stopping import StoppingServer
from conformity.entry.serve import serve
from conformity.errors import MissingLibraryError, PathError, UsageError
from conformity.settings import Settings


def test_a_free_port_is_taken_and_shown() -> None:
    with listening("127.0.0.1", 0) as bound:
        assert shown(bound) == f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(UsageError, match="choose another"):
            listening("127.0.0.1", bound.getsockname()[1])


def test_an_address_of_the_newer_kind_is_put_in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening("127.0.0.1", 0) as bound:
        monkeypatch.setattr(socket.socket, "getsockname", lambda _self: ("::1", 8321, 0, 0))
        assert shown(bound) == "[::1]:8321"


def test_the_root_is_where_it_is_started_if_none_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = with_places(Settings())
    assert (found.root, found.data) == (tmp_path.resolve(), tmp_path / ".conformity")
    assert with_places(Settings(root=tmp_path, data=Path("runs"))).data == tmp_path / "runs"
    with pytest.raises(PathError, match="no folder"):
        with_places(Settings(root=tmp_path / "nowhere"))
    with pytest.raises(PathError, match="whole machine"):
        with_places(Settings(root=Path("/")))


def test_a_signal_ends_it_in_good_order_and_a_second_one_at_once() -> None:
    stopping = threading.Event()
    server = StoppingServer(uvicorn.Config(lambda: None, log_config=None), stopping)
    server.handle_exit(signal.SIGTERM, None)
    assert stopping.is_set()
    assert (server.should_exit, server.force_exit) == (True, False)
    server.handle_exit(signal.SIGTERM, None)
    assert server.force_exit


def test_the_command_serves_until_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[int, bool]] = []

    def run(self: StoppingServer, sockets: list[socket.socket] | None = None) -> None:
        """Serve nobody."""
        assert sockets is not None
        served.append((sockets[0].getsockname()[1], self.config.app.state.service.starts_workers))  # type: ignore[union-attr]

    monkeypatch.setattr(StoppingServer, "run", run)
    ended = CliRunner().invoke(serve, ["--port", "0", "--root", str(tmp_path), "--workers", "0"])
    assert ended.exit_code == 0, ended.output
    ((port, starts_workers),) = served
    assert not starts_workers
    assert f"serving http://127.0.0.1:{port} (root {tmp_path})" in ended.stderr
    assert "nobody is asked for a key" in ended.stderr
    monkeypatch.setattr(Access, "open", False)
    asked = CliRunner().invoke(serve, ["--port", "0", "--root", str(tmp_path), "--workers", "0"])
    assert "nobody is asked" not in asked.stderr
    monkeypatch.undo()
    outside = CliRunner().invoke(serve, ["--host", "0.0.0.0", "--root", str(tmp_path)])
    assert isinstance(outside.exception, UsageError)


@pytest.mark.parametrize(
    ("name", "error"), [("uvicorn", MissingLibraryError), ("conformity.x", ImportError)], ids=str
)
def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: type[Exception]
) -> None:
    real = builtins.__import__

    def missing(module: str, *rest: Any, **more: Any) -> Any:
        """Lack one library."""
        if module == "uvicorn":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(module, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(error, match=r"server\]|No module"):
        serving.serve(Settings(root=tmp_path), "127.0.0.1", 0, workers=0, archive=None)

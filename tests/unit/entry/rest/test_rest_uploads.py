"""Uploads: written as they arrive, within limits, and gone if anything goes wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

import anyio
import pytest
from starlette.requests import ClientDisconnect, Request

from conformity.entry.rest import parts, uploads
from conformity.entry.rest.parts import UploadLimits, safe_name
from conformity.entry.rest.problems import ProblemError
from conformity.entry.rest.staging import clear_abandoned, prepare_data, staging
from conformity.entry.rest.uploads import receive
from conformity.errors import PathError
from conformity.settings import Settings

LIMITS = UploadLimits(total=4096, file=1024)
HEAD = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'


def part(name: bytes, content: bytes, filename: bytes | None = None) -> bytes:
    """Return a part of a body."""
    return HEAD % (name, b'; filename="%s"' % filename if filename is not None else b"", content)


def received(
    folder: Path,
    chunks: list[bytes],
    *,
    kind: str = "multipart/form-data; boundary=x",
    length: str | None = None,
    gone: bool = False,
) -> parts.Upload:
    """Return what is received of a body that comes in chunks."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": gone or number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]
    if gone:
        messages.append({"type": "http.disconnect"})

    async def receive_next() -> dict[str, Any]:
        """Return the next message."""
        return messages.pop(0)

    headers = [(b"content-type", kind.encode())]
    if length is not None:
        headers.append((b"content-length", length.encode()))
    scope = {"type": "http", "method": "POST", "headers": headers, "path": "/", "query_string": b""}

    async def run() -> parts.Upload:
        """Receive it."""
        return await receive(Request(scope, receive_next), folder, LIMITS, {"manifest": "conformity.yaml"})

    return anyio.run(run)


def status_of(folder: Path, chunks: list[bytes], **more: Any) -> tuple[int, str]:
    """Return the status and the sentence that a body leads to."""
    with pytest.raises(ProblemError) as caught:
        received(folder, chunks, **more)
    return caught.value.status, caught.value.detail


def test_a_body_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    body = (
        part(b"a", "ü".encode())
        + part(b"files", b"1\r\n--y\r\n2", b"d/x.csv")
        + part(b"manifest", b"m", b"q")
    )
    body += b"--x--\r\n"
    found = []
    for size in (1, 7, len(body)):
        folder = tmp_path / str(size)
        folder.mkdir()
        upload = received(folder, [body[at : at + size] for at in range(0, len(body), size)])
        assert upload.fields == {"a": "ü"}
        assert upload.files == {"files": ["d/x.csv"], "manifest": ["conformity.yaml"]}
        assert (folder / "d/x.csv").read_bytes() == b"1\r\n--y\r\n2"
        found.append(upload.digest())
    assert len(set(found)) == 1


def test_a_large_body_is_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_BATCH", 100)
    body = part(b"files", b"1" * 900, b"a.csv") + b"--x--"
    received(tmp_path, [body[at : at + 90] for at in range(0, len(body), 90)])
    assert (tmp_path / "a.csv").read_bytes() == b"1" * 900


def test_the_digest_tells_names_and_contents_apart(tmp_path: Path) -> None:
    one = parts.Upload(tmp_path, digests={"a": "1", "b": "2"})
    assert one.digest() == parts.Upload(tmp_path, digests={"b": "2", "a": "1"}).digest()
    assert one.digest() != parts.Upload(tmp_path, digests={"a": "2", "b": "1"}).digest()
    assert one.digest() != parts.Upload(tmp_path, digests={"a": "1"}).digest()


@pytest.mark.parametrize(
    ("chunks", "status", "word"),
    [
        ([part(b"a", b"1")], 400, "before its closing boundary"),
        ([b""], 400, "before its closing boundary"),
        ([b"nothing of the kind"], 400, "boundary"),
        ([b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n--x--\r\n"], 400, "Content-Disposition"),
        ([part(b"\xff", b"1") + b"--x--\r\n"], 400, "UTF-8"),
        ([part(b"a", b"\xff") + b"--x--\r\n"], 400, "UTF-8"),
        ([part(b"a", b"1") + part(b"a", b"2") + b"--x--\r\n"], 422, "twice"),
        ([part(b"files", b"1", b"a/../b") + b"--x--\r\n"], 422, "upwards"),
        ([part(b"files", b"1", b"") + b"--x--\r\n"], 422, "names no file"),
        ([part(b"files", b"1" * 1025, b"a") + b"--x--\r\n"], 413, "1,024"),
        ([part(b"a", b"1" * 3000), part(b"b", b"1" * 3000)], 413, "4,096"),
    ],
    ids=["cut", "empty", "other", "name", "bytes", "field", "twice", "up", "unnamed", "file", "all"],
)
def test_bodies_that_cannot_be_taken(tmp_path: Path, chunks: list[bytes], status: int, word: str) -> None:
    found, detail = status_of(tmp_path, chunks)
    assert found == status
    assert word in detail


def test_a_boundary_is_needed(tmp_path: Path) -> None:
    for kind in ("multipart/form-data", f"multipart/form-data; boundary={'x' * 71}"):
        assert status_of(tmp_path, [b""], kind=kind)[0] == 400


@pytest.mark.parametrize("length", ["4097", "9" * 30, "many"], ids=str)
def test_what_is_said_to_be_too_large_is_not_read(tmp_path: Path, length: str) -> None:
    # No message is there: reading would fail.
    assert status_of(tmp_path, [], length=length)[0] == 413


def test_fields_and_parts_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_FIELD_BYTES", 3)
    assert status_of(tmp_path, [part(b"a", b"1234")])[0] == 413
    monkeypatch.setattr(parts, "_MOST_PARTS", 1)
    assert status_of(tmp_path, [part(b"a", b"1") + part(b"b", b"1")])[0] == 413


def test_a_client_that_goes_leaves_nothing(tmp_path: Path) -> None:
    prepare_data(tmp_path)
    with pytest.raises(ClientDisconnect), staging(tmp_path) as folder:
        received(folder, [part(b"files", b"1" * 500, b"a.csv")], gone=True)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507)], ids=["disk", "quota"]
)
def test_a_full_disk_is_said_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    class Full:
        """A file on a full disk."""

        def __init__(self, file: BinaryIO) -> None:
            self._file = file

        def write(self, _data: bytes) -> int:
            """Find no room."""
            raise OSError(number, os.strerror(number))

        def close(self) -> None:
            """Close the file."""
            self._file.close()

    real = Path.open
    with staging_in(tmp_path) as folder, monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda self, *a, **k: Full(cast("BinaryIO", real(self, *a, **k))))
        found, detail = status_of(folder, [part(b"files", b"1", b"a.csv")])
    assert (found, "no room" in detail) == (status, True)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_other_faults_of_the_disk_are_not_called_a_full_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> BinaryIO:
        """Fail."""
        raise OSError(errno.EIO, "broken")

    with staging_in(tmp_path) as folder, monkeypatch.context() as patched:
        patched.setattr(Path, "open", broken)
        with pytest.raises(OSError, match="broken"):
            received(folder, [part(b"files", b"1", b"a.csv")])


def staging_in(data: Path) -> Any:
    """Return a folder for an upload in a folder of runs that is made for it."""
    prepare_data(data)
    return staging(data)


def test_what_a_dead_server_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    prepare_data(tmp_path)
    abandoned = tmp_path / "uploads" / "left"
    abandoned.mkdir()
    (abandoned / "half.csv").write_bytes(b"1")
    (tmp_path / "uploads" / "file").write_bytes(b"")
    with staging(tmp_path) as folder:
        assert clear_abandoned(tmp_path) == 1
        assert folder.is_dir()
    assert not abandoned.exists()


def test_a_folder_of_runs_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_bytes(b"")
    with pytest.raises(PathError, match="CONFORMITY_DATA"):
        prepare_data(tmp_path)


@pytest.mark.parametrize(
    ("given", "kept"), [("a.csv", "a.csv"), ("data/./a b.csv", "data/a b.csv"), ("ü/x", "ü/x")], ids=str
)
def test_names_that_can_be_used_are_kept(given: str, kept: str) -> None:
    assert safe_name(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        ".",
        "/a",
        "../a",
        "a/../b",
        "a\\b",
        "a\nb",
        "a\u202eb",
        ".a",
        "~a",
        "-a",
        "a ",
        "a.",
        "x" * 201,
        "d/" * 8 + "a",
    ],
    ids=ascii,
)
def test_names_that_could_do_harm_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match="it"):
        safe_name(given)


def test_limits_follow_the_settings() -> None:
    limits = Settings(upload_mb=3, upload_file_mb=2, manifest_max_bytes=9)
    assert UploadLimits.of(limits) == UploadLimits(3 << 20, 2 << 20, 9)

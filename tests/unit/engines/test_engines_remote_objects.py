"""Files are copied from a real S3 server byte by byte, and every refusal has its sentence."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformity.engines import remote_objects
from conformity.engines.remote import copy_table, parse_address
from conformity.errors import DataError
from tests.support.servers import Server, free_port, s3

LARGE = bytes(range(256)) * 40_000
"""More than one chunk of a copy."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Give an S3 server with one bucket."""
    with s3() as running:
        bucket = running.folder / "bucket"
        (bucket / "people" / "year=2024").mkdir(parents=True)
        (bucket / "a table.csv").write_bytes(b"a,b\n1,2\n")
        (bucket / "large.bin").write_bytes(LARGE)
        (bucket / "empty.csv").write_bytes(b"")
        (bucket / "people" / "one.parquet").write_bytes(b"one")
        (bucket / "people" / "year=2024" / "two.parquet").write_bytes(b"two")
        (bucket / "peoples.csv").write_bytes(b"not below the folder")
        (running.folder / "hollow").mkdir()
        (bucket / "odd").mkdir()
        (bucket / "odd" / "a\u200bb").write_bytes(b"x")
        yield running


@pytest.fixture
def user(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let this process be somebody who may read the bucket."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)


def copied(text: str, folder: Path, most_bytes: int = 1 << 30) -> Path:
    """Copy what lies at an address into a new folder."""
    folder.mkdir(exist_ok=True)
    return copy_table(parse_address(text), folder, most_bytes)


def refused(text: str, folder: Path, most_bytes: int = 1 << 30) -> str:
    """Return the sentence with which an address is refused; it never says more than one line."""
    with pytest.raises(DataError) as caught:
        copied(text, folder, most_bytes)
    assert "\n" not in caught.value.message
    return caught.value.message


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    ("name", "content"), [("a table.csv", b"a,b\n1,2\n"), ("large.bin", LARGE), ("empty.csv", b"")]
)
def test_a_file_is_copied_as_it_is_under_its_own_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = copied(f"s3://bucket/{name}", tmp_path / "copy")
    assert path == tmp_path / "copy" / name
    assert path.read_bytes() == content


def below(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder by their names."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


@pytest.mark.usefixtures("user")
def test_a_folder_is_copied_with_all_that_is_below_and_nothing_beside(tmp_path: Path) -> None:
    path = copied("s3://bucket/people/", tmp_path / "copy")
    assert path == tmp_path / "copy" / "people"
    assert below(path) == {"one.parquet": b"one", "year=2024/two.parquet": b"two"}


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("text", ["s3://whole", "s3://whole/"])
def test_a_bucket_is_copied_whole(server: Server, tmp_path: Path, text: str) -> None:
    (server.folder / "whole").mkdir(exist_ok=True)
    (server.folder / "whole" / "x.parquet").write_bytes(b"x")
    path = copied(text, tmp_path / "copy")
    assert path == tmp_path / "copy" / "whole"
    assert below(path) == {"x.parquet": b"x"}


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("bucket/none.csv", "there is nothing at s3://bucket/none.csv; check the bucket and the key"),
        ("bucket/none/", "there is nothing at s3://bucket/none/"),
        ("no-bucket/x.csv", "there is nothing at s3://no-bucket/x.csv"),
        ("no-bucket/", "there is nothing at s3://no-bucket/"),
        ("hollow/", "there is nothing at s3://hollow/"),
        ("bucket/people", "s3://bucket/people is a folder; write its address with / at the end"),
        ("bucket/odd/", "holds an object whose key cannot be the name of a file"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, key: str, part: str) -> None:
    assert part in refused(f"s3://{key}", tmp_path / "copy")


@pytest.mark.parametrize("below", ["../x", "a/../../x", "/x", "a//x", "./x", "a\nb", "a/."])
def test_no_object_is_put_outside_the_copy(tmp_path: Path, below: str) -> None:
    """A server may name its objects as it likes."""
    with pytest.raises(DataError, match="holds an object whose key cannot be the name of a file"):
        remote_objects._inside(tmp_path / "copy", below, parse_address("s3://bucket/folder/"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("user")
def test_what_is_too_large_is_refused_before_a_byte_is_copied(tmp_path: Path) -> None:
    assert refused("s3://bucket/large.bin", tmp_path / "copy", 1 << 20) == (
        "s3://bucket/large.bin is larger than the 1 MiB that a copy may have; raise "
        "CONFORMITY_REMOTE_MAX_MB, or name a part of it"
    )
    assert below(tmp_path / "copy") == {}
    assert copied("s3://bucket/large.bin", tmp_path / "copy", len(LARGE)).stat().st_size == len(LARGE)


@pytest.mark.usefixtures("user")
def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_objects, "_MOST_FILES", 1)
    assert "s3://bucket/people/ holds 2 files, more than the 1 that are copied" in refused(
        "s3://bucket/people/", tmp_path / "copy"
    )


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("key", ["people/", "a table.csv"])
@pytest.mark.parametrize(
    ("name", "value"), [("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ACCESS_KEY_ID", "nobody")]
)
def test_wrong_credentials_are_told_apart_from_what_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    sentence = refused(f"s3://bucket/{key}", tmp_path / "copy")
    assert sentence.startswith(f"s3://bucket/{key} may not be read with the credentials of this machine;")
    assert value not in sentence


@pytest.mark.usefixtures("user")
def test_credentials_are_read_from_the_usual_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = tmp_path / "home" / ".aws" / "credentials"
    usual.parent.mkdir(parents=True)
    usual.write_text("[default]\naws_access_key_id = key-id\naws_secret_access_key = key-secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(usual))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert copied("s3://bucket/a table.csv", tmp_path / "copy").read_bytes() == b"a,b\n1,2\n"


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("scheme", ["http://", "https://", ""])
def test_a_server_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"{scheme}127.0.0.1:{free_port()}")
    assert "s3://bucket/x.csv cannot be reached; check the network" in refused(
        "s3://bucket/x.csv", tmp_path / "copy"
    )


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("after", [LARGE[:-1], LARGE + b"x"], ids=["shorter", "longer"])
def test_a_file_that_changes_while_it_is_copied_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bytes
) -> None:
    source = server.folder / "bucket" / "changing.bin"
    source.write_bytes(LARGE)
    state_of = remote_objects._state

    def state_before_a_change(*arguments: Any) -> tuple[int, int]:
        """Return what is there, and change it."""
        found = state_of(*arguments)
        source.write_bytes(after)
        return found

    monkeypatch.setattr(remote_objects, "_state", state_before_a_change)
    assert "changed while it was copied" in refused("s3://bucket/changing.bin", tmp_path / "copy")


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (OSError("AWS Error UNKNOWN (HTTP status 403) during HeadObject"), "may not be read"),
        (OSError("AWS Error UNKNOWN (HTTP status 404) during HeadObject"), "there is nothing at"),
        (OSError("Bucket 'bucket' not found"), "there is nothing at"),
        (OSError("AWS Error SLOW_DOWN during GetObject"), "cannot be copied (SLOW_DOWN); try again"),
        (OSError("something with a key in it"), "cannot be copied (OSError); try again"),
        (OSError(errno.ENOSPC, "No space left on device"), "does not fit on the disk"),
        (OSError(errno.EFBIG, "File too large"), "does not fit on the disk"),
    ],
)
def test_what_the_server_or_the_disk_says_becomes_one_sentence(error: OSError, part: str) -> None:
    with (
        pytest.raises(DataError, match=re.escape(part)),
        remote_objects._told(parse_address("s3://bucket/k")),
    ):
        raise error


@pytest.mark.usefixtures("user")
def test_without_an_endpoint_the_region_is_that_of_the_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amazon itself is not asked here; the answer it would give is put in its place."""
    import pyarrow.fs as fs

    asked: list[str] = []

    def region_of(bucket: str) -> str:
        """Return a region and remember who was asked for."""
        asked.append(bucket)
        return "eu-central-1"

    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setattr(fs, "resolve_s3_region", region_of)
    address = parse_address("s3://bucket/k")
    assert remote_objects._filesystem(address).region == "eu-central-1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert remote_objects._filesystem(address).region == "eu-west-3"
    assert asked == ["bucket"]

"""The list of digests of a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.archive.sums import ENVELOPE, SUMS, TOKEN, parse_sums, read_sums, sums_of
from conformity.errors import IntegrityError

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of no bytes (FIPS 180-4 examples)."""


def test_what_was_listed_is_read_back() -> None:
    """Names with spaces and folders come back with the digests of their content."""
    listed = sums_of({"b c.json": b"", "a/d.json": b"", SUMS: b"x", ENVELOPE: b"x", TOKEN: b"x"})
    assert listed == f"{EMPTY}  a/d.json\n{EMPTY}  b c.json\n".encode()
    assert parse_sums(listed) == {"a/d.json": EMPTY, "b c.json": EMPTY}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{EMPTY}  a".encode(), id="cut short"),
        pytest.param(f"{EMPTY} *a\n".encode(), id="other form"),
        pytest.param(f"{EMPTY}  b\n{EMPTY}  a\n".encode(), id="unsorted"),
        pytest.param(f"{EMPTY}  a\n{EMPTY}  a\n".encode(), id="twice"),
        pytest.param(f"{EMPTY}  ../a\n".encode(), id="leaves"),
        pytest.param(f"{EMPTY}  /a\n".encode(), id="absolute"),
        pytest.param(f"{EMPTY.upper()}  a\n".encode(), id="capitals"),
        pytest.param(f"{EMPTY}  {SUMS}\n".encode(), id="itself"),
        pytest.param(f"{EMPTY}  a\r\n".encode(), id="other line end"),
        pytest.param(f"{EMPTY}  a\n\n".encode(), id="blank line"),
        pytest.param(b"\xff\n", id="not text"),
    ],
)
def test_only_the_one_form_is_read(content: bytes) -> None:
    """Two lists never stand for the same files."""
    with pytest.raises(IntegrityError):
        parse_sums(content)


def test_a_folder_without_a_list_is_no_pack(tmp_path: Path) -> None:
    """A missing list, a link and a huge file are told in words."""
    with pytest.raises(IntegrityError, match="holds no SHA256SUMS"):
        read_sums(tmp_path)
    (tmp_path / SUMS).symlink_to("/etc/hostname")
    with pytest.raises(IntegrityError, match="holds no SHA256SUMS"):
        read_sums(tmp_path)
    (tmp_path / SUMS).unlink()
    with (tmp_path / SUMS).open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(IntegrityError, match="larger than any list"):
        read_sums(tmp_path)


def test_a_list_is_read_from_its_folder(tmp_path: Path) -> None:
    """The list of a folder is the one in its file."""
    (tmp_path / SUMS).write_bytes(sums_of({"a": b""}))
    assert read_sums(tmp_path) == {"a": EMPTY}

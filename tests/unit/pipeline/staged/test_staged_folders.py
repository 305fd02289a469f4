"""Folders that stages leave: whole or not there, and theirs who came first."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from conformity.errors import IntegrityError, PathError
from conformity.pipeline.staged.folders import is_left, leave, left


def test_left_and_read(tmp_path: Path) -> None:
    assert not is_left(tmp_path, "judging")
    leave(tmp_path, "judging", {"a.json": b"1", "tallies/b.json": b"2"})
    assert is_left(tmp_path, "judging")
    assert left(tmp_path, "judging") == {"a.json": b"1", "tallies/b.json": b"2"}


def test_who_came_first_stays(tmp_path: Path) -> None:
    leave(tmp_path, "judging", {"a.json": b"first"})
    leave(tmp_path, "judging", {"a.json": b"second"})
    assert left(tmp_path, "judging") == {"a.json": b"first"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["judging"]


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PathError, match=r"could not be written \(No space left on device\); free some space"):
        leave(tmp_path / "work", "judging", {"a.json": b"1"})
    assert list((tmp_path / "work").iterdir()) == []


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "work").touch()
    with pytest.raises(PathError, match="could not be written"):
        leave(tmp_path / "work", "judging", {"a.json": b"1"})


def test_place_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "judging").touch()
    with pytest.raises(PathError, match="could not be written"):
        leave(tmp_path, "judging", {"a.json": b"1"})


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: file.write_bytes(b"2")])
def test_harmed_file_is_told(tmp_path: Path, harm: object) -> None:
    assert callable(harm)
    leave(tmp_path, "judging", {"a.json": b"1"})
    harm(tmp_path / "judging" / "a.json")
    with pytest.raises(IntegrityError, match="is not what was written there"):
        left(tmp_path, "judging")

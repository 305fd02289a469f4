"""Small repositories that stand for more than any machine holds are refused."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from conformity.archive.store import state
from conformity.archive.store.git import Git, GitError
from conformity.archive.store.reading import read_version
from conformity.archive.store.repository import found
from conformity.archive.store.state import read_state
from tests.support.archives import NOW, archived, git, small_pack


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive with one version."""
    small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    return tmp_path / "archive"


def _tree(archive: Path, entries: str) -> str:
    """Store a folder, and return its id."""
    return git(archive, "mktree", content=entries).strip()


def test_folders_that_hold_one_another_without_end_are_not_listed(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten folders in ten folders, nine deep: a thousand million files in eleven objects."""
    monkeypatch.setattr(state, "_MOST_LISTED", 1_000_000)
    blob = git(archive, "rev-parse", "HEAD:index.jsonl").strip()
    inner = _tree(archive, "".join(f"100644 blob {blob}\tf{n}\n" for n in range(10)))
    for _ in range(8):
        inner = _tree(archive, "".join(f"040000 tree {inner}\td{n}\n" for n in range(10)))
    commit = git(archive, "commit-tree", inner, "-m", "x").strip()
    git(archive, "update-ref", "HEAD", commit)
    begun = time.monotonic()
    with pytest.raises(GitError, match="more than 1000000 bytes"):
        read_state(found(archive).git, "here")
    assert time.monotonic() - begun < 20


def test_an_index_beyond_all_bounds_is_not_read(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "_MOST_INDEX", 100)
    with pytest.raises(GitError, match="more than 100 bytes"):
        read_version(archive, NOW.date(), "scorer", None)


def test_what_git_says_of_a_failure_is_told(archive: Path) -> None:
    made = Git(archive / ".git")
    assert made.within(100, "rev-parse", "--git-dir").strip() == str(archive / ".git").encode()
    with pytest.raises(GitError, match="cat-file failed on the archive"):
        made.within(100, "cat-file", "blob", "0" * 40)
    assert subprocess.run(["git", "-C", str(archive), "fsck", "--strict"], check=False).returncode == 0

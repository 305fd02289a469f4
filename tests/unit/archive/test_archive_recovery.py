"""A kill, a full disk or a half-done step never leaves a version that is lost or half there."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.store import journal
from conformity.archive.store.git import Git, GitError
from conformity.archive.store.incoming import Incoming
from conformity.archive.store.journal import Move
from conformity.archive.store.repository import found
from conformity.archive.store.worktree import MARK
from conformity.errors import PathError
from tests.support.archives import archived, contents, git, read_index, small_pack, sound
from tests.support.kills import trials


def test_killed_at_random_moments_an_archive_is_as_before_or_as_after(tmp_path: Path) -> None:
    assert sum(trials(tmp_path, count=8, seed=20_261_123).values()) == 8


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, for git too: the kernel refuses the write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _two(tmp_path: Path) -> tuple[Path, Path]:
    """Archive one version, make the next, and return archive and pack."""
    digest = small_pack(tmp_path / "one")
    archived(tmp_path / "one", tmp_path / "archive")
    small_pack(tmp_path / "two", "1.1.0", previous=digest, files={"big.bin": b"x" * 300_000})
    return tmp_path / "archive", tmp_path / "two"


@pytest.mark.parametrize("size", [100, 600, 2_000])
def test_a_disk_without_room_leaves_the_archive_as_it_was(tmp_path: Path, size: int) -> None:
    archive, pack = _two(tmp_path)
    head = git(archive, "rev-parse", "HEAD")
    with _files_of_at_most(size), pytest.raises(PathError, match="free some space"):
        archived(pack, archive)
    assert git(archive, "rev-parse", "HEAD") == head
    assert git(archive, "status", "--porcelain") == ""
    sound(archive)
    assert archived(pack, archive).entry.sequence == 2


def test_a_disk_that_fills_up_beside_git_costs_no_version(tmp_path: Path) -> None:
    archive, pack = _two(tmp_path)
    with _files_of_at_most(200_000):
        outcome = archived(pack, archive)
    assert outcome.state == "archived"
    assert "could not be brought up to it" in outcome.notices[0]
    assert not (archive / outcome.entry.path / "big.bin").exists()
    again = archived(pack, archive)
    assert again.state == "already_there"
    assert contents(archive / outcome.entry.path) == contents(pack)
    assert git(archive, "status", "--porcelain") == ""


def _undone(archive: Path, pack: Path) -> Move:
    """Archive a pack, put files and index back as they were before, and write down that it was begun."""
    old = git(archive, "rev-parse", "HEAD").strip()
    new = archived(pack, archive).commit
    git(archive, "read-tree", "--reset", "-u", old)
    return Move("refs/heads/main", old, new)


def test_what_a_killed_run_had_begun_is_finished_by_the_next(tmp_path: Path) -> None:
    archive, pack = _two(tmp_path)
    move = _undone(archive, pack)
    assert git(archive, "status", "--porcelain") != ""
    tag = Move(move.branch, move.old, move.new, "refs/tags/scorer/1.1.0", move.new)
    journal.begin(found(archive), tag)
    for lock in ("HEAD.lock", "refs/heads/main.lock"):
        (archive / ".git" / lock).touch()
    (archive / ".git" / "index.lock").write_bytes(MARK)
    assert archived(pack, archive).state == "already_there"
    assert git(archive, "status", "--porcelain") == ""
    assert contents(archive / "systems/scorer/1.1.0") == contents(pack)
    assert git(archive, "rev-parse", "scorer/1.1.0").strip() == move.new
    assert not list((archive / ".git").rglob("*.lock"))


def test_what_was_begun_and_never_came_in_is_forgotten(tmp_path: Path) -> None:
    archive, pack = _two(tmp_path)
    journal.begin(found(archive), Move("refs/heads/main", None, "1" * 40))
    assert archived(pack, archive).entry.sequence == 2
    assert not (archive / ".git/conformity/journal").exists()


@pytest.mark.parametrize("text", ["", "{", json.dumps({"branch": 1}), "\x00"])
def test_notes_that_cannot_be_read_are_forgotten(tmp_path: Path, text: str) -> None:
    archive, pack = _two(tmp_path)
    (archive / ".git/conformity/journal").write_text(text)
    assert archived(pack, archive).entry.sequence == 2


def test_a_lock_of_somebody_else_s_git_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.archive.store.worktree._PATIENCE_S", 0.1)
    archive, pack = _two(tmp_path)
    (archive / ".git/index.lock").touch()
    outcome = archived(pack, archive)
    assert outcome.state == "archived"
    assert "could not be brought up to it" in outcome.notices[0]
    (archive / ".git/index.lock").unlink()
    archived(pack, archive)
    assert git(archive, "status", "--porcelain") == ""


def test_a_commit_of_somebody_else_in_between_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pack = _two(tmp_path)
    move_in = Incoming.move_in

    def meanwhile(place: Incoming, objects: Path) -> None:
        git(archive, "commit", "--allow-empty", "--quiet", "-m", "A note")
        move_in(place, objects)

    monkeypatch.setattr(Incoming, "move_in", meanwhile)
    with pytest.raises(PathError, match="Somebody else committed"):
        archived(pack, archive)
    monkeypatch.undo()
    assert len(read_index(archive)) == 1
    assert archived(pack, archive).entry.sequence == 2
    assert "A note" in git(archive, "log", "--format=%s")


def test_a_folder_that_cannot_take_objects_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pack = _two(tmp_path)

    def full(place: Incoming, objects: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Incoming, "move_in", full)
    with pytest.raises(PathError, match="No space left"):
        archived(pack, archive)
    assert not (archive / ".git/conformity/journal").exists()
    assert len(read_index(archive)) == 1


def test_what_was_finished_already_is_only_forgotten(tmp_path: Path) -> None:
    archive, pack = _two(tmp_path)
    old = git(archive, "rev-parse", "HEAD").strip()
    new = archived(pack, archive).commit
    journal.begin(found(archive), Move("refs/heads/main", old, new))
    assert archived(pack, archive).notices == ()
    assert git(archive, "status", "--porcelain") == ""
    assert [file.name for file in (archive / ".git/conformity").iterdir()] == ["lock"]


def test_a_step_that_was_made_though_git_complains_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pack = _two(tmp_path)
    run = Git.run

    def complaining(mine: Git, *arguments: str, **more: Any) -> bytes:
        said = run(mine, *arguments, **more)
        if arguments[0] == "update-ref":
            raise GitError("git update-ref failed", "fatal: x")
        return said

    monkeypatch.setattr(Git, "run", complaining)
    assert archived(pack, archive).state == "archived"
    assert git(archive, "status", "--porcelain") == ""


def test_a_lock_that_somebody_is_at_work_with_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pack = _two(tmp_path)
    lock = archive / ".git/packed-refs.lock"
    lock.touch()
    journal.begin(found(archive), Move("refs/heads/main", None, "1" * 40))
    monkeypatch.setattr(time, "sleep", lambda _s: os.utime(lock, ns=(1, 1)))
    archived(pack, archive)
    assert lock.exists()

"""An archive is pushed forwards only; what has diverged is told, and nothing is forced."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conformity.archive.store import remote
from conformity.archive.store.chain import entries_of
from conformity.archive.store.git import Git
from conformity.errors import PathError
from tests.support.archives import archived, git, small_pack


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive with one version, pushed to a remote; ``tmp_path / "next"`` is the next pack."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote")
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    git(tmp_path / "archive", "remote", "add", "origin", str(tmp_path / "remote"))
    assert archived(tmp_path / "pack", tmp_path / "archive", remote="origin").pushed_to == "origin"
    small_pack(tmp_path / "next", "1.1.0", previous=digest)
    return tmp_path / "archive"


def _there(folder: Path) -> int:
    """Return how many versions a repository holds."""
    return len(entries_of(git(folder, "show", "main:index.jsonl").encode()))


def test_a_version_and_its_tag_are_pushed(archive: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    outcome = archived(tmp_path / "next", archive, remote="origin", key=key)
    assert git(tmp_path / "remote", "rev-parse", "main").strip() == outcome.commit
    assert git(tmp_path / "remote", "tag").split() == ["scorer/1.1.0"]


def test_a_remote_that_has_gone_ahead_is_told_before_anything_is_archived(
    archive: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(tmp_path / "remote"), "other")
    archived(tmp_path / "next", tmp_path / "other", remote="origin")
    small_pack(tmp_path / "third", name="Other")
    with pytest.raises(PathError, match="holds versions that are not here"):
        archived(tmp_path / "third", archive, remote="origin")
    assert (_there(archive), _there(tmp_path / "remote")) == (1, 2)
    git(archive, "pull", "--quiet", "--ff-only", "origin", "main")
    archived(tmp_path / "third", archive, remote="origin")
    assert _there(tmp_path / "remote") == 3


def test_an_archive_that_has_not_begun_is_behind_a_remote_that_has(archive: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "new")
    git(tmp_path / "new", "remote", "add", "origin", str(tmp_path / "remote"))
    with pytest.raises(PathError, match="holds versions that are not here"):
        archived(tmp_path / "next", tmp_path / "new", remote="origin", first=True)


def test_a_remote_that_refuses_leaves_the_version_archived_here(archive: Path, tmp_path: Path) -> None:
    hook = tmp_path / "remote/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho closed for the night >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PathError, match=r"archived here and was not pushed.*closed for the night"):
        archived(tmp_path / "next", archive, remote="origin")
    assert (_there(archive), _there(tmp_path / "remote")) == (2, 1)
    hook.unlink()
    assert archived(tmp_path / "next", archive, remote="origin").state == "already_there"
    assert _there(tmp_path / "remote") == 2


def test_no_remote_and_one_that_is_gone_are_told(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(PathError, match="has no remote 'elsewhere'"):
        archived(tmp_path / "next", archive, remote="elsewhere")
    shutil.rmtree(tmp_path / "remote")
    with pytest.raises(PathError, match=r"cannot be reached .*does not appear to be a git repository"):
        archived(tmp_path / "next", archive, remote="origin")
    assert _there(archive) == 1


def test_a_remote_that_came_with_the_archive_runs_nothing(archive: Path, tmp_path: Path) -> None:
    """A hook of a remote inside the archive's own folder would be a program of whoever made the archive."""
    inside = archive / ".git/more/remote"
    shutil.copytree(tmp_path / "remote", inside)
    hook = inside / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'touched'}\n")
    hook.chmod(0o755)
    git(archive, "remote", "set-url", "origin", f"file://{inside}")
    assert archived(tmp_path / "next", archive, remote="origin").pushed_to == "origin"
    assert not (tmp_path / "touched").exists()
    assert _there(inside) == 2


def test_a_server_is_asked_for_what_servers_offer(archive: Path) -> None:
    """A shell that lets nothing but git's own commands through would refuse another one."""
    made = Git(archive / ".git")
    for address in ("git@host.example:archive.git", "ssh://host.example/archive", "https://host.example/a"):
        git(archive, "remote", "set-url", "origin", address)
        assert remote._receiver(made, "origin") == "git-receive-pack"

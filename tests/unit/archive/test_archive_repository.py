"""An archive is found, created and locked; what is none is refused, and what lies in wait is not run."""

from __future__ import annotations

import pickle
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformity.archive.store import repository
from conformity.archive.store.git import Git, GitError
from conformity.archive.store.repository import found, found_or_made, locked
from conformity.errors import MissingLibraryError, PathError
from tests.support.archives import archived, git, small_pack, sound


@pytest.mark.parametrize("made", [True, False], ids=["empty folder", "no folder"])
def test_an_empty_place_becomes_a_repository(tmp_path: Path, made: bool) -> None:
    if made:
        (tmp_path / "archive").mkdir()
    found_or_made(tmp_path / "archive")
    assert [file.name for file in (tmp_path / "archive").iterdir()] == [".git"]
    assert git(tmp_path / "archive", "rev-parse", "--show-toplevel").strip() == str(tmp_path / "archive")
    assert git(tmp_path / "archive", "config", "receive.denyNonFastForwards").strip() == "true"


def test_what_git_keeps_is_for_its_owner_alone(tmp_path: Path) -> None:
    """The tallies are read from its objects as well as from the folder in which nobody else may look."""
    digest = "0" * 64
    small_pack(tmp_path / "pack", files={f"tallies/{digest}.json": b"{}"})
    archived(tmp_path / "pack", tmp_path / "archive")
    closed = tmp_path / "archive/.git", tmp_path / "archive/systems/scorer/1.0.0/tallies"
    assert [place.stat().st_mode & 0o077 for place in closed] == [0, 0]


def test_what_a_creator_that_was_killed_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "archive/.conformity-partial-x/git").mkdir(parents=True)
    small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    assert not (tmp_path / "archive/.conformity-partial-x").exists()


def test_what_runs_that_were_killed_left_is_removed(tmp_path: Path) -> None:
    made = found_or_made(tmp_path / "archive")
    (made.own / "incoming-x/objects").mkdir(parents=True)
    (made.own / "index.lock").touch()
    with locked(made) as mine:
        assert [file.name for file in mine.own.iterdir()] == ["lock"]


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(PathError, match="not the repository of an archive"):
        found_or_made(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_repository_of_something_else_is_refused(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    git(tmp_path, "init", "--quiet", "code")
    (tmp_path / "code/main.py").write_text("")
    with pytest.raises(PathError, match=r"is not empty \(main.py\)"):
        archived(tmp_path / "pack", tmp_path / "code")
    git(tmp_path / "code", "add", ".")
    git(tmp_path / "code", "commit", "--quiet", "-m", "code")
    with pytest.raises(PathError, match="a repository of something else"):
        archived(tmp_path / "pack", tmp_path / "code")


def test_an_empty_repository_of_the_user_is_used(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    git(tmp_path, "init", "--quiet", "--initial-branch=trunk", "mine")
    outcome = archived(tmp_path / "pack", tmp_path / "mine")
    assert git(tmp_path / "mine", "rev-parse", "trunk").strip() == outcome.commit


def test_a_link_or_a_file_is_no_place_for_an_archive(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    with pytest.raises(PathError, match="is a symbolic link"):
        found_or_made(tmp_path / "link")
    with pytest.raises(PathError, match="could not be made an archive"):
        found_or_made(tmp_path / "file")


@pytest.mark.parametrize("how", ["file", "link", "second work tree", "borrowed objects", "own link"])
def test_a_repository_whose_parts_lie_elsewhere_is_refused(tmp_path: Path, how: str) -> None:
    git(tmp_path, "init", "--quiet", "real")
    git(tmp_path / "real", "commit", "--quiet", "--allow-empty", "-m", "x")
    place = tmp_path / "archive"
    if how == "second work tree":
        git(tmp_path / "real", "worktree", "add", "--quiet", str(place))
        place = tmp_path / "real/.git/worktrees/archive"
        (place / "objects").mkdir()
        (place / "refs").mkdir(exist_ok=True)
    elif how == "borrowed objects":
        git(tmp_path, "clone", "--quiet", "--shared", "real", "archive")
    else:
        place.mkdir()
        if how == "file":
            (place / ".git").write_text(f"gitdir: {tmp_path / 'real/.git'}\n")
        elif how == "link":
            (place / ".git").symlink_to(tmp_path / "real/.git")
        else:
            shutil.copytree(tmp_path / "real/.git", place / ".git")
            (place / ".git/conformity").symlink_to(tmp_path)
    with pytest.raises(PathError, match=r"leads elsewhere|stands alone|is no folder"):
        found(place)


def test_one_at_a_time(tmp_path: Path) -> None:
    made = found_or_made(tmp_path / "archive")
    with locked(made), pytest.raises(PathError, match="Others have been archiving"), locked(made, 0.1):
        pass
    with locked(made, 0.1):
        pass


def test_the_lock_lasts_as_long_as_a_git_that_was_started(tmp_path: Path) -> None:
    made = found_or_made(tmp_path / "archive")
    with locked(made) as mine:
        waiting = subprocess.Popen(
            mine.git.command("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            cwd=mine.git.git_dir,
            env=mine.git.environment(),
            pass_fds=mine.git.held,
        )
    with pytest.raises(PathError, match="Others have been archiving"), locked(made, 0.1):
        pass
    waiting.communicate()
    with locked(made, 5):
        pass


def test_a_place_that_cannot_be_locked_is_told(tmp_path: Path) -> None:
    made = found_or_made(tmp_path / "archive")
    made.own.mkdir()
    (made.own / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PathError, match="cannot be written"), locked(made):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_without_git_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pack(tmp_path / "pack")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingLibraryError, match="apt-get install git") as caught:
        archived(tmp_path / "pack", tmp_path / "archive")
    assert caught.value.exit_code == 69


def test_a_git_that_cannot_be_started_or_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="could not be run"):
        Git(tmp_path / "nowhere").run("version")
    with pytest.raises(GitError, match="git rev-parse failed on the archive"):
        Git(tmp_path).run("rev-parse", "HEAD")


HOSTILE = {
    "core.fsmonitor": "{trap}",
    "core.hooksPath": "{hooks}",
    "core.sshCommand": "{trap}",
    "core.pager": "{trap}",
    "core.editor": "{trap}",
    "core.askPass": "{trap}",
    "core.gitProxy": "{trap}",
    "core.alternateRefsCommand": "{trap}",
    "core.worktree": "{elsewhere}",
    "core.attributesFile": "{elsewhere}/attributes",
    "credential.helper": "!{trap}",
    "diff.external": "{trap}",
    "gpg.program": "{trap}",
    "gpg.ssh.program": "{trap}",
    "gpg.ssh.defaultKeyCommand": "{trap}",
    "commit.gpgSign": "true",
    "filter.evil.clean": "{trap}",
    "filter.evil.smudge": "{trap}",
    "filter.evil.process": "{trap}",
    "filter.evil.required": "true",
    "diff.evil.textconv": "{trap}",
    "remote.origin.url": "ext::{trap}",
    "remote.origin.receivepack": "{trap}",
    "remote.origin.uploadpack": "{trap}",
    "protocol.ext.allow": "always",
}


def test_nothing_that_a_repository_names_is_run(tmp_path: Path) -> None:
    """Every setting that starts a program names one that leaves a trace; attributes give it every file."""
    trap, hooks, elsewhere = tmp_path / "trap", tmp_path / "hooks", tmp_path / "elsewhere"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    hooks.mkdir()
    elsewhere.mkdir()
    for name in ("reference-transaction", "pre-commit", "post-commit", "pre-push", "post-index-change"):
        shutil.copy(trap, hooks / name)
    archive, digest = tmp_path / "archive", small_pack(tmp_path / "one")
    archived(tmp_path / "one", archive)
    for name, value in HOSTILE.items():
        words = value.format(trap=trap, hooks=hooks, elsewhere=elsewhere)
        git(archive, "config", "--file", ".git/config", name, words)
    shutil.copytree(hooks, archive / ".git/hooks")
    (archive / ".git/info").mkdir(exist_ok=True)
    (archive / ".git/info/attributes").write_text("* filter=evil diff=evil\n")
    (archive / ".gitattributes").write_text("* filter=evil diff=evil text eol=crlf\n")
    small_pack(tmp_path / "two", "1.1.0", previous=digest)
    archived(tmp_path / "two", archive)
    small_pack(tmp_path / "three", name="Other")
    with pytest.raises(PathError, match="cannot be reached"):
        archived(tmp_path / "three", archive, remote="origin")
    assert not (tmp_path / "sprung").exists()
    assert list(elsewhere.iterdir()) == []
    (archive / ".git/config").write_text("[core]\nrepositoryformatversion = 0\nbare = false\n")
    shutil.rmtree(archive / ".git/hooks")
    sound(archive)


def test_a_creator_that_comes_second_takes_the_first_one_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = found_or_made(tmp_path / "archive")
    monkeypatch.setattr(repository, "_holds_something", lambda _folder: False)
    assert found_or_made(tmp_path / "archive") == first
    assert [file.name for file in (tmp_path / "archive").iterdir()] == [".git"]


def test_a_creator_whose_folder_the_first_one_cleared_away_takes_the_first_one_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Git.run

    def meanwhile(mine: Git, *arguments: str, **more: Any) -> bytes:
        monkeypatch.undo()
        with locked(found_or_made(tmp_path / "archive")):
            assert not mine.git_dir.exists()
        return run(mine, *arguments, **more)

    monkeypatch.setattr(Git, "run", meanwhile)
    assert found_or_made(tmp_path / "archive") == found(tmp_path / "archive")


def test_a_place_where_no_repository_can_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_git: Git, *_arguments: str, **_more: Any) -> bytes:
        raise GitError("The archive cannot be written.")

    monkeypatch.setattr(Git, "run", full)
    with pytest.raises(PathError, match="cannot be written"):
        found_or_made(tmp_path / "archive")
    assert list((tmp_path / "archive").iterdir()) == []


def test_an_error_of_git_crosses_processes() -> None:
    sent = pickle.loads(pickle.dumps(GitError("It failed.", "fatal: x")))
    assert (sent.message, sent.said) == ("It failed.", "fatal: x")

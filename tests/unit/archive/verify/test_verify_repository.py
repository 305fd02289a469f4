"""What git tells of an archive when it is not as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.archive.standalone.folder import Found, read_folder
from conformity.archive.store.chain import INDEX
from conformity.archive.store.git import Git, GitError
from conformity.archive.verify import repository
from conformity.archive.verify.repository import (
    blob_ids,
    committed,
    index_of,
    is_archive,
    repository_told,
    version_in,
)
from tests.support.archives import archived, git, small_pack


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of one version."""
    folder = tmp_path_factory.mktemp("archive")
    small_pack(folder / "pack")
    archived(folder / "pack", folder / "repo")
    return folder / "repo"


def test_ids_are_those_of_git(archive: Path) -> None:
    held = committed(archive)
    path = "systems/scorer/1.0.0"
    found = read_folder(str(archive / path))
    assert blob_ids(path, found, 40).items() <= held.state.blobs.items()
    assert blob_ids("a", Found({"b": b"hello\n"}, (), ()), 40) == {
        "a/b": "ce013625030ba8dba906f756967f9e9ca394464a"
    }
    # As `git init --object-format=sha256` and `git hash-object` give it.
    assert blob_ids("a", Found({"b": b""}, (), ()), 64) == {
        "a/b": "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"
    }


def test_a_version_is_read_as_it_is_committed_within_bounds(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = committed(archive)
    whole = version_in(held, "systems/scorer/1.0.0")
    assert whole.files == read_folder(str(archive / "systems/scorer/1.0.0")).files
    assert whole.faults == ()
    monkeypatch.setattr(repository, "MOST_BYTES", 200)
    assert any("larger than any file" in one for one in version_in(held, "systems/scorer/1.0.0").faults)


def test_what_git_finds_and_what_it_cannot_do_are_told(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = committed(archive)
    index = index_of(archive)
    assert index is not None
    real, told = Git.tried, Git.text

    def tried(self: Git, *arguments: str, **more: object) -> tuple[int, bytes]:
        return (2, b"missing blob") if arguments[0] == "fsck" else real(self, *arguments, **more)  # type: ignore[arg-type]

    def text(self: Git, *arguments: str, **more: object) -> str:
        if "log" in arguments:
            raise GitError("git log failed.", "")
        return told(self, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "tried", tried)
    monkeypatch.setattr(Git, "text", text)
    seen = repository_told(held, index, {}, None)
    assert any("git fsck finds faults: missing blob" in one for one in seen.faults)
    assert any("could not be checked: git log failed." in one for one in seen.unknown)


def test_folders_are_told_apart(archive: Path, tmp_path: Path) -> None:
    assert is_archive(archive)
    assert not is_archive(tmp_path)
    assert index_of(tmp_path) is None
    git(tmp_path, "init", "--quiet", "--bare", str(tmp_path / "bare"))
    assert is_archive(tmp_path / "bare")
    assert (archive / INDEX).is_file()

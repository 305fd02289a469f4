"""Nothing of the user's in an archive's folder is touched, and nothing that lies in wait is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformity.archive.store.chain import entries_of
from conformity.errors import IntegrityError, PathError
from tests.support.archives import archived, contents, git, small_pack, sound


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive with one version; ``tmp_path / "two"`` is the next pack."""
    digest = small_pack(tmp_path / "one")
    archived(tmp_path / "one", tmp_path / "archive")
    small_pack(tmp_path / "two", "1.1.0", previous=digest)
    return tmp_path / "archive"


def _committed(archive: Path) -> int:
    """Return how many versions the branch holds."""
    sound(archive)
    return len(entries_of(git(archive, "show", "main:index.jsonl").encode()))


def test_files_and_changes_of_the_user_stay(archive: Path, tmp_path: Path) -> None:
    (archive / "notes.txt").write_text("mine")
    (archive / "staged.txt").write_text("mine too")
    git(archive, "add", "staged.txt")
    (archive / "README.txt").write_text("changed")
    assert archived(tmp_path / "two", archive).notices == ()
    assert git(archive, "status", "--porcelain").splitlines() == [
        " M README.txt",
        "A  staged.txt",
        "?? notes.txt",
    ]
    assert (archive / "README.txt").read_text() == "changed"
    assert _committed(archive) == 2


def test_an_index_that_the_user_changed_is_left_and_told(archive: Path, tmp_path: Path) -> None:
    (archive / "index.jsonl").write_text("scribbled")
    git(archive, "add", "index.jsonl")
    outcome = archived(tmp_path / "two", archive)
    assert "left as they are: index.jsonl" in outcome.notices[0]
    assert (archive / "index.jsonl").read_text() == "scribbled"
    assert _committed(archive) == 2


@pytest.mark.parametrize("what", ["link to a folder", "file", "link to a file", "folder", "pipe"])
def test_what_is_in_the_way_is_left_and_not_followed(archive: Path, tmp_path: Path, what: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = archive / "systems/scorer/1.1.0"
    if what == "link to a folder":
        place.symlink_to(elsewhere)
    elif what == "file":
        place.write_text("mine")
    else:
        place.mkdir()
        sums = place / "SHA256SUMS"
        if what == "link to a file":
            sums.symlink_to(elsewhere / "made")
        elif what == "pipe":
            os.mkfifo(sums)
        else:
            (sums / "deep").mkdir(parents=True)
    outcome = archived(tmp_path / "two", archive)
    assert "left as they are: systems/scorer/1.1.0" in outcome.notices[0]
    assert list(elsewhere.iterdir()) == []
    assert _committed(archive) == 2


def test_more_than_a_few_differences_are_counted(archive: Path, tmp_path: Path) -> None:
    (archive / "systems/scorer/1.1.0").write_text("mine")
    (archive / "index.jsonl").write_text("mine")
    assert " and 1 more." in archived(tmp_path / "two", archive).notices[0]


def test_a_version_is_not_added_to_a_detached_head(archive: Path, tmp_path: Path) -> None:
    git(archive, "checkout", "--quiet", "--detach")
    with pytest.raises(PathError, match="is on no branch"):
        archived(tmp_path / "two", archive)
    assert _committed(archive) == 1


def test_a_version_is_not_added_amid_a_merge(archive: Path, tmp_path: Path) -> None:
    (archive / ".git/MERGE_HEAD").write_text(git(archive, "rev-parse", "HEAD"))
    with pytest.raises(PathError, match="in the middle of a merge"):
        archived(tmp_path / "two", archive)


def test_another_branch_is_moved_when_it_is_checked_out(archive: Path, tmp_path: Path) -> None:
    git(archive, "checkout", "--quiet", "-b", "trial")
    archived(tmp_path / "two", archive)
    assert _committed(archive) == 1
    assert len(entries_of(git(archive, "show", "trial:index.jsonl").encode())) == 2


def test_a_version_that_is_gone_stops_the_archive(archive: Path, tmp_path: Path) -> None:
    git(archive, "rm", "--quiet", "-r", "systems/scorer/1.0.0")
    git(archive, "commit", "--quiet", "-m", "tidy up")
    with pytest.raises(IntegrityError, match="its files are gone"):
        archived(tmp_path / "two", archive)


def test_a_line_that_was_changed_stops_the_archive(archive: Path, tmp_path: Path) -> None:
    file = archive / "index.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"sequence":1', b'"sequence":2'))
    git(archive, "commit", "--quiet", "-a", "-m", "tidy up")
    with pytest.raises(IntegrityError, match="its number is 2"):
        archived(tmp_path / "two", archive)


@pytest.mark.parametrize("place", ["systems", "index.jsonl", "keys", "systems/scorer/1.1.0"])
def test_a_link_in_the_repository_stops_the_archive(archive: Path, tmp_path: Path, place: str) -> None:
    made = git(archive, "hash-object", "-w", "--stdin", content="/elsewhere").strip()
    if place == "systems":
        git(archive, "rm", "--quiet", "-r", "--cached", "systems")
    git(archive, "update-index", "--add", "--cacheinfo", f"120000,{made},{place}")
    git(archive, "commit", "--quiet", "-m", "link")
    with pytest.raises(IntegrityError, match="is a link"):
        archived(tmp_path / "two", archive)


def test_files_are_the_same_after_archiving_from_a_folder_that_was_emptied(
    archive: Path, tmp_path: Path
) -> None:
    git(archive, "rm", "--quiet", "-r", "--cached", ".")
    archived(tmp_path / "two", archive)
    assert contents(archive / "systems/scorer/1.1.0") == contents(tmp_path / "two")
    assert _committed(archive) == 2

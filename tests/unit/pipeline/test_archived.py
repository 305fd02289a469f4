"""What is read out of an archive: files as they were archived, verdicts, and two versions compared."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformity.archive.pack import write_pack
from conformity.errors import DataError, IntegrityError, NotFoundError
from conformity.pipeline.archived import InArchive, archived_contents, archived_file, compare_versions
from conformity.pipeline.archiving import list_archive
from conformity.settings import Settings
from tests.support.archives import NOW, archived, small_pack
from tests.support.packs import pack_files
from tests.support.pages import archive_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive: two versions of a system, one of another."""
    root: Path = tmp_path_factory.mktemp("held")
    archive_of(root)
    small_pack(root / "other", name="Other")
    archived(root / "other", root / "archive")
    return root


def test_a_file_is_the_one_that_was_archived(folder: Path) -> None:
    at = InArchive(folder / "archive", "scorer", "1.0.0")
    for name in ("report.html", "SHA256SUMS"):
        assert archived_file(at, name, Settings()) == (folder / "pack-0" / name).read_bytes()


@pytest.mark.parametrize(
    ("system", "version", "name"),
    [
        ("scorer", "1.0.0", "report.pdf"),
        ("scorer", "9.0.0", "report.html"),
        ("nobody", "1.0.0", "report.html"),
        ("scorer", "1.0.0", "../1.1.0/report.html"),
    ],
)
def test_what_is_not_archived_is_not_found(folder: Path, system: str, version: str, name: str) -> None:
    with pytest.raises(NotFoundError):
        archived_file(InArchive(folder / "archive", system, version), name, Settings())


def test_contents_are_verdicts_and_files(folder: Path) -> None:
    log = list_archive(folder / "archive", NOW.date(), Settings())
    found = [archived_contents(folder / "archive", one.entry, Settings()) for one in log.versions]
    assert [one.counts.undetermined for one in found] == [0, 0, 1]
    assert found[0].counts.not_collected == 196
    assert "report.html" in found[0].files


def test_versions_are_compared_wherever_they_lie(folder: Path) -> None:
    before, after = (InArchive(folder / "archive", "scorer", version) for version in ("1.0.0", "1.1.0"))
    assert compare_versions(before, after, Settings()).after.edition == "1.1.0"
    same = compare_versions(folder / "pack-0", after, Settings(root=folder))
    assert same.before.edition == "1.0.0"


def test_two_systems_are_not_compared_and_are_named_as_they_are_called(folder: Path) -> None:
    before = InArchive(folder / "archive", "scorer", "1.0.0")
    with pytest.raises(
        DataError, match=r"^scorer 1\.0\.0 is about Scorer of Provider, other 1\.0\.0 about Other"
    ):
        compare_versions(before, InArchive(folder / "archive", "other", "1.0.0"), Settings())
    with pytest.raises(DataError, match=r"pack-0 is about"):
        compare_versions(folder / "pack-0", InArchive(folder / "archive", "other", "1.0.0"), Settings())


def exchanged(archive: Path, name: str, content: bytes) -> None:
    """Commit another content of a file of a version."""
    (archive / "systems" / "scorer" / "1.0.0" / name).write_bytes(content)
    git = ["git", "-C", str(archive), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "commit", "-qam", "changed"], check=True)


def test_an_exchanged_file_is_noticed(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", dict(pack_files()))
    archived(tmp_path / "pack", tmp_path / "archive")
    at = InArchive(tmp_path / "archive", "scorer", "1.0.0")
    exchanged(at.repository, "report.html", b"other")
    with pytest.raises(IntegrityError, match="not the file that was archived"):
        archived_file(at, "report.html", Settings())
    exchanged(at.repository, "SHA256SUMS", b"")
    with pytest.raises(IntegrityError, match="not the list that was archived"):
        archived_file(at, "report.html", Settings())


def test_a_record_of_another_version_is_said(tmp_path: Path) -> None:
    files = dict(pack_files())
    write_pack(tmp_path / "pack", files)
    archived(tmp_path / "pack", tmp_path / "archive")
    entry = list_archive(tmp_path / "archive", NOW.date(), Settings()).versions[0].entry
    from conformity.pipeline import archived as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "take_files", lambda *_: {"assessment.json": b"[]", "SHA256SUMS": b""})
        with pytest.raises(DataError, match="no record that this version reads"):
            archived_contents(tmp_path / "archive", entry, Settings())

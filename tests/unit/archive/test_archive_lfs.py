"""Large files go to Git LFS where an archive asks for it, and only there.

Git LFS comes from Debian (``apt-get install -y --no-install-recommends git-lfs``); where there is none, these
tests are left out.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformity.archive.store import lfs
from conformity.archive.store.git import Git
from conformity.errors import IntegrityError, MissingLibraryError, PathError
from conformity.model.base import sha256_of
from conformity.pipeline.archiving import show_version
from conformity.settings import Settings
from tests.support.archives import NOW, archived, contents, git, small_pack, sound

pytestmark = pytest.mark.skipif(
    shutil.which("git-lfs") is None,
    reason="Git LFS is not installed: apt-get install -y --no-install-recommends git-lfs",
)

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive that gives PDFs to LFS, with a version of before; the next pack holds a PDF."""
    digest = small_pack(tmp_path / "pack")
    archived(tmp_path / "pack", tmp_path / "archive")
    with (tmp_path / "archive/.gitattributes").open("a") as file:
        file.write("*.pdf filter=lfs diff=lfs merge=lfs -text\n")
    git(tmp_path / "archive", "commit", "--quiet", "-a", "-m", "Keep PDFs in LFS")
    small_pack(tmp_path / "next", "1.1.0", previous=digest, files={"report.pdf": PDF})
    return tmp_path / "archive"


def _without_lfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave git on the path, and git-lfs not."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


def test_a_pdf_becomes_a_pointer_in_git_and_a_file_beside_it(archive: Path, tmp_path: Path) -> None:
    entry = archived(tmp_path / "next", archive).entry
    stored = git(archive, "show", f"HEAD:{entry.path}/report.pdf")
    assert stored == (f"version https://git-lfs.github.com/spec/v1\noid {sha256_of(PDF)}\nsize {len(PDF)}\n")
    assert contents(archive / entry.path) == contents(tmp_path / "next")
    assert "report.pdf" in git(archive, "lfs", "ls-files", "--name-only")
    git(archive, "lfs", "fsck")
    sound(archive)
    shown = {f.name: f.stored for f in show_version(archive, NOW.date(), Settings(), system="scorer").files}
    assert (shown["report.pdf"], shown["evidence.json"]) == ("pointer", "here")


def test_without_git_lfs_nothing_is_archived(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = git(archive, "rev-parse", "HEAD")
    _without_lfs(tmp_path, monkeypatch)
    with pytest.raises(MissingLibraryError, match="apt-get install git-lfs"):
        archived(tmp_path / "next", archive)
    assert git(archive, "rev-parse", "HEAD") == head


def test_an_archive_that_asks_for_none_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pack(tmp_path / "pack", files={"report.pdf": PDF})
    _without_lfs(tmp_path, monkeypatch)
    assert archived(tmp_path / "pack", tmp_path / "archive").state == "archived"


@pytest.mark.parametrize(
    "name",
    [
        "lfs.extension.evil.clean",
        "lfs.customtransfer.evil.path",
        "lfs.standalonetransferagent",
        "lfs.storage",
    ],
)
def test_settings_that_start_programs_are_refused(archive: Path, tmp_path: Path, name: str) -> None:
    git(archive, "config", name, "evil")
    with pytest.raises(PathError, match=name):
        archived(tmp_path / "next", archive)


def test_files_of_lfs_are_pushed_with_the_version(archive: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote")
    git(archive, "remote", "add", "origin", f"file://{tmp_path / 'remote'}")
    archived(tmp_path / "next", archive, remote="origin")
    digest = sha256_of(PDF)[7:]
    assert (tmp_path / "remote/lfs/objects" / digest[:2] / digest[2:4] / digest).read_bytes() == PDF


def test_a_file_that_was_not_stored_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Git, "run", lambda *_, **__: b"no pointer")
    with pytest.raises(IntegrityError, match=r"has not stored .* as it is"):
        lfs.pointer(Git(tmp_path), "a.pdf", PDF)


def test_a_pointer_is_kept_where_its_file_is_missing_or_another(tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid %b\nsize 3\n" % sha256_of(b"abc").encode()
    assert lfs.resolved(tmp_path, pointer) == pointer
    digest = sha256_of(b"abc")[7:]
    place = tmp_path / "lfs/objects" / digest[:2] / digest[2:4] / digest
    place.parent.mkdir(parents=True)
    place.write_bytes(b"abd")
    assert lfs.resolved(tmp_path, pointer) == pointer
    place.write_bytes(b"abc")
    assert lfs.resolved(tmp_path, pointer) == b"abc"


def test_a_pack_that_holds_a_pointer_keeps_it(archive: Path, tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid %b\nsize 3\n" % sha256_of(b"abc").encode()
    small_pack(tmp_path / "odd", name="Odd", files={"report.pdf": pointer})
    entry = archived(tmp_path / "odd", archive).entry
    assert (archive / entry.path / "report.pdf").read_bytes() == pointer

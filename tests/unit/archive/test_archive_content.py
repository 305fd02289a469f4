"""A pack comes into an archive only as it was written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformity.archive.pack import write_pack
from conformity.archive.store.content import is_signed, pack_files
from conformity.archive.sums import ENVELOPE, SUMS, sums_of
from conformity.errors import ConformityError, IntegrityError, PathError
from tests.support.archives import archived, small_pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Return a small pack."""
    small_pack(tmp_path / "pack", files={"report.html": b"<p>", "tallies/a.json": b"[]"})
    return tmp_path / "pack"


def test_every_file_is_read_as_it_was_written(pack: Path) -> None:
    files = pack_files(pack)
    names = [name for name, _ in files.contents(tallies=True)]
    assert names == [SUMS, "assessment.json", "evidence.json", "report.html", "tallies/a.json"]
    assert "tallies/a.json" not in dict(files.contents(tallies=False))
    assert files.has_tallies
    assert not is_signed(files)


@pytest.mark.parametrize("name", ["assessment.json", "evidence.json", "report.html", "tallies/a.json"])
def test_a_file_that_was_changed_is_refused(pack: Path, name: str, tmp_path: Path) -> None:
    (pack / name).write_bytes((pack / name).read_bytes() + b" ")
    with pytest.raises(IntegrityError, match="was changed after it was written"):
        archived(pack, tmp_path / "archive", tallies=False)
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize(
    "how", ["missing", "extra", "link", "folder link", "pipe", "no list", "list link", "no assessment"]
)
def test_what_is_not_as_the_list_says_is_refused(pack: Path, tmp_path: Path, how: str) -> None:
    report = pack / "report.html"
    if how in {"missing", "link", "pipe"}:
        report.rename(tmp_path / "report.html")
    if how == "extra":
        (pack / "more.txt").touch()
    elif how == "link":
        report.symlink_to(tmp_path / "report.html")
    elif how == "folder link":
        (pack / "more").symlink_to(tmp_path)
    elif how == "pipe":
        os.mkfifo(report)
    elif how == "no list":
        (pack / SUMS).unlink()
    elif how == "list link":
        (pack / SUMS).rename(tmp_path / SUMS)
        (pack / SUMS).symlink_to(tmp_path / SUMS)
    elif how == "no assessment":
        pack = tmp_path / "other"
        write_pack(pack, {"documents.json": b"{}"}, "documents.json")
    with pytest.raises(IntegrityError):
        pack_files(pack)


@pytest.mark.parametrize("name", [".gitattributes", "tallies/.GIT/config", ".gitmodules"])
def test_a_file_that_git_would_take_for_its_own_is_refused(pack: Path, name: str) -> None:
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_bytes(b"* text")
    files = {f.relative_to(pack).as_posix(): f.read_bytes() for f in pack.rglob("*") if f.is_file()}
    (pack / SUMS).write_bytes(sums_of(files))
    with pytest.raises(IntegrityError, match="named as files of git are"):
        pack_files(pack)


def test_a_file_that_becomes_a_link_while_it_is_read_is_refused(pack: Path, tmp_path: Path) -> None:
    files = pack_files(pack)
    (pack / "report.html").rename(tmp_path / "report.html")
    (pack / "report.html").symlink_to(tmp_path / "report.html")
    with pytest.raises(PathError, match="cannot be read"):
        dict(files.contents(tallies=True))


def test_a_folder_that_is_not_there_or_a_list_far_too_large_is_told(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PathError, match="cannot be read"):
        pack_files(tmp_path / "nowhere")
    monkeypatch.setattr("conformity.archive.store.content._MOST_OUTSIDE", 10)
    with pytest.raises(PathError, match="larger than any such file"):
        pack_files(pack)


def test_a_statement_that_is_none_is_refused(pack: Path, tmp_path: Path) -> None:
    (pack / ENVELOPE).write_bytes(b"{}")
    assert is_signed(pack_files(pack))
    with pytest.raises(ConformityError):
        archived(pack, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()

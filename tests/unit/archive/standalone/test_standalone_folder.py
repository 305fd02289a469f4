"""A folder is read once, within bounds, and through no link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformity.archive.standalone import folder as reading
from conformity.archive.standalone.folder import read_file, read_folder


def test_plain_files_are_read_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "in" / "side").mkdir(parents=True)
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "in" / "side" / "b").write_bytes(b"22")
    found = read_folder(str(tmp_path))
    assert found.files == {"a": b"1", "in/side/b": b"22"}
    assert found.folders == ("in", "in/side")
    assert found.faults == ()


def test_links_and_pipes_are_faults_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "link").symlink_to(tmp_path / "secret")
    (pack / "folder").symlink_to(tmp_path)
    os.mkfifo(pack / "pipe")
    found = read_folder(str(pack))
    assert found.files == {}
    assert sorted(found.faults) == [
        f"{name} is a link or no plain file." for name in ("folder", "link", "pipe")
    ]


def test_the_folder_itself_may_be_a_link_only_where_a_person_named_it(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "pack")
    assert read_folder(str(tmp_path / "link")).faults == ()
    assert read_folder(str(tmp_path / "link"), follow=False).faults == ("It is a link or no folder.",)


def test_a_file_of_ten_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(10 * 1024**3)
    assert read_folder(str(tmp_path)).faults == ("large is larger than any file of a pack.",)


def test_all_files_together_are_bounded(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"12345")
    assert read_folder(str(tmp_path), 100, 12).faults == ("The files are larger together than any pack.",)


def test_a_file_that_grows_while_it_is_read_is_not_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"123456")
    real = os.fstat

    def small(descriptor: int) -> os.stat_result:
        told = list(real(descriptor))
        told[6] = 1
        return os.stat_result(told)

    monkeypatch.setattr(os, "fstat", small)
    assert read_file(str(tmp_path / "a"), 3) is None
    assert read_file(str(tmp_path / "a"), 6) == b"123456"


def test_depth_and_number_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1" / "2" / "3" / "4" / "5").mkdir(parents=True)
    assert read_folder(str(tmp_path)).faults == ("1/2/3/4/5 lies deeper than anything in a pack.",)
    monkeypatch.setattr(reading, "MOST_FILES", 3)
    assert "more than 3 entries" in read_folder(str(tmp_path)).faults[0]


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "in").mkdir()
    listing = os.scandir

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refused)
    monkeypatch.setattr(os, "scandir", lambda p: refused() if p.endswith("in") else listing(p))
    told = read_folder(str(tmp_path)).faults
    assert sorted(told) == ["a cannot be read: Permission denied.", "in cannot be listed: Permission denied."]


def test_a_place_that_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no plain file"):
        read_file(str(tmp_path / "pipe"), 10)

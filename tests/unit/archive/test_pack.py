"""A pack appears whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from pathlib import Path

import pytest

from conformity.archive import pack
from conformity.archive.pack import SUMS, check_place, write_pack
from conformity.errors import PathError

FILES = {"assessment.json": b"{}", "tallies/ab.json": b"[]"}


def names(folder: Path) -> set[str]:
    return {str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file()}


def test_a_pack_holds_its_files_and_sums_that_sha256sum_can_check(tmp_path: Path) -> None:
    write_pack(tmp_path / "deep" / "pack", FILES)
    folder = tmp_path / "deep" / "pack"
    assert names(folder) == {*FILES, SUMS}
    checked = subprocess.run(["sha256sum", "-c", SUMS], cwd=folder, capture_output=True, check=False)
    assert checked.returncode == 0
    assert [f.name for f in folder.parent.iterdir()] == ["pack"]


def test_an_earlier_pack_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack", {**FILES, "old.html": b"x"})
    write_pack(tmp_path / "pack", FILES)
    assert names(tmp_path / "pack") == {*FILES, SUMS}
    assert [f.name for f in tmp_path.iterdir()] == ["pack"]


def test_an_earlier_pack_is_replaced_where_folders_cannot_change_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "exchange", lambda _one, _other: False)
    write_pack(tmp_path / "pack", {**FILES, "old.html": b"x"})
    write_pack(tmp_path / "pack", FILES)
    assert names(tmp_path / "pack") == {*FILES, SUMS}
    assert [f.name for f in tmp_path.iterdir()] == ["pack"]


def test_there_is_a_pack_at_every_moment_while_it_is_replaced(tmp_path: Path) -> None:
    record = tmp_path / "pack" / "assessment.json"
    write_pack(tmp_path / "pack", FILES)
    ended = threading.Event()
    missed: list[int] = []

    def look() -> None:
        while not ended.is_set():
            if not record.exists():
                missed.append(1)

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(30):
        write_pack(tmp_path / "pack", FILES)
    ended.set()
    reader.join()
    assert not missed


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    write_pack(tmp_path / "pack", FILES)
    assert names(tmp_path / "pack") == {*FILES, SUMS}


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(PathError, match="not empty and not a pack"):
        write_pack(tmp_path, FILES)
    assert names(tmp_path) == {"thesis.tex"}


@pytest.mark.parametrize("make", ["file", "dangling link"])
def test_a_file_is_left_alone(tmp_path: Path, make: str) -> None:
    place = tmp_path / "pack"
    if make == "file":
        place.write_text("x")
    else:
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(PathError, match=r"is a (file|symbolic link)"):
        check_place(place)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pack(tmp_path / "pack", {"assessment.json": b"first"})
    written: list[Path] = []

    def full(file: Path, content: bytes) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(file)
        file.write_bytes(content)

    monkeypatch.setattr(pack, "_write", full)
    with pytest.raises(PathError, match="No space left on device"):
        write_pack(tmp_path / "pack", FILES)
    assert (tmp_path / "pack" / "assessment.json").read_bytes() == b"first"
    assert [f.name for f in tmp_path.iterdir()] == ["pack"]


def test_a_failing_rename_puts_the_earlier_pack_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pack(tmp_path / "pack", {"assessment.json": b"first"})
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if ".partial-" in self.parent.name:
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(pack, "exchange", lambda _one, _other: False)
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(PathError, match="Input/output error"):
        write_pack(tmp_path / "pack", FILES)
    assert (tmp_path / "pack" / "assessment.json").read_bytes() == b"first"
    assert [f.name for f in tmp_path.iterdir()] == ["pack"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(PathError, match="could not be written"):
        write_pack(tmp_path / "file" / "pack", FILES)


def test_data_with_a_list_of_digests_are_not_taken_for_a_pack(tmp_path: Path) -> None:
    """Many data sets come with a SHA256SUMS; replacing the folder would destroy them."""
    (tmp_path / "people.csv").write_text("a\n1\n")
    (tmp_path / SUMS).write_text(f"{'0' * 64}  people.csv\n")
    with pytest.raises(PathError, match="not a pack"):
        write_pack(tmp_path, FILES)
    assert names(tmp_path) == {"people.csv", SUMS}


@pytest.mark.parametrize("make", ["file", "link", "broken sums"])
def test_a_pack_with_something_of_others_in_it_is_left_alone(tmp_path: Path, make: str) -> None:
    folder = tmp_path / "pack"
    write_pack(folder, FILES)
    before = names(folder)
    if make == "file":
        (folder / "tallies" / "notes.txt").write_text("mine")
    elif make == "link":
        (folder / "elsewhere").symlink_to(tmp_path)
    else:
        (folder / SUMS).unlink()
        (folder / SUMS).symlink_to(tmp_path / "sums")
    with pytest.raises(PathError, match="holds more than a pack"):
        write_pack(folder, FILES)
    assert before - {SUMS} <= names(folder)


def test_a_link_is_never_followed_to_another_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "pack").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PathError, match="symbolic link"):
        write_pack(tmp_path / "pack", FILES)
    assert names(tmp_path / "elsewhere") == set()


def test_tallies_are_for_their_owner_alone_and_the_rest_is_as_usual(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        write_pack(tmp_path / "pack", FILES)
        os.umask(0o077)
        write_pack(tmp_path / "strict", FILES)
    finally:
        os.umask(old)
    modes = {str(p.relative_to(tmp_path)): p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    assert modes["pack"] == 0o755
    assert modes["pack/assessment.json"] == 0o644
    assert modes["pack/tallies"] == 0o700
    assert modes["pack/tallies/ab.json"] == 0o600
    assert modes["strict"] == 0o700


def test_another_set_has_its_own_record_and_is_no_pack(tmp_path: Path) -> None:
    files = {"documents.json": b"{}", "one.html": b"x"}
    write_pack(tmp_path / "set", files, "documents.json")
    write_pack(tmp_path / "set", {"documents.json": b"{}"}, "documents.json")
    assert names(tmp_path / "set") == {"documents.json", SUMS}
    with pytest.raises(PathError, match="not empty and not a pack"):
        check_place(tmp_path / "set")

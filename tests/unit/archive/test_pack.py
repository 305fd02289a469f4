"""A pack appears whole or not at all."""

from __future__ import annotations

import errno
import subprocess
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
    with pytest.raises(PathError, match="is a file"):
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
        if ".partial-" in self.name and not self.name.endswith("-old"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(PathError, match="Input/output error"):
        write_pack(tmp_path / "pack", FILES)
    assert (tmp_path / "pack" / "assessment.json").read_bytes() == b"first"
    assert [f.name for f in tmp_path.iterdir()] == ["pack"]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(PathError, match="could not be written"):
        write_pack(tmp_path / "file" / "pack", FILES)

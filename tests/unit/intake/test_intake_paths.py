"""Paths name what lies in the manifest's folder, and nothing else gets through."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from conformity.errors import PathError
from conformity.intake.paths import files_at, fixed_part, resolve_inside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with data, next to a file that nobody may reach from it."""
    inside = tmp_path / "case"
    (inside / "data" / "parts" / "deep").mkdir(parents=True)
    (inside / "data" / "test.csv").write_text("a\n1\n")
    (inside / "data" / "train.csv").write_text("a\n1\n")
    (inside / "data" / "parts" / "1.parquet").write_bytes(b"1")
    (inside / "data" / "parts" / "deep" / "2.parquet").write_bytes(b"2")
    (tmp_path / "secret.csv").write_text("a\n1\n")
    return inside.resolve()


def _refusal(text: str, folder: Path, root: Path | None = None) -> str:
    with pytest.raises(PathError) as caught:
        resolve_inside(text, folder, root)
    assert caught.value.exit_code == 3
    return caught.value.message


@pytest.mark.parametrize("text", ["data/test.csv", "./data/test.csv", "data//test.csv", "data/./test.csv"])
def test_a_file_is_found(folder: Path, text: str) -> None:
    found = resolve_inside(text, folder)
    assert found == folder / "data" / "test.csv"
    assert files_at(found, folder) == (found,)
    assert fixed_part(found) == folder / "data"


def test_a_folder_is_found_with_all_files_below_it(folder: Path) -> None:
    found = resolve_inside("data/parts", folder)
    assert found == fixed_part(found) == folder / "data" / "parts"
    assert files_at(found, folder) == (found / "1.parquet", found / "deep" / "2.parquet")


@pytest.mark.parametrize(
    ("text", "names", "fixed"),
    [
        ("data/*.csv", ["test.csv", "train.csv"], "data"),
        ("data/t?st.csv", ["test.csv"], "data"),
        ("data/t[er]*.csv", ["test.csv", "train.csv"], "data"),
        ("data/**/*.parquet", ["1.parquet", "2.parquet"], "data"),
        ("d*/parts/1.parquet", ["1.parquet"], "."),
        ("data/*", ["test.csv", "train.csv"], "data"),
    ],
)
def test_a_glob_is_found_and_stays_a_glob(folder: Path, text: str, names: list[str], fixed: str) -> None:
    found = resolve_inside(text, folder)
    assert found.is_absolute()
    assert [file.name for file in files_at(found, folder)] == names
    assert fixed_part(found) == folder / fixed


def test_a_folder_whose_name_looks_like_a_glob_is_taken_literally(folder: Path) -> None:
    odd = folder / "a[b]*?"
    odd.mkdir()
    (odd / "x.csv").write_text("a\n")
    found = resolve_inside("*.csv", odd)
    assert files_at(found, odd) == (odd / "x.csv",)
    assert fixed_part(found) == odd
    assert resolve_inside("x.csv", odd) == odd / "x.csv"


def test_links_are_followed_inside_the_root_and_refused_outside(folder: Path) -> None:
    (folder / "inside.csv").symlink_to("data/test.csv")
    (folder / "outside.csv").symlink_to("../secret.csv")
    (folder / "up").symlink_to("..")
    assert resolve_inside("inside.csv", folder) == folder / "data" / "test.csv"
    for text in ("outside.csv", "up/secret.csv", "*side.csv"):
        assert f"symbolic link out of {folder}; copy the file inside" in _refusal(text, folder)
    assert resolve_inside("outside.csv", folder, folder.parent) == folder.parent / "secret.csv"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("/etc/passwd", "is absolute; write it relative to the manifest's folder"),
        ("../secret.csv", "has '..' in it; put the file into the manifest's folder"),
        ("data/../../secret.csv", "has '..' in it"),
        ("data/../data/test.csv", "has '..' in it"),
        ("data/parts/../*.csv", "has '..' in it"),
        ("", "names nothing"),
        ("  ", "names nothing"),
        ("a\0b", "names nothing"),
        ("https://example.org/data.csv", "is an address; copy the file beside the manifest"),
        ("s3://bucket/data.csv", "is an address"),
        ("data/test.csv/x", "cannot be followed: Not a directory; correct it"),
        ("x" * 300, "cannot be followed: File name too long; correct it"),
        ("nothing/*.csv", "matches 'nothing/*.csv'; correct the pattern"),
        ("data/a**b", "is not a pattern: "),
    ],
)
def test_paths_that_cannot_be_used_are_refused(folder: Path, text: str, part: str) -> None:
    assert part in _refusal(text, folder)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("data/tests.csv", "did you mean 'data/test.csv'?"),
        ("date/test.csv", "did you mean 'data'?"),
        ("data/Test.CSV", "did you mean 'data/test.csv'?"),
        ("data/zzz", "/data holds: parts, test.csv, train.csv"),
    ],
)
def test_a_path_to_nothing_names_what_is_nearest(folder: Path, text: str, hint: str) -> None:
    message = _refusal(text, folder)
    assert message.startswith(f"there is nothing at '{text}' in {folder}; ")
    assert message.endswith(hint)


def test_names_outside_the_folder_are_not_given_away(folder: Path) -> None:
    (folder / "up").symlink_to("..")
    assert "secret" not in _refusal("up/secre.csv", folder)


def test_a_file_that_is_also_a_pattern_is_refused(folder: Path) -> None:
    (folder / "data[1].csv").write_text("a\n")
    (folder / "data1.csv").write_text("a\n")
    assert "is a file and a pattern at once; rename the file" in _refusal("data[1].csv", folder)


def test_devices_pipes_and_sockets_are_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "socket"))
        for text in ("pipe", "socket", "p*pe"):
            assert "is a device, pipe or socket; name a file or folder" in _refusal(text, folder)
    (folder / "null").symlink_to(os.devnull)
    assert "symbolic link out of" in _refusal("null", folder)
    assert "is a device" in _refusal("null", folder, Path("/"))


def test_a_folder_without_files_is_refused(folder: Path) -> None:
    (folder / "empty" / "deeper").mkdir(parents=True)
    assert "holds no file; put the data there" in _refusal("empty", folder)


def test_links_to_folders_below_a_folder_are_refused(folder: Path) -> None:
    (folder / "data" / "parts" / "more").symlink_to("..")
    assert "is a symbolic link to a folder, which is not followed" in _refusal("data/parts", folder)


def test_links_that_lead_nowhere_or_in_circles_are_refused(folder: Path) -> None:
    (folder / "data" / "parts" / "gone").symlink_to("nowhere")
    assert "'gone" in _refusal("data/parts/gone", folder).replace("data/parts/", "'")
    assert "cannot be followed: No such file" in _refusal("data/parts", folder)
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    assert "cannot be followed: " in _refusal("a", folder)
    (folder / "data" / "parts" / "gone").unlink()
    (folder / "data" / "parts" / "circle").symlink_to("circle")
    assert "cannot be followed: " in _refusal("data/parts", folder)


@pytest.mark.parametrize(
    ("name", "part"), [(b"a\nb.csv", "has control characters"), (b"\xff.csv", "is not UTF-8")]
)
def test_names_that_no_listing_can_hold_are_refused(folder: Path, name: bytes, part: str) -> None:
    (folder / "data" / os.fsdecode(name)).write_text("a\n")
    assert f"{part}; rename the file" in _refusal("data", folder)


def test_a_folder_that_cannot_be_listed_is_refused(unprivileged: Path) -> None:
    (unprivileged / "data" / "shut").mkdir(parents=True)
    (unprivileged / "data" / "shut").chmod(0o000)
    assert f"the folder {unprivileged}/data/shut cannot be listed: Permission denied" in _refusal(
        "data", unprivileged
    )
    assert "cannot be followed: Permission denied" in _refusal("data/shut/x.csv", unprivileged)


def test_a_folder_that_cannot_be_listed_gives_no_hint(unprivileged: Path) -> None:
    (unprivileged / "shut").mkdir()
    (unprivileged / "shut").chmod(0o100)
    assert _refusal("shut/x.csv", unprivileged).endswith("/shut holds: none")

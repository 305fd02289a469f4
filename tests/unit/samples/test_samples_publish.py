"""A sample appears whole or not at all, and is made again only when it has to be."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformity.errors import IntegrityError
from samples.common import publish as publishing
from samples.common.publish import is_complete, publish
from samples.common.script import Options, Sample, run


def _two_files(folder: Path) -> None:
    """Write a data file and a model file."""
    for part in ("data", "model"):
        (folder / part).mkdir()
        (folder / part / "file").write_text(part, "utf-8")


def _fails_half_way(folder: Path) -> None:
    """Write one file and give up."""
    (folder / "data").mkdir()
    (folder / "data" / "half").write_text("half", "utf-8")
    raise IntegrityError("the digest is another one")


def test_published_files_are_listed_with_their_digests(tmp_path: Path) -> None:
    files = publish(tmp_path, "one", _two_files)
    assert files == {
        "data/file": hashlib.sha256(b"data").hexdigest(),
        "model/file": hashlib.sha256(b"model").hexdigest(),
    }
    assert is_complete(tmp_path, "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "model"]


def test_another_recipe_or_a_changed_file_is_not_complete(tmp_path: Path) -> None:
    publish(tmp_path, "one", _two_files)
    assert not is_complete(tmp_path, "two")
    (tmp_path / "model" / "file").write_text("changed", "utf-8")
    assert not is_complete(tmp_path, "one")


@pytest.mark.parametrize("mark", ["", "[]", "{"], ids=["empty", "list", "broken"])
def test_a_broken_mark_is_not_complete(tmp_path: Path, mark: str) -> None:
    publish(tmp_path, "one", _two_files)
    (tmp_path / "data" / ".complete").write_text(mark, "utf-8")
    assert not is_complete(tmp_path, "one")


def test_old_files_give_way_to_new_ones(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "left over").write_text("old", "utf-8")
    publish(tmp_path, "one", _two_files)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [".complete", "file"]


def test_a_maker_that_fails_leaves_the_old_sample_as_it_was(tmp_path: Path) -> None:
    publish(tmp_path, "one", _two_files)
    with pytest.raises(IntegrityError):
        publish(tmp_path, "two", _fails_half_way)
    assert is_complete(tmp_path, "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "model"]


def test_failure_between_the_two_folders_leaves_no_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, "one", _two_files)
    real = publishing._replace

    def fails_for_data(new: Path, old: Path) -> None:
        if old.name == "data":
            raise OSError("disk full")
        real(new, old)

    monkeypatch.setattr(publishing, "_replace", fails_for_data)
    with pytest.raises(OSError, match="disk full"):
        publish(tmp_path, "two", _two_files)
    assert not is_complete(tmp_path, "one")
    assert not is_complete(tmp_path, "two")
    assert not (tmp_path / "data" / ".complete").exists()


def test_a_maker_that_is_killed_half_way_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from samples.common.publish import publish\n"
        "def write(folder):\n"
        "    (folder / 'data').mkdir(); (folder / 'data' / 'half').write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "publish(Path(sys.argv[1]), 'one', write)\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "data").exists()
    assert not is_complete(tmp_path, "one")
    publish(tmp_path, "one", _two_files)
    assert is_complete(tmp_path, "one")


def _sample(home: Path) -> Sample:
    """Return a sample of two files."""

    def write(folder: Path, options: Options) -> None:
        _two_files(folder)

    return Sample(name="small", home=home, recipe="1", write=write)


def test_a_second_run_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "not there yet"
    assert run(_sample(home), []) == 0
    first = capsys.readouterr()
    assert (first.out, "small: data/file  sha256:" in first.err) == ("", True)
    assert run(_sample(home), []) == 0
    assert capsys.readouterr() == ("", "small: already there, nothing to do\n")


def test_an_error_is_one_sentence_and_its_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def write(folder: Path, options: Options) -> None:
        _fails_half_way(folder)

    sample = Sample(name="small", home=tmp_path, recipe="1", write=write)
    assert run(sample, []) == 5
    assert capsys.readouterr() == ("", "small: the digest is another one\n")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert run(_sample(tmp_path), ["--into", str(tmp_path / "file")]) == 3
    assert f"{tmp_path / 'file'} cannot be written" in capsys.readouterr().err

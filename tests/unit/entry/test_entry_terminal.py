"""What is printed and written where."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.entry.terminal import write_text
from conformity.errors import PathError


def test_a_link_that_lies_in_wait_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An archive with data may bring links along; a draft must not be written through one."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / ".conformity.yaml.partial").symlink_to(victim)
    write_text("a: 1\n", folder / "conformity.yaml", force=False)
    assert (folder / "conformity.yaml").read_text() == "a: 1\n"
    assert victim.read_text() == "precious"
    (folder / "conformity.yaml").unlink()
    (folder / "conformity.yaml").symlink_to(victim)
    write_text("a: 2\n", folder / "conformity.yaml", force=True)
    assert not (folder / "conformity.yaml").is_symlink()
    assert victim.read_text() == "precious"
    assert capsys.readouterr().out == ""


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="could not be written"):
        write_text("a", tmp_path / "nowhere" / "conformity.yaml", force=False)
    (tmp_path / "there").write_text("b")
    with pytest.raises(PathError, match="exists already"):
        write_text("a", tmp_path / "there", force=False)
    assert [f.name for f in tmp_path.iterdir()] == ["there"]

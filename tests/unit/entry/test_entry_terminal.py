"""What is printed and written where."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.entry.assess import print_summary
from conformity.entry.terminal import write_text
from conformity.errors import PathError
from conformity.model.summary import AssessmentSummary, VerdictCounts, WrittenFile


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


def test_files_with_exact_figures_are_called_confidential(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("assessment.json", "evidence.json", "report.pdf", "tallies/a.json")
    print_summary(
        AssessmentSummary(
            system="System 1",
            assessment_version="1",
            assessment_sha256="sha256:" + "a" * 64,
            outcome="out_of_scope",
            classification="Out of scope.",
            counts=VerdictCounts(),
            open_points=(),
            gate=0,
            pack="pack",
            files=tuple(WrittenFile(name=name, path=f"pack/{name}", size_bytes=9) for name in names),
        )
    )
    secret = [line.split()[0] for line in capsys.readouterr().out.splitlines() if "confidential" in line]
    assert secret == ["evidence.json", "tallies/"]

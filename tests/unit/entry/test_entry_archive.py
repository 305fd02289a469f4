"""What ``conformity archive``, ``log`` and ``show`` print, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from conformity.errors import IntegrityError, PathError
from tests.support.archives import PLACED, git, small_pack


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fix the clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795426200")


def _run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_archiving_tells_where_the_version_lies_and_what_to_keep(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", placed=PLACED, files={"tallies/a.json": b"[]"})
    said = _run("archive", tmp_path / "pack", "--repo", tmp_path / "archive")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == "Archived: systems/scorer/1.0.0"
    assert lines[1] == "  entry 1 of the archive, whose digest is"
    assert lines[2].startswith("  sha256:")
    assert lines[3].endswith(", not signed")
    assert lines[4] == "  Keep that digest elsewhere: it stands for this version and all before it."
    assert lines[5].startswith("Keep until 2036-12-01. Art. 18(1): 10 years after the system was placed")
    assert "tallies" in said.stderr
    assert max(len(line) for line in (*lines, *said.stderr.splitlines())) <= 80
    again = _run("archive", tmp_path / "pack", "--repo", tmp_path / "archive")
    assert again.stdout.splitlines()[0] == "Already there: systems/scorer/1.0.0"
    assert "commit" not in again.stdout


def test_archiving_as_json(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack", files={"tallies/a.json": b"[]"})
    said = _run("archive", tmp_path / "pack", "--repo", tmp_path / "archive", "--without-tallies", "--json")
    outcome = json.loads(said.stdout)
    assert (outcome["state"], outcome["entry"]["tallies"]) == ("archived", "withheld")


def test_a_version_is_pushed_and_said_to_be(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    git(tmp_path, "init", "--quiet", "--bare", "remote")
    git(tmp_path, "init", "--quiet", "archive")
    git(tmp_path / "archive", "remote", "add", "backup", str(tmp_path / "remote"))
    repo = ("--repo", tmp_path / "archive")
    said = _run("archive", tmp_path / "pack", *repo, "--push", "--remote", "backup")
    assert "  pushed to backup" in said.stdout.splitlines()


def test_errors_have_their_exit_code(tmp_path: Path) -> None:
    small_pack(tmp_path / "pack")
    (tmp_path / "pack/evidence.json").write_bytes(b"{}")
    said = _run("archive", tmp_path / "pack", "--repo", tmp_path / "archive")
    assert isinstance(said.exception, IntegrityError)
    missing = _run("log", "--repo", tmp_path / "archive")
    assert isinstance(missing.exception, PathError)


def test_the_key_may_be_named_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pack(tmp_path / "pack")
    monkeypatch.setenv("CONFORMITY_SIGN_KEY", str(tmp_path / "none"))
    said = _run("archive", tmp_path / "pack", "--repo", tmp_path / "archive")
    assert "There is no key" in str(said.exception)


def _two(tmp_path: Path) -> Path:
    """Archive two systems, and return the archive."""
    small_pack(tmp_path / "one", placed=PLACED, files={"tallies/a.json": b"[]"})
    small_pack(tmp_path / "two", name="Helper", outcome="minimal")
    for pack, more in (("one", ["--without-tallies"]), ("two", [])):
        assert _run("archive", tmp_path / pack, "--repo", tmp_path / "archive", *more).exit_code == 0
    return tmp_path / "archive"


def test_versions_are_listed_in_columns(tmp_path: Path) -> None:
    repo = _two(tmp_path)
    said = _run("log", "--repo", repo)
    assert said.stdout.splitlines()[:3] == [
        " no.  system  version   assessed    keep until  tallies",
        "   1  scorer  1.0.0     2026-11-22  2036-12-01  withheld",
        "   2  helper  1.0.0     2026-11-22  not known   none",
    ]
    assert said.stdout.splitlines()[-2] == "Head of the chain:"
    assert said.stdout.splitlines()[-1].startswith("  sha256:")
    assert "helper" not in _run("log", "--repo", repo, "scorer").stdout
    assert len(json.loads(_run("log", "--repo", repo, "--json").stdout)["versions"]) == 2


def test_what_is_due_is_told_with_a_caution(tmp_path: Path) -> None:
    repo = _two(tmp_path)
    assert _run("log", "--repo", repo, "--due").stdout == (
        "Nothing is due: every version must still be kept, or no day is known.\n"
    )
    said = _run("log", "--repo", repo, "--due", "--as-of", "2040-01-01").stdout
    assert "2036-12-01 (due)" in said
    assert "Nothing was deleted." in said


def test_a_version_is_shown(tmp_path: Path) -> None:
    repo = _two(tmp_path)
    said = _run("show", "--repo", repo, "scorer", "1.0.0").stdout
    assert said.splitlines()[:3] == [
        "Scorer 2.0, Provider",
        "Assessment 1.0.0, entry 1 of the archive",
        "In     systems/scorer/1.0.0",
    ]
    assert max(len(line) for line in said.splitlines()) <= 80
    assert "After  nothing: the first version of this system" in said
    assert "Signed statement: none. Tallies: withheld." in said
    assert said.splitlines()[-1] == "  and 1 files in folders, 1 withheld"
    assert "and" not in _run("show", "--repo", repo, "helper").stdout.splitlines()[-1]
    assert json.loads(_run("show", "--repo", repo, "helper", "--json").stdout)["commit"]

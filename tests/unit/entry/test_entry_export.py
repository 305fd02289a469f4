"""What ``conformity export`` prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformity.entry.cli import cli
from tests.support.composed import material
from tests.support.declarations import packed


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small pack on disk."""
    return packed(material("timeline", kind="ordinary"), tmp_path_factory.mktemp("export") / "pack")


def test_files_are_listed_with_their_sizes_and_the_folder_comes_last(pack: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(
        cli, ["export", str(pack), "-o", str(tmp_path / "out"), "--formats", "md, junit"]
    )
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["md", "summary.md"], ["junit", "junit.xml"]]
    assert lines[-1] == f"Exports: {tmp_path / 'out'}"
    assert max(map(len, lines[:-1])) <= 80


def test_the_result_as_json_names_the_files(pack: Path, tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["export", str(pack), "-o", str(tmp_path / "out"), "--json"])
    found = json.loads(said.stdout)
    assert found["folder"] == str(tmp_path / "out")
    assert len(found["made"]["files"]) == 7


def test_a_dash_puts_one_format_on_standard_output(pack: Path) -> None:
    said = CliRunner().invoke(cli, ["export", str(pack), "-o", "-", "--formats", "md"])
    assert said.exit_code == 0
    assert said.stdout.startswith("# Conformity assessment: ")
    assert not pack.with_name("pack-exports").exists()


def test_the_help_has_examples_and_fits_into_80_columns() -> None:
    said = CliRunner().invoke(cli, ["export", "--help"])
    assert "conformity export reports/scorer --formats sarif,junit -o out" in said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 80

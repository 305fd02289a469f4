"""What ``conformity check`` says of manifests, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from tests.support.cases import manifest, system


def check(*arguments: str | Path) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["check", *map(str, arguments)])


@pytest.fixture
def right(tmp_path: Path) -> Path:
    """Return a manifest that can be assessed, though much is not said in it."""
    return system(tmp_path / "right", "sex,age,default,yhat\nf,30,0,0\n")


def test_a_manifest_that_can_be_assessed_passes_and_what_is_not_said_is_told(right: Path) -> None:
    said = check(right)
    assert said.exit_code == 0, said.output
    assert "not said: classification (Art. 3(1)):" in said.stdout
    assert said.stdout.splitlines()[-1].startswith(f"{right}: Scorer 2.0: can be assessed; ")
    assert said.stdout.endswith(" things are not said yet\n")


def test_what_is_not_said_fails_only_where_that_is_asked_for(right: Path) -> None:
    assert check(right, "--strict").exit_code == 4


def test_each_problem_has_its_place_and_a_remedy(tmp_path: Path, right: Path) -> None:
    wrong = system(tmp_path / "wrong", None, manifest().replace("purpose: testing", "purpose: tasting"))
    said = check(wrong, right)
    assert said.exit_code == 3
    first = said.stdout.splitlines()[0]
    assert first.startswith(f"{wrong}:9:")
    assert "subjects[0].purpose" in first
    assert "testing" in first


def test_a_file_that_is_no_manifest_has_no_line_or_its_own(tmp_path: Path) -> None:
    place = tmp_path / "conformity.yaml"
    place.write_bytes(b"\xff\xfe")
    said = check(place)
    assert said.exit_code == 3
    assert said.stdout.startswith(f"{place}")
    assert said.stdout.count("\n") == 1


def test_the_findings_can_be_had_as_json(right: Path) -> None:
    said = check("--json", right)
    (found,) = json.loads(said.stdout)
    assert (found["system"], found["errors"]) == ("Scorer 2.0", [])
    assert found["missing_information"]


def test_at_least_one_manifest_is_needed() -> None:
    assert check().exit_code == 2

"""What ``conformity diff`` prints within 80 columns, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from conformity.errors import DataError
from tests.support.assessments import criterion, measured, observation, record, scalar, table
from tests.support.comparisons import NEW, OLD, rate, share
from tests.support.composed import material
from tests.support.declarations import packed


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two packs, of which the later one is worse and asks less."""
    folder = tmp_path_factory.mktemp("packs")

    def made(name: str, hits: int, gap: float, bound: float, data: str) -> Path:
        rates = [rate(hits, 1000, f"group-{n}", metric="accuracy") for n in range(12)]
        whole = measured(share(hits, 1000), metric="accuracy", by=())
        seen = observation(
            *rates, whole, step="accuracy/classification@test", probe="accuracy/classification"
        )
        gaps = measured(scalar(gap, gap - 0.02, gap + 0.02), metric="demographic_parity_difference")
        more = observation(gaps, step="fairness/group_fairness@test", probe="fairness/group_fairness")
        fixed = criterion(metric="demographic_parity_difference", at_most=bound)
        given: dict[str, Any] = {"subjects": (table(),), "criteria": (fixed,), "edition": {"version": name}}
        records = (record("test", data),)
        return packed(material("timeline", seen=(seen, more), records=records, **given), folder / name)

    return made("1.0.0", 900, 0.05, 0.1, OLD), made("2.0.0", 700, 0.4, 0.2, NEW)


def ran(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["diff", *map(str, arguments)])


def test_what_got_worse_is_told_within_80_columns(packs: tuple[Path, Path]) -> None:
    said = ran(*packs)
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "System 1, 1.0.0 -> System 1, 2.0.0"
    assert "  gap-sex: demographic_parity_difference on test, SEX <= 0.1 ->" in lines
    assert "  and 4 more; write documents with -o to see all." in lines
    text = " ".join(" ".join(lines).split())
    assert "is for a person to decide." in text
    assert "Measures that got worse:" in text
    assert "Accuracy" in text


def test_the_gate_fails_only_where_something_got_worse(packs: tuple[Path, Path]) -> None:
    before, after = packs
    assert ran(before, after, "--fail-on", "worse").exit_code == 1
    assert ran(after, before, "--fail-on", "worse").exit_code == 0
    assert ran(before, before, "--fail-on", "worse").exit_code == 0


def test_json_and_documents_are_written(packs: tuple[Path, Path], tmp_path: Path) -> None:
    said = ran(*packs, "--json", "-o", tmp_path / "out", "--formats", "md")
    assert said.exit_code == 0
    assert json.loads(said.stdout)["comparison_schema"] == "conformity/comparison/v1"
    told = ran(*packs, "-o", tmp_path / "out", "--formats", "md").stdout.replace("\n", "")
    assert str(tmp_path / "out" / "comparison.md") in told.replace(" ", "")


def test_two_systems_are_refused(packs: tuple[Path, Path], tmp_path: Path) -> None:
    other = {"name": "Another", "version": "1", "intended_purpose": "p"}
    pack = packed(material("timeline", system=other, subjects=(table(),)), tmp_path / "other")
    said = ran(packs[0], pack)
    assert isinstance(said.exception, DataError)
    assert ran(packs[0], pack, "--other-system").exit_code == 0
    assert "states that nobody is in the data" in ran(*packs, "--independent-data").stdout.replace("\n", " ")


def test_what_may_be_told_of_other_data_is_pointed_to(tmp_path: Path) -> None:
    def made(name: str, people: int, data: str) -> Path:
        seen = observation(
            measured(share(people // 2, people), metric="accuracy", by=()),
            step="accuracy/classification@test",
            probe="accuracy/classification",
        )
        return packed(
            material("timeline", seen=(seen,), records=(record("test", data),), subjects=(table(),)),
            tmp_path / name,
        )

    few, same = (made("1", 1000, OLD), made("2", 1004, NEW)), made("3", 1004, OLD)
    assert "--independent-data says so" in " ".join(ran(*few).stdout.split())
    for told in (ran(*few, "--independent-data"), ran(few[0], same)):
        assert told.exit_code == 0
        assert "--independent-data" not in told.stdout

"""Packs are computed again as an auditor would: the samples from their tallies, and on either engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from samples.common.script import run
from samples.make_reports import REPORTS, SAMPLES
from tests.support.cases import conformity, system

pytestmark = pytest.mark.slow

TALLIES = {"credit": 37, "hiring": 34, "assistant": 0}
"""How many evidence items of each sample rest on tallies; the others on the plan, on files or on a model."""


def reproduced(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Return what the command tells as JSON."""
    ran = conformity("reproduce", *arguments, "--json")
    assert ran.code == code, ran.err
    found: dict[str, Any] = ran.json()
    return found


def counted(found: dict[str, Any], outcome: str, rests_on: str) -> int:
    """Return how many items came out in one way."""
    return sum((one["outcome"], one["rests_on"]) == (outcome, rests_on) for one in found["items"])


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_number_of_a_sample_on_its_tables_follows_from_its_tallies(name: str) -> None:
    found = reproduced(REPORTS / name, *([] if name == "assistant" else ["--no-documents"]))
    outcomes = {one["outcome"] for one in found["items"]}
    assert outcomes == {"identical", "inputs_withheld"}
    assert counted(found, "identical", "tallies") == TALLIES[name]
    assert {one["outcome"] for one in found["documents"]} <= {"identical"}, "./run reports"
    assert bool(found["documents"]) == (name == "assistant")
    assert found["verdicts"]["changed"] == []
    assert found["verdicts"]["not_following"] is None


@pytest.mark.network
@pytest.mark.parametrize("name", ["assistant", "hiring"])
def test_a_sample_follows_from_its_data(name: str) -> None:
    """Credit is measured anew for its golden; all three, on Spark too, by the benchmark reproduce_samples."""
    assert run(SAMPLES[name], []) == 0
    found = reproduced(REPORTS / name, "--data", SAMPLES[name].home, "--no-documents")
    assert {one["state"] for one in found["subjects"]} == {"same"}
    assert (found["tallies"]["differing"], found["tallies"]["not_recomputed"]) == ([], 0)
    assert {one["outcome"] for one in found["items"]} == {"identical"}


@pytest.mark.spark
def test_a_pack_made_on_one_engine_follows_on_the_other(tmp_path: Path) -> None:
    manifest, pack = system(tmp_path / "system"), tmp_path / "pack"
    ran = conformity("assess", manifest, "-o", pack, "--formats", "json")
    assert ran.code == 0, ran.err
    found = reproduced(pack, "--data", manifest.parent, "--engine", "spark")
    assert {one["outcome"] for one in found["items"]} == {"identical"}
    assert counted(found, "identical", "data") > 10
    assert found["tallies"]["identical"] >= 8
    assert found["engine"] == "spark"
    # A row more, and no table is the one that was measured: the tallies still bear out the numbers.
    with (manifest.parent / "test.csv").open("a", encoding="utf-8") as file:
        file.write("f,30,0,0\n")
    found = reproduced(pack, "--data", manifest.parent, code=5)
    assert [one["state"] for one in found["subjects"]] == ["changed"]
    assert counted(found, "identical", "data") == 0
    assert counted(found, "identical", "tallies") > 10

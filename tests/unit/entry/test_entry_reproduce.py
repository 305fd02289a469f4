"""What ``conformity reproduce`` prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformity.entry.cli import cli
from conformity.entry.reproduce import in_words
from conformity.model.reproduction import Reproduction
from tests.support.declarations import packed, signed

SEAL = "sha256:" + "a" * 64


def run(pack: Path, *more: str | Path) -> Result:
    """Run the command on a pack."""
    return CliRunner().invoke(cli, ["reproduce", str(pack), *(str(one) for one in more)])


def item(step: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """Return an evidence item."""
    return {
        "evidence": "EV-0123456789",
        "step": step,
        "probe": "fairness/gap",
        "subject": "test",
        "outcome": outcome,
        "rests_on": "tallies",
        "numbers": 10,
        **changes,
    }


def result(**changes: Any) -> Reproduction:
    """Return a reproduction of one item."""
    fields: dict[str, Any] = {
        "pack": "reports/scorer",
        "assessment_sha256": SEAL,
        "made_by": "conformity 0.1.0",
        "tool": "conformity 0.1.0",
        "source": "tallies",
        "items": (item("a@test", "identical"),),
        "verdicts": {"identical": 3},
    }
    return Reproduction.model_validate({**fields, **changes})


def text(found: Reproduction) -> str:
    """Return what is printed, no line wider than 80 columns."""
    lines = "\n".join(in_words(found)).split("\n")
    assert max(map(len, lines)) <= 80
    return "\n".join(lines)


def test_a_pack_without_tallies_computes_no_number_and_says_so(tmp_path: Path) -> None:
    said = run(packed(signed(), tmp_path / "pack"), "--no-documents", "--isolation", "process")
    assert said.exit_code == 0, said.output
    lines = said.stdout.splitlines()
    assert "computed again from the sealed tallies alone." in said.stdout.replace("\n", " ")
    assert lines[-1].startswith("No number was computed again. 1 of 1 evidence items were not computed")
    assert "     1        1  inputs withheld" in said.stdout


def test_what_differs_is_listed_and_exits_with_5(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "record.md").write_text("# Another record\n", "utf-8")
    pack = packed(signed(), tmp_path / "pack")
    said = run(pack, "--data", tmp_path / "data", "--json", "--isolation", "process")
    assert said.exit_code == 5
    found = json.loads(said.stdout)
    assert [one["state"] for one in found["subjects"]] == ["not_found", "changed"]
    assert [one["outcome"] for one in found["documents"]] == ["cannot_tell", "identical"]


def test_everything_that_differs_is_told_with_its_reason() -> None:
    said = text(
        result(
            engine="spark",
            source="data",
            items=(
                item("a@test", "identical"),
                item("b@test", "differs", reason="1 of 10 numbers differ: gap."),
                item("c@test", "decisions_only", reason="Readings."),
                item("d@test", "within_tolerance", reason="Last digits."),
                item("e@test", "inputs_withheld", reason="Not there."),
                item("f@test", "inputs_withheld", reason="Not there."),
            ),
            subjects=(
                {"id": "test", "state": "same"},
                {"id": "train", "state": "changed"},
                {"id": "log", "state": "not_found"},
                {"id": "far", "state": "not_read", "reason": "It lies at an address."},
            ),
            tallies={
                "identical": 2,
                "differing": (
                    {"step": "b@test", "name": "cells", "recorded": 4, "now": 4, "differing": 2},
                    {"step": "c@test", "name": "sums", "recorded": 4, "now": 4},
                ),
            },
            verdicts={
                "identical": 2,
                "changed": ({"requirement": "art10.2.f", "recorded": "met", "now": "not_met"},),
                "not_following": "The findings are not those to which its records lead.",
            },
            documents=(
                {"name": "report.html", "outcome": "differs", "reason": "Its digest is another."},
                {"name": "report.pdf", "outcome": "cannot_tell", "reason": "Made by another version."},
                {"name": "assessment.json", "outcome": "identical"},
            ),
        )
    )
    for part in (
        "computed again from the data, on\nspark, and the tallies.",
        "     6       60  in the pack",
        "     2       20  inputs withheld",
        "     4  tallies: 2 identical, 2 differ, 0 not counted again",
        "     4  files: 1 the same, 1 changed, 2 not there",
        "     3  verdicts: 2 the same, 1 others",
        "     3  documents: 1 identical, 1 differ, 1 cannot be told",
        "Differs (1):\n  1 of 10 numbers differ: gap. b@test",
        "Inputs withheld (2):\n  Not there. e@test, f@test",
        "  train: its digest is another one",
        "  far: It lies at an address.",
        "  b@test, cells: 2 entries are in one alone",
        "  c@test, sums: the pack's cannot be read",
        "  art10.2.f: met in the pack, now not_met",
        "  The findings are not those to which its records lead.",
        "  report.pdf: Made by another version.",
        "Not reproduced: something differs; files at hand that are not those measured: 1.",
        "2 of 6 evidence",
    ):
        assert part in said, part


def test_long_lists_are_cut_and_say_so() -> None:
    subjects = tuple({"id": f"s-{n}", "state": "changed"} for n in range(30))
    said = text(result(subjects=subjects, engine="duckdb", source="data"))
    assert "Files (30):" in said
    assert "  and 10 more; --json lists all." in said


def test_nothing_that_differs_is_told_plainly() -> None:
    assert text(result()).endswith("Nothing that was computed differs.")


@pytest.mark.parametrize(
    "changes",
    [
        {"items": (item("a@test", "differs"),)},
        {"subjects": ({"id": "test", "state": "changed"},)},
        {"tallies": {"differing": ({"step": "a", "name": "n", "recorded": 1, "now": 1},)}},
        {
            "verdicts": {
                "identical": 0,
                "changed": ({"requirement": "r", "recorded": "met", "now": "not_met"},),
            }
        },
        {"verdicts": {"identical": 3, "not_following": "They do not follow."}},
        {"documents": ({"name": "report.pdf", "outcome": "differs"},)},
    ],
)
def test_any_difference_counts(changes: dict[str, Any]) -> None:
    assert result(**changes).differs
    assert not result().differs


@pytest.mark.parametrize("outcome", ["within_tolerance", "decisions_only", "inputs_withheld"])
def test_what_is_no_difference_does_not(outcome: str) -> None:
    assert not result(items=(item("a@test", outcome),)).differs


def test_a_name_that_would_command_the_terminal_is_written_out() -> None:
    assert "\\x1b[2J" in text(result(pack="a\x1b[2Jb"))

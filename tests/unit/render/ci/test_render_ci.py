"""What code hosts read in a pipeline: results at lines, workflow commands, and a comment."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from markdown_it import MarkdownIt

from conformity.judge.baseline import against
from conformity.model.base import RequirementId
from conformity.model.baseline import AgainstBaseline
from conformity.model.finding import Verdict
from conformity.render.ci.annotations import command, commands
from conformity.render.ci.codequality import code_quality
from conformity.render.ci.comment import comment, marker
from conformity.render.ci.points import Placing, Point, points
from conformity.render.ci.sarif import placed_sarif
from tests.support.exported import HARD_TEXTS, Records, export_json, judged, written
from tests.unit.render.render_records import build

OPEN: tuple[Verdict, ...] = ("met", "not_met", "undetermined", "not_collected", "not_applicable")
LINES: Mapping[RequirementId, int] = {RequirementId("art1.1"): 7, RequirementId("art2.1"): 9}
PLACING = Placing("ml/scorer/conformity.yaml", LINES)
_MISSED: tuple[Verdict, ...] = ("not_met",)
SEAL = "sha256:" + "b" * 64


def logged(records: Records) -> Any:
    """Return the SARIF export of records."""
    return export_json(records, "sarif")


def told(
    *verdicts: Verdict, before: tuple[Verdict, ...] | None = None, texts: tuple[str, ...] = ("Because.",)
) -> Any:
    """Return the exports of an assessment, its points, and what is new since a baseline."""
    records = judged(*verdicts, texts=texts)
    changes = against(records[0], judged(*before)[0], SEAL) if before else None
    log = logged(records)
    return (log, written(records, "md")["md"]), points(log, PLACING, changes), changes


def test_points_are_what_is_open_with_their_lines_and_changes() -> None:
    _, found, _ = told(*OPEN, before=("met", "met", "undetermined", "undetermined", "met"))
    assert [(one.id, one.verdict, one.line, one.change) for one in found] == [
        ("art1.1", "not_met", 7, "new"),
        ("art2.1", "undetermined", 9, "known"),
        ("art3.1", "not_collected", 1, "worse"),
    ]
    assert found[0].text == "not met: Because. Because."


def test_sarif_is_at_the_line_of_the_manifest_and_the_data_come_second() -> None:
    log = json.loads(placed_sarif(logged(build()), PLACING, None))
    (run,) = log["runs"]
    uris = [one["location"]["uri"] for one in run["artifacts"]]
    assert uris[0] == "ml/scorer/conformity.yaml"
    assert all(uri.startswith("ml/scorer/") for uri in uris)
    with_data = [one for one in run["results"] if "relatedLocations" in one]
    assert with_data
    for result in run["results"]:
        (first,) = result["locations"]
        assert first["physicalLocation"]["artifactLocation"] == {"uri": uris[0], "index": 0}
        for where in result.get("relatedLocations", ()):
            file = where["physicalLocation"]["artifactLocation"]
            assert uris[file["index"]] == file["uri"] != uris[0]
        assert "baselineState" not in result


def test_sarif_tells_what_became_of_each_result() -> None:
    made, _, changes = told(*OPEN, before=("met", "met", "undetermined", "undetermined", "met"))
    results = json.loads(placed_sarif(made[0], PLACING, changes))["runs"][0]["results"]
    assert [one["baselineState"] for one in results] == ["new", "unchanged", "updated"]
    assert [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results] == [7, 9, 1]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [("conformity.yaml", "test.csv"), ("a b/conformity.yaml", "a%20b/test.csv"), ("m.yml", "test.csv")],
)
def test_data_are_named_from_the_root_of_the_repository(manifest: str, expected: str) -> None:
    run = json.loads(placed_sarif(told("not_met")[0][0], Placing(manifest), None))["runs"][0]
    assert [one["location"]["uri"] for one in run["artifacts"]] == [manifest.replace(" ", "%20"), expected]


def test_data_outside_the_repository_keep_their_names() -> None:
    log = told("not_met")[0][0]
    log["runs"][0]["artifacts"][1]["location"]["uri"] = "../../../elsewhere.csv"
    run = json.loads(placed_sarif(log, PLACING, None))["runs"][0]
    assert run["artifacts"][1]["location"]["uri"] == "../../../elsewhere.csv"


def test_code_quality_has_what_gitlab_asks_for() -> None:
    _, found, _ = told(*OPEN)
    report = json.loads(code_quality(found, PLACING))
    assert [(one["check_name"], one["severity"], one["location"]["lines"]["begin"]) for one in report] == [
        ("art1.1", "critical", 7),
        ("art2.1", "major", 9),
        ("art3.1", "minor", 1),
    ]
    assert len({one["fingerprint"] for one in report}) == 3
    assert {one["location"]["path"] for one in report} == {"ml/scorer/conformity.yaml"}
    assert all(one["description"].startswith("Art.") for one in report)
    assert json.loads(code_quality((), PLACING)) == []


def test_annotations_have_a_level_for_each_verdict_and_what_is_new_comes_first() -> None:
    verdicts: tuple[Verdict, ...] = ("met", "not_met", "not_met", "undetermined", "not_collected")
    _, found, _ = told(*verdicts, before=("met", "not_met", "met", "met", "not_collected"))
    lines = commands(found, PLACING)
    assert [line.split(" ")[0] for line in lines] == ["::error", "::error", "::warning", "::notice"]
    assert "line=9," in lines[0]
    assert not lines[0].endswith("(already open in the baseline)")
    assert lines[1].endswith("(already open in the baseline)")


def test_of_each_level_ten_annotations_are_kept_and_the_rest_are_counted() -> None:
    _, found, _ = told(*(_MISSED * 13))
    lines = commands(found, PLACING)
    assert len(lines) == 10
    assert lines[-1].endswith("::4 more requirements have this verdict; see the report.")


def test_a_workflow_command_holds_whatever_its_texts_hold() -> None:
    """GitHub documentation, "Workflow commands": the percent sign, line breaks, and in properties : and ,."""
    line = command("error", "50%\r\n::stop::", file="a,b:c.yaml", line=3, title="t%", column=2)
    assert line == "::error file=a%2Cb%3Ac.yaml,line=3,col=2,title=t%25::50%25%0D%0A::stop::"


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hostile_texts_stay_on_their_line_and_are_no_markup(text: str) -> None:
    made, found, changes = told("not_met", "undetermined", before=("met", "met"), texts=(text,))
    for line in commands(found, PLACING):
        assert {unicodedata.category(one) for one in line}.isdisjoint({"Cc", "Cf", "Zl", "Zp"})
        assert line.startswith("::")
    body = comment(made[0], made[1], found, changes, gate=1, fail_on="open").decode()
    assert body.count("<!--") == 1
    for mark in ("<script", "javascript:alert", "@everyone", "\x1b"):
        assert mark not in body
    shown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(body)
    for mark in ("<a ", "<img", "<script", "<s>", "<summary"):
        assert mark not in shown
    json.loads(code_quality(found, PLACING))


def test_a_comment_says_what_the_gate_counts_and_what_is_new() -> None:
    made, found, changes = told(
        "not_met", "undetermined", "met", before=("met", "undetermined", "undetermined")
    )
    body = comment(made[0], made[1], found, changes, gate=1, fail_on="missed").decode()
    assert body.startswith(marker(made[0]))
    assert "**Gate failed: a criterion is missed.** It counts missed criteria alone" in body
    assert "New or worse: 1; open as before: 1; open then and no longer: 1" in body
    assert "`art0.1`" in body
    assert "# Conformity assessment: " in body


def test_a_comment_without_a_baseline_has_no_word_of_one() -> None:
    made, found, _ = told("met")
    body = comment(made[0], made[1], found, None, gate=0, fail_on="open").decode()
    assert "Since assessment" not in body
    assert "Gate passed: nothing that it counts is open" in body


def test_the_mark_of_a_comment_stays_the_same_from_run_to_run() -> None:
    assert marker(told("met")[0][0]) == marker(told("not_met")[0][0])


def test_a_comment_stays_below_what_code_hosts_take() -> None:
    """65,536 letters are the most that a comment of GitHub may have."""
    verdicts: tuple[Verdict, ...] = ("not_met",) * 60
    made, found, changes = told(*verdicts, before=("met",) * 60, texts=("<" * 490, "&" * 490))
    loosened = tuple(f"bound-{n}" for n in range(40))
    more: AgainstBaseline = changes.model_copy(update={"loosened": loosened})
    body = comment(made[0], made[1], found, more, gate=1, fail_on="open").decode()
    assert len(body) <= 65_000
    assert body.endswith("The rest is left out here; it stands in the report.\n")
    assert "and 35 more" in body
    assert "and 15 more" in body


def test_a_point_without_a_baseline_has_no_change() -> None:
    found: tuple[Point, ...] = told("not_met")[1]
    assert [one.change for one in found] == [None]

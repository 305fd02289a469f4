"""Tools that answer at once: the law, manifests, reports that are there; and paths that are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from conformity.entry.mcp.server import build_server
from conformity.settings import Settings
from tests.support.cases import manifest, system
from tests.support.mcp_calls import Era, call, check_short, structure, with_client, words

SAMPLES = Path(__file__).parents[4] / "sample_reports"
ERAS: list[Era] = ["legacy", "auto"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a root with a system and the reports of the samples."""
    folder = tmp_path_factory.mktemp("root").resolve()
    system(folder)
    for sample in SAMPLES.iterdir():
        if sample.is_dir():
            shutil.copytree(sample, folder / sample.name)
    (folder / "link.csv").symlink_to("/etc/passwd")
    return folder


@pytest.mark.parametrize("era", ERAS)
def test_a_requirement_is_explained_with_its_citation(root: Path, era: Era) -> None:
    answer = call(root, "explain_requirement", era, requirement="art10.2.f")
    told = structure(answer)
    assert told["citation"] == "Art. 10(2)(f)"
    assert any(start.startswith("2027-12-02") for start in told["applies_from"])
    assert [str(link.uri) for link in answer.content if link.type == "resource_link"] == [
        "conformity://requirements/art10.2.f"
    ]


def test_every_requirement_is_explained_in_short(root: Path) -> None:
    """The longest rows of the catalogue are cut too; the test of one stands for the tool."""
    from conformity.entry.mcp.answers.law import explained
    from conformity.pipeline.knowing import list_requirements

    for row in list_requirements():
        check_short(explained(row))


@pytest.mark.parametrize("era", ERAS)
def test_without_answers_a_system_cannot_be_classified(root: Path, era: Era) -> None:
    told = structure(call(root, "classify_system", era))
    assert told["outcome"] == "cannot_tell"
    assert told["open_questions_in_all"] > 10
    asked = {one["id"] for one in told["open_questions"]}
    cursor = told["next_cursor"]
    while cursor is not None:
        page = structure(call(root, "classify_system", era, cursor=cursor))
        asked |= {one["id"] for one in page["open_questions"]}
        cursor = page.get("next_cursor")
    assert len(asked) == told["open_questions_in_all"]


def test_answers_lead_to_an_outcome_and_a_day(root: Path) -> None:
    answers = {
        "ai_system": "yes",
        "union_link": "yes",
        "annex_iii_use": "yes: annexIII.5.b",
        **dict.fromkeys(("excluded", "prohibited_practice", "annex_i_product"), "no"),
    }
    told = structure(call(root, "classify_system", answers_by_question=answers, as_of="2027-12-02"))
    assert any(step.startswith("[Art. 6(2), Art. 3(12)] annex_iii_use: yes") for step in told["steps"])
    assert "compliant" not in json.dumps(told)
    by_manifest = structure(call(root, "classify_system", manifest="conformity.yaml", as_of="2027-12-02"))
    assert by_manifest["outcome"] == "cannot_tell"


@pytest.mark.parametrize("era", ERAS)
def test_a_manifest_is_checked_and_asks_what_only_people_know(root: Path, era: Era) -> None:
    answer = call(root, "check_manifest", era, manifest="conformity.yaml")
    told = structure(answer)
    assert told["usable"] is True
    assert told["counts"]["errors"] == 0
    first = told["missing_information"][0]
    assert set(first) == {"field", "article", "question", "example"}
    fields, cursor = len(told["missing_information"]), told.get("next_cursor")
    while cursor is not None:
        page = structure(call(root, "check_manifest", era, manifest="conformity.yaml", cursor=cursor))
        fields, cursor = fields + len(page["missing_information"]), page.get("next_cursor")
    assert fields == told["counts"]["missing"]


def test_errors_of_a_manifest_have_a_place_and_a_fix(root: Path) -> None:
    text = manifest().replace("art10.2.f", "art10.2.ff")
    told = structure(call(root, "check_manifest", text=text))
    assert told["usable"] is False
    (error,) = told["errors"]
    assert (error["pointer"], error["line"]) == ("/criteria/0/requirements/0", 22)
    assert error["fix"] == "did you mean 'art10.2.f'?"


@pytest.mark.parametrize("sample", ["credit", "hiring", "assistant"])
def test_findings_of_the_samples_are_listed_to_the_last(root: Path, sample: str) -> None:
    server = build_server(Settings(root=root))

    async def work(client: Client) -> tuple[int, int, list[str]]:
        seen, total, verdicts, cursor = 0, 0, list[str](), None
        # A few pages of the larger samples stand for all.
        for _ in range(4):
            given: dict[str, Any] = {"cursor": cursor} if cursor else {}
            answer = await client.call_tool(
                "get_findings", {"pack": sample, "verdict": "open", "limit": 20, **given}
            )
            check_short(answer)
            page = structure(answer)
            total, cursor = page["total"], page.get("next_cursor")
            seen += len(page["findings"])
            verdicts += [one["verdict"] for one in page["findings"]]
            assert page["findings"]
            if cursor is None:
                break
        return seen, total, verdicts

    seen, total, verdicts = with_client(server, work)
    assert seen == total or (seen < total and total > 20)
    order = ["not_met", "undetermined", "not_collected"]
    assert verdicts == sorted(verdicts, key=order.index)


def test_findings_on_a_provision_name_what_was_measured(root: Path) -> None:
    told = structure(call(root, "get_findings", pack="hiring", article="Art. 10(2)(f)"))
    (finding,) = told["findings"]
    assert finding["requirement"] == "art10.2.f"
    assert finding["measured"][0].startswith("disparate_impact_ratio at least 0.8: 0.440 (0.405")
    assert finding["evidence"]
    assert finding["to_do"]


def test_a_report_is_verified_step_by_step(root: Path) -> None:
    told = structure(call(root, "verify_report", path="assistant"))
    assert told["counts"]["failed"] == 0
    assert [one["number"] for one in told["steps"]] == list(range(1, 11))
    assert told["note"] == "What cannot be told is not passed."


def test_a_report_compared_with_itself_shows_no_change(root: Path) -> None:
    told = structure(call(root, "compare_reports", before="assistant", after="assistant"))
    assert set(told["counts"].values()) == {0}
    assert "for a person to decide" in told["note"]


MENDABLE: list[tuple[str, dict[str, Any], str]] = [
    ("generate_conformity_report", {}, "Give `manifest`"),
    ("generate_conformity_report", {"manifest": "../x.yaml"}, "outside the allowed folder"),
    ("generate_conformity_report", {"manifest": "x.yaml", "output": "/etc/x"}, "outside the allowed"),
    ("generate_conformity_report", {"manifest": "x.yaml", "previous": "/etc"}, "outside the allowed"),
    ("generate_conformity_report", {"manifest": "a\0b"}, "is not a path"),
    ("generate_conformity_report", {"data": ["test.csv"], "previous": "old"}, "needs a `manifest`"),
    ("generate_conformity_report", {"data": ["test.csv"], "language": "xx"}, "choose from en, de"),
    ("generate_conformity_report", {"manifest": "x", "depth": "deep"}, "'standard' or 'full'"),
    ("generate_conformity_report", {"manifest": "x", "run_id": "NO"}, "name of a run"),
    ("generate_conformity_report", {"manifest": "x", "wait_seconds": 50}, "wait_seconds"),
    ("draft_manifest", {"data": []}, "data"),
    ("draft_manifest", {"data": ["test.csv"]}, "exists already"),
    ("check_manifest", {}, "Give `manifest`"),
    ("check_manifest", {"manifest": "no.yaml"}, "no.yaml"),
    ("check_manifest", {"text": "x", "cursor": "-1"}, "next_cursor"),
    ("classify_system", {"answers_by_question": {"ai_system": "perhaps"}}, "yes, no or unknown"),
    ("classify_system", {"manifest": "x", "answers_by_question": {}}, "not both"),
    ("classify_system", {"as_of": "soon"}, "YYYY-MM-DD"),
    ("explain_requirement", {"requirement": "art10.2.ff"}, "art10.2.f"),
    ("get_findings", {}, "Give `run_id`"),
    ("get_findings", {"pack": "/etc"}, "outside the allowed"),
    ("get_findings", {"pack": "assistant", "verdict": "passed"}, "choose from open, met"),
    ("get_findings", {"pack": "assistant", "article": "art999"}, "there are some on"),
    ("get_findings", {"pack": "assistant", "cursor": "1.000000000000"}, "not of this assessment"),
    ("analyze_bias", {"data": "link.csv", "protected": ["a"], "positive": [], "negative": []}, "outside"),
    ("analyze_bias", {"data": "test.csv", "protected": [""], "positive": [], "negative": []}, "protected"),
    ("scan_dataset_privacy", {"data": "/etc/passwd", "quasi_identifiers": ["a"]}, "outside the allowed"),
    ("scan_model_file", {"model": "../model.pkl"}, "outside the allowed"),
    ("track_energy", {"action": "stop"}, "needs `interval`"),
    ("track_energy", {"action": "measure", "model": "m.pkl"}, "needs `data`, `country`"),
    ("track_energy", {"action": "read", "emissions_csv": "test.csv", "phase": "play"}, "'training'"),
    ("verify_report", {"path": "../x"}, "outside the allowed"),
    ("verify_report", {"path": "nothing"}, "nothing"),
    ("compare_reports", {"before": "assistant", "after": "credit"}, "two packs of one system"),
]


def test_what_the_user_can_mend_is_said_in_words(root: Path) -> None:
    before = sorted(root.iterdir())

    async def work(client: Client) -> list[Any]:
        return [await client.call_tool(tool, arguments) for tool, arguments, _ in MENDABLE]

    answers = with_client(build_server(Settings(root=root)), work)
    for answer, (tool, arguments, part) in zip(answers, MENDABLE, strict=True):
        assert answer.is_error, (tool, arguments)
        assert part in words(answer), (tool, arguments, words(answer))
        assert "Traceback" not in words(answer)
        check_short(answer)
    assert sorted(root.iterdir()) == before


def test_an_endless_argument_is_not_sent_back(root: Path) -> None:
    answer = call(root, "explain_requirement", requirement="a" * 1_000_000)
    assert answer.is_error
    assert len(words(answer)) < 1100

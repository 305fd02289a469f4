"""SARIF: the rules of the standard that no schema is needed for, and what code hosts make of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.assessments import evidence, record
from tests.support.exported import HARD_TEXTS, Records, export_json, judged
from tests.unit.render.render_records import build

LEVELS = {"not_met": "error", "undetermined": "warning", "not_collected": "note"}


def _run(records: Records) -> Any:
    """Return the one run of a log."""
    log = export_json(records, "sarif")
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def test_only_what_is_open_is_a_result_and_everything_is_counted() -> None:
    run = _run(judged("met", "not_met", "undetermined", "not_collected", "not_applicable"))
    assert [(one["ruleId"], one["kind"], one["level"]) for one in run["results"]] == [
        ("art1.1", "fail", "error"),
        ("art2.1", "fail", "warning"),
        ("art3.1", "fail", "note"),
    ]
    assert run["properties"]["counts"] == dict.fromkeys(
        ("met", "not_met", "undetermined", "not_collected", "not_applicable"), 1
    )
    assert run["properties"]["verdicts"]["art0.1"] == "met"


@pytest.mark.parametrize("records", [build(), *(judged("not_met", texts=(text,)) for text in HARD_TEXTS)])
def test_the_rules_of_the_standard_hold(records: Records) -> None:
    """SARIF 2.1.0: 3.27.6 index of the rule, 3.4.5 of the artifact, 3.27.10 level, 3.27.17 fingerprints."""
    run = _run(records)
    rules = run["tool"]["driver"]["rules"]
    assert len({one["id"] for one in rules}) == len(rules) == len(run["results"])
    uris = [one["location"]["uri"] for one in run["artifacts"]]
    assert len(set(uris)) == len(uris)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == LEVELS[result["properties"]["verdict"]]
        assert len(result["locations"]) == 1
        for one in (*result["locations"], *result.get("relatedLocations", ())):
            place = one["physicalLocation"]["artifactLocation"]
            assert uris[place["index"]] == place["uri"]
            assert re.fullmatch(r"[A-Za-z0-9/._~%-]+", place["uri"])
        assert re.fullmatch(r"[0-9a-f]{64}", result["partialFingerprints"]["requirement/v1"])
    for artifact in run["artifacts"]:
        assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in artifact.get("hashes", {}).values())
    assert run["invocations"][0]["startTimeUtc"] <= run["invocations"][0]["endTimeUtc"]


def test_texts_hold_no_placeholder_and_no_link() -> None:
    run = _run(judged("not_met", texts=("{0} [text](1) {x}",)))
    text = run["results"][0]["message"]["text"]
    assert "{{0}} \\[text\\](1) {{x}}" in text
    assert not re.search(r"(?<!\{)\{(?!\{)", text.replace("{{", "").replace("}}", ""))
    assert "[U+202E] kept" in _run(judged("not_met", texts=("\u202e kept",)))["results"][0]["message"]["text"]


def test_a_requirement_keeps_its_fingerprint_whatever_its_verdict() -> None:
    prints = {
        _run(judged(verdict))["results"][0]["partialFingerprints"]["requirement/v1"]
        for verdict in ("not_met", "undetermined", "not_collected")
    }
    assert len(prints) == 1
    assert _run(judged("not_met", texts=("Another.",)))["results"][0]["partialFingerprints"] not in [
        {"requirement/v1": one} for one in prints
    ]


def test_results_point_to_the_data_that_decided_or_to_the_manifest(records: Records) -> None:
    found = {one["ruleId"]: one for one in _run(records)["results"]}
    paths = {str(one.id): one.path for one in records[0].manifest.subjects}
    place = found["art10.2.f"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == paths["test"]
    place = found["art9.1"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "conformity.yaml"


def test_several_files_that_decided_are_all_named() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        finding = next(one for one in whole["findings"] if one["requirement"] == "art10.2.f")
        missed = finding["measured"][1]
        reading = missed["readings"][0]
        other = reading["measurement"].model_copy(update={"subject": "train"})
        missed["readings"] = [reading, {**reading, "measurement": other}]

    result = next(one for one in _run(build(change))["results"] if one["ruleId"] == "art10.2.f")
    assert len(result["relatedLocations"]) == 1


def test_files_of_a_folder_have_no_digest_of_their_own() -> None:
    made, _ = judged("not_met")
    for seen, hashed in (
        (evidence(subjects=(record("test"),)), True),
        (evidence(subjects=(record("test", files=2),)), False),
        (evidence(subjects=()), False),
    ):
        (data,) = [one for one in _run((made, seen))["artifacts"] if one["location"]["uri"] == "test.csv"]
        assert ("hashes" in data) is hashed


def test_a_tool_without_a_version_has_none() -> None:
    made, seen = judged("not_met")
    driver = _run((made.model_copy(update={"tool": "conformity"}), seen))["tool"]["driver"]
    assert driver.keys() == {"name", "rules"}
    driver = _run((made.model_copy(update={"tool": "conformity next"}), seen))["tool"]["driver"]
    assert driver.keys() == {"name", "rules", "version"}

"""No requirement that is not met looks like one that is, in any export, and all counts are the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import get_args
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from conformity.model.finding import Verdict
from conformity.render.views.verdicts import ICONS
from tests.support.exported import HARD_TEXTS, judged, passed, read_yaml, written

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
TEXTS = st.one_of(
    st.sampled_from(HARD_TEXTS),
    st.text(min_size=1, max_size=60).filter(lambda text: text.strip() != ""),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(VERDICTS), max_size=8), st.lists(TEXTS, min_size=1, max_size=4))
def test_only_what_is_met_looks_like_it_and_all_counts_agree(
    verdicts: list[Verdict], texts: list[str]
) -> None:
    usable = tuple(text for text in texts if text.strip(" \t\n\r\x0b\x0c\x85\xa0\u2028\u2029\u3000")) or (
        "x",
    )
    files = written(judged(*verdicts, texts=usable))
    met = {f"art{place}.1" for place, verdict in enumerate(verdicts) if verdict == "met"}
    assert passed(files) == {"oscal": met, "oscal by reason": met, "junit": met}
    expected = {verdict: Counter(verdicts)[verdict] for verdict in VERDICTS}
    assert _counts(files) == dict.fromkeys(_counts(files), expected)
    _check_sarif(files, verdicts)
    _check_poam(files, verdicts)


def _check_sarif(files: dict[str, bytes], verdicts: list[Verdict]) -> None:
    """Check that what is open, and nothing else, is a result that failed."""
    (run,) = json.loads(files["sarif"])["runs"]
    open_ones = {
        f"art{place}.1"
        for place, verdict in enumerate(verdicts)
        if verdict in ("not_met", "undetermined", "not_collected")
    }
    assert {one["ruleId"] for one in run["results"] if one["kind"] == "fail"} == open_ones
    assert all(one["kind"] == "fail" and one["level"] != "none" for one in run["results"])


def _check_poam(files: dict[str, bytes], verdicts: list[Verdict]) -> None:
    """Check that every requirement that is not met is an item that is open."""
    poam = json.loads(files["poam"])["plan-of-action-and-milestones"]
    props = [{one["name"]: one["value"] for one in item["props"]} for item in poam["poam-items"]]
    listed = {one["requirement"] for one in props if one.get("state") == "open"}
    assert listed >= {f"art{place}.1" for place, verdict in enumerate(verdicts) if verdict == "not_met"}


def _counts(files: dict[str, bytes]) -> dict[str, dict[Verdict, int]]:
    """Return the counts of verdicts that each format states."""
    found: dict[str, dict[Verdict, int]] = {}
    for name, root in (("oscal", "assessment-results"), ("poam", "plan-of-action-and-milestones")):
        props = {one["name"]: one["value"] for one in json.loads(files[name])[root]["metadata"]["props"]}
        found[name] = {one: int(props[f"verdict-{one.replace('_', '-')}"]) for one in VERDICTS}
    bom = {one["name"]: one["value"] for one in json.loads(files["mlbom"])["metadata"]["properties"]}
    found["mlbom"] = {one: int(bom[f"conformity:verdict:{one}"]) for one in VERDICTS}
    found["sarif"] = json.loads(files["sarif"])["runs"][0]["properties"]["counts"]
    suites = ElementTree.fromstring(files["junit"])
    found["junit"] = {
        verdict: sum(
            int(one.attrib["value"])
            for one in suites.iter("property")
            if one.attrib["name"] == f"verdict.{verdict}"
        )
        for verdict in VERDICTS
    }
    for name in ("md", "model-card"):
        found[name] = _printed(files[name].decode())
    head = files["model-card"].decode().split("---\n")[1]
    assert read_yaml(head) == {"tags": ["eu-ai-act", "conformity-assessment"]}
    return found


def _printed(text: str) -> dict[Verdict, int]:
    """Return the counts in the table of verdicts."""
    rows = [
        line.split(" | ")
        for line in text.splitlines()
        if line[:3] in {f"| {icon}" for icon in ICONS.values()}
    ]
    words = {verdict: f"| {icon} {verdict.replace('_', ' ')}" for verdict, icon in ICONS.items()}
    return {
        verdict: next(int(row[1].rstrip(" |")) for row in rows if row[0] == words[verdict])
        for verdict in VERDICTS
    }

"""JUnit: a case for each requirement, and no case passed that is not met."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.support.exported import HARD_TEXTS, Records, judged, written


def _root(records: Records) -> ElementTree.Element:
    """Return the report as another program parses it."""
    return ElementTree.fromstring(written(records, "junit")["junit"])


def _cases(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Return the cases by the requirement's id."""
    return {one.attrib["name"].rpartition("[")[2].rstrip("]"): one for one in root.iter("testcase")}


def test_each_verdict_has_its_outcome() -> None:
    root = _root(judged("met", "not_met", "undetermined", "not_collected", "not_applicable"))
    cases = _cases(root)
    assert {name: [(part.tag, part.get("type")) for part in case] for name, case in cases.items()} == {
        "art0.1": [("system-out", None)],
        "art1.1": [("failure", "not_met")],
        "art2.1": [("error", "undetermined")],
        "art3.1": [("error", "not_collected")],
        "art4.1": [("skipped", None)],
    }
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("5", "1", "2")
    assert cases["art3.1"][0].attrib["message"] == "not collected: Because."


def test_suites_are_articles_in_the_order_of_the_plan_and_their_counts_add_up(records: Records) -> None:
    root = _root(records)
    articles = [one.requirement.article for one in records[0].plan.requirements]
    assert [one.get("name") for one in root] == list(dict.fromkeys(articles))
    for name in ("tests", "failures", "errors"):
        assert sum(int(one.attrib[name]) for one in root) == int(root.attrib[name])
    assert sum(int(one.attrib["skipped"]) for one in root) == sum(
        one.verdict == "not_applicable" for one in records[0].findings
    )


def test_the_text_of_a_failure_tells_what_missed_and_what_to_do(records: Records) -> None:
    text = _cases(_root(records))["art10.2.f"][0].text or ""
    lines = text.splitlines()
    assert lines[0].startswith("not met: ")
    assert any(line.startswith("opportunity (at most 0.1): ") and line.endswith("not met.") for line in lines)
    assert any(line.startswith("To do: ") for line in lines)


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hostile_texts_stay_text(text: str) -> None:
    root = _root(judged("met", "not_met", texts=(text,)))
    allowed = {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "system-out",
    }
    assert {one.tag for one in root.iter()} <= allowed
    assert len(_cases(root)) == 2


def test_no_finding_makes_an_empty_report() -> None:
    root = _root(judged())
    assert (root.get("tests"), len(root)) == ("0", 0)

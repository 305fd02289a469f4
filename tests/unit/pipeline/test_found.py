"""Findings of a pack are listed page by page, missed ones first, with figures as the report prints them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformity.errors import UsageError
from conformity.model.found import FindingsPage
from conformity.pipeline.found import findings_of
from conformity.settings import Settings

SAMPLES = Path(__file__).parents[3] / "sample_reports"


def page_of(sample: str = "assistant", **asked: Any) -> FindingsPage:
    """Return a page of the findings of a sample."""
    return findings_of(SAMPLES / sample, Settings(), **asked)


def test_pages_follow_one_another_to_the_end() -> None:
    seen, cursor = list[str](), None
    while True:
        page = page_of(verdict="open", limit=2, cursor=cursor)
        assert page.start == len(seen)
        seen += [one.requirement for one in page.findings]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page.total
    assert page_of(verdict="open", limit=100).findings[1].requirement == seen[1]


def test_a_shortened_page_goes_on_after_what_it_kept() -> None:
    page = page_of(limit=5)
    kept = page.first(2)
    assert kept.findings == page.findings[:2]
    assert page_of(limit=1, cursor=kept.next_cursor).findings == page.findings[2:3]
    whole = page_of(verdict="open", limit=100)
    assert whole.first(100).next_cursor is None


@pytest.mark.parametrize("article", ["Art. 50(1)", "50.1", "art50.1", "Article 50 (1)"])
def test_a_provision_is_found_however_it_is_written(article: str) -> None:
    assert [one.requirement for one in page_of(article=article).findings] == ["art50.1"]


def test_a_provision_holds_what_lies_below_it_and_nothing_beside() -> None:
    found = {one.requirement for one in page_of(article="4", limit=100).findings}
    assert "art4.1" in found
    assert not any(one.startswith(("art4a", "art40")) for one in found)
    assert all(one.requirement.startswith("annexIV.") for one in page_of(article="Annex IV").findings)


def test_figures_are_those_of_the_report_and_small_groups_stay_hidden() -> None:
    (finding,) = page_of("hiring", article="art10.2.f").findings
    first = finding.criteria[0]
    assert first.bound == "disparate_impact_ratio at least 0.8"
    assert first.verdict == "not_met"
    assert first.readings[0].figure.startswith("0.440 (0.405")
    (credit,) = page_of("credit", article="art10.2.f").findings
    hidden = [one for item in credit.criteria for one in item.readings if "not shown" in one.figure]
    assert hidden
    assert not any(character.isdigit() for character in hidden[0].figure)


def test_verdicts_are_told_apart() -> None:
    for verdict in ("not_collected", "not_applicable", "undetermined"):
        assert {one.verdict for one in page_of(verdict=verdict).findings} == {verdict}
    assert page_of(verdict="not_met").findings == ()
    opened = {one.verdict for one in page_of(verdict="open").findings}
    assert opened == {"not_collected", "undetermined"}


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ({"verdict": "passed"}, "choose from open, met"),
        ({"limit": 0}, "1 to 100"),
        ({"limit": 101}, "1 to 100"),
        ({"article": "art999"}, "there are some on art4"),
        ({"cursor": "x"}, "not of this assessment"),
        ({"cursor": "01.000000000000"}, "not of this assessment"),
        ({"cursor": "1.000000000000"}, "not of this assessment"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], part: str) -> None:
    with pytest.raises(UsageError, match=part):
        page_of(**asked)

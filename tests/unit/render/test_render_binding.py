"""From when a duty binds, and the dates of bounds under Art. 9(8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from conformity.model.evidence import Observation
from conformity.render.html import html_text
from tests.unit.render.render_records import LIMIT, build

Change = Callable[[dict[str, Any]], None]

MARKING = [
    {"regime": "all", "on": "2026-08-02", "note": "Art. 113, for systems placed from that day."},
    {"regime": "all", "on": "2026-12-02", "note": "Art. 111(4), for generators placed before that day."},
]


def card(requirement: str, change: Change) -> str:
    """Return the words of the card of one requirement, after a change of the assessment."""

    def both(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        change(whole)

    text = html_text(*build(both), disclosure_limit=LIMIT)
    found = re.search(rf'<h4 id="r-{requirement}">.*?</section>', text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split())


def planned(whole: dict[str, Any], requirement: str) -> dict[str, Any]:
    """Return the plan's entry for a requirement."""
    found: dict[str, Any] = next(
        row for row in whole["plan"]["requirements"] if row["requirement"]["id"] == requirement
    )
    return found


def marking(placed: str | None) -> Change:
    """Return a change that gives Art. 13(2) the two days of Art. 50(2)."""

    def change(whole: dict[str, Any]) -> None:
        row = planned(whole, "art13.2")
        row["requirement"]["applies_from"] = MARKING
        row["duty_from"] = "2026-12-02" if placed == "2026-01-01" else "2026-08-02"
        whole["plan"]["classification"]["placed_on_market_on"] = placed

    return change


@pytest.mark.parametrize(
    ("placed", "words"),
    [
        (
            None,
            "Binds since 2 August 2026 (Art. 113, for systems placed from that day); from 2 December 2026 "
            "(Art. 111(4), for generators placed before that day); when the system was placed on the market "
            "is not declared",
        ),
        ("2026-08-02", "Binds now, since 2 August 2026 (Art. 113, for systems placed from that day)"),
        (
            "2026-01-01",
            "Binds from 2 December 2026 (Art. 111(4), for generators placed before that day)",
        ),
    ],
)
def test_both_days_are_given_where_the_placing_is_not_declared(placed: str | None, words: str) -> None:
    assert f"art13.2 · {words} Give clear instructions." in card("art13.2", marking(placed))


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        (["high_risk"], "Binds only after a significant change of design (Art. 111(2))"),
        (["voluntary_commitment"], "A voluntary commitment, not a duty"),
    ],
)
def test_a_row_without_a_day_says_why(conditions: list[str], words: str) -> None:
    def change(whole: dict[str, Any]) -> None:
        row = planned(whole, "art13.2")
        row["requirement"]["conditions"] = conditions
        row["duty_from"] = None

    assert words in card("art13.2", change)


def beforehand(*criteria: str) -> Change:
    """Return a change that judges Art. 9(8) by the dates of these criteria."""

    def change(whole: dict[str, Any]) -> None:
        planned(whole, "art9.8")["requirement"]["rule"] = "fixed_beforehand"
        every = {one["criterion"]: one for f in whole["findings"] for one in f.get("measured", ())}
        finding = next(f for f in whole["findings"] if f["requirement"] == "art9.8")
        finding["measured"] = [every[criterion] for criterion in criteria]

    return change


def test_under_article_9_8_only_the_dates_of_bounds_are_told() -> None:
    shown = card("art9.8", beforehand("four-fifths", "opportunity", "clean-file"))
    # No tick: whether the bound is kept is told elsewhere, and may be told otherwise there.
    assert re.search(r"Disparate impact ratio: at least 0.8 ◆ fixed before: yes", shown)
    assert "✓" not in shown
    # Fixed on 5 October, after its data of 1 October; that it is missed as well is told elsewhere.
    assert "▲ fixed before: no" in shown
    assert "✖" not in shown
    assert shown.count("Its origin and its readings are given under Art. 10(2)(f)") == 2
    assert "0.8 lies inside the interval." not in shown


def test_a_bound_that_serves_article_9_8_alone_is_shown_in_full() -> None:
    def change(whole: dict[str, Any]) -> None:
        beforehand("opportunity")(whole)
        finding = next(f for f in whole["findings"] if f["requirement"] == "art10.2.f")
        finding["measured"] = finding["measured"][:1]

    shown = card("art9.8", change)
    assert "0.11 is above 0.1." in shown
    assert "fixed before: " not in shown


def test_a_claim_keeps_its_verdict_under_article_9_8() -> None:
    def change(whole: dict[str, Any]) -> None:
        beforehand("four-fifths")(whole)
        for criterion in whole["manifest"]["criteria"]:
            if criterion["id"] == "four-fifths":
                criterion["claimed_in"] = "instructions"

    assert "▲ undetermined" in card("art9.8", change).split("Disparate impact ratio")[1]


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("high_risk_annex_iii", "only after a significant change of design (Art. 111(2))"),
        ("high_risk_annex_i_a", "only after a significant change of design (Art. 111(2))"),
        ("transparency_only", "do not apply"),
        ("cannot_tell", "cannot be told yet"),
    ],
)
def test_without_a_day_for_high_risk_duties_the_outcome_says_why(outcome: str, words: str) -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        classification = whole["plan"]["classification"]
        classification["outcome"], classification["high_risk_from"] = outcome, None

    text = re.sub(r"<[^>]+>", " ", html_text(*build(change), disclosure_limit=LIMIT))
    assert f"High-risk duties apply from {words} " in " ".join(text.split())


def test_beside_a_figure_from_a_record_stands_what_the_record_covers() -> None:
    note = "The records cover 47% of the time between the first start and the last end."
    record = {
        "kind": "energy_record",
        "id": "model",
        "title": "Record",
        "path": "e.csv",
        "phase": "inference",
    }

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        subjects = whole["manifest"]["subjects"]
        whole["manifest"]["subjects"] = [one for one in subjects if one["id"] != "model"] + [record]
        finding = next(f for f in whole["findings"] if f["requirement"] == "art15.5")
        reading = finding["measured"][0]["readings"][0]
        old = next(one for one in proof["observations"] if one.id == reading["evidence"])
        fields = {name: getattr(old, name) for name in Observation.model_fields if name != "id"}
        noted = Observation.of(**{**fields, "notes": (note,)})
        proof["observations"] = [noted if one is old else one for one in proof["observations"]]
        reading["evidence"] = noted.id

    text = html_text(*build(change), disclosure_limit=LIMIT)
    found = re.search(r'<h4 id="r-art15.5">.*?</section>', text, re.DOTALL)
    assert found is not None
    assert found.group().count(note) == 1

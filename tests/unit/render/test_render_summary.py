"""The page for a manager: what came out, what matters most, and what to do next."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from conformity.render.assets import words_in
from conformity.render.html import html_text
from conformity.render.locale import locale_for
from conformity.render.views.context import Context
from conformity.render.views.summary import Summary, beginning, summary
from conformity.render.views.urgency import by_urgency
from tests.unit.render.render_records import LIMIT, Records, build


def context_of(made: Records) -> Context:
    """Return what views are made from."""
    return Context(*made, LIMIT, locale_for("en"), words_in("en"))


def summary_of(made: Records) -> Summary:
    """Return the page of records."""
    return summary(context_of(made))


def open_finding(requirement: str, verdict: str) -> dict[str, Any]:
    """Return a finding as plain data."""
    return {"requirement": requirement, "verdict": verdict, "reason": f"It is {verdict}."}


def entry(requirement: str, **more: Any) -> dict[str, Any]:
    """Return an open entry of the register as plain data."""
    return {
        "id": f"NC-{requirement}",
        "requirement": requirement,
        "kind": "missed",
        "verdict": "not_met",
        "reason": "It is missed.",
        "blocks": True,
        "rule": "A rule.",
        "severity": "major",
        "severity_rule": "A rule.",
        "owner": "Head of Credit Risk",
        "corrective_action": "Gather more data.",
        "planned": True,
        "due": date(2027, 3, 1),
        "opened_on": date(2026, 11, 20),
        "opened_in": "1.0.0",
        **more,
    }


def test_the_page_counts_every_verdict_and_gives_no_score(records: Records, html: str) -> None:
    made = summary_of(records)
    findings = records[0].findings
    assert sum(int(one.n) for one in made.outcomes) == len(findings)
    words = re.sub(r"<[^>]+>", " ", html[html.index('<h2 id="summary">') : html.index('id="contents"')])
    assert "%" not in words
    assert "do not add up to a score" in words
    assert "Not met".lower() in words
    assert len(made.points) == 3


def test_the_most_important_points_come_first() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        ids = [row["requirement"]["id"] for row in whole["plan"]["requirements"]]
        whole["findings"] = [
            *(open_finding(one, "not_collected") for one in ids[:2]),
            *(open_finding(one, "undetermined") for one in ids[2:4]),
            *(open_finding(one, "not_met") for one in ids[4:]),
        ]
        # The last of each binds already; among the missed, the second to last blocks.
        for place in (1, 3, len(ids) - 1):
            whole["plan"]["requirements"][place]["duty_from"] = "2026-01-01"
        whole["non_conformities"] = [entry(ids[-2])]

    made = build(change)
    ids = [row.requirement.id for row in made[0].plan.requirements]
    order = [finding.requirement for finding in by_urgency(context_of(made))]
    assert order[:2] == [ids[-2], ids[-1]]
    assert order[-4:] == [ids[3], ids[2], ids[1], ids[0]]


def test_what_the_law_only_allows_comes_last_and_is_no_open_duty() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        row, found = whole["plan"]["requirements"][0], whole["findings"][0]
        row["requirement"]["id"] = found["requirement"] = "art63.1"
        row["requirement"]["permits"] = True
        row["duty_from"] = "2026-01-01"
        found.update(verdict="not_collected", measured=(), declared=None, evidence=())

    made = build(change)
    context = context_of(made)
    assert by_urgency(context)[-1].requirement == "art63.1"
    outcome = next(one for one in summary_of(made).outcomes if one.mark.key == "not_collected")
    assert (outcome.now, outcome.allowed) == ("0", "1")
    text = html_text(*made, disclosure_limit=LIMIT)
    assert "(1 only “may”)" in text
    assert "It only allows something (“may”) and asks for nothing." in text


@pytest.mark.parametrize(
    ("duty", "register", "until"),
    [
        ("2027-12-02", None, "2 December 2027, when it binds"),
        ("2026-08-02", None, "now: it binds since 2 August 2026"),
        (None, None, "no day follows from the Act"),
        ("2027-12-02", {}, "1 March 2027, as the provider fixed"),
        ("2027-12-02", {"due": None}, "2 December 2027, when it binds"),
        ("2027-12-02", {"state": "closed"}, "2 December 2027, when it binds"),
    ],
)
def test_each_point_says_until_when(duty: str | None, register: dict[str, Any] | None, until: str) -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for row in whole["plan"]["requirements"]:
            row["duty_from"] = duty
        missed = next(f["requirement"] for f in whole["findings"] if f["verdict"] == "not_met")
        if register is not None:
            closure = {"on": "2026-11-20", "reason": "Met.", "evidence_sha256": "sha256:" + "ab" * 32}
            more = {**register, "closure": closure} if register.get("state") else register
            whole["non_conformities"] = [entry(missed, **more)]

    point = summary_of(build(change)).points[0]
    assert point.until == until
    planned = register is not None and "state" not in register
    assert (point.step == "Gather more data.") is planned


def test_the_next_step_speaks_of_what_is_missed() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        missed = next(f for f in whole["findings"] if f["verdict"] == "not_met")
        missed["to_do"] = ["Have it signed.", "Criterion opportunity is missed: examine it."]

    assert summary_of(build(change)).points[0].step == "Criterion opportunity is missed: examine it."


def test_nothing_open_leaves_nothing_to_do_but_the_day() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for finding in whole["findings"]:
            finding.update(verdict="not_applicable", measured=(), declared=None, evidence=(), to_do=())
        whole["plan"]["classification"]["high_risk_from"] = None
        whole["plan"]["classification"]["missing"] = ()
        whole["manifest"].update(subjects=[], criteria=[])

    made = build(change)
    page = summary_of(made)
    assert (page.points, page.next) == ((), ())
    assert page.looked[0] == "No data, model or log was handed in to be measured."
    assert "No point is open." in html_text(*made, disclosure_limit=LIMIT)


def test_open_questions_of_the_classification_come_before_all_else() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["plan"]["classification"]["missing"] = ("Is it a safety component?",)

    assert summary_of(build(change)).next[0].startswith("First answer what the classification")


def test_long_texts_are_cut_at_the_end_of_a_sentence() -> None:
    assert beginning("One.\n Two.", 40) == "One. Two."
    assert beginning("A first sentence. A second one that is too long.", 30) == "A first sentence."
    assert beginning("word " * 20, 21) == "word word word word …"


def test_a_step_that_the_reason_tells_is_not_told_again() -> None:
    told = "About 20,000 more cases would settle it."

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        undetermined = next(f for f in whole["findings"] if f["verdict"] == "undetermined")
        undetermined.update(reason=f"The interval straddles the bound. {told}", to_do=[told])

    text = html_text(*build(change), disclosure_limit=LIMIT)
    opened = text[text.index('<table class="open">') :]
    assert opened[: opened.index("</table>")].count(told) == 1
    assert "The reason says what would settle it." in opened

"""The register of non-conformities in the report: what is planned, what is open, and what closed an entry."""

from __future__ import annotations

from datetime import date
from typing import Any

from conformity.render.html import html_text
from conformity.render.views.nonconformities import MOST_ROWS, RegisterView, places_in_register, register_view
from tests.unit.render.render_records import LIMIT, Records, build
from tests.unit.render.test_render_summary import context_of, entry

UNPLANNED = {"planned": False, "owner": None, "due": None}


def registered(*entries: dict[str, Any]) -> Records:
    """Return records whose register holds these entries."""

    def change(whole: dict[str, Any], _: dict[str, Any]) -> None:
        whole["non_conformities"] = list(entries)

    return build(change)


def requirements(verdict: str) -> list[str]:
    """Return the requirements of the usual records that have a verdict."""
    return [one.requirement for one in build()[0].findings if one.verdict == verdict]


def view_of(made: Records) -> RegisterView:
    """Return the register as it is printed."""
    return register_view(context_of(made), {})


def test_without_entries_the_register_says_that_it_is_empty() -> None:
    assert "The register is empty." in html_text(*registered(), disclosure_limit=LIMIT)


def test_a_planned_entry_names_owner_action_and_day_and_leads_there_and_back() -> None:
    missed = requirements("not_met")[0]
    made = registered(entry(missed, severity="critical", remarks="Agreed with the bank."))
    (row,) = view_of(made).rows
    assert (row.severity, row.blocks, row.n) == ("critical", "blocks a declaration", "")
    assert (row.owner, row.action, row.due) == (
        "Head of Credit Risk",
        "Gather more data. (Agreed with the bank.)",
        "1 March 2027",
    )
    assert row.state == "Open since 20 November 2026, version 1.0.0"
    text = html_text(*made, disclosure_limit=LIMIT)
    assert f'<tr id="nc-1"><th scope="row">{row.severity}' in text
    assert f'<a href="#{row.about[0].anchor}">{row.about[0].text}</a>' in text
    assert text.count('<a href="#nc-1">in the register</a>') == 1
    assert places_in_register(context_of(made)) == {missed: "nc-1"}


def test_entries_without_a_plan_stand_together_where_all_else_is_the_same() -> None:
    open_ones = requirements("not_collected")[:2]
    gaps = [entry(one, verdict="not_collected", kind="gap", **UNPLANNED) for one in open_ones]
    other = entry(requirements("undetermined")[0], verdict="undetermined", severity="minor", **UNPLANNED)
    rows = view_of(registered(other, *gaps)).rows
    assert [(row.severity, row.n) for row in rows] == [("major", "2 requirements"), ("minor", "")]
    assert len(rows[0].about) == len(gaps)
    assert rows[0].owner == "nobody named; the provider answers"
    assert rows[0].action == "None planned yet; the finding says what is needed."
    assert rows[0].due == "no day fixed"
    text = html_text(*registered(other, *gaps), disclosure_limit=LIMIT)
    assert '<a href="#nc-1">in the register</a>' in text


def test_many_gaps_are_told_by_article() -> None:
    named = [one.requirement.id for one in build()[0].plan.requirements]
    many = [entry(one, verdict="not_collected", kind="gap", **UNPLANNED) for one in (*named, "art99.1")]
    made = registered(*many)
    (row,) = register_view(context_of(made), {"Article 10": "a-3"}).rows
    assert row.n == f"{len(many)} requirements"
    assert sum(int(link.text.rpartition("\u00a0")[2]) for link in row.about) == len(named)
    assert {link.anchor for link in row.about if link.text.startswith("Article\u00a010:")} == {"a-3"}


def test_entries_on_what_was_looked_at_are_named_one_by_one() -> None:
    missed = requirements("undetermined")
    rows = view_of(
        registered(*(entry(one, verdict="undetermined", blocks=False, **UNPLANNED) for one in missed))
    ).rows
    assert [len(row.about) for row in rows] == [len(missed)]
    assert rows[0].blocks == ""


def test_a_closed_entry_stands_last_and_says_what_closed_it() -> None:
    closed = entry(
        requirements("met")[0],
        verdict="met",
        severity="critical",
        state="closed",
        closure={
            "on": date(2026, 11, 20),
            "reason": "The interval keeps the bound.",
            "evidence": ["EV-0123456789"],
            "evidence_sha256": "sha256:" + "0" * 64,
        },
    )
    last = view_of(registered(closed, entry(requirements("not_met")[0], severity="minor"))).rows[-1]
    assert last.state == "Closed on 20 November 2026: The interval keeps the bound."
    assert [link.text for link in last.evidence] == ["EV-0123456789"]
    assert last.due == ""
    assert last.evidence[0].anchor is None


def test_a_long_register_is_cut_and_counted_and_its_rules_are_told_once() -> None:
    many = [entry(f"art99.{i}", severity_rule="Grave: a rule.") for i in range(MOST_ROWS + 2)]
    made = view_of(registered(*many))
    assert len(made.rows) == MOST_ROWS
    assert made.more == "2 more rows, no graver than these, are in assessment.json."
    assert made.rules == ("Grave: a rule.",)
    assert made.rows[0].about[0].text == "art99.0"

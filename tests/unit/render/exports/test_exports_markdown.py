"""The summary in Markdown: counts, what is missed, what is open, never too long and never more than text."""

from __future__ import annotations

import pytest

from conformity.model.finding import Verdict
from conformity.model.manifest import Manifest
from conformity.render.exports.markdown import MOST_LETTERS
from conformity.render.exports.markdown_text import code, escaped, short, table
from tests.support.assessments import manifest, requirement
from tests.support.exported import HARD_TEXTS, assessed, judged, written
from tests.unit.render.render_records import Records, build


def _html(text: str) -> str:
    """Return Markdown rendered with tables, as code hosts have them, and raw HTML let through."""
    from markdown_it import MarkdownIt

    made: str = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    return made


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_a_text_of_others_is_shown_letter_by_letter(text: str) -> None:
    """Rendered by another program: a paragraph, or an item of a list, and nothing in it but code spans."""
    import re
    from html import unescape

    from conformity.render.exports.plain import one_line

    for before, opening, closing in (("", "<p>", "</p>"), ("- ", "<ul>\n<li>", "</li>\n</ul>")):
        html = _html(before + escaped(text)).strip()
        assert html.startswith(opening), html
        inside = html.removeprefix(opening).removesuffix(closing)
        assert unescape(re.sub(r"</?code>", "", inside)) == one_line(text)
        assert set(re.findall(r"<[^>]*>", inside)) <= {"<code>", "</code>"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://x.org", "see https\\://x.org"),
        ("www.x.org", "www\\.x.org"),
        ("mailto:a b", "mailto\\:a b"),
        ("@team", "`@`team"),
        ("a @ b", "a @ b"),
        ("1. one", "1\\. one"),
        ("1.5", "1.5"),
        ("# one", "\\# one"),
    ],
)
def test_links_mentions_and_lists_do_not_begin(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_codes_are_plain_ids_and_anything_else_is_escaped() -> None:
    assert code("art10.2.f") == "`art10.2.f`"
    assert code("a`b|c") == "a\\`b\\|c"


def test_texts_are_cut_and_tables_are_even() -> None:
    assert short("abcdef", 4) == "abc…"
    assert short("abcd", 4) == "abcd"
    assert table(("A", "B"), [("1", "2")]) == ["| A | B |", "| --- | --- |", "| 1 | 2 |"]


def test_verdicts_are_counted_and_the_worst_come_first() -> None:
    text = written(judged("met", "not_collected", "not_met", "undetermined"), "md")["md"].decode()
    assert "| ✓ met | 1 |" in text
    assert "| ✖ not met | 1 |" in text
    assert "| – not applicable | 0 |" in text
    assert "not a declaration of conformity" in text
    points = [line for line in text.splitlines() if line.startswith("- ") and "**" in line]
    assert [line[2] for line in points] == ["✖", "▲", "○"]
    assert "art0.1" not in text


def test_nothing_open_is_said_and_is_no_praise() -> None:
    text = written(judged("met"), "md")["md"].decode()
    assert text.endswith("## Open points\n\nNone.\n")


def test_measurements_that_miss_a_bound_stand_beside_it(records: Records) -> None:
    text = written(records, "md")["md"].decode()
    assert "## Bounds missed or not settled" in text
    assert "| ✖ not met | Equal opportunity" in text
    # The same measurement speaks to two requirements, and is told once.
    assert text.count("(`four-fifths`)") == 1


@pytest.mark.parametrize("text", ["&" * 20_000, "@a" * 10_000, "<" * 500 + "x"], ids=["&", "@", "<"])
def test_a_summary_is_short_enough_for_a_comment_whatever_the_texts(text: str) -> None:
    verdicts: list[Verdict] = ["not_met", "undetermined", "not_collected"] * 40
    made = written(judged(*verdicts, texts=(text[:500],)), "md")["md"].decode()
    assert len(made) <= MOST_LETTERS
    left = 120 - sum(line[:3] in ("- ✖", "- ▲", "- ○") for line in made.splitlines())
    assert f"{left} more stand in the report" in made


def test_many_readings_are_cut_and_counted() -> None:
    def change(whole: dict[str, object], proof: dict[str, object]) -> None:
        findings = whole["findings"]
        assert isinstance(findings, list)
        judged_once = next(one for one in findings if one.get("measured"))
        reading = judged_once["measured"][0]
        judged_once["measured"] = [{**reading, "criterion": f"four-fifths-{number}"} for number in range(50)]

    text = written(build(change), "md")["md"].decode()
    assert "more stand in the report and in `assessment.json`." in text
    assert len(text) <= MOST_LETTERS


def test_owner_and_day_of_a_planned_correction_are_told() -> None:
    text = written(_planned(), "md")["md"].decode()
    assert "Next: Mend it. Owner: The team. Due 2027-01-31." in text


def _planned() -> Records:
    """Return an assessment with one correction that the provider planned."""
    from conformity.model.finding import Finding

    declared: Manifest = manifest(
        non_conformities=(
            {
                "requirement": "art9.1",
                "owner": "The team",
                "corrective_action": "Mend it.",
                "due": "2027-01-31",
            },
        )
    )
    row = requirement(id="art9.1", ref="Art. 9(1)")
    return assessed(declared, [row], [Finding(requirement=row.id, verdict="not_met", reason="Missed.")])

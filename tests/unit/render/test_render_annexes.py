"""Annexes of the HTML report: measurements, notes, tallies and gaps, cut to what a reader needs."""

from __future__ import annotations

import re
from typing import Any

from conformity.model.evidence import Observation
from conformity.render.html import html_text
from tests.unit.render.render_records import (
    COLLECTED,
    LIMIT,
    Records,
    build,
    count,
    measurement,
    missing,
    scalar,
)


def text_of(records: Records) -> str:
    """Return the HTML of records."""
    return html_text(*records, disclosure_limit=LIMIT)


def observed(measurements: list[dict[str, Any]], **more: Any) -> Records:
    """Return records with one more observation."""

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        proof["observations"] = [
            *proof["observations"],
            Observation.of(
                step="w",
                probe="data_quality/completeness",
                probe_version=1,
                subject="test",
                outcome="measured",
                measurements=measurements,
                collected_at=COLLECTED,
                **more,
            ),
        ]

    return build(change)


def test_many_measurements_are_cut_and_the_rest_is_counted() -> None:
    many = [measurement("missing_share", scalar(i / 1000, 900), (f"column{i:04}",)) for i in range(1024)]
    text = text_of(observed(many))
    assert "1,000 more measurements of this observation" in text
    assert "column0023" in text
    assert "column0024" not in text


def test_columns_with_the_same_figure_share_a_line() -> None:
    many = [measurement("missing_share", scalar(0.25, 900), (f"column{i:04}",)) for i in range(200)]
    text = text_of(observed(many))
    assert "column0011 and 188 more: 0.250, n\u00a0900." in text
    assert "column0012" not in text
    assert text.count("more measurements of this observation") == 1  # that of group sizes


def test_notes_are_printed_once_and_the_rest_is_counted() -> None:
    text = text_of(
        observed([measurement("rows", count(9000, "rows"))], notes=[f"remark {i}" for i in range(9)])
    )
    assert text.count("remark 4") == 1
    assert "remark 5" not in text
    assert "4 more in evidence.json" in text


def test_groups_are_rows_and_metrics_are_columns(html: str) -> None:
    annex = html[html.index('id="annex-c"') : html.index('id="annex-d"')]
    assert (
        '<th scope="row">SEX: female</th><td>0.850 (0.830–0.870) n\u00a05,388</td><td>5,388 rows</td>'
        in annex
    )
    assert "<td>not shown (a)</td>" in annex
    assert "(a) fewer than 10 cases." in annex
    across = "Equal opportunity difference, across all groups:</b> EDUCATION: "
    assert f"{across}0.131 (0.110–0.150), smallest group:" in annex
    assert "SEX: no number (only one group has 30 cases)" in annex


def test_a_value_of_few_people_is_not_printed_unless_the_manifest_names_it() -> None:
    """A name in the wrong column would be printed as a group of one."""
    few = [
        measurement("group_size", count(n, "rows"), ("CITY",), (name,))
        for name, n in (("Canary 7731", 1), ("Oslo", 60))
    ]
    text = text_of(
        observed(few, notes=["By CITY, this group has few positives: 'Canary 7731'; that one 'Oslo'."])
    )
    assert "Canary 7731" not in text
    assert "Oslo" in text
    assert "this group has few positives: (rare value); that one" in text


def test_groups_beyond_the_first_24_are_counted() -> None:
    many = [measurement("group_size", count(50 + i, "rows"), ("CITY",), (f"{i:02}",)) for i in range(30)]
    text = text_of(observed(many))
    assert "CITY: 23</th>" in text
    assert "CITY: 24" not in text
    assert "6 more measurements of this observation" in text


def test_a_figure_that_all_groups_share_is_one_sentence() -> None:
    same = [measurement("missing_share", scalar(0.25, 900), ("CITY",), (f"{i:02}",)) for i in range(30)]
    text = text_of(observed([*same, measurement("missing_share", scalar(0.25, 9), ("CITY",), ("99",))]))
    assert "Share missing, each group:</b> 0.250; no number for CITY: (rare value)." in text
    assert "CITY: 00" not in text
    assert "each group:</b> 0.250." in text_of(observed(same))


def test_only_the_first_metrics_of_groups_are_printed_and_reasons_are_told_apart() -> None:
    many = [
        measurement(f"metric_{i}", missing(f"reason {i}{k}", 50), ("CITY",), (f"{k:02}",))
        for i in range(6)
        for k in range(7)
    ]
    text = text_of(observed(many))
    assert (
        "In the tables below: metric 0, metric 1, metric 2, metric 3, metric 4. 7 more measurements" in text
    )
    assert "(z) reason 33" in text
    assert "(a1) reason 34" in text


def test_the_same_number_of_cases_everywhere_stands_in_the_head() -> None:
    many = [measurement("group_share", scalar(i / 10, 900), ("CITY",), (f"{i}",)) for i in range(1, 4)]
    assert "group share (900 cases)" in text_of(observed(many))


def test_reasons_and_notes_tell_no_small_counts() -> None:
    note = "The group '5' has 7 rows; 7 more cases are needed, and 5,388 rows are enough."
    absent = measurement("selection_rate", missing("only 4 labelled rows", 4), ("SEX",), ("3",))
    text = text_of(observed([absent], notes=[note]))
    assert "has &lt; 10 rows; 7 more cases are needed, and 5,388 rows are enough." in text
    assert "only &lt; 10 labelled rows" in text
    assert "7 rows" not in text


def test_sealed_tallies_that_follow_one_another_are_named_as_a_run() -> None:
    tallies = [{"name": f"cells[{i}]", "sha256": f"sha256:{i:064x}", "entries": 3} for i in range(4)]
    text = text_of(observed([measurement("rows", count(9000, "rows"))], tallies=tallies))
    assert re.search(r'<a href="#t-2">T2–T5</a>', text)


def test_sealed_tallies_beyond_the_first_sixty_are_counted_and_lead_nowhere() -> None:
    tallies = [{"name": f"cells[{i}]", "sha256": f"sha256:{i:064x}", "entries": 3} for i in range(70)]
    text = text_of(observed([measurement("rows", count(9000, "rows"))], tallies=tallies))
    assert 'id="t-60"' in text
    assert 'id="t-61"' not in text
    assert re.search(r"\d+ more sealed tallies are named in evidence\.json", text)


def test_steps_without_a_number_for_one_reason_are_told_of_together() -> None:
    def change(_: dict[str, Any], proof: dict[str, Any]) -> None:
        proof["observations"] = [
            *proof["observations"],
            *(
                Observation.of(
                    step=f"gone-{probe}",
                    probe=probe,
                    probe_version=1,
                    subject="test",
                    outcome="not_available",
                    reason="No column has the role `score`.",
                    collected_at=COLLECTED,
                )
                for probe in ("fairness/selection_rate", "accuracy/classification")
            ),
        ]

    text = text_of(build(change))
    assert text.count("No column has the role `score`.") == 1
    assert "Steps that gave no number, by reason." in text


def test_many_articles_set_aside_for_one_reason_have_a_line_each() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        planned = {one["requirement"]["id"]: one["requirement"] for one in whole["plan"]["requirements"]}
        for number, finding in enumerate(whole["findings"]):
            finding.update(verdict="not_applicable", reason="It is outside the scope.")
            planned[finding["requirement"]]["article"] = f"Article {number if several else 1}"

    several = True
    lines = text_of(build(change)).split('id="annex-a"')[1].split("</section>")[0]
    assert '<h3 class="minor">It is outside the scope.</h3>' in lines
    assert lines.count("<li>") == lines.count("<span id=") > 2
    several = False
    short = text_of(build(change)).split('id="annex-a"')[1].split("</section>")[0]
    assert "<li>" not in short
    assert short.count("<span id=") == lines.count("<span id=")
    assert "<b>It is outside the scope.</b> <span id=" in short

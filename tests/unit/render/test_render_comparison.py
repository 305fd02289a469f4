"""A comparison as a page, as Markdown and as JSON: whole, safe, and with nothing decided."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from conformity.errors import RenderError
from conformity.model.base import RequirementId
from conformity.model.comparison import Comparison, Entry, RegisterChange, ThingChange
from conformity.render.comparison import documents
from conformity.render.comparison.documents import comparison_files
from conformity.render.comparison.measures import (
    charts,
    difference_words,
    finding_words,
    measure_section,
    signed,
)
from conformity.render.comparison.parts import table
from conformity.render.comparison.sheet import coverage_words
from conformity.render.comparison.views import in_short, view_of
from tests.support.assessments import criterion, exhibit, measured, observation, scalar
from tests.support.comparisons import NEW, PLAIN, between, of_rates, rate, version

HOSTILE = "<script>alert(1)</script> | [x](javascript:1) `a`"


def changed(**changes: object) -> Comparison:
    """Return a comparison in which rates, a bound, a verdict and documents changed."""
    gap = measured(scalar(0.05, 0.03, 0.07))
    worse = measured(scalar(0.3, 0.2, 0.4))
    before = version(
        observation(rate(800, 1000), rate(50, 100, "f"), gap),
        criteria=(criterion(), criterion(id="rate", metric="rate", by=("SEX",), at_most=0.99)),
    )
    after = version(
        observation(rate(600, 1000), rate(60, 120, "f"), rate(4, 9, "new"), worse),
        data=NEW,
        criteria=(criterion(at_most=0.2), criterion(id="rate", metric="rate", by=("SEX",), at_most=0.99)),
        exhibits=(exhibit(title=HOSTILE),),
        system={"name": "Scorer", "version": "3.0", "intended_purpose": HOSTILE},
        edition={"version": "2.0.0"},
    )
    return between(before, after).model_copy(update=changes)


def test_the_page_needs_nothing_from_outside_and_no_script() -> None:
    page = documents.comparison_html(changed())
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "&lt;script&gt;alert(1)" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in re.findall(r'href="(#[^"]+)"', page)} <= set(ids)
    assert page.count("<svg") == page.count("<title id=") == 2
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_asks_less_is_told_first_and_nothing_is_decided() -> None:
    made = view_of(changed())
    (row,) = made.sections[2].tables[0].rows
    assert row[:4] == ("Art. 10(2)(f) Bias examination", "✓ met", "▲ undetermined", "worse")
    assert row[4] == "the bound changed; the evidence changed; an exhibit changed (gap-sex, test, record)"
    assert [one.id for one in made.sections][:4] == ["short", "bounds", "verdicts", "measures"]
    assert made.sections[0].intro[0] == "Bounds that ask less, are gone, or bound something else: 1."
    page = documents.comparison_html(changed())
    assert "does not say whether the system conforms" in page
    assert page.count("For a person") == len(changed().work_sheet.questions)
    assert "compliant" not in page


def test_markdown_shows_words_as_they_are() -> None:
    text = documents.comparison_markdown(changed())
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\| \\[x\\](javascript\\:1) \\`a\\`" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_json_is_the_whole_comparison() -> None:
    made = changed()
    assert Comparison.model_validate_json(documents.comparison_json(made)) == made
    files = comparison_files(made, ("json", "md"))
    assert sorted(files) == ["comparison.json", "comparison.md"]
    assert json.loads(files["comparison.json"])["comparison_schema"] == "conformity/comparison/v1"
    assert comparison_files(made, ("html",)) == comparison_files(made, ("html",))


def test_figures_are_drawn_of_shares_that_changed() -> None:
    both, differences = charts(changed().measures)
    assert len(both.panels) == 2
    assert both.description == "Gap: told then told; Rate: told then told"
    (panel,) = differences.panels
    assert [tick.label for tick in panel.ticks] == ["-0.5", "-0.25", "0", "+0.25", "+0.5"]
    assert panel.bounds[0].label == "no change"
    assert panel.rows[0].x is not None
    assert panel.rows[0].x > panel.bounds[0].x
    assert panel.rows[1].x is not None
    assert panel.rows[1].x < panel.bounds[0].x
    assert charts(()) == ()
    one = next(one for one in changed().measures if one.reality == "real")
    assert {made.title for made in charts((one,) * 21)} == {
        "Measures that changed, in both versions, the first 20 of 21 shares",
        "Differences with their 95 % intervals, the first 20 of 21 shares",
    }


def test_a_share_whose_interval_is_hidden_is_not_drawn() -> None:
    shy = replace(PLAIN, interval=False)
    made = between(of_rates(rate(800, 1000), told=shy), of_rates(rate(600, 1000), data=NEW))
    assert made.measures[0].reality == "real"
    assert charts(made.measures) == ()


def test_differences_and_findings_are_told_in_words() -> None:
    real = next(one for one in changed().measures if one.difference == -0.2)
    assert re.fullmatch(r"-0\.200 \(-0\.2\d\d to -0\.1\d\d\)", difference_words(real))
    assert finding_words(real) == (
        "changed: worse (corrected p < 0.0001); Newcombe's score method (independent cases)"
    )
    physical = real.model_copy(update={"unit": "kWh", "low": None, "adjusted_p": 0.012, "method": "exact"})
    assert difference_words(physical) == "-0.2 kWh"
    assert finding_words(physical) == "changed: worse (corrected p = 0.012)"
    assert difference_words(real.model_copy(update={"difference": None})) == ""
    assert (signed(0.0, "1"), signed(1234.0, "rows"), signed(-2.409e-7, "kWh")) == (
        "+0.000",
        "+1,234",
        "-2.409 × 10^-7",
    )


def test_bounded_measures_are_listed_even_where_no_change_is_shown() -> None:
    section = measure_section(changed())
    titles = [one.title for one in section.tables]
    assert titles == [
        "Measures that changed",
        "Bounded measures of which no change is shown",
        "Measured in one version alone",
    ]
    hidden = tuple(one.model_copy(update={"reality": "withheld"}) for one in changed().measures)
    withheld = measure_section(changed(measures=hidden)).tables[0]
    assert withheld.title == "Bounded measures that are withheld here: whether they changed is not told"
    unbounded = between(of_rates(rate(500, 1000)), of_rates(rate(530, 1020), data=NEW))
    assert "1 more, which no criterion bounds" in measure_section(unbounded).intro[1]


def test_long_tables_say_what_they_leave_out() -> None:
    (made,) = table("t", ("a",), (("1",), ("2",), ("3",)), 2)
    assert (len(made.rows), made.more) == (2, "1 more in comparison.json.")
    assert table("t", ("a",), ()) == ()


def test_two_equal_versions_say_that_nothing_changed() -> None:
    same = of_rates(rate(500, 1000))
    text = documents.comparison_markdown(between(same, same))
    for words in ("No bound changed.", "Nothing that was handed in changed.", "Nothing in it is different."):
        assert words in text
    assert "Both were measured with the same versions of everything." in text
    assert "no day is declared" in text


def test_other_systems_other_data_and_withheld_measures_are_said() -> None:
    made = changed(
        same_system=False,
        independent=True,
        withheld_measures=3,
        software=(ThingChange(id="duckdb", kind="software", change="changed", before="1", after="2"),),
    )
    said = in_short(made)
    assert said[0] == "The two packs are about different systems or providers."
    assert "Whoever compared them states that nobody is in the data of both." in said
    text = documents.comparison_markdown(made)
    assert "laid beside nothing: 3" in text
    assert "duckdb" in text


def test_the_work_sheet_tells_what_only_the_later_version_declares() -> None:
    made = changed()
    sheet = made.work_sheet.model_copy(
        update={
            "declared_later": ("monthly",),
            "placed_on_market_on": date(2026, 1, 1),
            "declared": (
                ThingChange(id="weekly", kind="predetermined", change="changed", after="Every week."),
            ),
        }
    )
    text = documents.comparison_markdown(made.model_copy(update={"work_sheet": sheet}))
    assert "declares otherwise: monthly. These cover nothing here." in text
    assert "2026-01-01" in text
    assert "Every week." in text


def test_figures_that_moved_are_not_counted_as_changes_that_were_made() -> None:
    made = changed()
    kinds = [one.kind for one in made.work_sheet.observed]
    assert kinds.count("measure") == 2
    assert coverage_words(made) == (
        "Changes of data, models, software, records, purpose, role and bounds: 3 not covered by a change "
        "determined in advance, 0 of which it cannot be told, 0 covered.",
        "Measures that changed: 2 not covered by a change determined in advance, 0 of which it cannot be "
        "told, 0 covered.",
    )
    sheet = next(one for one in view_of(made).sections if one.id == "sheet")
    assert [one.title for one in sheet.tables][-2:] == [
        "What was changed, beside it",
        "Measures that changed, beside it",
    ]


def test_a_day_that_the_later_version_declares_is_told_too() -> None:
    placed = ThingChange(id="/system/placed_on_market_on", kind="field", change="added", after="2026-11-01")
    text = documents.comparison_markdown(changed(fields=(placed,)))
    assert "no day is declared; as the later one declares: 2026-11-01." in text


def test_entries_of_the_register_tell_what_is_overdue() -> None:
    one = Entry(
        id="NC-a",
        requirement=RequirementId("a"),
        severity="major",
        blocks=True,
        due=date(2026, 1, 1),
        overdue=True,
    )
    text = documents.comparison_markdown(changed(register_entries=RegisterChange(gone=(one,))))
    assert "Gone from the register without anything that closed them" in text
    assert "2026-01-01, passed" in text
    assert "Neither register holds" in documents.comparison_markdown(
        changed(register_entries=RegisterChange())
    )


def test_broken_templates_are_told_as_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_TEMPLATE", "comparison/none.html.j2")
    with pytest.raises(RenderError, match=r"none\.html\.j2 fails"):
        documents.comparison_html(changed())


def test_a_missing_style_is_told_as_our_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(documents, "templates_folder", lambda: tmp_path)
    with pytest.raises(RenderError, match="a part of the style cannot be read"):
        documents.comparison_html(changed())

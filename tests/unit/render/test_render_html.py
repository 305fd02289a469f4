"""The HTML report: complete, self-contained, linked both ways, and safe whatever the manifest says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from conformity.errors import RenderError
from conformity.model.assessment import Assessment
from conformity.render import formats
from conformity.render import html as html_module
from conformity.render.document import document
from conformity.render.html import environment, html_text
from tests.unit.render.render_page import Page
from tests.unit.render.render_records import (
    LIMIT,
    Records,
    build,
)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    """Return the usual page, parsed."""
    return Page(html)


def text_of(records: Records) -> str:
    """Return the HTML of records."""
    return html_text(*records, disclosure_limit=LIMIT)


def test_tags_nest_and_ids_are_unique(page: Page) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_link_leads_to_a_place_in_the_same_file(page: Page) -> None:
    assert page.links
    assert [link for link in page.links if not link.startswith("#")] == []
    assert {link[1:] for link in page.links} - set(page.ids) == set()


def test_nothing_is_loaded_from_outside(html: str, page: Page) -> None:
    assert page.loads == []
    assert page.tags & {"script", "link", "iframe", "object", "embed", "img", "form", "base"} == set()
    assert set(re.findall(r"url\(\"?(\w+:)", html)) == {"data:"}
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_the_file_has_a_sane_size(html: str) -> None:
    assert len(html.encode("utf-8")) < 3_000_000


def test_the_same_records_give_the_same_bytes(html: str) -> None:
    assert formats()["html"].render(*build(), disclosure_limit=LIMIT) == html.encode("utf-8")


def test_the_text_is_made_once_for_the_same_records_and_anew_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(1)
        return document(*args, **kwargs)

    monkeypatch.setattr(html_module, "document", counted)
    one, other = build(), build()
    assert text_of(one) == text_of(one) == text_of(other)
    assert len(made) == 2
    assert html_text(*other, disclosure_limit=LIMIT + 1) != text_of(other)
    assert html_module._Order(*one, LIMIT, "en") != "an order"


def test_every_requirement_observation_and_exhibit_has_a_place(records: Records, page: Page) -> None:
    assessment, evidence = records
    places = set(page.ids)
    assert {f"r-{finding.requirement}" for finding in assessment.findings} <= places
    assert {f"e-{observation.id}" for observation in evidence.observations} <= places
    assert {f"m-{one.id}" for one in evidence.observations if one.measurements} <= places
    assert {f"x-{exhibit.id}" for exhibit in assessment.manifest.exhibits} <= places


def test_links_go_both_ways_between_requirement_and_evidence(records: Records, html: str) -> None:
    finding = next(f for f in records[0].findings if f.requirement == "art10.2.f")
    card = html[html.index('id="r-art10.2.f"') :]
    card = card[: card.index("</section>")]
    for evidence_id in finding.evidence:
        assert f'href="#e-{evidence_id}"' in card
        row = html[html.index(f'<tr id="e-{evidence_id}"') :]
        assert 'href="#r-art10.2.f"' in row[: row.index("</tr>")]


def test_the_counts_on_the_cover_are_those_of_the_findings(records: Records, html: str) -> None:
    cover = html[html.index('class="counts"') : html.index('class="facts"')]
    shown = [int(n) for n in re.findall(r"<b>(\d+)</b>", cover)]
    verdicts = [finding.verdict for finding in records[0].findings]
    order = ("met", "not_met", "undetermined", "not_collected", "not_applicable")
    assert shown == [sum(found == verdict for found in verdicts) for verdict in order]
    assert sum(shown) == len(verdicts)


def test_every_mark_on_the_page_has_a_word_or_a_label(html: str) -> None:
    # A drawing is read by its description, which has the words.
    outside = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    for icon in "✓✖▲○":
        found = re.findall(f"(.{{120}})>{icon}+( \\w|<)", outside, re.DOTALL)
        assert found
        assert [before for before, after in found if after == "<" and 'title="Art. ' not in before] == []


def test_the_page_never_claims_conformity_and_has_no_score(page: Page) -> None:
    assert not re.search(r"complian|complies|\bpassed\b", page.words, re.IGNORECASE)
    assert not re.search(
        r"\b(overall|total) (score|result|rating)\b(?!, because)", page.words.replace("no overall score", "")
    )
    assert "not an EU declaration of conformity" in page.words


def test_a_bound_is_printed_with_its_reason_owner_and_timing(html: str) -> None:
    text = re.sub(r"<[^>]+>", " ", html)
    assert "Disparate impact ratio: at least 0.8" in text
    assert "US employment screening convention (29 CFR 1607.4(D)), chosen by the provider." in text
    assert "Fixed by Head of Credit Risk on 1 March 2026, before the evidence was collected" in text
    assert (
        "by the provider’s dates not before the data came into being (1 October 2026)".replace("’", "&#39;")
        in text
    )
    assert "not before the evidence" in text
    assert "About 12,400 more cases would settle it" in text


def test_readings_are_printed_once_and_referred_to_afterwards(html: str) -> None:
    assert html.count("0.8 lies inside the interval.") == 1
    assert 'Its origin and its readings are given under <a href="#r-art10.2.f">Art. 10(2)(f)</a>' in html


def test_a_step_that_many_requirements_share_is_printed_once(html: str) -> None:
    assert html.count("Hand in the document and have a named person sign for it.") == 1
    asked = Page(html).words.count("step\u00a0S1")
    assert asked == 1 + len(re.findall('To do for each: <a href="#s-1"', html))


def test_no_count_of_few_people_and_no_rate_of_few_people_is_on_the_page(html: str) -> None:
    text = re.sub(r"<[^>]+>", " ", html)
    assert "&lt; 10 rows" in text
    assert not re.search(
        r"\b[1-9] rows", text.replace("1 rows", "", 1)
    )  # k-anonymity of 1 is the finding itself
    assert not re.search(r"EDUCATION: 5\s+0\.\d", text)


def test_a_limit_of_one_withholds_nothing_but_empty_groups(records: Records) -> None:
    text = re.sub(r"<[^>]+>", " ", html_text(*records, disclosure_limit=1))
    assert "7 rows" in text
    assert "not shown" not in re.sub(r"Counts of people below 1 .*? as confidential\.", "", text)


def test_a_finding_without_its_requirement_is_an_error() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["findings"][0]["requirement"] = "art99.9"

    with pytest.raises(RenderError, match=r"art99\.9.*judge the plan again"):
        text_of(build(change))


def test_an_unknown_name_in_a_template_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from jinja2 import DictLoader

    engine = html_module.environment.__wrapped__()
    engine.loader = DictLoader({"assessment.html.j2": "{{ doc.no_such_thing }}"})
    monkeypatch.setattr(html_module, "environment", lambda: engine)
    with pytest.raises(RenderError, match="no_such_thing"):
        text_of(build())


def bare(whole: dict[str, Any], proof: dict[str, Any]) -> None:
    """Leave out everything that may be left out."""
    whole["manifest"].update(subjects=[], exhibits=[], criteria=[], sign_offs=[])
    whole["plan"].update(probes=[], steps=[])
    whole["plan"]["classification"].update(steps=[], also=[], missing=[], facts=[], high_risk_from=None)
    proof.update(subjects=[], observations=[], software=[], isolation={"mechanism": "none", "guarantees": []})


def test_a_report_without_any_evidence_says_so() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        bare(whole, proof)
        whole["findings"] = [
            {"requirement": f["requirement"], "verdict": "not_collected", "reason": "Nothing was handed in."}
            for f in whole["findings"]
        ]

    text = text_of(build(change))
    for sentence in (
        "No subject was declared.",
        "No exhibit was handed in.",
        "No rates of groups were measured.",
        "No probe gave a number.",
        "No step ran.",
        "Nothing was measured.",
        "No sign-off was recorded.",
        "No requirement was set aside.",
        "only after a significant change of design",
    ):
        assert sentence in text
    assert "No step is named; see the finding." in text


def test_a_report_without_open_points_says_so() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        bare(whole, proof)
        whole["manifest"]["edition"] = {"version": "1.1.0", "previous": "sha256:" + "9" * 64}
        whole["manifest"]["system"]["placed_on_market_on"] = "2026-12-24"
        whole["findings"] = [
            {"requirement": f["requirement"], "verdict": "not_applicable", "reason": "Not this system."}
            for f in whole["findings"]
        ]

    text = text_of(build(change))
    assert "No point is open." in text
    assert "24 December 2026" in text
    assert text.count("sha256:" + "9" * 64) == 2


def test_a_version_before_that_was_handed_in_is_named_though_the_manifest_does_not() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["manifest"]["edition"] = {"version": "1.1.0"}
        whole["previous"] = {
            "version": "1.0.0",
            "assessed_at": "2026-11-01T00:00:00Z",
            "sha256": "sha256:" + "8" * 64,
        }

    text = text_of(build(change))
    assert text.count("sha256:" + "8" * 64) == 2
    assert "none; this is the first" not in text


def test_ids_that_lead_nowhere_are_printed_without_a_link() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        bare(whole, proof)

    page = Page(text_of(build(change)))
    assert {link[1:] for link in page.links} - set(page.ids) == set()
    assert "four-fifths" in page.words
    assert "risk-file" in page.words


def test_a_reading_that_differs_from_its_criterion_says_so() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for finding in whole["findings"]:
            for judged in finding.get("measured", ()):
                if judged["criterion"] == "opportunity":
                    judged.update(verdict="undetermined", reason="Fixed too late.")
                if judged["criterion"] == "clean-file":
                    judged["readings"][0]["reason"] = judged["reason"]

    text = " ".join(re.sub(r"<[^>]+>", " ", text_of(build(change))).split())
    assert "across all groups: 0.131 (0.110 to 0.150)" in text
    assert "Wilson score. The reading alone: not met. 0.11 is above 0.1. Fixed too late." in text
    assert text.count("Counted completely.") == 1


def test_the_record_itself_is_not_changed_by_rendering(records: Records) -> None:
    before = records[0].model_dump_json()
    text_of(records)
    assert records[0].model_dump_json() == before
    assert isinstance(records[0], Assessment)


def test_what_to_hand_in_is_a_list() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["findings"][1]["to_do"] = ("Hand in: The plan.", "Measure it.", "Hand in: A record: the rate.")

    text = text_of(build(change))
    assert "<b>To do:</b> Measure it. <b>Hand in:</b> The plan · A record: the rate.</p>" in text


def test_what_a_reader_must_know_of_a_row_of_law_stands_with_its_finding_whether_looked_at_or_not() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        bare = whole["findings"][1]["requirement"]
        assert whole["findings"][1]["verdict"] == "not_collected"
        (law,) = [
            one["requirement"] for one in whole["plan"]["requirements"] if one["requirement"]["id"] == bare
        ]
        law["note"] = "On our reading, so."

    text = text_of(build(change))
    assert "<b>Note:</b> Special categories of data: see Art. 4a.</p>" in text
    assert "<b>Note:</b> On our reading, so." in text


def test_conditions_that_do_not_hold_are_counted_and_led_to_annex_a() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["plan"]["classification"]["facts"] = [
            {"condition": "deep_fake", "holds": "no", "reason": "deep_fake is answered no: No image."}
        ]

    text = text_of(build(change))
    assert "One further condition does not hold: annex A gives the reason" in text
    assert "No image." not in text
    assert 'class="conditions"' not in text


@pytest.mark.parametrize(
    ("basis", "words"),
    [("measured_and_declared", "Basis: measured and declared"), ("none", "Basis: none yet")],
)
def test_a_card_says_what_its_verdict_rests_on(basis: str, words: str) -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        for finding in whole["findings"]:
            finding["basis"] = basis

    assert words in text_of(build(change))
    assert "Basis:" not in text_of(build())


def test_templates_are_read_before_there_is_anything_to_fill_them_with() -> None:
    environment.cache_clear()
    with formats()["html"].prepared() as ready:
        assert ready is formats()["html"]
    engine = environment()
    assert engine.cache is not None
    read = {str(template.name) for template in engine.cache.values()}
    assert {"assessment.html.j2", "sections/register.html.j2", "charts/dot_plot.svg.j2"} <= read
    assert not any(name.startswith("dossier/") for name in read)

"""What a reader of the report is told about signatures, dates, duties and confidence."""

from __future__ import annotations

import re
from typing import Any

from conformity.render.assets import style
from conformity.render.html import html_text
from tests.unit.render.render_page import Page
from tests.unit.render.render_records import LIMIT, build


def test_a_signature_is_quoted_and_a_verdict_on_it_alone_says_so(html: str) -> None:
    text = re.sub(r"<[^>]+>", "", html)
    assert "✓ met by signature only: nothing was measured" in text
    quoted = "“The instructions are complete and were tested with five users.” Person A, Product owner, on"
    assert quoted in text
    assert text.count("met by signature only") == 1


def test_the_cover_asks_for_confidence_and_the_end_says_how_to_verify(html: str) -> None:
    words = Page(html).words
    assert "Confidential: the PDF carries assessment.json" in words
    assert "sha256sum -c SHA256SUMS" in words
    assert "Digest of the manifest file that was assessed" in words
    assert "Dates are the provider" in words
    assert "k-anonymity is excepted" in words


def test_no_digest_of_a_tally_is_printed(html: str) -> None:
    """With the digest of exact counts, and all of them but a withheld one, that one could be guessed."""
    assert "cell_counts[" in html
    assert "cd" * 32 not in html


def test_rows_say_from_when_they_bind_and_in_bold_where_they_do_already() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["plan"]["requirements"][1]["duty_from"] = "2026-11-20"
        whole["plan"]["requirements"][6]["duty_from"] = "2026-11-21"

    text = html_text(*build(change), disclosure_limit=LIMIT)
    assert text.count("<b>Binds now, since 20 November 2026.</b>") == 1
    assert "Binds from 21 November 2026." in text
    assert "<b>Binds from" not in text


def test_headings_keep_with_their_first_criterion_and_steps_with_what_is_above() -> None:
    assert ".card .reason, .card .note { break-after: avoid; }" in style()
    assert ".to-do { break-before: avoid;" in style()

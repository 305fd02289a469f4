"""Text from the manifest or the data that tries to become markup."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.render.html import html_text
from tests.unit.render.render_hostile import HOSTILE, poisoned
from tests.unit.render.render_page import Page
from tests.unit.render.render_records import LIMIT, Records, build


def text_of(records: Records) -> str:
    """Return the HTML of records."""
    return html_text(*records, disclosure_limit=LIMIT)


@pytest.mark.parametrize("payload", HOSTILE)
def test_text_from_the_manifest_is_never_markup(payload: str) -> None:
    text = text_of(poisoned(payload))
    page = Page(text)
    assert page.open == []
    assert page.tags & {"script", "img", "iframe", "object", "base", "form", "link"} == set()
    assert page.events == []
    assert page.loads == []
    assert all(link.startswith("#") for link in page.links)
    assert "\u202e" not in text
    if "{{" in payload:
        assert payload in page.words
    if payload.startswith("<script"):
        assert page.words.count(payload) > 60


def test_ids_of_requirements_cannot_break_out_of_their_place() -> None:
    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        rows, findings = whole["plan"]["requirements"], whole["findings"]
        rows[1]["requirement"]["id"] = findings[1]["requirement"] = 'a" onclick="x'
        rows[2]["requirement"]["id"] = findings[2]["requirement"] = "a' onclick='x"

    page = Page(text_of(build(change)))
    assert page.events == []
    assert {"r-a--onclick--x", "r-a--onclick--x-again"} <= set(page.ids)

"""Which media type a client wants most."""

from __future__ import annotations

import pytest

from conformity.entry.rest.accepting import wanted

OFFERED = ["application/json", "text/html", "application/pdf"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        (" ", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "text/html"),
        ("TEXT/HTML;charset=utf-8", "text/html"),
        ("text/html;q=0.5, application/pdf", "application/pdf"),
        # A specific range counts over a general one, whatever comes first: RFC 9110, section 12.5.1.
        ("*/*;q=0.8, application/json;q=0.1", "text/html"),
        ("text/*;q=0.3, text/html;q=0.0, */*;q=0.1", "application/json"),
        ("application/*, application/json;q=0", "application/pdf"),
        ("text/html;level=1;q=0.4, application/pdf;q=0.400", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/html;q=2", None),
        ("text/html;q=x, html, /, a/b/c", None),
        (",".join(["image/png"] * 50 + ["text/html"]), None),
    ],
)
def test_the_type_with_the_highest_quality_is_chosen(accept: str | None, chosen: str | None) -> None:
    assert wanted(accept, OFFERED) == chosen


def test_of_nothing_nothing_is_chosen() -> None:
    assert wanted("*/*", []) is None
    assert wanted(None, []) is None

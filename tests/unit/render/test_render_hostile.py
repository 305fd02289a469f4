"""Text from the manifest or the data that tries to become markup."""

from __future__ import annotations

from typing import Any

import pytest

from conformity.render.html import html_text
from tests.unit.render.render_page import Page
from tests.unit.render.render_records import LIMIT, Records, build


def text_of(records: Records) -> str:
    """Return the HTML of records."""
    return html_text(*records, disclosure_limit=LIMIT)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "]]></style><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %}",
    '<a rel=attachment href="file:///etc/hostname">x</a>',
    "\u202egpj.exe",
)


def poisoned(payload: str) -> Records:
    """Return records in which every free text ends with ``payload``."""
    keep = {
        "id",
        "metric",
        "subject",
        "by",
        "group",
        "criterion",
        "requirement",
        "requirements",
        "covers",
        "exhibit",
        "kind",
        "unit",
        "probe",
        "step",
        "steps",
        "verdict",
        "outcome",
        "roles",
        "article",
        "assessment_schema",
        "works_on",
        "lifecycle",
        "better",
        "per",
        "why",
        "purpose",
        "format",
        "applies",
        "addressees",
        "automation",
        "question",
        "condition",
        "procedure",
        "holds",
        "answer",
        "sign_offs_of",
        "evidence_of",
        "version",
        "regime",
    }

    def walk(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [walk(v, key) for v in value]
        plain = not isinstance(value, str) or key in keep or value.startswith("sha256:") or value[:2] == "20"
        return value if plain or not value else f"{value} {payload}"

    def change(whole: dict[str, Any], proof: dict[str, Any]) -> None:
        whole["manifest"] = walk(whole["manifest"], "")
        whole["plan"]["classification"] = walk(whole["plan"]["classification"], "")
        whole["plan"]["probes"] = [
            {**p, **walk({k: p[k] for k in ("title", "question", "method", "limits")}, "")}
            for p in whole["plan"]["probes"]
        ]
        for row in whole["plan"]["requirements"]:
            row["reason"] += " " + payload
            row["requirement"]["title"] += " " + payload
            row["requirement"]["obligation"] += " " + payload
        for finding in whole["findings"]:
            finding["reason"] += " " + payload
            finding["to_do"] = [text + " " + payload for text in finding.get("to_do", ())]
        whole["tool"] += " " + payload
        for record in proof["subjects"]:
            record["path"] += " " + payload
        proof["platform"] += " " + payload
        proof["software"] = walk(proof["software"], "")
        proof["isolation"] = walk(proof["isolation"], "")

    return build(change)


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
        assert "{{ 7 * 7 }}" in page.words
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

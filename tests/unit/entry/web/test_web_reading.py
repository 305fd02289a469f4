"""Pages that only show: systems, versions, comparisons, findings, the law, errors."""

from __future__ import annotations

import re

import pytest

from conformity.errors import DataError
from tests.support.pages import RUN, Site

SYSTEM = "scorer-b-bold-b"
HTML = {"Accept": "text/html"}


def text_of(site: Site, path: str, status: int = 200) -> str:
    """Return a page, which runs under the policy of all pages and holds no script or style of its own."""
    answer = site.client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text[:500]
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script>|<style|style=\"|<b>bold| on[a-z]+=", answer.text)
    assert not re.search(r"""(?:src|href|action)="(?!/|#|\?)""", answer.text)
    return answer.text


def test_home_lists_systems_with_their_verdicts_and_the_runs_of_whoever_asks(site: Site) -> None:
    run = site.run("r-latest-001")
    text = text_of(site, "/")
    assert f'<a href="/systems/{SYSTEM}">Scorer &lt;b&gt;bold&lt;/b&gt;</a>' in text
    assert "1.1.0" in text
    assert re.search(r"not collected", text)
    assert f"/runs/{run.id}" in text


def test_a_system_lists_its_versions_and_offers_the_latest_two_to_compare(site: Site) -> None:
    text = text_of(site, f"/systems/{SYSTEM}")
    assert text.index('<th scope="row" class="whole">1.1.0') < text.index(
        '<th scope="row" class="whole">1.0.0'
    )
    assert f'<option value="{SYSTEM}/1.0.0" selected>' in text.partition('id="b"')[0]
    assert f'<option value="{SYSTEM}/1.1.0" selected>' in text.partition('id="b"')[2]
    assert "not known yet" in text
    assert f"/systems/{SYSTEM}/1.1.0/report.html" in text
    assert "report.pdf" not in text


def test_one_version_alone_is_not_offered_to_compare(site: Site) -> None:
    assert "Compare two versions" not in text_of(site, "/systems/other")


def test_two_archived_versions_are_compared(site: Site) -> None:
    text = text_of(site, f"/compare?a={SYSTEM}/1.0.0&b={SYSTEM}/1.1.0")
    assert "224 verdicts are the same in both versions" in text
    assert "does not say whether the system conforms to the law" in text


def test_a_run_is_compared_with_an_archived_version(site: Site) -> None:
    assert "Scorer" in text_of(site, f"/compare?a={RUN}&b={SYSTEM}/1.1.0")
    text = text_of(site, f"/compare?a={SYSTEM}/1.0.0&b={RUN}")
    assert f'href="/systems/{SYSTEM}"' not in text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("?a=x", 422),
        (f"?a={SYSTEM}/9.9.9&b={SYSTEM}/1.0.0", 404),
        ("?a=nobody-has-this&b=nor-this-one", 404),
    ],
    ids=["nothing", "one", "no version", "no run"],
)
def test_what_cannot_be_compared_is_said(site: Site, query: str, status: int) -> None:
    assert "Back to the systems" in text_of(site, f"/compare{query}", status)


def test_archived_documents_are_the_archived_bytes_under_a_policy_of_their_own(site: Site) -> None:
    answer = site.client.get(f"/systems/{SYSTEM}/1.0.0/report.html")
    assert answer.content == (site.root / "pack-0" / "report.html").read_bytes()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'; script-src 'sha256-")
    assert "allow-same-origin" not in policy
    record = site.client.get(f"/systems/{SYSTEM}/1.0.0/assessment.json")
    assert record.headers["content-type"] == "application/json"
    assert "sandbox" in record.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/systems/nobody",
        f"/systems/{SYSTEM}/1.0.0/evidence.json",
        f"/systems/{SYSTEM}/1.0.0/report.pdf",
        f"/systems/{SYSTEM}/7.0.0/report.html",
        f"/runs/{RUN}/report.pdf",
        f"/runs/{RUN}/SHA256SUMS",
        "/runs/nobody-has-this/report",
        "/runs/nobody-has-this/findings",
        "/runs/nobody-has-this",
        "/requirements/art999",
        "/static/other.css",
        "/drafts/nobody-has-this",
        "/nothing",
    ],
)
def test_what_is_not_there_is_said_on_a_page(site: Site, path: str) -> None:
    assert "There is nothing here" in text_of(site, path, 404)


def test_programs_are_told_in_their_own_way_what_is_not_there(site: Site) -> None:
    for path in ("/v1/nothing", "/mcp/nothing"):
        assert site.client.get(path, headers=HTML).headers["content-type"] == "application/problem+json"
    assert site.client.get("/nothing").headers["content-type"] == "application/problem+json"


def test_a_page_says_when_it_is_used_in_another_way(site: Site) -> None:
    answer = site.client.post("/requirements")
    assert answer.status_code == 405
    assert "cannot be used in that way" in answer.text


def test_findings_are_filtered_and_paged(site: Site) -> None:
    text = text_of(site, f"/runs/{RUN}/findings?verdict=not_applicable")
    assert text.count('<li class="k-not_applicable">') == 25
    following = re.search(r'href="(\?verdict=not_applicable&amp;cursor=[^"]+)"', text)
    assert following is not None
    text = text_of(site, f"/runs/{RUN}/findings{following[1].replace('&amp;', '&')}")
    assert text.count('<li class="k-not_applicable">') == 3
    assert "First page" in text
    assert "findings." in text_of(site, f"/runs/{RUN}/findings?article=Art.+10")
    assert "There is no verdict" in text_of(site, f"/runs/{RUN}/findings?verdict=%3Cb%3Ebold", 422)


def test_only_an_assessment_that_has_ended_has_findings(site: Site) -> None:
    run = site.run("r-no-findings")
    assert "There is nothing here" in text_of(site, f"/runs/{run.id}/findings", 404)


def test_a_version_that_another_tool_wrote_is_listed_without_verdicts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_given: object) -> None:
        raise DataError("assessment.json is no record that this version reads.")

    monkeypatch.setattr("conformity.pipeline.archived.archived_contents", failing)
    assert "written by another version" in text_of(site, "/")
    assert "none that can be shown" in text_of(site, f"/systems/{SYSTEM}")


def test_requirements_are_found_by_words_and_filters(site: Site) -> None:
    assert "224 requirements of 224." in text_of(site, "/requirements")
    text = text_of(site, "/requirements?q=ART10.2.F+bias&article=Article+10&automation=&addressee=provider")
    assert "1 requirement of 224." in text
    assert '<a href="/requirements/art10.2.f">Art. 10(2)(f)</a>' in text
    assert '<option value="Article 10" selected>' in text
    assert "No requirement fits" in text_of(site, "/requirements?q=%3Cb%3Ebold")


def test_a_requirement_says_what_is_asked_of_whom_and_from_when(site: Site) -> None:
    text = text_of(site, "/requirements/art10.2.f")
    for told in ("Art. 10(2)(f)", "providers", "2 December 2027 (systems of Annex III)", "What speaks to it"):
        assert told in text


def test_fixed_files_may_be_kept_for_ever_and_bear_their_digest(site: Site) -> None:
    text = text_of(site, "/")
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        answer = site.client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    style = re.search(r'href="(/static/pages-[^"]+\.css)"', text)
    assert style is not None
    fonts = re.findall(r'url\("([^"]+)"\)', site.client.get(style[1]).text)
    assert len(fonts) == 4
    assert site.client.get(fonts[0]).headers["content-type"] == "font/woff"
    assert site.client.get("/favicon.ico", follow_redirects=False).headers["location"].endswith(".svg")


def test_runs_are_listed_a_page_at_a_time(site: Site) -> None:
    for number in range(26):
        site.run(f"r-listed-{number:02}", status="cancelled")
    text = text_of(site, "/runs")
    assert text.count('class="state cancelled"') == 25
    assert "Older runs" in text
    assert "All of your runs" in text_of(site, "/")

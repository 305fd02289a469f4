"""The pages in a real browser, over the real server, engine and worker: from an upload to the report.

Chromium comes from Debian (``apt-get install -y --no-install-recommends chromium``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conformity.settings import Settings
from tests.support.jobs import MANIFEST, running_engine
from tests.support.pages import CHROMIUM, COLOURS, RULES, app_of, archive_of, served, violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="Chromium is not installed: apt-get install -y --no-install-recommends chromium",
    ),
]

HOSTILE = "<img src=x onerror=alert(1)>"
"""A name that would run a script wherever it is not escaped."""
WAIT_MS = 120_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the pages with an archive, and an engine that starts its worker."""
    root: Path = tmp_path_factory.mktemp("site")
    settings = Settings(root=root.resolve(), data=root.resolve() / ".conformity")
    (root / ".conformity").mkdir()
    archive = archive_of(root, f"Scorer {HOSTILE}")
    with running_engine(settings) as engine, served(app_of(root, engine, archive=archive)) as address:
        yield address


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a table whose name, columns and values are hostile."""
    place: Path = tmp_path_factory.mktemp("data") / f"people {HOSTILE}.csv"
    rows = (f"{'fm'[i % 2]},{20 + i % 50},{i % 3 % 2},<script>alert({i % 2})</script>" for i in range(240))
    place.write_text("\n".join([f"sex,age,approved,{HOSTILE}", *rows]) + "\n", "utf-8")
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser once; as root it has no sandbox of its own, and it opens only our server."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


def watched(context: BrowserContext, site: str, wrong: list[str]) -> Page:
    """Open a page; whatever goes wrong on it, goes elsewhere, or opens a dialog is noted."""
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(dialog.message))
    page.on(
        "request", lambda asked: None if asked.url.startswith((site, "data:")) else wrong.append(asked.url)
    )
    return page


def tab_to(page: Page, wanted: str) -> None:
    """Press the tabulator until something has the focus: its id, or the beginning of its text."""
    for _ in range(200):
        page.keyboard.press("Tab")
        told = page.evaluate("[document.activeElement.id, document.activeElement.textContent.trim()]")
        if told[0] == wanted or told[1].startswith(wanted):
            return
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")


@pytest.fixture(scope="module")
def done(browser: Browser, site: str, table: Path) -> str:
    """Go the whole way with the keyboard alone, and return the address of the finished run."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = watched(context, site, wrong)
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    tab_to(page, "Assess a system")
    page.keyboard.press("Enter")
    page.wait_for_url("**/upload")
    tab_to(page, "data")
    # The dialog that Enter opens now is the browser's own.
    page.set_input_files("#data", table)
    tab_to(page, "Upload and look")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*")
    assert HOSTILE in page.inner_text("main")
    text = page.input_value("#manifest")
    assert "# GUESS" in text
    tab_to(page, "manifest")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text.replace("REPLACE: the trade name", f"Adviser {HOSTILE}"))
    tab_to(page, "Assess by this manifest")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    page.wait_for_selector(".figures")
    assert wrong == []
    address = page.url
    context.close()
    return address


def test_the_whole_way_ends_in_a_report(browser: Browser, site: str, done: str) -> None:
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = watched(context, site, wrong)
    page.goto(done)
    assert page.inner_text("h1").startswith(f"Adviser {HOSTILE}")
    assert page.locator("main img, main script").count() == 0
    assert page.locator(".figures b").count() == 5
    assert "protected" in page.inner_text(".guessed + .wide")
    assert "people" in page.inner_text("main > p")
    page.click("text=Open the report")
    page.wait_for_selector("#tools")
    # The report's own script works, apart from the pages: it has no origin, and so no cookie.
    assert page.evaluate("window.origin") == "null"
    page.select_option("#by-verdict", "not_collected")
    assert page.locator(".card:visible:not(.k-not_collected)").count() == 0
    for name, kind in (("report.pdf", "application/pdf"), ("assessment.json", "application/json")):
        answer = context.request.get(f"{done}/{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert wrong == []
    context.close()


def draft_of(page: Page, site: str, table: Path) -> str:
    """Hand in a manifest with a guess and open questions, and return the path of its page."""
    text = MANIFEST.replace("Scorer", "REPLACE it") + "role: provider  # GUESS: nobody said\n"
    answers = "classification: [{question: annex_iii_use, answer: unknown}]\n"
    manifest = table.with_name("conformity.yaml")
    manifest.write_text(text + answers, "utf-8")
    page.goto(f"{site}/upload")
    page.set_input_files("#data", table)
    page.set_input_files("#manifest", manifest)
    page.click("text=Upload and look")
    page.wait_for_url("**/drafts/*")
    return page.url.removeprefix(site)


def test_every_page_can_be_used_by_everybody(browser: Browser, site: str, done: str, table: Path) -> None:
    """Light and wide by all rules of axe-core; dark and 320 px narrow by those of colour, none scrolls."""
    # The policy keeps axe out as it should; it is lifted for this look alone.
    context = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    system = "/systems/scorer-img-src-x-onerror-alert-1"
    paths = (
        "/",
        "/upload",
        "/requirements?q=bias",
        "/requirements/art10.2.f",
        system,
        f"/compare?a={system[9:]}/1.0.0&b={system[9:]}/1.1.0",
        "/nothing-here",
        draft_of(page, site, table),
        done.removeprefix(site),
        f"{done.removeprefix(site)}/findings?verdict=open",
    )
    found = {}
    for path in paths:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(site + path)
        wide = violations(page, RULES)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 320, "height": 900})
        narrow = violations(page, COLOURS)
        over = page.evaluate("document.documentElement.scrollWidth - 320")
        assert page.locator("main img").count() == 0
        if wide or narrow or over > 0:
            found[path] = (wide, narrow, over)
    assert found == {}
    context.close()


def test_everything_can_be_read_without_scripts(browser: Browser, site: str, done: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(done)
    assert page.locator(".figures li").count() == 5
    assert page.locator(".points > li").count() > 0
    page.click("text=All findings")
    page.select_option("#verdict", "not_applicable")
    page.click("text=Show")
    assert page.locator(".points > li:not(.k-not_applicable)").count() == 0
    context.close()

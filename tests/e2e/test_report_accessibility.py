"""The HTML report in a real browser: axe-core, the keyboard alone, no scripts, and no request to anybody.

Chromium comes from Debian (``apt-get install -y --no-install-recommends chromium``); where there is none,
each test here says so. axe-core is the one that ``axe-playwright-python`` carries.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformity.render.html import html_text
from tests.unit.render.render_records import LIMIT, measurement, scalar
from tests.unit.render.test_render_figures_drawn import CELLS, PAIR, seen

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="Chromium is not installed: apt-get install -y --no-install-recommends chromium",
    ),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a report that has every kind of figure."""
    made = seen(
        *(measurement("selection_rate", scalar(rate, n), PAIR, group) for group, (rate, n) in CELLS.items()),
        *(
            measurement(name, scalar(0.3, 400, 0.2, 0.4), ("score bin",), (bin_,))
            for bin_ in ("0 to < 0.5", "0.5 to 1")
            for name in ("calibration_mean_score", "calibration_observed_rate")
        ),
    )
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(html_text(*made, disclosure_limit=LIMIT), "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the browser once; as root it has no sandbox of its own, and it opens only our file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, report: str) -> Iterator[Page]:
    """Open the report as a reader does, under the page's own policy; nothing may go wrong or go out."""
    wrong: list[str] = []
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(report)
    yield opened
    assert wrong == []
    assert [url for url in asked if url.partition("#")[0] != report and not url.startswith("data:")] == []
    context.close()


def violations(opened: Page) -> list[tuple[str, Any]]:
    """Return what axe-core finds, each rule with the places."""
    opened.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = opened.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found["violations"]]


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390)], ids=["light", "dark", "phone"]
)
def test_axe_finds_nothing(browser: Browser, report: str, scheme: Any, width: int) -> None:
    # The page's policy keeps axe out as it should; it is lifted for this look alone.
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    opened = context.new_page()
    opened.goto(report)
    assert violations(opened) == []
    # The page itself never scrolls sideways (WCAG 2.2, 1.4.10); a wide table does, in its own room.
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def focused(page: Page) -> str:
    """Return the id or the text of what has the focus."""
    told = page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    return str(told)


def tab_to(page: Page, wanted: str) -> None:
    """Press the tabulator until something has the focus."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if focused(page) == wanted:
            return
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.url.endswith("#reading")
    tab_to(page, "by-article")
    everything = page.locator(".card:visible, .rows:visible").count()
    page.keyboard.press("Tab")
    assert focused(page) == "by-verdict"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#by-verdict") == "not_met"
    assert 0 < page.locator(".card:visible, .rows:visible").count() < everything
    assert page.locator(".card:visible:not(.k-not_met)").count() == 0
    assert "shown" in page.inner_text("#shown")
    page.keyboard.press("Tab")
    assert focused(page) == "fold"
    page.keyboard.press("Space")
    assert page.locator("details[open]").count() == 0
    assert page.get_attribute("#fold", "aria-pressed") == "true"
    tab_to(page, "Criteria, statements and evidence")
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_a_link_to_what_is_filtered_away_shows_it_again(page: Page) -> None:
    page.select_option("#by-verdict", "not_met")
    hidden = page.locator(".card[hidden] h4").first.get_attribute("id")
    page.evaluate("id => { location.hash = id; }", hidden)
    page.wait_for_function("id => !document.getElementById(id).closest('[hidden]')", arg=hidden)
    assert page.input_value("#by-verdict") == ""


def test_printing_shows_everything(page: Page) -> None:
    page.select_option("#by-verdict", "not_met")
    page.click("#fold")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open]), .card[hidden]").count() == 0
    page.emulate_media(media="print")
    assert page.locator("#tools").is_hidden()


def test_everything_is_there_without_scripts(browser: Browser, report: str, page: Page) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    plain = context.new_page()
    plain.goto(report)
    assert plain.locator("#tools").is_hidden()
    for what in (".card:visible", ".rows:visible", "svg:visible", "details[open]"):
        assert plain.locator(what).count() == page.locator(what).count() > 0
    context.close()


def test_figures_tell_their_numbers_where_the_pointer_rests(page: Page) -> None:
    tips = page.locator("svg.chart g > title").all_text_contents()
    assert any(tip.startswith("graduate school × male: 0.61") for tip in tips)
    assert all(tip.strip() for tip in tips)

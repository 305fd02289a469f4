"""The page that a host shows beside an answer, in a real browser, under the policy that hosts put on it.

The host here speaks the host's side of MCP Apps (revision 2026-01-26) and applies its strictest policy: no
request, no frame of another origin, scripts and styles of the page alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from conformity.entry.mcp.apps import REPORT, report_app
from conformity.render.assets import templates_folder

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="Chromium is not installed: apt-get install -y --no-install-recommends chromium",
    ),
]

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'; frame-src 'none'; base-uri 'self'"
)
RUN = "20261123-aaaaaaaa"
LINK = {"type": "resource_link", "name": "report.html", "uri": f"conformity://runs/{RUN}/report.html"}
DONE = {"structuredContent": {"run_id": RUN, "status": "succeeded"}, "content": [LINK]}
RUNNING = {"structuredContent": {"run_id": RUN, "status": "running"}, "content": []}
PAGE = "<!DOCTYPE html><title>r</title><h1>Report of a run</h1><script>document.title = 'ran'</script>"
HOST = """
const said = [];
const answers = %s;
addEventListener("message", (event) => {
  const view = document.querySelector("iframe").contentWindow;
  if (event.source !== view) return;
  const message = event.data;
  said.push(message);
  if (message.id === undefined || message.method === undefined) return;
  const answer = answers[message.method];
  const reply = answer ? { result: answer } : { error: { code: -32601, message: "no" } };
  view.postMessage({ jsonrpc: "2.0", id: message.id, ...reply }, "*");
});
"""


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """Return a page of a browser; as root it has no sandbox of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched.new_page()
        launched.close()


def shown(tab: Page, result: dict[str, Any], **capabilities: dict[str, Any]) -> Frame:
    """Return the frame of the app after its host told it the result of a tool."""
    answers = {
        "ui/initialize": {
            "protocolVersion": "2026-01-26",
            "hostInfo": {"name": "host", "version": "1"},
            "hostCapabilities": capabilities,
            "hostContext": {},
        },
        "tools/call": DONE,
        "resources/read": {"contents": [{"uri": LINK["uri"], "mimeType": "text/html", "text": PAGE}]},
    }
    page = (templates_folder() / "mcp" / "report.html").read_text("utf-8")
    policed = page.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">')
    tab.goto("about:blank")
    tab.evaluate(HOST % json.dumps(answers) + "; window.said = said;")
    tab.evaluate(
        "html => { const view = document.createElement('iframe'); view.sandbox = 'allow-scripts';"
        " view.srcdoc = html; document.body.append(view); }",
        policed,
    )
    tab.wait_for_function("said.some((one) => one.method === 'ui/notifications/initialized')")
    tab.evaluate(
        "result => document.querySelector('iframe').contentWindow.postMessage("
        "{ jsonrpc: '2.0', method: 'ui/notifications/tool-result', params: result }, '*')",
        result,
    )
    return tab.frames[1]


@pytest.mark.parametrize("result", [DONE, RUNNING], ids=["ended", "still running"])
def test_the_report_of_a_run_is_read_and_nothing_in_it_runs(tab: Page, result: dict[str, Any]) -> None:
    view = shown(tab, result, serverTools={}, serverResources={})
    view.wait_for_selector("iframe:not([hidden])")
    tab.wait_for_function("said.at(-1).method === 'ui/notifications/size-changed'")
    report = tab.frames[2]
    report.wait_for_selector("h1")
    assert report.inner_text("h1") == "Report of a run"
    assert report.title() == "r"
    said = tab.evaluate("said")
    read = [one["params"] for one in said if one.get("method") == "resources/read"]
    assert read == [{"uri": LINK["uri"]}]
    asked = [one["params"]["arguments"]["run_id"] for one in said if one.get("method") == "tools/call"]
    assert asked == ([] if result is DONE else [RUN])
    assert said[-1]["params"]["height"] > 700


NOTHING: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (RUNNING, {}, "The run goes on."),
    (DONE, {}, "cannot read the report"),
    ({"isError": True, "content": [LINK]}, {"serverResources": {}}, "There is no report"),
    ({"content": [{**LINK, "uri": "https://example.org/report.html"}]}, {"serverResources": {}}, "no report"),
]


@pytest.mark.parametrize(("result", "capabilities", "words"), NOTHING)
def test_where_no_report_can_be_shown_the_page_says_so(
    tab: Page, result: dict[str, Any], capabilities: dict[str, Any], words: str
) -> None:
    view = shown(tab, result, **capabilities)
    view.wait_for_function("words => document.getElementById('state').textContent.includes(words)", arg=words)
    assert not view.is_visible("iframe")
    assert not any(one.get("method") == "resources/read" for one in tab.evaluate("said"))


def test_the_page_is_offered_as_an_app() -> None:
    (binding,) = report_app().resources()
    assert binding.resource.uri == REPORT
    assert binding.resource.mime_type == "text/html;profile=mcp-app"

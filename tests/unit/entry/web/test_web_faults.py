"""What nobody foresaw is answered with a page that tells nothing of it."""

from __future__ import annotations

import anyio
import pytest
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from conformity.entry.rest.problems import Unforeseen
from conformity.entry.web import files, words
from conformity.entry.web.faults import on_anything
from conformity.entry.web.mounting import pages
from conformity.entry.web.pages import page
from conformity.errors import PathError, RenderError, SandboxError
from tests.support.pages import Site
from tests.unit.entry.web.test_web_reading import text_of

SECRET = "Ada Lovelace, 36"


@pytest.mark.parametrize("error", [ValueError(SECRET), SandboxError(SECRET)], ids=["any", "ours"])
def test_a_fault_of_ours_is_logged_by_its_kind_alone(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def failing(*_given: object, **_named: object) -> None:
        raise error

    monkeypatch.setattr(site.runs, "runs", failing)
    text = text_of(site, "/runs", 500)
    assert "the server&#39;s own fault" in text
    assert SECRET not in text + caplog.text
    assert type(error).__name__ in caplog.text


def test_an_error_names_no_folder_of_the_server(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_given: object, **_named: object) -> None:
        raise PathError(f"{site.root}/x <b>is no archive; name another. {site.root} {site.root}/archive: x")

    monkeypatch.setattr(site.runs, "runs", failing)
    assert "x &lt;b&gt;is no archive; name another. the folder of this server the archive: x" in text_of(
        site, "/runs", 422
    )


def test_an_answer_that_has_begun_is_not_begun_again(site: Site) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(SECRET)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "app": site.client.app,
    }
    anyio.run(Unforeseen(broken, on_anything), scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


def test_pages_answer_requests_alone(site: Site) -> None:
    mounted = pages(site.client.app.state)  # type: ignore[attr-defined]
    assert mounted.matches({"type": "websocket", "path": "/", "headers": []})[0] is Match.NONE


def test_a_template_that_fails_is_a_fault_of_ours(site: Site) -> None:
    request = Request({"type": "http", "path": "/", "headers": [], "app": site.client.app})
    with pytest.raises(RenderError, match="template of nothing fails"):
        page(request, "nothing", "Nothing")


def test_missing_parts_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for module, made in ((files, files._fixed), (words, words.words)):
        made.cache_clear()
        monkeypatch.setattr(module, "templates_folder", lambda: tmp_path)
        with pytest.raises(RenderError, match="cannot be read"):
            made()
        monkeypatch.undo()


def test_no_word_of_the_pages_claims_conformity() -> None:
    def leaves(node: object) -> list[str]:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        return [node] if isinstance(node, str) else [text for one in inner for text in leaves(one)]

    found = leaves(words.words())
    assert len(found) > 100
    assert not [
        text for text in found if any(word in text.lower() for word in ("complian", "complies", "certif"))
    ]

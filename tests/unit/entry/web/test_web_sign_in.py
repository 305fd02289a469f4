"""A server that asks for keys: pages for those who are signed in, and what each key may see."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conformity.entry.rest.auth import Access, Scope
from conformity.entry.rest.auth.key_file import KeyRing, change_keys
from conformity.entry.rest.auth.keys import KeyFile, NewKey, new_key
from tests.support.archives import NOW
from tests.support.pages import TalkingRuns, app_of

HTML = {"Accept": "text/html"}


def key_for(name: str, *scopes: Scope) -> NewKey:
    """Return a key."""
    return new_key(name, scopes, NOW, NOW + timedelta(days=1))


@pytest.fixture(scope="module")
def keys() -> dict[str, NewKey]:
    """Return keys by the name of their owner."""
    return {"all": key_for("all", "assess", "archive"), "reader": key_for("reader")}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, NewKey]) -> TestClient:
    """Return a browser of a server that asks for keys and shows no archive."""
    root: Path = tmp_path_factory.mktemp("keyed").resolve()
    file = root / "keys.json"
    change_keys(file, lambda _: KeyFile(keys=tuple(one.kept for one in keys.values())))
    access = Access(KeyRing(file), clock=lambda: NOW)
    app = app_of(root, TalkingRuns(root), access=access, archive=root / "archive")
    return TestClient(app, base_url="http://127.0.0.1")


@pytest.fixture(autouse=True)
def _signed_out(client: TestClient) -> None:
    """Begin every test without a session."""
    client.cookies.clear()


def sign_in(client: TestClient, key: str, following: str = "/") -> tuple[int, str, str]:
    """Send the form; return the status, where it leads, and what it says."""
    form = client.get("/login", headers=HTML).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', form)
    assert csrf is not None
    sent = {"csrf": csrf[1], "key": key, "next": following}
    answer = client.post("/login", data=sent, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_whoever_is_not_signed_in_is_led_to_the_form_and_back(
    client: TestClient, keys: dict[str, NewKey]
) -> None:
    answer = client.get("/runs?before=r-1", headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Fruns%3Fbefore%3Dr-1"
    form = client.get(answer.headers["location"], headers=HTML)
    assert 'name="next" value="/runs?before=r-1"' in form.text
    assert "<nav" not in form.text
    assert sign_in(client, keys["all"].key, "/runs")[:2] == (303, "/runs")
    text = client.get("/runs", headers=HTML).text
    assert '<span class="break">all</span>' in text
    assert client.get("/login", follow_redirects=False).headers["location"] == "/"


@pytest.mark.parametrize("following", ["//other.example/x", "https://other.example", "/\\other", "other"])
def test_signing_in_leads_to_no_other_server(
    client: TestClient, keys: dict[str, NewKey], following: str
) -> None:
    assert sign_in(client, keys["all"].key, following)[1] == "/"


def test_a_wrong_key_is_refused_and_not_repeated(client: TestClient) -> None:
    status, _, text = sign_in(client, "cfk_wrong-key-of-somebody")
    assert status == 401
    assert "not valid here" in text
    assert "wrong-key" not in text


def test_signing_out_ends_the_session(client: TestClient, keys: dict[str, NewKey]) -> None:
    sign_in(client, keys["all"].key)
    text = client.get("/", headers=HTML).text
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
    assert csrf is not None
    assert client.post("/logout", data={"csrf": "0" * 64}).status_code == 403
    assert client.post("/logout", data={"csrf": csrf[1]}, follow_redirects=False).status_code == 303
    assert client.get("/", headers=HTML, follow_redirects=False).status_code == 303


def test_a_form_of_somebody_who_is_not_signed_in_leads_to_the_form(client: TestClient) -> None:
    assert client.post("/upload", headers=HTML, follow_redirects=False).status_code in (303, 401)


def test_pages_show_what_a_key_allows(client: TestClient, keys: dict[str, NewKey]) -> None:
    sign_in(client, keys["reader"].key)
    text = client.get("/", headers=HTML).text
    assert "Assess a system" not in text
    assert "Systems in the archive" not in text
    assert 'href="/upload"' not in text
    for path in ("/upload", "/systems/any", "/systems/any/1.0.0/report.html", "/compare?a=x/1&b=x/2"):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 403, path
        assert "You may not do this" in answer.text


def test_an_archive_that_is_still_empty_is_said(client: TestClient, keys: dict[str, NewKey]) -> None:
    sign_in(client, keys["all"].key)
    text = client.get("/", headers=HTML).text
    assert "Nothing has been archived yet" in text
    assert "conformity archive REPORT --repo FOLDER" in text

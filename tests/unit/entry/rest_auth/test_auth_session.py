"""Browsers that are logged in: how long, by which cookie, and with which forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from conformity.entry.jobs.interface import EngineState
from conformity.entry.rest import problems
from conformity.entry.rest.auth import Access
from conformity.entry.rest.auth.key_file import KeyRing, change_keys, revoked
from conformity.entry.rest.auth.keys import KeyFile, NewKey, new_key
from conformity.entry.rest.auth.session import (
    IDLE_S,
    LONGEST_S,
    Sessions,
    check_form,
    form_token,
    log_in,
    log_out,
)
from conformity.entry.rest.guarding import protect
from conformity.entry.rest.limits import Limits
from conformity.entry.rest.metrics import Metrics
from tests.support.tokens import NOW

FORM = {"Origin": "http://127.0.0.1"}


@pytest.fixture
def key() -> NewKey:
    """Return a key."""
    return new_key("mine", ("assess",), NOW, NOW + timedelta(days=1))


@pytest.fixture
def client(tmp_path: Path, key: NewKey) -> TestClient:
    """Return a browser of a small application with a form to log in."""
    file = tmp_path / "keys.json"
    change_keys(file, lambda _: KeyFile(keys=(key.kept,)))
    return browser(Access(KeyRing(file), clock=lambda: NOW))


def browser(access: Access, base: str = "http://127.0.0.1") -> TestClient:
    """Return a browser of a small application."""
    app = FastAPI()
    problems.install(app)

    @app.post("/login")
    async def login(request: Request) -> Response:
        """Log in with the key in the body."""
        cookie = log_in(request, (await request.body()).decode())
        return Response(status_code=401) if cookie is None else Response(headers={"Set-Cookie": cookie})

    @app.post("/logout")
    def logout(request: Request) -> Response:
        """Log out."""
        return Response(headers={"Set-Cookie": log_out(request)})

    @app.get("/page")
    def page(request: Request) -> Any:
        """Tell who is logged in, and the token of the page's forms."""
        return JSONResponse([request.scope["state"]["caller"].owner, form_token(request)])

    @app.post("/form")
    async def form(request: Request) -> None:
        """Take a form."""
        check_form(request, (await request.json())["csrf"])

    protect(app, access, Limits(), Metrics(lambda: EngineState({}, None, 0)))
    return TestClient(app, base_url=base)


def test_a_key_logs_a_browser_in_until_it_logs_out(client: TestClient, key: NewKey) -> None:
    assert client.get("/page").status_code == 401
    answer = client.post("/login", content=f" {key.key}\n", headers=FORM)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("conformity_session=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200")
    assert key.key not in cookie
    assert client.get("/page").json()[0] == "mine"
    old = dict(client.cookies)
    assert client.post("/logout", headers=FORM).headers["Set-Cookie"].startswith("conformity_session=; ")
    assert client.get("/page", headers={"Cookie": f"conformity_session={old['conformity_session']}"}).is_error


def test_a_wrong_key_logs_nobody_in(client: TestClient) -> None:
    assert client.post("/login", content="cfk_wrong", headers=FORM).status_code == 401
    assert client.get("/page").status_code == 401
    assert client.post("/logout", headers=FORM).status_code == 401


def test_logging_in_again_ends_the_session_before(client: TestClient, key: NewKey) -> None:
    client.post("/login", content=key.key, headers=FORM)
    first = client.cookies["conformity_session"]
    client.post("/login", content=key.key, headers=FORM)
    assert client.cookies["conformity_session"] != first
    client.cookies.clear()
    assert client.get("/page", headers={"Cookie": f"conformity_session={first}"}).status_code == 401


def test_a_session_ends_with_its_key(client: TestClient, key: NewKey, tmp_path: Path) -> None:
    client.post("/login", content=key.key, headers=FORM)
    assert client.get("/page").status_code == 200
    change_keys(tmp_path / "keys.json", lambda there: revoked(there, "mine", NOW))
    assert client.get("/page").status_code == 401


@pytest.mark.parametrize("headers", [{"X-Forwarded-Proto": "https"}, {}])
def test_over_https_the_cookie_is_for_https_alone(
    tmp_path: Path, key: NewKey, headers: dict[str, str]
) -> None:
    file = tmp_path / "keys.json"
    change_keys(file, lambda _: KeyFile(keys=(key.kept,)))
    base = "http://127.0.0.1" if headers else "https://127.0.0.1"
    client = browser(Access(KeyRing(file), clock=lambda: NOW), base)
    cookie = client.post("/login", content=key.key, headers={**headers, "Origin": base}).headers["Set-Cookie"]
    assert cookie.startswith("__Host-conformity_session=")
    assert cookie.endswith("; Secure")
    shown = {**headers, "Cookie": cookie.split(";")[0]}
    assert client.get("/page", headers=shown).status_code == 200


def test_forms_are_taken_from_pages_of_the_same_session_alone(client: TestClient, key: NewKey) -> None:
    client.post("/login", content=key.key, headers=FORM)
    token = client.get("/page").json()[1]
    assert client.post("/form", json={"csrf": token}, headers=FORM).status_code == 200
    for wrong in ("", "x", "é", token[:-1], None, 5):
        assert client.post("/form", json={"csrf": wrong}, headers=FORM).status_code == 403
    evil = {"Origin": "https://evil.example.org"}
    assert client.post("/form", json={"csrf": token}, headers=evil).status_code == 403
    client.post("/login", content=key.key, headers=FORM)
    assert client.post("/form", json={"csrf": token}, headers=FORM).status_code == 403


def test_without_keys_forms_have_a_token_too() -> None:
    client = browser(Access())
    owner, token = client.get("/page").json()
    assert owner == "local"
    assert client.post("/form", json={"csrf": token}, headers=FORM).status_code == 200
    assert client.post("/form", json={"csrf": "x"}, headers=FORM).status_code == 403
    assert client.post("/login", content="cfk_x", headers=FORM).status_code == 401
    assert client.post("/logout", headers=FORM).headers["Set-Cookie"].startswith("conformity_session=; ")


def test_a_session_ends_when_unused_and_after_its_longest_time() -> None:
    moment = [0.0]
    sessions = Sessions(lambda: moment[0])
    cookie = sessions.begin("k")
    moment[0] += IDLE_S - 1
    assert sessions.key_of(cookie) == "k"
    moment[0] += IDLE_S
    assert sessions.key_of(cookie) is None
    busy = sessions.begin("k")
    for _ in range(LONGEST_S // 3600 - 1):
        moment[0] += 3600
        assert sessions.key_of(busy) == "k"
    moment[0] += 3600
    assert sessions.key_of(busy) is None


def test_there_are_never_more_sessions_than_allowed() -> None:
    moment = [0.0]
    sessions = Sessions(lambda: moment[0], most=4)
    cookies = []
    for _ in range(4):
        cookies.append(sessions.begin("k"))
        moment[0] += 1
    assert sessions.key_of(cookies[0]) == "k"
    newest = sessions.begin("k")
    assert sessions.key_of(cookies[1]) is None
    assert [sessions.key_of(one) for one in (cookies[0], cookies[2], newest)] == ["k"] * 3

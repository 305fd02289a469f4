"""Who is let in, and what everybody else is told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner
from fastapi import Depends, FastAPI
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from conformity.entry.cli import cli
from conformity.entry.jobs.interface import EngineState
from conformity.entry.rest import problems
from conformity.entry.rest.auth import SCOPES, Access, Caller, caller, open_access, require
from conformity.entry.rest.auth.key_file import change_keys, revoked
from conformity.entry.rest.auth.keys import KeyFile, new_key
from conformity.entry.rest.guarding import protect
from conformity.entry.rest.limits import Limits
from conformity.entry.rest.metrics import Metrics, router
from conformity.errors import InputError, PathError, UsageError
from conformity.settings import Settings
from tests.support.tokens import NOW, REPOSITORY, issuers_file, token

HERE = "http://127.0.0.1:8321"
Open = Callable[..., TestClient]


@dataclass
class World:
    """A server's files, its clock, and the keys of two callers."""

    folder: Path
    moment: datetime
    mine: str
    other: str

    @property
    def keys(self) -> Path:
        """The file of keys."""
        return self.folder / "keys.json"

    def access(self) -> Access:
        """Return who is let in: two keys, and one repository."""
        found = open_access(Settings(api_keys=self.keys, issuers=self.folder / "issuers.json"), "0.0.0.0")
        return Access(found.keys, found.trusted, lambda: self.moment)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Return files with two keys and one issuer."""
    issuers_file(tmp_path)
    mine = new_key("mine", SCOPES, NOW, NOW + timedelta(days=1))
    other = new_key("other", ("assess",), NOW)
    change_keys(tmp_path / "keys.json", lambda _: KeyFile(keys=(mine.kept, other.kept)))
    return World(tmp_path, NOW, mine.key, other.key)


def client_of(access: Access, base: str = HERE, limits: Limits | None = None) -> TestClient:
    """Return a client of a small application behind the guards."""
    app = FastAPI()
    problems.install(app)

    @app.get("/who")
    @app.post("/who")
    def who(one: Annotated[Caller, Depends(caller)]) -> str:
        """Tell who calls."""
        return one.owner

    @app.get("/archive")
    def archive(one: Annotated[Caller, Depends(require("archive"))]) -> list[str]:
        """Tell what the caller may do."""
        return sorted(one.scopes)

    @app.get("/healthz")
    @app.get("/static/a.css")
    def anybody() -> str:
        """Answer everybody."""
        return "here"

    metrics = Metrics(lambda: EngineState({}, None, 0))
    app.state.metrics = metrics
    app.include_router(router)
    protect(app, access, limits or Limits(), metrics)
    return TestClient(app, base_url=base, follow_redirects=False)


def bearer(text: str) -> dict[str, str]:
    """Return the header that shows a key or token."""
    return {"Authorization": f"Bearer {text}"}


def test_keys_and_tokens_are_let_in_as_their_owners(world: World) -> None:
    client = client_of(world.access())
    for shown, owner in [
        (world.mine, "mine"),
        (world.other, "other"),
        (token(), f"github:{REPOSITORY}"),
    ]:
        answer = client.get("/who", headers=bearer(shown))
        assert (answer.status_code, answer.json()) == (200, owner)
    assert client.get("/who", headers={"Authorization": f"bearer  {world.mine} "}).json() == "mine"


def test_whoever_is_not_let_in_is_told_the_same_whatever_the_reason(world: World) -> None:
    client = client_of(world.access())
    change_keys(world.keys, lambda keys: revoked(keys, "other", NOW))
    world.moment = NOW + timedelta(days=2)
    headers: list[Any] = [
        {},
        bearer("cfk_unknown"),
        bearer(world.other),  # revoked
        bearer(world.mine),  # expired
        bearer(token()),  # expired
        bearer(""),
        bearer("x" * 20_000),
        {"Authorization": f"Basic {world.mine}"},
        {"Cookie": "conformity_session=forged"},
        [("Authorization", f"Bearer {world.mine}"), ("Authorization", f"Bearer {world.mine}")],
    ]
    answers = [client.get("/who", headers=one) for one in headers]
    assert {(one.status_code, one.text, one.headers["WWW-Authenticate"]) for one in answers} == {
        (401, answers[0].text, 'Bearer realm="conformity"')
    }
    assert answers[0].headers["Content-Type"] == "application/problem+json"


def test_some_paths_are_for_everybody(world: World) -> None:
    client = client_of(world.access())
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/a.css").status_code == 200
    assert client.get("/staticx").status_code == 401
    assert client.get("/v1/nothing").status_code == 401
    assert client.get("/v1/nothing", headers=bearer(world.mine)).status_code == 404


def test_a_scope_that_is_missing_is_named(world: World) -> None:
    client = client_of(world.access())
    assert client.get("/archive", headers=bearer(world.mine)).json() == sorted(SCOPES)
    refused = client.get("/archive", headers=bearer(world.other))
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="archive"' in refused.headers["WWW-Authenticate"]
    assert client.get("/metrics", headers=bearer(world.other)).status_code == 403
    assert client.get("/metrics", headers=bearer(world.mine)).status_code == 200


def test_routes_let_nobody_through_when_no_guard_stands_before_them() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/who")
    def who(one: Annotated[Caller, Depends(require("assess"))]) -> str:
        """Tell who calls."""
        return one.owner

    assert TestClient(app).get("/who").status_code == 401


def test_no_key_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(world.access())
    with caplog.at_level(logging.DEBUG):
        client.get("/who", headers=bearer(world.mine))
        client.get("/who", headers=bearer("cfk_wrong-key"))
        client.get("/who", headers=bearer(token()))
    assert world.mine not in caplog.text
    assert "cfk_" not in caplog.text
    assert token() not in caplog.text


def test_keys_that_cannot_be_read_let_nobody_in(world: World) -> None:
    client = client_of(world.access())
    world.keys.chmod(0o644)
    answer = client.get("/who", headers=bearer(world.mine))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert str(world.folder) not in answer.text


def test_one_address_may_not_try_without_end(world: World) -> None:
    client = client_of(world.access(), limits=Limits(failures_per_minute=3))
    assert [client.get("/who").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
    assert int(client.get("/who").headers["Retry-After"]) >= 1
    assert client.get("/who", headers=bearer(world.mine)).status_code == 200


@pytest.mark.parametrize("path", ["/who", "/healthz", "/nothing"])
def test_a_body_with_two_lengths_ends_the_connection(world: World, path: str) -> None:
    """RFC 9112, section 6.1: what stands behind such a body could be the request of somebody else."""
    both = {**bearer(world.mine), "Content-Length": "4", "Transfer-Encoding": "chunked"}
    answer = client_of(world.access()).post(path, headers=both)
    assert (answer.status_code, answer.headers["Connection"]) == (400, "close")


def test_without_keys_this_machine_may_do_everything() -> None:
    client = client_of(open_access(Settings(), "127.0.0.1"))
    assert client.get("/who").json() == "local"
    assert client.get("/archive").json() == sorted(SCOPES)


def test_without_keys_it_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "conformity"):
        open_access(Settings(), "::1")
    assert "nobody is asked for a key" in caplog.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.5", "example.org", ""])
def test_without_keys_no_other_host_is_served(host: str) -> None:
    with pytest.raises(UsageError, match="api-keys new"):
        open_access(Settings(), host)


def test_the_command_ends_where_nobody_would_be_asked(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["serve", "--host", "0.0.0.0", "--root", str(tmp_path), "--workers", "0"]
    )
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2


def test_files_that_are_wrong_are_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(PathError):
        open_access(Settings(api_keys=tmp_path / "none.json"), "0.0.0.0")
    (tmp_path / "issuers.yaml").write_text("issuers: []")
    with pytest.raises(InputError):
        open_access(Settings(issuers=tmp_path / "issuers.yaml"), "0.0.0.0")


def test_keys_of_issuers_without_a_file_are_fetched(tmp_path: Path) -> None:
    file = issuers_file(tmp_path, keys=None, issuer="https://127.0.0.1:9")
    client = client_of(open_access(Settings(issuers=file), "0.0.0.0"))
    unreachable = token({"iss": "https://127.0.0.1:9"})
    assert client.get("/who", headers=bearer(unreachable)).status_code == 503
    assert client.get("/who", headers=bearer("cfk_x")).status_code == 401
    assert client.get("/who", headers={"Cookie": "conformity_session=x"}).status_code == 401


def test_tokens_are_not_taken_where_only_keys_are(world: World) -> None:
    access = open_access(Settings(api_keys=world.keys), "0.0.0.0")
    assert client_of(access).get("/who", headers=bearer(token())).status_code == 401


def test_sockets_of_the_web_are_closed(world: World) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client_of(world.access()).websocket_connect("/who", headers=bearer(world.mine)),
    ):
        raise AssertionError("let in")


def test_a_browser_is_led_to_the_form(world: World) -> None:
    client = client_of(world.access())
    page = {"Accept": "text/html,*/*;q=0.8"}
    answer = client.get("/runs?before=r%201&x=//evil", headers=page)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/login?next=%2Fruns%3Fbefore%3Dr%25201%26x%3D%2F%2Fevil"
    assert client.get("/runs", headers=page).headers["Location"] == "/login?next=%2Fruns"
    assert client.post("/runs", headers=page).status_code == 401
    assert client.get("/runs", headers={**page, **bearer("cfk_x")}).status_code == 401


def test_the_lifespan_passes_the_guards(world: World) -> None:
    with client_of(world.access()) as client:
        assert client.get("/healthz").status_code == 200

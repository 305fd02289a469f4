"""A run that is asked for over HTTP may be given an address to tell: it is written down before the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conformity.entry.jobs.choose import open_engine
from conformity.entry.rest.app import create_app
from conformity.entry.rest.webhooks.ledger import open_ledger
from conformity.entry.rest.webhooks.messages import message_id
from conformity.settings import Settings

URL = "https://hooks.example.org/hook"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings with one receiver."""
    file = tmp_path / "webhooks.yaml"
    file.touch(0o600)
    file.write_text("receivers: [{host: hooks.example.org, secrets: ['whsec_" + "A" * 32 + "']}]")
    (tmp_path / "root").mkdir()
    return Settings(root=tmp_path / "root", webhooks=file)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """Return a client of a server that tells receivers, and does no runs."""
    with serving(settings) as found:
        yield found


def serving(settings: Settings) -> TestClient:
    """Return a client of a server."""
    return TestClient(create_app(settings, open_engine(settings, workers=0)), base_url="http://127.0.0.1")


def asked(client: TestClient, url: str) -> tuple[int, str]:
    """Ask for a run that tells an address, and return the status and the answer."""
    answer = client.post(
        "/v1/runs",
        params={"callback_url": url},
        files={"files": ("scores.csv", b"a,b\n1,2\n", "text/csv")},
    )
    return answer.status_code, answer.text if answer.is_error else answer.json()["id"]


def test_who_is_to_be_told_is_written_down(client: TestClient, settings: Settings) -> None:
    status, run = asked(client, URL)
    assert status == 202, run
    ledger = open_ledger(settings)
    message = ledger.get(message_id(run, URL))
    ledger.close()
    assert message is not None
    assert (message.run_id, message.owner, message.url, message.state) == (run, "local", URL, "pending")


def test_whoever_may_not_be_told_ends_the_request_before_the_run_begins(client: TestClient) -> None:
    status, text = asked(client, "https://evil.example.org/hook")
    assert status == 422
    assert "not among those that the server may tell" in text
    assert "evil.example.org" not in text
    assert client.get("/v1/runs").json()["items"] == []


def test_a_server_without_receivers_tells_nobody(settings: Settings) -> None:
    with serving(replace(settings, webhooks=None)) as client:
        status, text = asked(client, URL)
    assert status == 422
    assert "this server tells nobody" in text

"""One module alone over HTTP."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.model.summary import ScanResult
from conformity.settings import Settings
from tests.support.rest import Api, small_scan

TABLE = {"modules": ["privacy"], "quasi_identifiers": ["age"]}


def request_of(api: Api, name: str) -> Any:
    """Return what the engine was asked for."""
    with api.shift() as shift:
        run = shift.begin(name)
    assert run is not None
    return run.request


def test_a_prompt_is_looked_at_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def scan(text: str, _moment: datetime, _settings: Settings) -> ScanResult:
        """Note the text, and return what another scan found: a real one takes seconds."""
        asked.append(text)
        return small_scan()

    monkeypatch.setattr("conformity.pipeline.scanning.scan_prompt_text", scan)
    answer = api.client.post("/v1/scan/prompt", json={"text": "hello"})
    assert answer.status_code == 200, answer.text
    assert asked == ["hello"]
    assert answer.json()["kind"] == "scan"
    empty = api.client.post("/v1/scan/prompt", json={"text": ""})
    assert empty.json()["errors"][0]["pointer"] == "#/text"


def test_files_of_the_server_are_scanned(api: Api) -> None:
    root = api.settings.root
    assert root is not None
    (root / "t.csv").write_bytes(b"age\n1\n")
    answer = api.client.post("/v1/scan/data", json={"path": "t.csv", **TABLE})
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/runs/{answer.json()['id']}"
    request = request_of(api, answer.json()["id"])
    assert (request.kind, request.data) == ("table_scan", str(root / "t.csv"))
    assert request.modules == ("privacy",)
    (root / "m.pkl").write_bytes(b"\x80\x04N.")
    answer = api.client.post("/v1/scan/model", json={"path": "m.pkl"})
    assert request_of(api, answer.json()["id"]).model == str(root / "m.pkl")


def test_files_that_are_uploaded_are_scanned(api: Api) -> None:
    form = {"request": json.dumps(TABLE)}
    headers = {"Idempotency-Key": "scan"}
    sent = [
        api.client.post("/v1/scan/data", files={"file": ("t.csv", b"age\n1\n")}, data=form, headers=headers)
        for _ in range(2)
    ]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    request = request_of(api, sent[0].json()["id"])
    assert Path(request.data).read_bytes() == b"age\n1\n"
    assert request.quasi_identifiers == ("age",)
    model = api.client.post("/v1/scan/model", files={"file": ("m.pkl", b"\x80\x04N.")})
    assert Path(request_of(api, model.json()["id"]).model).name == "m.pkl"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("data", {}),
        ("data", {"path": "t.csv", "modules": []}),
        ("model", {"path": "no.pkl"}),
        ("model", {"a": 1}),
    ],
    ids=["nothing", "no module", "no file", "unknown"],
)
def test_requests_that_cannot_be_done_are_refused(api: Api, path: str, body: dict[str, Any]) -> None:
    answer = api.client.post(f"/v1/scan/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert str(api.settings.root) not in answer.text


@pytest.mark.parametrize(
    ("files", "fields", "status", "pointer"),
    [
        ({"other": ("t.csv", b"a")}, {}, 422, "#/file"),
        ({"file": ("t.csv", b"a"), "more": ("u.csv", b"a")}, {}, 422, "#/file"),
        ({"file": ("t.csv", b"a")}, {"what": "a"}, 422, "#/request"),
        ({"file": ("t.csv", b"a")}, {"request": "{"}, 400, "#"),
        ({"file": ("t.csv", b"a")}, {"request": '{"path": "b"}'}, 422, "#/path"),
    ],
    ids=["part", "two", "field", "json", "path"],
)
def test_forms_that_cannot_be_done_are_refused(
    api: Api, files: Any, fields: dict[str, str], status: int, pointer: str
) -> None:
    answer = api.client.post("/v1/scan/data", files=files, data=fields)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer

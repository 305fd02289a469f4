"""What callers can reach by what they send: no more than their scopes give, and nothing of the server's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conformity.entry.clock import present
from conformity.entry.jobs.choose import open_engine
from conformity.entry.rest.app import create_app
from conformity.entry.rest.auth import Scope, open_access
from conformity.entry.rest.auth.key_file import change_keys
from conformity.entry.rest.auth.keys import KeyFile, new_key
from conformity.settings import Settings
from tests.support.cases import manifest
from tests.support.rest import MANIFEST, YAML

SCOPES: dict[str, tuple[Scope, ...]] = {"sends": ("assess",), "names": ("assess", "paths")}
ELSEWHERE = manifest(path="s3://bucket/payroll.parquet")
Asked = tuple[TestClient, dict[str, dict[str, str]]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Return a server that may read a bucket, and what two callers show."""
    folder = tmp_path_factory.mktemp("reached")
    made = {name: new_key(name, scopes, present()) for name, scopes in SCOPES.items()}
    change_keys(folder / "keys.json", lambda _: KeyFile(keys=tuple(one.kept for one in made.values())))
    (folder / "root").mkdir()
    (folder / "root/conformity.yaml").write_text(MANIFEST)
    settings = Settings(root=folder / "root", api_keys=folder / "keys.json", remote=("s3://bucket",))
    app = create_app(settings, open_engine(settings, workers=0), access=open_access(settings, "0.0.0.0"))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client, {name: {"Authorization": f"Bearer {one.key}"} for name, one in made.items()}


@pytest.mark.parametrize(("who", "status"), [("sends", 422), ("names", 202)])
def test_tables_elsewhere_need_the_scope_for_what_is_the_servers(
    server: Asked, who: str, status: int
) -> None:
    """They are read with the credentials of the server, not of whoever sends the manifest."""
    client, keys = server
    answer = client.post("/v1/runs", content=ELSEWHERE, headers={**keys[who], **YAML})
    assert answer.status_code == status, answer.text
    if status == 422:
        assert [error["pointer"] for error in answer.json()["errors"]] == ["#/subjects/0/path"]


def test_a_form_in_a_browser_reaches_no_further(server: Asked) -> None:
    client, keys = server
    for who, told in (("sends", True), ("names", False)):
        form = client.get("/upload", headers=keys[who]).text
        token = form.partition('name="csrf" value="')[2].partition('"')[0]
        sent = client.post(
            "/upload",
            headers=keys[who],
            data={"csrf": token},
            files=[("data", ("a.csv", b"a\n1\n")), ("manifest", ("m", ELSEWHERE.encode()))],
        )
        page = client.get(sent.headers["Location"], headers=keys[who]).text
        assert ("s3://bucket/payroll.parquet lies where" in page) is told


def test_the_name_of_anothers_run_cannot_be_taken_before_them(server: Asked) -> None:
    """The key of a request becomes a name that anybody could work out who knows the key."""
    client, keys = server
    begun = client.post(
        "/v1/runs", content=MANIFEST, headers={**keys["sends"], **YAML, "Idempotency-Key": "nightly"}
    )
    asked = {"manifest": "conformity.yaml", "run_id": begun.json()["id"][:-1], "wait_seconds": 0}
    answer = client.post(
        "/mcp",
        headers={
            **keys["names"],
            "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2025-11-25",
        },
        json={
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "generate_conformity_report", "arguments": asked},
        },
    )
    assert "Names of runs that begin with k- are the server's own" in answer.text


def test_a_folder_with_the_runs_of_all_is_no_table(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path, data=tmp_path / "state")
    app = create_app(settings, open_engine(settings, workers=0))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post("/v1/scan/data", json={"path": "."})
        assert answer.status_code == 422
        assert "`data` holds the folder of the server's runs" in answer.json()["detail"]


def test_a_folder_of_tables_may_hold_the_runs_where_it_hides_them(tmp_path: Path) -> None:
    """Files that begin with a dot are no part of a table, as :mod:`conformity.engines.sources` reads it."""
    settings = Settings(root=tmp_path)
    app = create_app(settings, open_engine(settings, workers=0))
    (tmp_path / "part.parquet").touch()
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.post("/v1/scan/data", json={"path": "."}).status_code == 202

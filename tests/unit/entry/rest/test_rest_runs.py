"""Runs over HTTP: asked for, listed, looked at, listened to, stopped."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

from conformity.entry.rest import events
from conformity.entry.rest.events import stream
from tests.support.rest import MANIFEST, YAML, Api


def events_of(text: str) -> list[dict[str, str]]:
    """Return the events of a stream, each with its fields."""
    blocks = [block for block in text.split("\n\n") if "data:" in block]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_a_run_is_announced_and_found(api: Api) -> None:
    answer = api.client.post("/v1/runs?language=de&formats=json", content=MANIFEST, headers=YAML)
    assert answer.status_code == 202
    name = answer.json()["id"]
    assert answer.headers["Location"] == f"/v1/runs/{name}"
    assert answer.headers["Retry-After"] == "2"
    found = api.client.get(f"/v1/runs/{name}")
    assert found.json() == answer.json()
    assert found.json()["kind"] == "assessment"
    assert found.json()["links"]["report"] is None
    assert str(api.settings.root) not in found.text


def test_a_client_that_has_the_run_is_sent_nothing(api: Api) -> None:
    name = api.begin()
    etag = api.client.get(f"/v1/runs/{name}").headers["ETag"]
    again = api.client.get(f"/v1/runs/{name}", headers={"If-None-Match": f'W/{etag}, "other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    api.client.post(f"/v1/runs/{name}/cancel")
    changed = api.client.get(f"/v1/runs/{name}", headers={"If-None-Match": etag})
    assert changed.json()["status"] == "cancelled"
    assert "Retry-After" not in changed.headers


def test_asking_twice_under_one_key_is_asking_once(api: Api) -> None:
    first = api.begin("the same")
    assert api.begin("the same") == first
    assert api.begin("another") != first
    other = api.client.post(
        "/v1/runs",
        content=MANIFEST.replace("2.0", "2.1"),
        headers={**YAML, "Idempotency-Key": "the same"},
    )
    assert other.status_code == 409
    assert other.json()["type"] == "urn:conformity:problem:conflict"
    depth = api.client.post(
        "/v1/runs?depth=full", content=MANIFEST, headers={**YAML, "Idempotency-Key": "the same"}
    )
    assert depth.status_code == 409
    kept = list((api.settings.data_folder / "runs" / first / "input").iterdir())
    assert [[file.name for file in folder.iterdir()] for folder in kept] == [["conformity.yaml"]]


def test_a_run_that_was_stopped_keeps_nothing_of_what_is_sent_again(api: Api) -> None:
    name = api.begin("stopped")
    api.client.post(f"/v1/runs/{name}/cancel")
    assert api.begin("stopped") == name
    assert not (api.settings.data_folder / "runs" / name).exists()


def test_runs_are_listed_in_pages(api: Api) -> None:
    names = [api.begin() for _ in range(3)]
    first = api.client.get("/v1/runs?limit=2")
    assert [run["id"] for run in first.json()["items"]] == names[:0:-1]
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    second = api.client.get(link[1 : link.index(">")])
    assert second.json()["items"][0]["id"] == names[0]
    assert second.url.params["cursor"] == first.json()["next"]


@pytest.mark.parametrize("cursor", ["zz", "AA", "bm9uZS1zdWNo", "%C3%A9"], ids=str)
def test_a_cursor_that_was_not_handed_out_leads_nowhere(api: Api, cursor: str) -> None:
    answer = api.client.get(f"/v1/runs?cursor={cursor}")
    assert answer.status_code == 404
    assert answer.json()["errors"] == [{"parameter": "cursor", "detail": "not a cursor of this list"}]


def test_a_stream_tells_everything_and_ends_with_the_run(api: Api) -> None:
    name = api.begin()
    api.finish(name)
    answer = api.client.get(f"/v1/runs/{name}/events")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["Cache-Control"] == "no-store"
    events = events_of(answer.text)
    assert [event["event"] for event in events][-1:] == ["end"]
    assert {event["event"] for event in events[:-1]} == {"progress"}
    told: list[dict[str, Any]] = [json.loads(event["data"]) for event in events]
    assert [str(one["number"]) for one in told] == [event["id"] for event in events]
    assert told[-1]["status"] == "succeeded"


def test_a_stream_goes_on_where_the_client_was(api: Api, done: str) -> None:
    every = events_of(api.client.get(f"/v1/runs/{done}/events").text)
    later = api.client.get(f"/v1/runs/{done}/events", headers={"Last-Event-ID": every[0]["id"]})
    assert events_of(later.text) == every[1:]
    over = api.client.get(f"/v1/runs/{done}/events", headers={"Last-Event-ID": every[-1]["id"]})
    assert (over.status_code, over.content) == (204, b"")


def test_head_of_a_stream_does_not_wait(api: Api) -> None:
    name = api.begin()
    answer = api.client.head(f"/v1/runs/{name}/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/event-stream")


def test_what_failed_says_why_without_the_places_of_the_server(api: Api) -> None:
    name = api.begin()
    with api.shift() as shift:
        run = shift.begin(name)
        assert run is not None
        shift.tell(run, "preparing", f"reading {run.request.manifest}")  # type: ignore[union-attr]
        shift.fail(run, f"{run.request.manifest}:3: no; {api.settings.root}/a and {run.folder}", 3)  # type: ignore[union-attr]
    found = api.client.get(f"/v1/runs/{name}").json()
    assert found["failure"] == {
        "message": "conformity.yaml:3: no; a and the folder of this run",
        "exit_code": 3,
    }
    assert "reading conformity.yaml" in api.client.get(f"/v1/runs/{name}/events").text
    report = api.client.get(f"/v1/runs/{name}/report")
    assert report.status_code == 409
    assert "is failed" in report.json()["detail"]


def test_the_run_of_nobody_is_not_there(api: Api) -> None:
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("GET", "/result")):
        answer = api.client.request(method, f"/v1/runs/r-00000000{path}")
        assert answer.status_code == 404, path
        assert answer.headers["Content-Type"] == "application/problem+json"


def heard(api: Api, name: str, count: int) -> list[str]:
    """Return the first lines of a stream that nothing happens in any more."""
    service = api.client.app.state.service  # type: ignore[attr-defined] # an application of FastAPI
    run = service.engine.get(name, owner="local")

    async def listen() -> list[str]:
        """Listen until there are so many."""
        found = []
        async for text in stream(service, run, owner="local", after=0):
            found.append(text)
            if len(found) == count:
                service.stopping.set()
        return found

    try:
        return anyio.run(listen)
    finally:
        service.stopping.clear()


def test_a_silent_stream_is_kept_alive_until_the_server_ends(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = api.begin()
    monkeypatch.setattr(events, "_POLL_S", 0)
    monkeypatch.setattr(events, "_HEARTBEAT_S", 0)
    lines = heard(api, name, 4)
    assert lines[0] == "retry: 2000\n\n"
    assert lines[1].startswith("id: 1\nevent: progress\n")
    assert lines[2:] == [": still here\n\n"] * 2
    monkeypatch.setattr(events, "_HEARTBEAT_S", 0.1)
    assert heard(api, name, 3)[2] == ": still here\n\n"

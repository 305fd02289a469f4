"""A pipeline lets a server assess: the real application on a real socket, its worker played by the test."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformity.errors import BusyError, ConformityError, InputError, PathError, UsageError
from conformity.pipeline import served
from conformity.pipeline.gating import Gated, PipelineRequest
from conformity.pipeline.served import Waiting, assess_at_server
from conformity.pipeline.server_client import Answer, Server
from conformity.pipeline.shared import load_manifest
from conformity.settings import Settings
from tests.support.packs import pack_text
from tests.support.rest import Api, serving

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = "SEX\na\nb\n"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give the application, over the real engine of runs, without a worker."""
    with serving(tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture(scope="module")
def url(api: Api) -> Iterator[str]:
    """Return the address at which the application is reached by others."""
    import uvicorn

    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(api.client.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    bound.close()


def silent(_what: str, _done: int, _total: int) -> None:
    """Take notice of how far a run is."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with the manifest of the small pack, and its table."""
    (tmp_path / "conformity.yaml").write_text(pack_text())
    (tmp_path / "test.csv").write_text(HEADER)
    return tmp_path


def ask(project: Path, url: str, *, waiting: Waiting | None = None, key: str = "k", **asked: Any) -> Gated:
    """Let a server assess a project."""
    request: dict[str, Any] = {
        "manifest": project / "conformity.yaml",
        "folder": project / "out",
        "repository": project,
        "formats": ("html", "json"),
        "as_of": MOMENT.date(),
        **asked,
    }
    return assess_at_server(
        PipelineRequest(**request),
        Server(url),
        key=key,
        today=MOMENT.date(),
        settings=Settings(),
        waiting=waiting or Waiting(0),
        on_progress=silent,
    )


def played(api: Api, act: Any) -> Waiting:
    """Return a way to wait in which the test plays the worker, once."""
    done: list[float] = []

    def sleep(seconds: float) -> None:
        if not done:
            act(json.loads(api.client.get("/v1/runs").text)["items"][0]["id"])
        done.append(seconds)

    return Waiting(60, lambda: 0.0, sleep)


def test_a_server_assesses_and_what_it_rendered_is_published(api: Api, url: str, project: Path) -> None:
    folders: list[Path] = []
    made = ask(project, url, waiting=played(api, lambda name: folders.append(api.finish(name))), key="first")
    assert (made.outcome.gate, made.outcome.pack, made.summary) == (4, None, None)
    published = project / "out" / "publish"
    assert {one.name for one in published.iterdir()} == {
        "SHA256SUMS",
        "codequality.json",
        "comment.md",
        "junit.xml",
        "outcome.json",
        "report.html",
        "report.sarif",
    }
    assert (published / "report.html").read_bytes() == (folders[0] / "pack" / "report.html").read_bytes()
    assert made.outcome.counts.not_collected > 0
    assert made.annotations
    sent = {one.name: one.read_bytes() for one in (folders[0] / "input").rglob("*") if one.is_file()}
    assert sent == {"conformity.yaml": pack_text().encode(), "test.csv": HEADER.encode()}


def test_a_run_that_fails_fails_the_pipeline_with_its_code(api: Api, url: str, project: Path) -> None:
    def fail(name: str) -> None:
        with api.shift() as shift:
            run = shift.begin(name)
            assert run is not None
            assert shift.fail(run, "test.csv is empty; hand in rows.", 3)

    with pytest.raises(InputError, match=r"test.csv is empty; hand in rows."):
        ask(project, url, waiting=played(api, fail), key="second")


def test_a_run_that_is_cancelled_fails_the_pipeline(api: Api, url: str, project: Path) -> None:
    def cancel(name: str) -> None:
        api.client.post(f"/v1/runs/{name}/cancel")

    with pytest.raises(ConformityError, match="was cancelled"):
        ask(project, url, waiting=played(api, cancel), key="third")


def test_a_run_that_takes_too_long_goes_on(url: str, project: Path) -> None:
    with pytest.raises(BusyError, match="was not done after 0 seconds; it goes on"):
        ask(project, url, key="fourth")


def test_an_assessment_of_another_manifest_is_not_taken(api: Api, url: str, project: Path) -> None:
    (project / "conformity.yaml").write_text(pack_text() + "# another\n")
    with pytest.raises(InputError, match="changed while it was assessed"):
        ask(project, url, waiting=played(api, api.finish), key="fifth")


def test_what_the_server_refuses_is_said_in_its_words(url: str, project: Path) -> None:
    with pytest.raises(InputError, match=r"refuses \(422\): .*nonsense"):
        ask(project, url, formats=("nonsense",), key="sixth")


def test_a_version_before_is_the_servers_business(project: Path, url: str) -> None:
    with pytest.raises(UsageError, match="leave --previous out"):
        ask(project, url, previous=project / "pack")


def test_folders_and_locks_are_sent_and_addresses_are_not(project: Path) -> None:
    (project / "data").mkdir()
    for name in ("a.csv", "b.csv"):
        (project / "data" / name).write_text(HEADER)
    (project / "locks").mkdir()
    (project / "locks" / "lock.json").write_text("{}")
    text = pack_text().replace("path: test.csv", "path: data")
    (project / "conformity.yaml").write_text(f"{text}{_ELSEWHERE}criteria_lock: locks/lock.json\n")
    loaded = load_manifest(project / "conformity.yaml", Settings())
    names = [name for name, _ in served._files(loaded, Settings())]
    assert names == ["data/a.csv", "data/b.csv", "locks/lock.json"]


_ELSEWHERE = """\
  - id: far
    kind: table
    title: Far
    path: s3://bucket/far.parquet
    purpose: training
    columns:
      - {name: SEX, roles: [protected]}
"""


def test_only_what_lies_below_the_manifest_is_sent(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "conformity.yaml").write_text(pack_text())
    (project / "deep" / "test.csv").symlink_to(project / "test.csv")
    loaded = load_manifest(project / "deep" / "conformity.yaml", Settings())
    with pytest.raises(PathError, match="does not lie below"):
        list(served._files(loaded, Settings(root=project)))


def test_more_files_than_a_server_takes_are_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "_MOST_FILES", 0)
    loaded = load_manifest(project / "conformity.yaml", Settings())
    with pytest.raises(PathError, match="names 1 files"):
        list(served._files(loaded, Settings()))


@pytest.mark.parametrize(
    ("wish", "expected"), [("", 1.0), ("0", 1.0), ("7", 7.0), ("900", 30.0), ("soon", 1.0)]
)
def test_a_server_is_asked_again_when_it_wishes_within_bounds(wish: str, expected: float) -> None:
    assert served._pause(Answer({"retry-after": wish}, b"")) == expected


def test_what_is_no_report_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "get", lambda *_: Answer({}, b"<html>"))
    with pytest.raises(InputError, match="sent no SARIF"):
        served._views(Server("https://example.org"), "r", ("json",))

"""The archive over HTTP, and reports verified and compared."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformity.entry import apart
from conformity.entry.apart import told_by
from conformity.errors import InputError, SandboxError
from tests.support.archives import archived, small_pack
from tests.support.packs import whole_pack, write
from tests.support.rest import Api, serving


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Give a server with an archive of two systems, one in two versions."""
    folder = tmp_path_factory.mktemp("kept")
    before = write(folder / "before", whole_pack())
    after = write(folder / "after", whole_pack(minor=1))
    other = folder / "other"
    small_pack(other, name="Another", files={"report.html": b"<p>"})
    for pack in (before, after, other):
        archived(pack, folder / "archive")
    root = folder / "root"
    root.mkdir()
    with serving(root, archive=folder / "archive") as api:
        yield api


def test_systems_are_listed_with_their_latest_version(keeping: Api) -> None:
    first = keeping.client.get("/v1/reports?limit=1").json()
    assert [one["system"] for one in first["items"]] == ["another"]
    second = keeping.client.get(f"/v1/reports?limit=1&cursor={first['next']}").json()
    assert second["next"] is None
    scorer = second["items"][0]
    assert (scorer["system"], scorer["versions"]) == ("scorer", 2)
    assert scorer["latest"]["entry"]["version"] == "1.1.0"
    assert scorer["provider"] == scorer["latest"]["entry"]["provider"]


def test_versions_of_a_system_are_listed(keeping: Api) -> None:
    found = keeping.client.get("/v1/reports/scorer")
    assert [one["entry"]["version"] for one in found.json()["items"]] == ["1.0.0", "1.1.0"]
    assert keeping.settings.root is not None
    assert str(keeping.settings.root.parent) not in found.text
    page = keeping.client.get("/v1/reports/scorer?limit=1")
    assert 'rel="next"' in page.headers["Link"]


def test_a_version_is_shown_with_its_files(keeping: Api) -> None:
    found = keeping.client.get("/v1/reports/scorer/1.0.0").json()
    assert "assessment.json" in {file["name"] for file in found["files"]}
    assert found["version"]["entry"]["version"] == "1.0.0"


def test_the_report_of_a_version_comes_as_the_client_accepts(keeping: Api) -> None:
    for accept, begin in (("text/html", b"<!DOCTYPE html>"), ("application/json", b"{"), ("*/*", b"{")):
        answer = keeping.client.get("/v1/reports/scorer/1.0.0/report", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.content.startswith(begin)
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = keeping.client.get(
        "/v1/reports/scorer/1.0.0/report", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    without = keeping.client.get("/v1/reports/another/1.0.0/report?format=pdf")
    assert without.status_code == 406
    assert without.json()["detail"].endswith("application/json, text/html.")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing", 404),
        ("scorer/9.9.9", 404),
        ("scorer/9.9.9/report", 404),
        ("Scorer", 422),
        ("scorer/1.0", 422),
        ("scorer/01.0.0", 422),
        ("scorer?cursor=OTk", 404),
    ],
    ids=str,
)
def test_what_is_not_kept_is_not_there(keeping: Api, path: str, status: int) -> None:
    answer = keeping.client.get(f"/v1/reports/{path}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_archive_that_cannot_be_read_is_not_told_of(tmp_path: Path) -> None:
    with serving(tmp_path, archive=tmp_path / "nowhere") as api:
        answer = api.client.get("/v1/reports")
    assert answer.status_code == 404
    assert "nowhere" not in answer.text


def test_a_server_without_an_archive_says_so(api: Api) -> None:
    assert "--archive" in api.client.get("/v1/reports").json()["detail"]


def test_versions_are_compared_wherever_they_are(keeping: Api) -> None:
    kept = {"system": "scorer", "version": "1.0.0"}
    run = keeping.begin()
    keeping.finish(run, minor=1)
    answer = keeping.client.post("/v1/compare", json={"before": kept, "after": {"run": run}})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["before"]["edition"], told["after"]["edition"]) == ("1.0.0", "1.1.0")
    assert told["same_system"] is True


def test_two_runs_need_no_archive(api: Api, done: str) -> None:
    answer = api.client.post("/v1/compare", json={"before": {"run": done}, "after": {"run": done}})
    assert answer.json()["follows"] == "same", answer.text


@pytest.mark.parametrize(
    ("after", "status"),
    [
        ({"run": "r-00000000"}, 404),
        ({"system": "scorer", "version": "3.0.0"}, 404),
        ({"run": "X"}, 422),
        ({}, 422),
    ],
    ids=["run", "version", "name", "nothing"],
)
def test_what_cannot_be_compared(keeping: Api, after: dict[str, str], status: int) -> None:
    body = {"before": {"system": "scorer", "version": "1.0.0"}, "after": after}
    answer = keeping.client.post("/v1/compare", json=body)
    assert answer.status_code == status, answer.text


def test_versions_of_two_systems_are_not_compared(keeping: Api) -> None:
    body = {
        "before": {"system": "another", "version": "1.0.0"},
        "after": {"system": "scorer", "version": "1.0.0"},
    }
    answer = keeping.client.post("/v1/compare", json=body)
    assert answer.status_code == 422, answer.text
    assert "/tmp" not in answer.text


def test_a_pack_and_a_report_are_verified(api: Api, done: str) -> None:
    own = api.client.post("/v1/verify", json={"run": done})
    assert own.status_code == 200, own.text
    assert (own.json()["kind"], own.json()["place"]) == ("assessment", "pack")
    assert {step["outcome"] for step in own.json()["steps"]} <= {"passed", "cannot_tell"}
    broken = api.client.post("/v1/verify", content=b"%PDF-1.7\n", headers={"Content-Type": "application/pdf"})
    assert broken.status_code == 200, broken.text
    assert (broken.json()["kind"], broken.json()["place"]) == ("report", "report.pdf")
    assert "failed" in {step["outcome"] for step in broken.json()["steps"]}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"run": "r-00000000"}}, 404),
        ({"json": {}}, 422),
        ({"files": {"other": ("a.pdf", b"%PDF-")}}, 422),
        ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
    ],
    ids=["run", "nothing", "part", "type"],
)
def test_what_cannot_be_verified(api: Api, sent: dict[str, Any], status: int) -> None:
    assert api.client.post("/v1/verify", **sent).status_code == status


def test_what_is_no_report_is_refused_in_words(api: Api) -> None:
    answer = api.client.post("/v1/verify", files={"file": ("a.pdf", b"no report")})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("report.pdf is no report in PDF")


def ended(code: int, said: bytes = b"") -> Any:
    """Return what runs no command and says how it ended."""
    return lambda *_, **__: subprocess.CompletedProcess([], code, b"{}", said)


def test_how_a_command_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.run", ended(0))
    assert told_by(["verify"], tmp_path) == b"{}"
    monkeypatch.setattr("subprocess.run", ended(3, f"conformity: {tmp_path}/a is in {tmp_path}".encode()))
    with pytest.raises(InputError, match=r"^a is in the upload$"):
        told_by(["verify"], tmp_path)
    monkeypatch.setattr("subprocess.run", ended(70, b"secret"))
    with pytest.raises(SandboxError, match=r"^The command verify ended with 70"):
        told_by(["verify"], tmp_path)


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_WALL_S", 0.01)
    with pytest.raises(SandboxError, match="ended"):
        told_by(["--version"], tmp_path)

"""What came of a run: in short, as a report in every format, and its findings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conformity.entry.rest.answers import scan_answer
from conformity.entry.rest.formats import REPORT_FORMATS
from conformity.model.base import sha256_of
from tests.support.rest import Api, small_scan

OFFERED = [one.media_type for one in REPORT_FORMATS if one.name != "pdf"]


def test_the_result_tells_no_place(api: Api, done: str) -> None:
    answer = api.client.get(f"/v1/runs/{done}/result")
    assert answer.status_code == 200
    told = answer.json()
    assert told["kind"] == "assessment"
    assert told["system"] == "Scorer 2.0"
    assert sum(told["counts"].values()) > 200
    assert {file["name"] for file in told["files"]} >= {"assessment.json", "report.html"}
    assert not any("/" in file["name"] for file in told["files"])
    assert str(api.settings.root) not in answer.text


def test_the_report_comes_in_every_format(api: Api, done: str) -> None:
    begins = {"application/json": b"{", "text/html": b"<!DOCTYPE html>", "application/xml": b"<?xml"}
    for media_type in OFFERED:
        answer = api.client.get(f"/v1/runs/{done}/report", headers={"Accept": media_type})
        assert answer.headers["Content-Type"].partition(";")[0] == media_type
        assert answer.content.startswith(begins.get(media_type, b"")), media_type
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Vary"] == "Accept"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_report_as_json_is_the_record_byte_for_byte(api: Api, done: str) -> None:
    result = api.client.get(f"/v1/runs/{done}/result").json()
    for query in ("", "?format=json"):
        report = api.client.get(f"/v1/runs/{done}/report{query}")
        assert sha256_of(report.content) == result["assessment_sha256"]


def test_html_may_run_the_one_script_that_it_brings(api: Api, done: str) -> None:
    answer = api.client.get(f"/v1/runs/{done}/report?format=html")
    policy = answer.headers["Content-Security-Policy"]
    own = answer.text.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    script = next(part for part in own.split("; ") if part.startswith("script-src"))
    assert script in policy.split("; ")
    assert "sandbox allow-scripts" in policy.split("; ")
    assert "frame-ancestors 'self'" in policy.split("; ")


def test_a_report_that_the_client_has_is_not_sent_again(api: Api, done: str) -> None:
    etag = api.client.get(f"/v1/runs/{done}/report").headers["ETag"]
    again = api.client.get(f"/v1/runs/{done}/report", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize(
    ("query", "accept"),
    [("", "image/png"), ("", "*/*;q=0"), ("?format=pdf", "*/*")],
    ids=["type", "none", "pdf"],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    api: Api, done: str, query: str, accept: str
) -> None:
    answer = api.client.get(f"/v1/runs/{done}/report{query}", headers={"Accept": accept})
    assert answer.status_code == 406
    assert answer.json()["detail"] == f"This report can be had as {', '.join(OFFERED)}."


def test_a_run_that_goes_on_has_no_report_yet(api: Api) -> None:
    name = api.begin()
    for path in (f"/v1/runs/{name}/report", f"/v1/runs/{name}/result", f"/v1/findings?run={name}"):
        answer = api.client.get(path)
        assert answer.status_code == 409
        assert answer.headers["Retry-After"] == "2"


def test_a_pack_that_was_changed_is_not_told_of(api: Api) -> None:
    name = api.begin()
    folder = api.finish(name)
    (folder / "pack" / "evidence.json").write_bytes(b"{}")
    answer = api.client.get(f"/v1/findings?run={name}")
    assert answer.status_code == 409
    shutil.rmtree(folder / "pack")
    gone = api.client.get(f"/v1/runs/{name}/report?format=json")
    assert gone.status_code == 406


def test_findings_come_in_pages_and_by_verdict(api: Api, done: str) -> None:
    first = api.client.get(f"/v1/findings?run={done}&limit=2&verdict=open")
    assert first.status_code == 200, first.text
    page = first.json()
    assert len(page["findings"]) == 2
    link = first.headers["Link"]
    second = api.client.get(link[1 : link.index(">")]).json()
    assert second["findings"][0]["requirement"] not in {one["requirement"] for one in page["findings"]}
    assert second["total"] == page["total"]
    below = api.client.get(f"/v1/findings?run={done}&article=10").json()
    assert {one["requirement"].partition(".")[0] for one in below["findings"]} == {"art10"}


def test_a_provision_that_there_is_not_and_a_cursor_of_another_list_lead_nowhere(api: Api, done: str) -> None:
    for query in ("article=999", "cursor=0"):
        answer = api.client.get(f"/v1/findings?run={done}&{query}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("run=X", 422), ("run=r-00000000", 404), ("verdict=good&run=r-00000000", 422)],
    ids=str,
)
def test_findings_of_nothing(api: Api, query: str, status: int) -> None:
    assert api.client.get(f"/v1/findings?{query}").status_code == status


def test_a_scan_tells_what_was_asked_for_and_may_be_told() -> None:
    every = scan_answer(small_scan())
    assert {one.probe for one in every.observations} == {"privacy/singling_out", "fairness/rates"}
    asked = scan_answer(small_scan(), ["privacy"])
    assert [one.probe for one in asked.observations] == ["privacy/singling_out"]
    told = {one.metric: one for one in every.observations[0].measurements}
    assert told["rows"].value == 400
    assert told["small_classes"].value is None
    assert told["small_classes"].not_available is not None
    assert "fewer than 10" in told["small_classes"].not_available
    assert told["share"].low == 0.4
    assert told["share"].n == 400
    assert told["other"].not_available == "There is nothing."
    assert (told["whole"].low, told["whole"].value) == (None, 0.5)
    assert every.observations[1].reason == "No column has the role."


def test_a_scan_has_a_result_and_no_report(api: Api) -> None:
    assert api.settings.root is not None
    (api.settings.root / "t.csv").write_bytes(b"a\n1\n")
    asked = {"path": "t.csv", "modules": ["privacy"]}
    name = api.client.post("/v1/scan/data", json=asked).json()["id"]
    with api.shift() as shift:
        run = shift.begin(name)
        assert run is not None
        (Path(run.folder) / "result.json").write_text(small_scan().model_dump_json(), "utf-8")
        shift.finish(run)
    told = api.client.get(f"/v1/runs/{name}/result").json()
    assert [one["probe"] for one in told["observations"]] == ["privacy/singling_out"]
    assert api.client.get(f"/v1/runs/{name}").json()["links"]["report"] is None
    assert api.client.get(f"/v1/runs/{name}/report").status_code == 409

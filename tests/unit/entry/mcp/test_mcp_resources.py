"""What a client can read: with the right type, for whoever asked for the run, nothing about a few people."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # ships no types
from mcp import Client, MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS, PromptReference, ResourceTemplateReference

from conformity.entry.mcp.server import build_server
from conformity.entry.mcp.shared import Desk
from conformity.entry.mcp.shelf import Shelf
from conformity.model.run import AssessmentRequest, Run, RunStatus
from conformity.settings import DISCLOSURE_LIMIT, Settings
from tests.support.scripted_runs import NOW, ScriptedRuns, scripted

Mode = Literal["legacy", "auto"]
SAMPLE = Path(__file__).resolve().parents[4] / "sample_reports/hiring"
PEOPLE = {"rows", "people", "persons", "cells", "cases", "records"}
BASE = "conformity://runs/hiring-run"
TYPES = {
    "conformity://requirements/{requirement_id}": "application/json",
    "conformity://runs/{run_id}/report.md": "text/markdown",
    "conformity://runs/{run_id}/report.json": "application/json",
    "conformity://runs/{run_id}/evidence/{evidence_id}": "application/json",
    "conformity://runs/{run_id}/report.html": "text/html",
    "conformity://runs/{run_id}/report.pdf": "application/pdf",
}


def run_at(folder: Path, name: str, status: RunStatus = "succeeded") -> Run:
    """Return an assessment that wrote its pack below a folder."""
    return Run(
        id=name,
        owner="local",
        request=AssessmentRequest(manifest="/conformity.yaml"),
        status=status,
        stage="finished",
        asked_at=NOW,
        changed_at=NOW,
        folder=str(folder / name),
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> ScriptedRuns:
    """Return the runs: one of a sample, one that goes on, one of a scan, one whose pack was changed."""
    folder = tmp_path_factory.mktemp("runs")
    known = ScriptedRuns(folder)
    for name in ("hiring-run", "changed-run"):
        known.add(run_at(folder, name))
        (folder / name).mkdir()
    (folder / "hiring-run/pack").symlink_to(SAMPLE)
    shutil.copytree(SAMPLE, folder / "changed-run/pack", ignore=shutil.ignore_patterns("*.pdf", "tallies"))
    (folder / "changed-run/pack/evidence.json").write_text("{}")
    known.add(run_at(folder, "running-run", "queued"))
    known.submit(scripted(0), owner="local", asked_at=NOW, run_id="scan-run-1")
    return known


def asked(runs: ScriptedRuns, work: Callable[[Client], Awaitable[Any]], mode: Mode = "auto") -> Any:
    """Return what ``work`` gives with a client of the server."""

    async def run() -> Any:
        async with Client(build_server(Settings(root=SAMPLE), runs), mode=mode) as client:
            return await work(client)

    return anyio.run(run)


def read(runs: ScriptedRuns, uri: str, mode: Mode = "auto") -> dict[str, Any]:
    """Return the one content behind an address."""
    (content,) = asked(runs, lambda client: client.read_resource(uri), mode).contents
    found: dict[str, Any] = content.model_dump()
    return found


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_every_address_is_listed_with_its_type(runs: ScriptedRuns, mode: Mode) -> None:
    async def work(client: Client) -> tuple[dict[str, str | None], dict[str, str | None]]:
        fixed = (await client.list_resources()).resources
        made = (await client.list_resource_templates()).resource_templates
        assert all(one.title and one.description for one in fixed)
        assert all(one.title and one.description for one in made)
        return {one.uri: one.mime_type for one in fixed}, {one.uri_template: one.mime_type for one in made}

    fixed, made = asked(runs, work, mode)
    assert made == TYPES
    assert fixed == {
        "conformity://requirements": "application/json",
        "conformity://schema/manifest.json": "application/schema+json",
        "ui://conformity/report.html": "text/html;profile=mcp-app",
    }


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_documents_of_a_run_are_those_of_its_pack(runs: ScriptedRuns, mode: Mode) -> None:
    page = read(runs, f"{BASE}/report.html", mode)
    assert page["mime_type"] == "text/html"
    assert page["text"] == (SAMPLE / "report.html").read_text("utf-8")
    document = read(runs, f"{BASE}/report.pdf", mode)
    assert document["mime_type"] == "application/pdf"
    assert base64.b64decode(document["blob"]) == (SAMPLE / "report.pdf").read_bytes()


def test_the_summary_of_a_run_is_markdown(runs: ScriptedRuns) -> None:
    text = read(runs, f"{BASE}/report.md")["text"]
    assert text.startswith("# Conformity assessment: Pay Band Adviser (sample) 0.9.0")
    assert "There is no overall score." in text


def test_the_record_of_a_run_has_every_verdict_and_no_small_number(runs: ScriptedRuns) -> None:
    told = json.loads(read(runs, f"{BASE}/report.json")["text"])
    exact = json.loads((SAMPLE / "assessment.json").read_text("utf-8"))
    assert [(one["requirement"], one["verdict"]) for one in told["findings"]] == [
        (one["requirement"], one["verdict"]) for one in exact["findings"]
    ]
    before, after = _few(exact["findings"]), _few(told["findings"])
    assert after == []
    assert len(before) >= len(after)


def _few(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the measurements that count a few people; k itself is the finding."""
    measured = [
        reading["measurement"]
        for finding in findings
        for judged in finding["measured"]
        for reading in judged["readings"]
    ]
    return [one for one in measured if _is_few(one["metric"], one["result"])]


def _is_few(metric: str, result: dict[str, Any]) -> bool:
    """Tell whether a number counts a few people."""
    counted = result.get("unit") in PEOPLE and not metric.startswith("k_anonymity")
    return counted and 0 < (result.get("value") or 0) < DISCLOSURE_LIMIT


def test_no_evidence_tells_of_a_few_people(runs: ScriptedRuns) -> None:
    """The exact figures of the sample hold many such numbers; the shelf gives none of them."""
    shelf = Shelf(Desk(Settings(root=SAMPLE), runs))
    seen = json.loads((SAMPLE / "evidence.json").read_text("utf-8"))["observations"]
    risky = [
        one["id"]
        for one in seen
        if any(_is_few(each["metric"], each["result"]) for each in one["measurements"])
    ]
    assert len(risky) > 1
    withheld = 0
    for name in risky:
        told = json.loads(shelf.observation("hiring-run", name, "local"))
        assert told["id"] == name
        assert not [one for one in told["measurements"] if _is_few(one["metric"], one)]
        withheld += sum((one["not_available"] or "").startswith("withheld") for one in told["measurements"])
    assert withheld > 0


def test_evidence_says_what_was_seen_and_how(runs: ScriptedRuns) -> None:
    shelf = Shelf(Desk(Settings(root=SAMPLE), runs))
    first = shelf.evidence_ids("hiring-run", "local")[0]
    told = json.loads(read(runs, f"{BASE}/evidence/{first}")["text"])
    assert told["probe"].count("/") == 1
    assert told["outcome"] in ("measured", "not_available", "error")
    assert told["measurements_in_all"] >= len(told["measurements"])


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_law_can_be_read(runs: ScriptedRuns, mode: Mode) -> None:
    rows = json.loads(read(runs, "conformity://requirements", mode)["text"])["requirements"]
    assert len(rows) > 200
    one = json.loads(read(runs, "conformity://requirements/art10.2.f", mode)["text"])
    assert one["citation"] == "Art. 10(2)(f)"
    assert {"id": "art10.2.f", "citation": one["citation"]}.items() <= next(
        row for row in rows if row["id"] == "art10.2.f"
    ).items()


def test_the_page_for_reports_can_be_read(runs: ScriptedRuns) -> None:
    page = read(runs, "ui://conformity/report.html")
    assert page["mime_type"] == "text/html;profile=mcp-app"
    assert "ui/initialize" in page["text"]


def test_the_schema_of_a_manifest_is_one(runs: ScriptedRuns) -> None:
    schema = json.loads(read(runs, "conformity://schema/manifest.json")["text"])
    Draft202012Validator.check_schema(schema)
    assert "system" in schema["properties"]


ABSENT = [
    ("conformity://requirements/art10.2.ff", "art10.2.f"),
    (f"{BASE}/evidence/EV-0000000000", "has no evidence"),
    ("conformity://runs/nobody-made-this/report.md", "nobody-made-this"),
    ("conformity://runs/running-run/report.json", "get_run"),
    ("conformity://runs/scan-run-1/report.html", "no assessment"),
    ("conformity://runs/changed-run/report.pdf", "asked for without"),
    ("conformity://runs/../report.pdf", "Unknown resource"),
]


@pytest.mark.parametrize(("uri", "part"), ABSENT)
def test_what_is_not_there_is_an_error_of_the_request(runs: ScriptedRuns, uri: str, part: str) -> None:
    with pytest.raises(MCPError, match=part) as raised:
        _raised(runs, uri)
    assert raised.value.code == INVALID_PARAMS


def test_a_pack_that_was_changed_is_not_read(runs: ScriptedRuns) -> None:
    with pytest.raises(MCPError, match="was changed") as raised:
        _raised(runs, "conformity://runs/changed-run/report.json")
    assert raised.value.code == INTERNAL_ERROR


def _raised(runs: ScriptedRuns, uri: str) -> None:
    """Read an address and raise the error that it ends with."""

    async def work(client: Client) -> MCPError | None:
        try:
            await client.read_resource(uri)
        except MCPError as error:
            return error
        return None

    error = asked(runs, work)
    if error is not None:
        raise error


COMPLETED = [
    ({"name": "requirement_id", "value": "art10.2."}, {}, [f"art10.2.{letter}" for letter in "abcdefgh"]),
    ({"name": "run_id", "value": "h"}, {}, ["hiring-run"]),
    ({"name": "run_id", "value": ""}, {}, ["changed-run", "hiring-run"]),
    ({"name": "evidence_id", "value": "EV-"}, {"run_id": "half"}, []),
    ({"name": "evidence_id", "value": "EV-"}, {}, []),
    ({"name": "path", "value": "c"}, {}, []),
]


@pytest.mark.parametrize(("argument", "context", "expected"), COMPLETED)
def test_ids_are_completed(
    runs: ScriptedRuns, argument: dict[str, str], context: dict[str, str], expected: list[str]
) -> None:
    reference = ResourceTemplateReference(uri="conformity://runs/{run_id}/evidence/{evidence_id}")
    found = asked(runs, lambda client: client.complete(reference, argument, context_arguments=context))
    assert found.completion.values == expected
    assert found.completion.total == len(expected)


def test_more_ids_than_the_protocol_takes_are_counted(runs: ScriptedRuns) -> None:
    async def work(client: Client) -> Any:
        typed = {"name": "evidence_id", "value": "EV-"}
        reference = PromptReference(name="fix_open_findings")
        return await client.complete(reference, typed, context_arguments={"run_id": "hiring-run"})

    found = asked(runs, work).completion
    assert len(found.values) == min(100, found.total)
    assert found.has_more is (found.total > 100)

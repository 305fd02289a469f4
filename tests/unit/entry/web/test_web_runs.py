"""The page of a run: while it goes on, and for every way in which it can end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from conformity.entry.rest.app import create_app
from conformity.entry.web.views import asked
from conformity.model.evidence import Isolation, Observation
from conformity.model.measurement import Count, Interval, NotAvailable, Scalar
from conformity.model.run import (
    AssessmentRequest,
    EnergyRecordRequest,
    InferenceEnergyRequest,
    ModelScanRequest,
    PromptLogScanRequest,
    RunFailure,
    RunRequest,
    TableScanRequest,
)
from conformity.model.summary import ScanResult
from conformity.settings import Settings
from tests.support.archives import NOW
from tests.support.assessments import measured, observation, record
from tests.support.pages import RUN, Site, TalkingRuns, finished
from tests.unit.entry.web.test_web_reading import text_of

CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def csrf_of(site: Site, path: str) -> str:
    """Return what the forms of a page carry."""
    found = CSRF.search(text_of(site, path))
    assert found is not None
    return found[1]


def test_a_run_that_goes_on_shows_how_far_it_is_with_and_without_scripts(site: Site) -> None:
    run = site.run("r-live-000001", done=2, total=3, depth="full")
    text = text_of(site, f"/runs/{run.id}")
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert f'data-events="/v1/runs/{run.id}/events"' in text
    assert '<li class="now" data-stage="measuring" data-word="Measuring" aria-current="step">' in text
    # Folders of the server are left out, names of strangers are harmless.
    assert "measuring &lt;b&gt;.csv (2 / 3)" in text or "measuring input/&lt;b&gt;.csv (2 / 3)" in text
    assert str(site.root) not in text


def test_a_run_that_waits_has_no_known_steps(site: Site) -> None:
    run = site.run("r-queued-001", status="queued", stage="queued")
    text = text_of(site, f"/runs/{run.id}")
    assert '<progress id="progress" max="1"></progress>' in text
    assert "Taken up" not in text


def test_a_run_is_cancelled_from_its_page_alone(site: Site) -> None:
    run = site.run("r-cancel-001")
    path = f"/runs/{run.id}/cancel"
    for token in ("", "0" * 64):
        assert site.client.post(path, data={"csrf": token}).status_code == 403
    assert site.runs.get(run.id, owner="local").status == "running"
    answer = site.client.post(path, data={"csrf": csrf_of(site, f"/runs/{run.id}")}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.id}")
    text = text_of(site, f"/runs/{run.id}")
    assert "This run was cancelled" in text
    assert "data-events" not in text


def test_pages_of_other_sites_cannot_cancel(site: Site) -> None:
    run = site.run("r-cancel-002")
    sent = {"csrf": csrf_of(site, f"/runs/{run.id}")}
    answer = site.client.post(
        f"/runs/{run.id}/cancel", data=sent, headers={"Origin": "https://other.example"}
    )
    assert answer.status_code == 403
    assert site.runs.get(run.id, owner="local").status == "running"


def test_why_a_run_failed_is_said_without_folders_of_the_server(site: Site) -> None:
    folder = site.root / ".conformity" / "runs" / "r-failed-001"
    told = RunFailure(message=f"{folder}/input/<b>x.csv has no rows; hand in another.", exit_code=3)
    run = site.run("r-failed-001", status="failed", failure=told, attempts=2)
    text = text_of(site, f"/runs/{run.id}")
    assert "&lt;b&gt;x.csv has no rows; hand in another." in text
    assert str(site.root) not in text
    assert "2 times, because a worker died" in text


def test_an_assessment_ends_with_counts_open_points_and_documents(site: Site) -> None:
    text = text_of(site, f"/runs/{RUN}")
    assert text.count('class="figures"') == 1
    assert "<b>196</b>" in text
    assert f'href="/runs/{RUN}/report" class="first">Open the report' in text
    assert "report.pdf" not in text
    assert "All 196 open points" in text
    assert "not a declaration of conformity" in text
    answer = site.client.get(f"/runs/{RUN}/report")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert answer.headers["content-disposition"] == f'inline; filename="report-{RUN}.html"'


def test_a_result_that_is_gone_is_said(site: Site) -> None:
    run = site.run("r-gone-00001", status="succeeded", stage="finished")
    assert "cannot be read any more" in text_of(site, f"/runs/{run.id}")
    assert "There is nothing here" in text_of(site, f"/runs/{run.id}/report", 404)


def scanned(site: Site, name: str, request: RunRequest, *observations: Observation) -> str:
    """Return the page of a scan that has ended."""
    run = site.run(name, status="succeeded", stage="finished", request=request)
    Path(run.folder).mkdir(parents=True)
    result = ScanResult(
        subject=record("data"),
        observations=observations,
        isolation=Isolation(mechanism="process", guarantees=()),
    )
    (Path(run.folder) / "result.json").write_text(result.model_dump_json(), "utf-8")
    return text_of(site, f"/runs/{run.id}")


def test_a_scan_tells_numbers_and_nothing_of_few_people(site: Site) -> None:
    seen = observation(
        measured(Count(value=3, unit="rows"), metric="group_size", by=("city",), group=("Canary",)),
        measured(Count(value=6000, unit="columns"), metric="columns", by=()),
        measured(
            Scalar(
                value=0.25,
                unit="1",
                n=6000,
                interval=Interval(low=0.2, high=0.3, level=0.95, method="Wilson score"),
            )
        ),
        measured(Scalar(value=1.5, unit="kWh", n=3, obtained="measured"), metric="energy"),
        measured(NotAvailable(why="too_few_cases", reason="it has 3 rows", n=0), metric="rows"),
    )
    text = scanned(site, "r-scan-00001", TableScanRequest(data="/x/a.csv", modules=("privacy",)), seen)
    assert "Measurement of a.csv" in text
    assert "Canary" not in text
    assert "(rare value)" in text
    assert "withheld: it is about fewer than 10 rows" in text
    for told in (
        "the whole file",
        "6,000 columns",
        "0.250 [0.200, 0.300]",
        "1.50 kWh, measured",
        "it has &lt; 10 rows",
    ):
        assert told in text


def test_a_scan_says_what_it_could_not_measure(site: Site) -> None:
    seen = Observation.of(
        step="s1",
        probe="security/model_file_scan",
        probe_version=1,
        subject="data",
        outcome="error",
        reason="the file is <b>empty",
        notes=("a note",),
        collected_at=NOW,
    )
    text = scanned(site, "r-scan-00002", ModelScanRequest(model="/x/m.pkl"), seen)
    assert "security/model_file_scan: the file is &lt;b&gt;empty" in text
    assert '<li class="break">a note</li>' in text


def test_a_long_scan_is_cut_and_says_so(site: Site) -> None:
    many = [measured(Count(value=100 + n, unit="columns"), metric="rows") for n in range(205)]
    text = scanned(site, "r-scan-00003", PromptLogScanRequest(log="/x/log.jsonl"), observation(*many))
    assert "And 5 more" in text


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (EnergyRecordRequest(record="/x/e.csv", phase="training"), "Energy record e.csv"),
        (
            InferenceEnergyRequest(model="/x/m.pkl", data="/x/d.csv", features=("a",), country="DEU"),
            "Energy of m.pkl",
        ),
        (AssessmentRequest(data=("/x/a.csv", "/x/b.csv")), "Assessment of a.csv, b.csv"),
    ],
)
def test_what_was_asked_is_named_by_its_files(request_: RunRequest, told: str) -> None:
    assert asked(request_, ()) == told
    assert asked(request_, ("mine.csv",)).endswith(" mine.csv")


def test_a_run_on_data_alone_shows_what_its_draft_guessed(site: Site) -> None:
    run = site.runs.add(finished(site.root, "r-data-00001"))
    assessed = Path(run.folder) / "pack" / "manifest.lock.yaml"
    text = assessed.read_text("utf-8")
    assessed.write_text(f"{text}\nrole: provider  # GUESS: nobody said\n")
    asked_for = AssessmentRequest(data=(f"{run.folder}/input/people.csv",))
    site.runs.add(run.model_copy(update={"request": asked_for}))
    shown = text_of(site, f"/runs/{run.id}")
    assert "What was guessed" in shown
    assert "nobody said" in shown
    assessed.unlink()
    assert "What was guessed" not in text_of(site, f"/runs/{run.id}")


def test_a_system_without_a_name_is_called_so(site: Site) -> None:
    run = site.runs.add(finished(site.root, "r-unnamed-01", name="REPLACE it"))
    assert "<h1>Assessment of an unnamed system</h1>" in text_of(site, f"/runs/{run.id}")


def test_runs_of_others_are_not_there(site: Site) -> None:
    run = site.run("r-others-001", owner="somebody")
    assert "There is nothing here" in text_of(site, f"/runs/{run.id}", 404)
    assert run.id not in text_of(site, "/runs")


def test_a_folder_of_runs_outside_the_root_is_shown_too(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    runs = TalkingRuns(tmp_path / ".conformity" / "runs")
    run = runs.add(finished(tmp_path.resolve()))
    settings = Settings(root=tmp_path / "systems", data=tmp_path / ".conformity")
    with TestClient(create_app(settings, runs), base_url="http://127.0.0.1") as client:
        for path in (f"/runs/{run.id}", f"/runs/{run.id}/findings"):
            answer = client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code == 200
            assert "/requirements/art" in answer.text

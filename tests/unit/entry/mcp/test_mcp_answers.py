"""Answers to a chat are short, whatever they hold, and give away no small number of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from mcp_types import CallToolResult

from conformity.entry.mcp.answers import findings, law, manifests, packs, reports
from conformity.entry.mcp.answers.base import MOST_BYTES, fitted, more, result, size, told
from conformity.entry.mcp.answers.energy import ended_interval
from conformity.entry.mcp.answers.law import QuestionAnswer
from conformity.entry.mcp.answers.missing import by_urgency
from conformity.entry.mcp.answers.scans import scan
from conformity.model.base import CriterionId
from conformity.model.checking import ManifestCheck, ManifestProblem, MissingInformation
from conformity.model.evidence import Isolation
from conformity.model.found import FoundCriterion
from conformity.model.measurement import Count, NotAvailable, Result
from conformity.model.run import AssessmentRequest, Run, RunFailure, RunStatus
from conformity.model.summary import AssessmentSummary, ScanResult
from conformity.model.verification import Verification, VerifiedStep
from conformity.pipeline.checking import check_manifest_text
from conformity.pipeline.comparing import compare
from conformity.pipeline.found import findings_of
from conformity.pipeline.knowing import classify_answers, open_questions
from conformity.pipeline.metering import Interval
from conformity.pipeline.packs import read_pack
from conformity.pipeline.summary import summarise
from conformity.probes.shared.energy.record import Ended, Tracked, record_of
from conformity.settings import Settings
from tests.support.assessments import RUN, TODAY, measured, observation, record, scalar
from tests.support.energy import GERMANY, part, reading

SAMPLES = Path(__file__).parents[4] / "sample_reports"
NAMES = ["assistant", "credit", "hiring"]
TRACKED = Tracked(
    run="0" * 32,
    program="a measured interval",
    command_sha256=None,
    started_at=RUN,
    grid=GERMANY,
    hardware=(),
    graphics="absent",
    software="meter",
)


def run_of(status: RunStatus = "succeeded", **changes: Any) -> Run:
    """Return a run of an assessment."""
    return Run(
        id="run-" + "0" * 32,
        owner="local",
        request=AssessmentRequest(manifest="/srv/conformity.yaml"),
        status=status,
        stage="measuring",
        asked_at=RUN,
        changed_at=RUN,
        folder="/srv/.conformity/runs/run",
        **changes,
    )


def summary_of(sample: str) -> AssessmentSummary:
    """Return a sample in short."""
    folder = SAMPLES / sample
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    return summarise(read_pack(folder, Settings()).assessment, folder, files)


@pytest.mark.parametrize("sample", NAMES)
def test_answers_on_the_samples_are_short_and_count_what_they_cut(sample: str) -> None:
    summary = summary_of(sample)
    text = (SAMPLES / sample / "manifest.lock.yaml").read_text("utf-8")
    checked = check_manifest_text(text, "conformity.yaml", Settings(), as_of=TODAY)
    answers = [
        reports.report(run_of(), summary, checked.missing_information),
        findings.findings(findings_of(SAMPLES / sample, Settings(), limit=100)),
        manifests.check(checked),
        packs.comparison(compare(SAMPLES / sample, SAMPLES / sample, Settings())),
    ]
    for answer in answers:
        assert size(answer) <= MOST_BYTES
    content = answers[0].structured_content
    assert content is not None
    report = content["report"]
    assert report["open_points_in_all"] == len(summary.open_points)
    shown = len(report["open_points"])
    assert shown == len(summary.open_points) or shown >= 5


def test_a_bound_against_which_nothing_could_be_held_says_why() -> None:
    bound = FoundCriterion(
        criterion=CriterionId("c"), bound="gap at most 0.1", verdict="undetermined", reason="Not measured."
    )
    page = findings_of(SAMPLES / "assistant", Settings(), limit=1)
    bare = page.findings[0].model_copy(update={"criteria": (bound,)})
    content = findings.findings(page.model_copy(update={"findings": (bare,)})).structured_content
    assert content is not None
    assert content["findings"][0]["measured"] == ["gap at most 0.1: undetermined; Not measured."]
    nothing = findings_of(SAMPLES / "assistant", Settings(), verdict="not_met")
    assert "no such findings" in findings.findings(nothing).model_dump_json()


def test_two_samples_compared_are_told_in_short() -> None:
    found = compare(SAMPLES / "credit", SAMPLES / "hiring", Settings(), other_system=True)
    answer = packs.comparison(found)
    assert size(answer) <= MOST_BYTES
    content = answer.structured_content
    assert content is not None
    assert content["counts"]["verdicts_worse"] >= len([one for one in content["verdicts"] if "worse" in one])
    assert content["verdicts"]
    assert content["bounds"]
    assert content["not_foreseen"]


def test_a_classification_gives_steps_day_and_what_else_applies() -> None:
    named = {"annex_iii_use": "yes: annexIII.5.b", "direct_interaction": "yes", "profiling": "yes"}
    yes = dict.fromkeys(("ai_system", "union_link"), "yes")
    no = dict.fromkeys(("excluded", "prohibited_practice", "annex_i_product", "gpai_model"), "no")
    found = classify_answers({**yes, **no, **named}, TODAY)
    answer = law.classification(found, open_questions(found), 0)
    assert size(answer) <= MOST_BYTES
    content = answer.structured_content
    assert content is not None
    assert content["outcome"] == "high_risk_annex_iii"
    assert content["high_risk_from"] == "2027-12-02"
    assert content["steps"]
    assert QuestionAnswer(**content["open_questions"][0]).ref


@pytest.mark.parametrize(
    ("status", "failure", "step"),
    [
        ("queued", None, "Call get_run"),
        ("running", None, "Call get_run"),
        ("failed", RunFailure(message="x" * 5000, exit_code=3), "Mend what the failure names"),
        ("cancelled", None, "Ask again for a new run"),
    ],
)
def test_a_run_without_a_result_says_what_to_do(
    status: RunStatus, failure: RunFailure | None, step: str
) -> None:
    answer = reports.unfinished(run_of(status, failure=failure), "measuring 3/9: x")
    assert size(answer) <= MOST_BYTES
    content = answer.structured_content
    assert content is not None
    assert content["next_steps"][0].startswith(step)
    assert ("failure" in content) == (failure is not None)


def missing(kind: Literal["placeholder", "question", "guess"], number: int = 1) -> MissingInformation:
    """Return something that is missing, with a hostile name."""
    return MissingInformation(
        kind=kind, field=f"f{number}", article="Art. 3", question="\x1b[2J" + "q" * 2999, example="e" * 2999
    )


def test_hostile_texts_are_cut_and_harmless() -> None:
    problem = ManifestProblem(
        pointer="/" + "p" * 2999, field="f", line=None, column=None, message="\u202e" * 2999, fix="f" * 2999
    )
    check = ManifestCheck(
        name="n" * 2999,
        sha256=None,
        system=None,
        errors=(problem,) * 50,
        missing_information=tuple(missing("guess", number) for number in range(50)),
    )
    answer = manifests.check(check)
    assert size(answer) <= MOST_BYTES
    text = answer.model_dump_json()
    assert "\\u001b" not in text
    assert "\u202e" not in text
    assert told("a\n# b\t\x00c", 8) == "a # b..."
    assert told("a\n# b") == "a # b"


def test_of_every_kind_that_is_missing_something_is_seen_first() -> None:
    items = [*[missing("placeholder")] * 3, *[missing("question")] * 2, *[missing("guess")] * 2]
    kinds = [one.kind for one in by_urgency(items)]
    assert kinds == ["guess", "question", "placeholder"] * 2 + ["placeholder"]
    assert by_urgency([]) == []


def test_what_does_not_fit_at_all_is_given_as_short_as_it_comes() -> None:
    def build(items: int) -> CallToolResult:
        return result(QuestionAnswer(id="x", ref="y", question="q" * MOST_BYTES), "t" * items)

    assert size(fitted(build, 3)) > MOST_BYTES
    assert more(3, 3, "get_run") == "3"
    assert more(2, 3, "get_run") == "2 of 3; 1 more: get_run"


def test_a_verification_gives_reasons_of_steps_that_did_not_pass() -> None:
    titles = ("digests", "records")
    steps = tuple(
        VerifiedStep(number=n, step=name, title=name, outcome="failed", faults=("f" * 400,) * 9)
        for n, name in enumerate(titles, 1)
    )
    answer = packs.verification(
        Verification(tool="conformity", place="p" * 500, kind="assessment", sha256=None, steps=steps)
    )
    assert size(answer) <= MOST_BYTES
    content = answer.structured_content
    assert content is not None
    assert content["counts"] == {"passed": 0, "failed": 2, "cannot_tell": 0}
    assert len(content["steps"][0]["why"]) == 3


@pytest.mark.parametrize("timed_out", [True, False])
def test_an_interval_tells_how_each_figure_was_obtained(timed_out: bool) -> None:
    load = Ended(exit_code=None, other_load=0.5 if timed_out else None, processor_s=1.0, peak_memory_mb=1.0)
    seen = record_of(TRACKED, reading((1.0,), (part(),)), load, complete=True)
    answer = ended_interval(Interval(seen, Path("/x/energy.json"), timed_out), "e-1")
    content = answer.structured_content
    assert content is not None
    assert content["energy"]["obtained"] in ("measured", "modelled", "partly modelled")
    text = answer.model_dump_json()
    assert ("its time was up" in text) == ("50% of the processors" in text) == timed_out


def answered(found: Result, **changes: Any) -> dict[str, Any]:
    """Return the one number of a scan."""
    seen = observation(measured(found, **changes), notes=("a note", "a note"))
    scanned = ScanResult(
        subject=record("test"),
        observations=(seen, observation(outcome="error", reason="It failed.")),
        isolation=Isolation(mechanism="none", guarantees=()),
    )
    content = scan(scanned, ["fairness"]).structured_content
    assert content is not None
    assert content["not_measured"] == ["fairness/gap: It failed."]
    assert content["notes"] == ["a note"]
    assert "next_cursor" not in content
    (one,) = content["numbers"]
    return dict(one)


@pytest.mark.parametrize(
    ("found", "changes", "withheld"),
    [
        pytest.param(Count(value=9, unit="rows"), {}, True, id="nine rows"),
        pytest.param(Count(value=10, unit="rows"), {}, False, id="ten rows"),
        pytest.param(Count(value=0, unit="rows"), {}, False, id="no rows"),
        pytest.param(Count(value=3, unit="names"), {}, False, id="three names"),
        pytest.param(Count(value=3, unit="rows"), {"metric": "k_anonymity", "by": ()}, False, id="k"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=9), {"group": ("f",)}, True, id="rate of nine"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=10), {"group": ("f",)}, True, id="rate of ten, five of them"),
        pytest.param(scalar(0.5, 0.4, 0.6, n=9), {}, True, id="gap whose smallest group is nine"),
        pytest.param(NotAvailable(why="too_few_cases", reason="few", n=3), {"group": ("f",)}, True, id="few"),
        pytest.param(NotAvailable(why="undefined", reason="none"), {"group": ("f",)}, False, id="none"),
    ],
)
def test_small_counts_of_people_are_withheld(found: Result, changes: dict[str, Any], withheld: bool) -> None:
    one = answered(found, **changes)
    assert ("withheld" in one.get("not_available", "")) == withheld
    if withheld:
        assert "value" not in one
        assert "n" not in one

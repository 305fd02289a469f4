"""Steps run in workers; whatever becomes of a worker, every step has an observation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformity.measure import measure, observe
from conformity.model.base import ProbeId, StepId, SubjectId
from conformity.model.evidence import Isolation, Observation
from conformity.model.manifest import Exhibit
from conformity.model.measurement import Count
from conformity.model.plan import Step
from conformity.model.subject import ModelSubject, Subject, TableSubject
from conformity.model.tally import CellCounts, Tally
from conformity.sandbox.interface import (
    Event,
    Failed,
    InspectJob,
    Located,
    MeasureJob,
    ProfileJob,
    StepDone,
    WorkerDiedError,
)
from tests.support.assessments import RUN, exhibit, measured, plan, record, table

SUBJECT: Subject = TableSubject.model_validate(table())
PLACE = {"test": Located(subject=SUBJECT, path=Path("/nowhere/test.csv"))}
TALLY = Tally(spec=CellCounts(keys=()), columns=("rows",), entries=((7,),))


class ScriptedSandbox:
    """A sandbox whose workers do what a test says; it keeps the jobs it was given."""

    def __init__(self, script: Callable[[MeasureJob, Callable[[Event], None]], None]) -> None:
        self.jobs: list[tuple[str, ...]] = []
        self._script = script

    def isolation(self) -> Isolation:
        return Isolation(mechanism="scripted", guarantees=())

    def isolation_of(self, job: MeasureJob) -> str:
        return "scripted"

    def run(self, job: MeasureJob | InspectJob | ProfileJob, on_event: Callable[[Event], None]) -> None:
        assert isinstance(job, MeasureJob)
        self.jobs.append(tuple(step.id for step in job.steps))
        self._script(job, on_event)


def step(name: str, blocked: str | None = None) -> Step:
    return Step(
        id=StepId(f"{name}@test"), probe=ProbeId("fairness/gap"), subject=SubjectId("test"), blocked=blocked
    )


def done(which: StepId) -> StepDone:
    count = measured(Count(value=7, unit="rows"))
    return StepDone(step=which, outcome="measured", measurements=(count,), tallies=(TALLY,))


def run(sandbox: ScriptedSandbox, *steps: Step) -> tuple[Observation, ...]:
    told: list[tuple[str, int, int]] = []
    seen = observe(
        steps,
        {ProbeId("fairness/gap"): 3},
        PLACE,
        sandbox,
        workers=2,
        seed=1,
        collected_at=RUN,
        on_progress=lambda what, number, total: told.append((what, number, total)),
    )
    assert [number for _, number, _ in told] == list(range(1, len(steps) + 1))
    return seen.observations


def answer_all(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
    for item in job.steps:
        on_event(done(item.id))


def test_steps_on_one_subject_share_a_worker_and_keep_their_order() -> None:
    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        for item in reversed(job.steps):
            on_event(done(item.id))

    sandbox = ScriptedSandbox(script)
    first, second = run(sandbox, step("a"), step("b"))
    assert sandbox.jobs == [("a@test", "b@test")]
    assert (first.step, second.step, first.outcome, first.probe_version) == (
        "a@test",
        "b@test",
        "measured",
        3,
    )
    assert first.tallies[0].name == "cell_counts[]"
    assert first.tallies[0].entries == 1


def test_a_blocked_step_never_reaches_a_worker() -> None:
    sandbox = ScriptedSandbox(lambda job, on_event: None)
    (seen,) = run(sandbox, step("a", blocked="No column of test has the role `label`."))
    assert (seen.outcome, seen.reason) == ("not_available", "No column of test has the role `label`.")
    assert sandbox.jobs == []


def test_what_a_dying_worker_left_undone_runs_again_alone() -> None:
    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        for item in job.steps:
            if item.id == "bad@test":
                raise WorkerDiedError("The worker used more than 8192 MiB of memory.")
            on_event(done(item.id))

    sandbox = ScriptedSandbox(script)
    good, bad, late = run(sandbox, step("good"), step("bad"), step("late"))
    assert sandbox.jobs == [("good@test", "bad@test", "late@test"), ("bad@test",), ("late@test",)]
    assert (good.outcome, bad.outcome, late.outcome) == ("measured", "error", "measured")
    assert bad.reason == "The worker used more than 8192 MiB of memory."


@pytest.mark.parametrize("many", [False, True])
def test_steps_share_workers_and_part_when_one_dies(many: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if many:
        monkeypatch.setattr("conformity.measure._FEW_STEPS", 2)
    other = TableSubject.model_validate(table(id="train"))
    note, plan = Exhibit.model_validate(exhibit()), Exhibit.model_validate(exhibit(id="plan"))
    places = {
        **PLACE,
        "train": Located(subject=other, path=Path("/nowhere/train.csv")),
        "record": Located(subject=note, path=Path("/nowhere/record.md")),
        "plan": Located(subject=plan, path=Path("/nowhere/plan.md")),
    }

    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        if len(job.targets) > 1:
            raise WorkerDiedError("The worker was killed.")
        assert {s.subject for s in job.steps} == {t.subject.id for t in job.targets}
        for item in job.steps:
            on_event(done(item.id))

    def on(name: str, subject: str) -> Step:
        return Step(id=StepId(f"{name}@{subject}"), probe=ProbeId("fairness/gap"), subject=SubjectId(subject))

    sandbox = ScriptedSandbox(script)
    steps = (on("p", "record"), on("q", "plan"), on("a", "test"), on("b", "train"), on("c", "train"))
    seen = observe(
        steps,
        {ProbeId("fairness/gap"): 1},
        places,
        sandbox,
        workers=1,
        seed=1,
        collected_at=RUN,
        on_progress=lambda what, number, total: None,
    )
    assert [o.outcome for o in seen.observations] == ["measured"] * 5
    together = [] if many else [("a@test", "b@train", "c@train")]
    assert sandbox.jobs == [
        *together,
        ("a@test",),
        ("b@train", "c@train"),
        ("p@record", "q@plan"),
        ("p@record",),
        ("q@plan",),
    ]


def test_what_only_reads_a_model_shares_a_worker_and_what_runs_it_has_its_own() -> None:
    subject = ModelSubject(
        id=SubjectId("model"), kind="model", title="A model", path="model.joblib", format="joblib"
    )
    probes = ("security/model_file_scan", "environment/inference_energy", "security/weights_provenance")
    sandbox = ScriptedSandbox(answer_all)
    observe(
        tuple(Step(id=StepId(f"{p}@model"), probe=ProbeId(p), subject=subject.id) for p in probes),
        {ProbeId(p): 1 for p in probes},
        {"model": Located(subject=subject, path=Path("/nowhere/model.joblib"))},
        sandbox,
        workers=1,
        seed=1,
        collected_at=RUN,
        on_progress=lambda what, number, total: None,
    )
    # What runs a model takes longest and begins first.
    assert sandbox.jobs == [
        ("environment/inference_energy@model",),
        ("security/model_file_scan@model", "security/weights_provenance@model"),
    ]


def test_a_worker_that_fails_as_a_whole_gives_its_reason() -> None:
    sandbox = ScriptedSandbox(lambda job, on_event: on_event(Failed(reason="No such\n  table. " + "x" * 600)))
    (seen,) = run(sandbox, step("a"))
    assert seen.outcome == "error"
    assert seen.reason is not None
    assert seen.reason.startswith("No such table. xxx")
    assert len(seen.reason) == 500


def test_a_long_note_is_cut() -> None:
    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        on_event(done(job.steps[0].id).model_copy(update={"notes": ("short", "x" * 100_000)}))

    (seen,) = run(ScriptedSandbox(script), step("a"))
    assert [len(note) for note in seen.notes] == [5, 5_000]


def test_a_worker_that_says_nothing_is_an_error() -> None:
    (seen,) = run(ScriptedSandbox(lambda job, on_event: None), step("a"))
    assert (seen.outcome, seen.reason) == ("error", "The worker left it undone.")


def test_an_event_for_a_step_that_was_not_asked_for_is_dropped() -> None:
    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        on_event(done(StepId("stranger@test")))
        on_event(done(job.steps[0].id))

    (seen,) = run(ScriptedSandbox(script), step("a"))
    assert seen.outcome == "measured"


def test_evidence_names_software_platform_and_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.measure._SOFTWARE", ("pydantic", "no-such-package"))

    def script(job: MeasureJob, on_event: Callable[[Event], None]) -> None:
        for item in job.steps:
            on_event(done(item.id))

    result = measure(
        plan().model_copy(update={"steps": (step("a"), step("b"))}),
        PLACE,
        [record("test")],
        ScriptedSandbox(script),
        workers=1,
        seed=1,
        key="",
        collected_at=RUN,
        on_progress=lambda what, number, total: None,
    )
    assert [package.name for package in result.evidence.software] == ["pydantic"]
    assert result.evidence.isolation.mechanism == "scripted"
    assert result.evidence.collected_at == RUN
    assert result.tallies == (TALLY,)

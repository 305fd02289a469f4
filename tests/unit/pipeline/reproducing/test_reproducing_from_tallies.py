"""Steps are computed again in workers: one that dies takes no other step with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from conformity.model.base import StepId
from conformity.model.evidence import Observation
from conformity.pipeline.packs import Pack, read_pack
from conformity.pipeline.reproducing.from_tallies import from_tallies
from conformity.sandbox.interface import Event, Failed, RemeasureJob, StepDone, WorkerDiedError
from conformity.sandbox.tasks import do
from conformity.settings import Settings
from tests.support.reproduced import silent

RATE = "fairness/selection_rate@test"


def test_a_step_that_kills_its_worker_fails_alone(pack: Path) -> None:
    def run(job: RemeasureJob, on_event: Callable[[Event], None]) -> None:
        """Die at one step, after those before it."""
        for recalled in job.steps:
            if recalled.step.id == RATE:
                raise WorkerDiedError("the worker was ended by the signal SIGSEGV")
            do(job.model_copy(update={"steps": (recalled,)}), on_event)

    again = from_tallies(read_pack(pack, Settings()), run, silent)
    assert again.seen[_id(RATE)].outcome == "error"
    assert "SIGSEGV" in str(again.seen[_id(RATE)].reason)
    others = [seen for step, seen in again.seen.items() if step != RATE]
    assert [seen.step for seen in others if seen.outcome == "error"] == []
    assert sum(seen.outcome == "measured" for seen in others) > 10


def test_a_worker_that_says_nothing_leaves_errors_and_no_silence(pack: Path) -> None:
    def run(job: RemeasureJob, on_event: Callable[[Event], None]) -> None:
        """Fail as a whole, or end without a word."""
        if len(job.steps) == 1:
            on_event(Failed(reason="There is no memory left."))

    again = from_tallies(read_pack(pack, Settings()), run, silent)
    tried = [seen for step, seen in again.seen.items() if step not in again.blocked]
    assert {(seen.outcome, seen.reason) for seen in tried} == {("error", "There is no memory left.")}


def test_what_failed_when_it_was_measured_is_not_tried_without_the_data(pack: Path) -> None:
    found = read_pack(pack, Settings())
    asked: list[str] = []

    def run(job: RemeasureJob, on_event: Callable[[Event], None]) -> None:
        """Note what is asked."""
        for recalled in job.steps:
            asked.append(recalled.step.id)
            on_event(StepDone(step=recalled.step.id, outcome="error", reason="x"))

    seen = tuple(_failed(one) if one.step == RATE else one for one in found.evidence.observations)
    other = found.evidence.model_copy(update={"observations": seen})
    again = from_tallies(Pack(found.folder, found.assessment, other, found.assessment_sha256), run, silent)
    assert RATE not in asked
    assert "It failed when it was measured" in again.withheld[_id(RATE)]


def _failed(one: Observation) -> Observation:
    """Return an observation as an error."""
    return Observation.of(
        step=one.step,
        probe=one.probe,
        probe_version=one.probe_version,
        subject=one.subject,
        outcome="error",
        reason="It failed inside.",
        collected_at=one.collected_at,
    )


def _id(step: str) -> StepId:
    """Return the id of a step."""
    return StepId(step)

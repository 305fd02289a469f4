"""What is said of an evidence item, and what of two computations of it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from conformity.model.base import ProbeId
from conformity.model.evidence import Observation
from conformity.model.finding import Finding
from conformity.model.measurement import NotAvailable, Scalar
from conformity.model.reproduction import Reproduced
from conformity.pipeline.packs import Pack
from conformity.pipeline.reproducing.naming import Names
from conformity.pipeline.reproducing.outcomes import Compared, Computed, items_of
from tests.support.assessments import measured, observation
from tests.support.composed import material

A, B = "#" + "a" * 16, "#" + "b" * 16
KWH = Scalar(value=2.0, unit="kWh", n=6, obtained="measured")
READ = observation(measured(KWH))
READ_AGAIN = observation(measured(KWH.model_copy(update={"value": 3.0})))


def item(
    recorded: Observation,
    *again: tuple[Observation, Literal["data", "tallies", "plan"]],
    now: tuple[Finding, ...] | None = None,
    findings: tuple[Finding, ...] = (),
    names: Names | None = None,
    same_tool: bool = True,
) -> Reproduced:
    """Return what is said of one item."""
    made = material("timeline", seen=(recorded,))
    assessment = made.assessment.model_copy(update={"findings": findings})
    pack = Pack(Path("pack"), assessment, made.evidence, "sha256:" + "0" * 64)
    (found,) = items_of(
        pack,
        [Compared(recorded, tuple(Computed(*one) for one in again), "It was withheld.")],
        findings if now is None else now,
        {ProbeId("fairness/gap"): 1},
        names or Names(),
        same_tool=same_tool,
    )
    return found


def finding(verdict: str, seen: Observation = READ) -> Finding:
    """Return a finding that rests on an observation."""
    return Finding.model_validate(
        {"requirement": "art10.2.f", "verdict": verdict, "reason": "x", "evidence": (seen.id,)}
    )


def test_what_was_not_computed_is_withheld_with_its_reason() -> None:
    found = item(READ)
    assert (found.outcome, found.rests_on, found.reason) == ("inputs_withheld", "nothing", "It was withheld.")


def test_readings_of_a_machine_are_held_by_their_verdicts() -> None:
    found = item(READ, (READ_AGAIN, "data"), findings=(finding("met"),))
    assert found.outcome == "decisions_only"
    assert "the verdicts were compared, not the numbers" in str(found.reason)


def test_readings_under_which_a_verdict_falls_differ() -> None:
    found = item(READ, (READ_AGAIN, "data"), findings=(finding("met"),), now=(finding("not_met"),))
    assert found.outcome == "differs"
    assert str(found.reason).startswith("The verdicts on it are others now.")


def test_another_requirements_verdict_does_not_touch_an_item() -> None:
    other = observation(measured(KWH), step="fairness/gap@other")
    before, after = (finding(verdict, other) for verdict in ("met", "not_met"))
    assert item(READ, (READ_AGAIN, "data"), findings=(before,), now=(after,)).outcome == "decisions_only"


@pytest.mark.parametrize("worse", ["tallies", "data"])
def test_of_two_computations_the_worse_one_counts(worse: Literal["tallies", "data"]) -> None:
    rate = observation(measured(Scalar(value=0.5, unit="1", n=10)))
    forged = observation(measured(Scalar(value=0.6, unit="1", n=10)))
    better: Literal["tallies", "data"] = "data" if worse == "tallies" else "tallies"
    found = item(rate, (forged, worse), (rate, better))
    assert (found.outcome, found.rests_on) == ("differs", worse)


def test_the_deepest_source_is_told_where_both_agree() -> None:
    rate = observation(measured(Scalar(value=0.5, unit="1", n=10)))
    found = item(rate, (rate, "tallies"), (rate, "data"))
    assert (found.outcome, found.rests_on, found.reason) == ("identical", "data", None)


def test_sentences_of_another_version_of_the_tool_are_not_compared() -> None:
    one = observation(measured(KWH), notes=("As we say now.",))
    other = observation(measured(KWH), notes=("As we said then.",))
    rate = {"measurements": (measured(Scalar(value=0.5, unit="1", n=10)),)}
    mine, theirs = (Observation.of(**{**_fields(seen), **rate}) for seen in (one, other))
    assert item(mine, (theirs, "tallies")).outcome == "differs"
    assert item(mine, (theirs, "tallies"), same_tool=False).outcome == "identical"


def _fields(seen: Observation) -> dict[str, object]:
    """Return the fields of an observation without its id."""
    return {name: getattr(seen, name) for name in Observation.model_fields if name != "id"}


def test_groups_whose_names_stay_open_are_compared_without_them() -> None:
    few = NotAvailable(why="too_few_cases", reason="Fewer than 30 cases.", n=12)
    recorded = observation(*(measured(few, group=(name,)) for name in ("north", "south")))
    again = observation(*(measured(few, group=(name,)) for name in (A, B)))
    names = Names({}, frozenset({A, B, "north", "south"}))
    found = item(recorded, (again, "tallies"), names=names)
    assert found.outcome == "identical"
    assert "were compared without their names" in str(found.reason)
    assert item(recorded, (again, "tallies")).outcome == "differs"
    other = observation(*(measured(few.model_copy(update={"n": 13}), group=(name,)) for name in (A, B)))
    assert item(recorded, (other, "tallies"), names=names).outcome == "differs"

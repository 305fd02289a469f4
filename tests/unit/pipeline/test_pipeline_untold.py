"""A public copy holds no figure that its report withholds, and every verdict as it was."""

from __future__ import annotations

from conformity.model.assessment import Assessment
from conformity.model.base import CriterionId
from conformity.model.evidence import Evidence
from conformity.model.finding import CriterionJudgement, Reading
from conformity.model.measurement import Count, Measurement, NotAvailable
from conformity.pipeline.untold import without_untold
from conformity.settings import DISCLOSURE_LIMIT
from tests.support.assessments import measured, observation, scalar, table
from tests.support.composed import material

FEW = measured(Count(value=4, unit="rows"), metric="smallest_group")
MANY = measured(Count(value=400, unit="rows"), metric="rows", by=())
RATE = measured(scalar(0.8, 0.76, 0.84), metric="accuracy", by=())
OF_FEW = measured(scalar(0.5, 0.2, 0.8, n=4), metric="rate", group=("f",))
NONE = measured(NotAvailable(why="undefined", reason="Nothing to divide by."), metric="other")


def _judged(*figures: Measurement) -> tuple[Assessment, Evidence]:
    """Return an assessment in which each figure was held against a bound, and its evidence."""
    seen = observation(*figures)
    made = material("timeline", seen=(seen,), subjects=(table(),))
    readings = tuple(
        Reading(evidence=seen.id, measurement=one, verdict="met", reason="The value keeps the bound.")
        for one in figures
    )
    judged = CriterionJudgement(
        criterion=CriterionId("one"), verdict="met", reason="Kept.", readings=readings
    )
    first, *others = made.assessment.findings
    findings = (first.model_copy(update={"measured": (judged,)}), *others)
    return made.assessment.model_copy(update={"findings": findings}), made.evidence


def _held(assessment: Assessment) -> list[Reading]:
    """Return what was held against the bound."""
    return list(assessment.findings[0].measured[0].readings)


def test_figures_of_few_people_are_taken_out_of_a_copy() -> None:
    assessment, evidence = _judged(FEW, MANY, RATE, OF_FEW, NONE)
    copy = without_untold(assessment, evidence, DISCLOSURE_LIMIT)
    pairs = list(zip(_held(assessment), _held(copy), strict=True))
    changed = [after for before, after in pairs if before.measurement != after.measurement]
    assert [str(one.measurement.metric) for one in changed] == ["smallest_group", "rate"]
    assert all(isinstance(one.measurement.result, NotAvailable) for one in changed)
    assert all(before.verdict == after.verdict for before, after in pairs)
    assert [one.verdict for one in copy.findings] == [one.verdict for one in assessment.findings]


def test_a_figure_whose_origin_is_not_there_is_taken_out() -> None:
    assessment, evidence = _judged(RATE)
    nothing = evidence.model_copy(update={"observations": ()})
    (reading,) = _held(without_untold(assessment, nothing, DISCLOSURE_LIMIT))
    assert isinstance(reading.measurement.result, NotAvailable)

"""The assessment of a public copy: without the figures that its report withholds."""

from __future__ import annotations

from conformity.judge.comparison.shown import Telling
from conformity.model.assessment import Assessment
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import CriterionJudgement, Finding, Reading
from conformity.model.measurement import Count, NotAvailable
from conformity.pipeline.telling import context_of, key_of, telling_of

_UNTOLD = NotAvailable(
    why="too_few_cases", reason="Withheld in this copy: the report does not show the figure in full."
)
"""What stands in the place of a figure."""


def without_untold(assessment: Assessment, evidence: Evidence, limit: int) -> Assessment:
    """Return an assessment with no figure that its report does not show in full, and every verdict as it was.

    The record of a pack holds exact figures, and is confidential for that. A public copy may hold no more
    than its pages show: neither a count of few people, nor a rate from which one could be computed.

    Args:
        assessment: the findings, with the figures that were held against bounds.
        evidence: where the figures come from.
        limit: no count of people below this is shown.
    """
    telling = telling_of(context_of(assessment, evidence, limit))
    seen = {str(one.id): one for one in evidence.observations}
    findings = tuple(_finding(one, telling, seen) for one in assessment.findings)
    return assessment.model_copy(update={"findings": findings})


def _finding(finding: Finding, telling: Telling, seen: dict[str, Observation]) -> Finding:
    """Return a finding without untold figures."""
    measured = tuple(_judged(one, telling, seen) for one in finding.measured)
    return finding.model_copy(update={"measured": measured, "reason": telling.guard(finding.reason)})


def _judged(judged: CriterionJudgement, telling: Telling, seen: dict[str, Observation]) -> CriterionJudgement:
    """Return a criterion that was judged without untold figures."""
    readings = tuple(_reading(one, telling, seen) for one in judged.readings)
    return judged.model_copy(update={"readings": readings, "reason": telling.guard(judged.reason)})


def _reading(reading: Reading, telling: Telling, seen: dict[str, Observation]) -> Reading:
    """Return a reading; without its figure, and without how many cases it lacks, where these are not told."""
    changes: dict[str, object] = {"reason": telling.guard(reading.reason)}
    if not _is_told(reading, telling, seen):
        measurement = reading.measurement.model_copy(update={"result": _UNTOLD})
        changes |= {"measurement": measurement, "more_needed": None}
    return reading.model_copy(update=changes)


def _is_told(reading: Reading, telling: Telling, seen: dict[str, Observation]) -> bool:
    """Tell whether the report shows a figure with its interval and its cases; what is no figure is told."""
    result = reading.measurement.result
    if isinstance(result, NotAvailable):
        return True
    observation = seen.get(str(reading.evidence))
    told = telling.told.get(key_of(observation, reading.measurement)) if observation else None
    if told is None or not told.number:
        return False
    if isinstance(result, Count) or not told.people:
        return True
    return told.cases and (told.interval or result.interval is None)

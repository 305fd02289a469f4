"""Hold measurements against the bounds that the provider fixed: on intervals, never on points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from conformity.judge.verdicts import worst
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import CriterionJudgement, Reading, Verdict
from conformity.model.manifest import PLACEHOLDER, Criterion
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.model.probe import Metric, ProbeSpec

MIN_GROUP = 30
"""Fewest cases from which it is said how many more would settle a verdict."""

LEVEL = 0.95
"""The least confidence level at which an interval settles a bound."""


def judge_criterion(
    criterion: Criterion, produced_on: date | None, probes: Sequence[ProbeSpec], evidence: Evidence
) -> CriterionJudgement:
    """Return the verdict on one criterion with everything that was held against it.

    Args:
        criterion: the bound.
        produced_on: the day on which its subject came into being, where declared.
        probes: the definitions of the probes, which say what measures the metric.
        evidence: all observations.
    """
    probe, metric = _measured_by(criterion, probes)
    observations = [
        o
        for o in evidence.observations
        if probe is not None and o.probe == probe.id and o.subject == criterion.subject
    ]
    found = [(o, m) for o in observations for m in o.measurements if _is_about(criterion, metric, m)]
    if not found:
        return CriterionJudgement(
            criterion=criterion.id,
            verdict="not_collected",
            reason=_why_nothing(criterion, observations),
        )
    assert metric is not None
    readings = tuple(judge_reading(criterion, metric, m, o) for o, m in found)
    verdict = worst(r.verdict for r in readings)
    unsound = _unseen if criterion.claimed_in else _too_late
    if fault := _unfit(criterion) or unsound(criterion, produced_on, evidence):
        plain = tuple(reading.model_copy(update={"more_needed": None}) for reading in readings)
        return CriterionJudgement(
            criterion=criterion.id, verdict="undetermined", reason=fault, readings=plain
        )
    return CriterionJudgement(
        criterion=criterion.id, verdict=verdict, reason=_summary(verdict, readings), readings=readings
    )


def judge_reading(
    criterion: Criterion, metric: Metric, measurement: Measurement, observation: Observation
) -> Reading:
    """Return on which side of the bound one measurement lies."""
    result = measurement.result
    more: int | None = None
    if isinstance(result, NotAvailable):
        verdict: Verdict = "not_collected" if result.why == "not_collected" else "undetermined"
        reason = result.reason
    elif isinstance(result, Scalar) and result.n == 0:
        verdict, reason = "not_collected", "There is no case behind the number."
    elif fault := _settles_nothing(metric, result):
        verdict, reason = "undetermined", fault
    else:
        verdict = _side(criterion, *_ends(metric, result))
        point = _side(criterion, result.value, result.value)
        reason = _reason(metric, verdict, point)
        if (verdict, point, metric.extent) == ("undetermined", "met", "estimate") and result.kind == "scalar":
            more = _more_needed(criterion, result)
    return Reading(
        evidence=observation.id, measurement=measurement, verdict=verdict, reason=reason, more_needed=more
    )


def _settles_nothing(metric: Metric, result: Scalar | Count) -> str | None:
    """Return why a number cannot settle any bound, or None when it can."""
    if metric.extent == "indicative":
        return "The figure is indicative: how far it is from the truth is not known, so it settles no bound."
    if metric.extent != "estimate" or isinstance(result, Count):
        return None
    if result.interval is None:
        return "An estimate without an interval settles no bound."
    if result.interval.level < LEVEL:
        return (
            f"The interval holds the truth in {result.interval.level:.2%} of cases; {LEVEL:.0%} are needed."
        )
    return None


def _ends(metric: Metric, result: Scalar | Count) -> tuple[float, float]:
    """Return between which values the truth lies; an interval is widened to hold its own point."""
    low = high = float(result.value)
    if isinstance(result, Scalar) and result.interval is not None:
        low, high = min(result.interval.low, low), max(result.interval.high, high)
    return low, math.inf if metric.extent == "some" else high


def _reason(metric: Metric, verdict: Verdict, point: Verdict) -> str:
    """Return what a number does to the bound. It holds no counts: those have a disclosure limit."""
    if metric.extent == "some" and verdict == "undetermined":
        return "Finding nothing does not show that there is nothing: the detector finds only some of it."
    what = {"estimate": "whole interval", "complete": "value over all cases", "some": "number found"}
    does = {"met": "keeps", "not_met": "misses"}
    if verdict not in does:
        side = "keeps it" if point == "met" else "misses it"
        return f"The interval straddles the bound; the estimate itself {side}."
    return f"The {what[metric.extent]} {does[verdict]} the bound."


def _side(criterion: Criterion, low: float, high: float) -> Verdict:
    """Return ``met`` if all of [low, high] keeps the bounds, ``not_met`` if none of it does."""
    floor = -math.inf if criterion.at_least is None else criterion.at_least
    ceiling = math.inf if criterion.at_most is None else criterion.at_most
    if low >= floor and high <= ceiling:
        return "met"
    if high < floor or low > ceiling:
        return "not_met"
    return "undetermined"


def _more_needed(criterion: Criterion, scalar: Scalar) -> int | None:
    """Return about how many more cases would settle the verdict, if the estimate stayed the same.

    An interval shrinks with the square root of the number of cases, so the side of it that reaches
    the bound must shrink by (distance to the interval's end / distance to the bound).

    Returns:
        The additional cases in the smallest group, or None when the estimate lies on the bound or there
        are too few cases to extrapolate from.
    """
    if scalar.n < MIN_GROUP:
        return None
    assert scalar.interval is not None
    low, high = min(scalar.interval.low, scalar.value), max(scalar.interval.high, scalar.value)
    needed = 1.0
    for bound in (criterion.at_least, criterion.at_most):
        if bound is None or not low <= bound <= high:
            continue
        reach = scalar.value - low if bound < scalar.value else high - scalar.value
        gap = abs(scalar.value - bound)
        if gap == 0 or reach / gap > 1e4:
            return None
        needed = max(needed, (reach / gap) ** 2)
    more = math.ceil(round(scalar.n * needed, 6)) - scalar.n
    return more if more > 0 else None


def _measured_by(criterion: Criterion, probes: Sequence[ProbeSpec]) -> tuple[ProbeSpec | None, Metric | None]:
    """Return the probe and metric that the criterion names, or nothing if no probe measures it."""
    for probe in probes:
        for metric in probe.metrics:
            if metric.id == criterion.metric:
                return probe, metric
    return None, None


def _is_about(criterion: Criterion, metric: Metric | None, measurement: Measurement) -> bool:
    """Tell whether a measurement is one that the criterion bounds."""
    if measurement.metric != criterion.metric:
        return False
    if metric is not None and metric.per == "column" and not criterion.by:
        return True
    if measurement.by != criterion.by:
        return False
    return not criterion.group or measurement.group == criterion.group


def _why_nothing(criterion: Criterion, observations: Sequence[Observation]) -> str:
    """Return why there is no measurement for the criterion."""
    for observation in observations:
        if observation.outcome != "measured":
            return f"Not measured: {observation.reason}"
    groups = sorted({m.by for o in observations for m in o.measurements if m.metric == criterion.metric})
    if groups:
        have = "; ".join(" × ".join(by) or "the whole subject" for by in groups)
        return f"The evidence holds {criterion.metric} only for: {have}."
    return f"Nothing in the evidence measures {criterion.metric} on {criterion.subject}."


def _unfit(criterion: Criterion) -> str | None:
    """Return why a bound is not one that somebody answers for, or None when it is."""
    if PLACEHOLDER in criterion.reason or PLACEHOLDER in criterion.owner:
        return f"The bound still holds a placeholder: fill in every {PLACEHOLDER}."
    return None


def _unseen(criterion: Criterion, _: date | None, evidence: Evidence) -> str | None:
    """Return why a claim is not one that deployers can read, or None when its document was found."""
    for record in evidence.subjects:
        if str(record.id) == criterion.claimed_in and record.sha256 is not None:
            return None
    return f"The document that is to state this level, {criterion.claimed_in}, was not found."


def _too_late(criterion: Criterion, produced_on: date | None, evidence: Evidence) -> str | None:
    """Return why the bound does not certainly precede what it judges, or None if it does.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    if not criterion.fixed_before(evidence.collected_at):
        return (
            f"The bound was fixed on {criterion.fixed_at} and the evidence was collected on "
            f"{evidence.collected_at:%Y-%m-%d}; a bound must be older (Art. 9(8)). "
            "A date without a time counts as the end of that day."
        )
    if produced_on is None:
        return (
            "The manifest does not say on which day the data came into being (`produced_on`), so nothing "
            "shows that the bound is older (Art. 9(8))."
        )
    if not criterion.fixed_before_day(produced_on):
        return (
            f"By the provider's dates the bound was fixed on {criterion.fixed_at}, not before the data came "
            f"into being on {produced_on}; a bound must be older than what it judges (Art. 9(8))."
        )
    return None


def _summary(verdict: Verdict, readings: Sequence[Reading]) -> str:
    """Return a sentence on how many readings lie where."""
    if len(readings) == 1:
        return readings[0].reason
    same = sum(r.verdict == verdict for r in readings)
    words = {
        "met": f"All {len(readings)} readings keep the bound.",
        "not_met": f"{same} of {len(readings)} readings miss the bound.",
        "undetermined": f"{same} of {len(readings)} readings do not settle the bound.",
        "not_collected": f"{same} of {len(readings)} readings could not be made.",
    }
    return words[verdict]

"""Hold measurements against the bounds that the provider fixed: on intervals, never on points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime

from conformity.judge.locked import UNLOCKED, Locked
from conformity.judge.more_cases import in_words, more_needed
from conformity.judge.verdicts import worst
from conformity.model.evidence import Evidence, Observation
from conformity.model.finding import CriterionJudgement, Reading, Verdict
from conformity.model.manifest import PLACEHOLDER, Criterion
from conformity.model.measurement import Count, Measurement, NotAvailable, Scalar
from conformity.model.probe import Metric, ProbeSpec

_LATER = "The bound can judge data that come into being later."
"""What settles a bound that was fixed too late."""

_BIAS = frozenset({"art10.2.f", "art10.2.g"})
"""The requirements on examining and mitigating bias: more cases do not mend what misses their bounds."""

_WHOLE: dict[str, tuple[str, str]] = {
    "estimate": ("The whole interval keeps the bound.", "The whole interval misses the bound."),
    "complete": ("The value over all cases keeps the bound.", "The value over all cases misses the bound."),
    "some": ("The number found keeps the bound.", "The number found misses the bound."),
}
"""What is said of a number that keeps, or misses, its bound for certain."""

_POINT_KEEPS = "The bound lies within the interval; the estimate itself keeps it."
_POINT_MISSES = "The bound lies within the interval; the estimate itself misses it."

LEVEL = 0.95
"""The least confidence level at which an interval settles a bound."""


def judge_criterion(
    criterion: Criterion,
    produced_on: date | None,
    probes: Sequence[ProbeSpec],
    evidence: Evidence,
    stated_on: date | None = None,
    locked: Locked = UNLOCKED,
) -> CriterionJudgement:
    """Return the verdict on one criterion with everything that was held against it.

    Where a lock holds another bound of the same name, that one is judged too; the worse of the two counts.

    Args:
        criterion: the bound.
        produced_on: the day on which its subject came into being, where declared.
        probes: the definitions of the probes, which say what measures the metric.
        evidence: all observations.
        stated_on: the date of the document that claims the level, where the criterion names one.
        locked: the lock of the bounds, as far as there is one; a claimed level needs none.
    """
    now = _judged(criterion, produced_on, probes, evidence, stated_on, locked)
    other = locked.other(criterion)
    if other is None:
        return now
    then = _judged(other, produced_on, probes, evidence, None, locked)
    if worst((now.verdict, then.verdict)) == now.verdict:
        return now
    reason = f"{now.reason} Held against the bound that was locked: {then.reason}"
    return now.model_copy(update={"verdict": then.verdict, "reason": reason})


def _judged(
    criterion: Criterion,
    produced_on: date | None,
    probes: Sequence[ProbeSpec],
    evidence: Evidence,
    stated_on: date | None,
    locked: Locked,
) -> CriterionJudgement:
    """Return the verdict on one bound, whatever else the lock holds under its name."""
    named = _measured_by(criterion, probes)
    if named is None:
        return _nothing(criterion, [])
    probe, metric = named
    observations = [
        o for o in evidence.observations if o.probe == probe.id and o.subject == criterion.subject
    ]
    found = [(o, m) for o in observations for m in o.measurements if _is_about(criterion, metric, m)]
    if not found:
        return _nothing(criterion, observations)
    if criterion.claimed_in:
        unready = unfit(criterion) or _unseen(criterion, evidence)
        fault, order = unready or locked.fault(criterion, produced_on, evidence), None
    else:
        unready = unfit(criterion)
        fault = not_beforehand(criterion, produced_on, evidence, locked)
        order = locked.order(criterion, produced_on, evidence)
    readings = tuple(judge_reading(criterion, metric, m, o, settles=not fault) for o, m in found)
    verdict = worst(r.verdict for r in readings)
    if fault and (unready or not locked.named or verdict in ("met", "undetermined")):
        verdict, reason = "undetermined", fault
    else:
        # Where a lock is named, a fault takes nothing but "met" away: breaking a lock mends no miss.
        reason = _of_claim(criterion, stated_on, verdict, _summary(verdict, readings))
        reason = f"{reason} {fault}" if fault else reason
    return CriterionJudgement(
        criterion=criterion.id, verdict=verdict, reason=reason, readings=readings, order=order
    )


def _of_claim(criterion: Criterion, stated_on: date | None, verdict: Verdict, summary: str) -> str:
    """Return the reason for a verdict; of a claimed level, what it says of the document that claims it."""
    if criterion.claimed_in is None:
        return summary
    parts = [summary]
    if verdict == "met":
        parts.insert(0, f"The level stated in {criterion.claimed_in} agrees with what was measured.")
    day = criterion.fixed_at.date() if isinstance(criterion.fixed_at, datetime) else criterion.fixed_at
    if stated_on is not None and day < stated_on:
        parts.append(
            f"The claim is dated {day}, before the document that states it ({stated_on}): correct one of the "
            "dates."
        )
    return " ".join(parts)


def judge_reading(
    criterion: Criterion,
    metric: Metric,
    measurement: Measurement,
    observation: Observation,
    *,
    settles: bool = True,
) -> Reading:
    """Return on which side of the bound one measurement lies.

    Args:
        criterion: the bound.
        metric: what is measured.
        measurement: the number.
        observation: where it comes from.
        settles: whether the bound can be settled at all; else nothing is said of more cases.
    """
    result = measurement.result
    more: int | None = None
    if isinstance(result, NotAvailable):
        verdict: Verdict = "not_collected" if result.why == "not_collected" else "undetermined"
        reason = _without_number(result)
    elif isinstance(result, Scalar) and result.n == 0:
        verdict, reason = "not_collected", "There is no case behind the number."
    elif fault := _settles_nothing(metric, result):
        verdict, reason = "undetermined", fault
    else:
        verdict = _side(criterion, *_ends(metric, result))
        point = _side(criterion, result.value, result.value)
        reason = _reason(metric, verdict)
        if verdict == "undetermined" and metric.extent != "some":
            hopeful = settles and (point, metric.extent) == ("met", "estimate")
            more = more_needed(criterion, result) if hopeful and isinstance(result, Scalar) else None
            then = in_words(more, measurement, observation) if more else _advice(criterion, point)
            reason = f"{_POINT_KEEPS if point == 'met' else _POINT_MISSES} {then}"
    return Reading(
        evidence=observation.id, measurement=measurement, verdict=verdict, reason=reason, more_needed=more
    )


def _without_number(result: NotAvailable) -> str:
    """Return why there is no number, and what would give one."""
    more = {
        "too_few_cases": " More cases would give a number.",
        "undefined": " Data in which it is defined would give a number.",
    }
    return f"{result.reason.rstrip('.')}.{more[result.why]}" if result.why in more else result.reason


def _settles_nothing(metric: Metric, result: Scalar | Count) -> str | None:
    """Return why a number cannot settle any bound, or None when it can."""
    if metric.extent == "indicative":
        return (
            "The figure is indicative: how far it is from the truth is not known, so it settles no bound. "
            "Put the bound on a figure whose error is known."
        )
    if metric.extent != "estimate" or isinstance(result, Count):
        return None
    if result.interval is None:
        return "An estimate without an interval settles no bound; more cases may give it one."
    if result.interval.level < LEVEL:
        return (
            f"The interval holds the truth in {result.interval.level:.2%} of cases; {LEVEL:.0%} are needed. "
            "More cases or repeats give a surer one."
        )
    return None


def _ends(metric: Metric, result: Scalar | Count) -> tuple[float, float]:
    """Return between which values the truth lies; an interval is widened to hold its own point."""
    low = high = float(result.value)
    if isinstance(result, Scalar) and result.interval is not None:
        low, high = min(result.interval.low, low), max(result.interval.high, high)
    return low, math.inf if metric.extent == "some" else high


def mend(criterion: Criterion) -> str:
    """Return what comes before more cases where a bound is missed, as the beginning of a sentence.

    Source:
        Art. 10(2)(f) and (g): examination for possible biases; measures to detect, prevent and mitigate them.
    """
    if _BIAS & set(criterion.requirements):
        return "examine the possible bias and mitigate it (Art. 10(2)(f)-(g)), or justify what remains"
    return "mend what it measures"


def _advice(criterion: Criterion, point: Verdict) -> str:
    """Return what to do about a bound within the interval, where no number of cases is told."""
    if point == "met":
        return "More cases narrow the interval."
    return f"First {mend(criterion)}; then more cases narrow the interval."


def _reason(metric: Metric, verdict: Verdict) -> str:
    """Return what a number does to the bound. It holds no counts: those have a disclosure limit."""
    if verdict == "undetermined":  # of a detector; of an estimate the interval is told in place of this
        return (
            "Finding nothing does not show that there is nothing: the detector finds only some of it. It can "
            "show that the bound is missed, never that it is kept."
        )
    keeps, misses = _WHOLE[metric.extent]
    return keeps if verdict == "met" else misses


def _side(criterion: Criterion, low: float, high: float) -> Verdict:
    """Return ``met`` if all of [low, high] keeps the bounds, ``not_met`` if none of it does."""
    floor = -math.inf if criterion.at_least is None else criterion.at_least
    ceiling = math.inf if criterion.at_most is None else criterion.at_most
    if low >= floor and high <= ceiling:
        return "met"
    if high < floor or low > ceiling:
        return "not_met"
    return "undetermined"


def _nothing(criterion: Criterion, observations: Sequence[Observation]) -> CriterionJudgement:
    """Return the judgement on a criterion of which there is no measurement."""
    return CriterionJudgement(
        criterion=criterion.id, verdict="not_collected", reason=_why_nothing(criterion, observations)
    )


def _measured_by(criterion: Criterion, probes: Sequence[ProbeSpec]) -> tuple[ProbeSpec, Metric] | None:
    """Return the probe and metric that the criterion names, or None if no probe measures it."""
    for probe in probes:
        for metric in probe.metrics:
            if metric.id == criterion.metric:
                return probe, metric
    return None


def _is_about(criterion: Criterion, metric: Metric, measurement: Measurement) -> bool:
    """Tell whether a measurement is one that the criterion bounds."""
    if measurement.metric != criterion.metric:
        return False
    if metric.per == "column" and not criterion.by:
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


def unfit(criterion: Criterion) -> str | None:
    """Return why a bound is not one that somebody answers for, or None when it is."""
    if PLACEHOLDER in criterion.reason or PLACEHOLDER in criterion.owner:
        return f"The bound still holds a placeholder: fill in every {PLACEHOLDER}."
    return None


def not_beforehand(
    criterion: Criterion, produced_on: date | None, evidence: Evidence, locked: Locked
) -> str | None:
    """Return why a bound does not count as fixed before the test, or None when it does."""
    return (
        unfit(criterion)
        or locked.fault(criterion, produced_on, evidence)
        or locked.moved(criterion)
        or too_late(criterion, produced_on, evidence)
    )


def _unseen(criterion: Criterion, evidence: Evidence) -> str | None:
    """Return why a claim is not one that deployers can read, or None when its document was found."""
    for record in evidence.subjects:
        if str(record.id) == criterion.claimed_in and record.sha256 is not None:
            return None
    return f"The document that is to state this level, {criterion.claimed_in}, was not found; hand it in."


def too_late(criterion: Criterion, produced_on: date | None, evidence: Evidence) -> str | None:
    """Return why the bound does not certainly precede what it judges, or None if it does.

    Source:
        Art. 9(8) second sentence: testing against metrics and thresholds defined beforehand.
    """
    if not criterion.fixed_before(evidence.collected_at):
        return (
            f"The bound was fixed on {criterion.fixed_at} and the evidence was collected on "
            f"{evidence.collected_at:%Y-%m-%d}; a bound must be older (Art. 9(8)). "
            f"A date without a time counts as the end of its day. {_LATER}"
        )
    if produced_on is None:
        return (
            "The manifest does not say on which day the data came into being, so nothing shows that the "
            "bound is older (Art. 9(8)). Declare the day (`produced_on`)."
        )
    if not criterion.fixed_before_day(produced_on):
        return (
            f"By the provider's dates the bound was fixed on {criterion.fixed_at}, not before the data came "
            f"into being on {produced_on}; a bound must be older than what it judges (Art. 9(8)). {_LATER}"
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
        "undetermined": f"{same} of {len(readings)} readings do not settle the bound; each says why.",
        "not_collected": f"{same} of {len(readings)} readings could not be made.",
    }
    return words[verdict]

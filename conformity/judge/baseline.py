"""What is open now and was not before: the gate of a pipeline held against an earlier assessment.

Pure. A baseline excuses what was open in it and is no worse now, and nothing else: not a practice that is
prohibited, not a bound that was kept and is missed now, not evidence that was there and is gone.
"""

from __future__ import annotations

from conformity.model.assessment import Assessment
from conformity.model.base import CriterionId, RequirementId, Sha256
from conformity.model.baseline import AgainstBaseline, Change, FailOn, OpenSince
from conformity.model.classification import Outcome
from conformity.model.finding import Finding, Verdict
from conformity.model.manifest import Manifest

_LEVELS: tuple[tuple[Verdict, ...], ...] = (
    ("met", "not_applicable"),
    ("undetermined",),
    ("not_collected",),
    ("not_met",),
)
"""How bad a verdict is. Measured but not settled comes before not measured: evidence that is taken away is
worse than evidence that does not settle it."""
_RANK = {verdict: rank for rank, level in enumerate(_LEVELS) for verdict in level}


def against(now: Assessment, before: Assessment, sha256: Sha256) -> AgainstBaseline:
    """Return an assessment held against an earlier one of the same system.

    Args:
        now: the assessment.
        before: the earlier one.
        sha256: digest of the earlier one's bytes.
    """
    then = {finding.requirement: finding for finding in before.findings}
    points = tuple(
        _point(finding, then.get(finding.requirement)) for finding in now.findings if _is_open(finding)
    )
    open_now = {point.requirement for point in points}
    return AgainstBaseline(
        version=before.manifest.edition.version,
        assessed_at=before.assessed_at,
        sha256=sha256,
        points=points,
        settled=_settled(before, open_now),
        loosened=_loosened(now.manifest, before.manifest),
        gate=_gate(points, now, before),
    )


def failing(code: int, fail_on: FailOn) -> int:
    """Return the exit code of a gate, or 0 where a pipeline is not to fail on it.

    Args:
        code: 0, 1 where something is missed, 4 where something is only open.
        fail_on: what the pipeline fails on.
    """
    if fail_on == "never" or (fail_on == "missed" and code != 1):
        return 0
    return code


def _is_open(finding: Finding) -> bool:
    """Tell whether a finding, or a bound that it rests on, keeps a gate shut."""
    return _RANK[finding.verdict] > 0 or bool(_missed(finding))


def _missed(finding: Finding) -> list[CriterionId]:
    """Return the bounds that are missed."""
    return [one.criterion for one in finding.measured if one.verdict == "not_met"]


def _point(finding: Finding, then: Finding | None) -> OpenSince:
    """Return what became of a finding that is open."""
    missed_then = set(_missed(then)) if then else set()
    missed = tuple(one for one in _missed(finding) if one not in missed_then)
    return OpenSince(
        requirement=finding.requirement,
        verdict=finding.verdict,
        before=then.verdict if then else None,
        change=_change(finding, then, bool(missed)),
        missed=missed,
    )


def _change(finding: Finding, then: Finding | None, misses_more: bool) -> Change:
    """Return whether an open finding is new, worse or as it was."""
    if then is None or not _is_open(then):
        return "new"
    unsettled = {one.criterion for one in then.measured if one.verdict == "met"}
    lost = any(one.verdict != "met" and one.criterion in unsettled for one in finding.measured)
    return "worse" if misses_more or lost or _RANK[finding.verdict] > _RANK[then.verdict] else "known"


def _settled(before: Assessment, open_now: set[RequirementId]) -> tuple[RequirementId, ...]:
    """Return what was open before and is not now."""
    return tuple(
        one.requirement for one in before.findings if _is_open(one) and one.requirement not in open_now
    )


def _loosened(now: Manifest, before: Manifest) -> tuple[CriterionId, ...]:
    """Return the bounds that are gone, or are another bound under the same name."""
    bounds = {one.id: one for one in now.criteria}
    return tuple(one.id for one in before.criteria if bounds.get(one.id) != one)


def _gate(points: tuple[OpenSince, ...], now: Assessment, before: Assessment) -> int:
    """Return the exit code of a gate on what is new or worse."""
    outcome: Outcome = now.plan.classification.outcome
    fresh = [point for point in points if point.change != "known"]
    if outcome == "prohibited" or any(point.missed or _newly_missed(point) for point in fresh):
        return 1
    unclear = outcome == "cannot_tell" and before.plan.classification.outcome != outcome
    empty = not _any_met(now) and _any_met(before)
    return 4 if fresh or unclear or empty else 0


def _newly_missed(point: OpenSince) -> bool:
    """Tell whether a requirement is missed that was not missed before."""
    return point.verdict == "not_met" and point.before != "not_met"


def _any_met(assessment: Assessment) -> bool:
    """Tell whether anything that applies is met."""
    return any(finding.verdict == "met" for finding in assessment.findings)

"""Judge: plan x evidence -> one finding for every requirement. Pure: no clock, no chance, no files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from conformity.judge.criteria import judge_criterion
from conformity.judge.declared import judge_declared
from conformity.judge.verdicts import worst
from conformity.model.base import CriterionId, EvidenceId
from conformity.model.evidence import Evidence
from conformity.model.finding import CriterionJudgement, Declared, Finding, Verdict
from conformity.model.manifest import Manifest
from conformity.model.plan import Plan, PlannedRequirement
from conformity.model.requirement import Requirement

_FIX = "Fix a criterion for it, with reason, owner and date, before the next test (Art. 9(8))."
_CLAIM = "State the level in the instructions for use and name it as a criterion with `claimed_in`."


def judge(manifest: Manifest, plan: Plan, evidence: Evidence, today: date) -> tuple[Finding, ...]:
    """Return a finding for every requirement of the plan, in its order."""
    produced = {s.id: s.produced_on for s in manifest.subjects}
    criteria = {
        c.id: judge_criterion(c, produced[c.subject], plan.probes, evidence) for c in manifest.criteria
    }
    claims = frozenset(c.id for c in manifest.criteria if c.claimed_in)
    findings = []
    for item in plan.requirements:
        judged = tuple(criteria[c.id] for c in manifest.criteria if item.requirement.id in c.requirements)
        declared = judge_declared(item.requirement.id, manifest, evidence, today)
        findings.append(_finding(item, judged, declared, evidence, claims))
    return tuple(findings)


def _finding(
    item: PlannedRequirement,
    judged: tuple[CriterionJudgement, ...],
    declared: Declared,
    evidence: Evidence,
    claims: Collection[CriterionId],
) -> Finding:
    """Return the finding on one requirement."""
    requirement = item.requirement
    if item.applies == "no":
        return Finding(
            requirement=requirement.id,
            verdict="not_applicable",
            reason=" ".join([item.reason, *_misplaced(judged)]),
            measured=judged,
        )
    parts = _parts(requirement, judged, declared, evidence, claims)
    verdict = worst(v for v, _ in parts)
    unsure = [item.reason] if item.applies == "unknown" else []
    return Finding(
        requirement=requirement.id,
        verdict=verdict,
        reason=" ".join(dict.fromkeys(reason for v, reason in parts if v == verdict)),
        measured=judged,
        declared=declared,
        evidence=_speaking(requirement, judged, declared, evidence),
        to_do=tuple(dict.fromkeys([*unsure, *_to_do(requirement, judged, declared, verdict)])),
    )


def _misplaced(judged: tuple[CriterionJudgement, ...]) -> list[str]:
    """Return what became of criteria that were fixed for a requirement which does not apply."""
    words = {"not_met": "missed", "not_collected": "not collected"}
    return [
        f"Criterion {j.criterion} was fixed for it all the same; it is {words.get(j.verdict, j.verdict)}."
        for j in judged
    ]


def _parts(
    requirement: Requirement,
    judged: tuple[CriterionJudgement, ...],
    declared: Declared,
    evidence: Evidence,
    claims: Collection[CriterionId],
) -> list[tuple[Verdict, str]]:
    """Return the verdicts that must all hold for the requirement, each with its reason.

    ``measured`` rows need a criterion, ``declared`` rows a sign-off, ``partly`` rows both. So do rows that
    ask for a level to be stated: that the document states it is for a person to sign. A row that
    could be measured at least in part, but for which there is no probe, is never met by a statement.
    """
    parts = [_criterion_part(requirement, j, evidence, claims) for j in judged]
    if not judged and requirement.probes:
        parts.append(_without_criterion(requirement, evidence))
    if requirement.automation != "declared" and not requirement.probes:
        return [*(part for part in parts if part[0] == "not_met"), _without_probe(declared)]
    if requirement.automation == "measured" and not requirement.of_claims:
        return parts
    return [*parts, (declared.verdict, declared.reason)]


def _criterion_part(
    requirement: Requirement,
    judgement: CriterionJudgement,
    evidence: Evidence,
    claims: Collection[CriterionId],
) -> tuple[Verdict, str]:
    """Return what a criterion contributes; a number that does not speak to the requirement cannot meet it."""
    read = {reading.evidence for reading in judgement.readings}
    probes = {o.probe for o in evidence.observations if o.id in read}
    if judgement.verdict == "met" and not probes <= set(requirement.probes):
        return (
            "undetermined",
            f"Criterion {judgement.criterion} is kept, but does not speak to this requirement.",
        )
    if judgement.verdict == "met" and requirement.of_claims and judgement.criterion not in claims:
        return (
            "undetermined",
            f"Criterion {judgement.criterion} is kept, but it names no document that states the level to "
            "deployers (`claimed_in`).",
        )
    return judgement.verdict, f"Criterion {judgement.criterion}: {judgement.reason}"


def _without_criterion(requirement: Requirement, evidence: Evidence) -> tuple[Verdict, str]:
    """Return what can be said when probes speak to a requirement but no bound was fixed."""
    speaking = [o for o in evidence.observations if o.probe in requirement.probes]
    if any(o.outcome == "measured" for o in speaking):
        if requirement.of_claims:
            return "undetermined", "Measured, but no level stated to deployers is named to hold it against."
        return "undetermined", "Measured, but no criterion was fixed beforehand (Art. 9(8))."
    reasons = list(dict.fromkeys(o.reason or "no reason given" for o in speaking))
    if reasons:
        return "not_collected", f"Not measured: {reasons[0]}"
    return "not_collected", "No subject was handed in that could be measured."


def _without_probe(declared: Declared) -> tuple[Verdict, str]:
    """Return what can be said of a measurable requirement that this version cannot measure."""
    match declared.verdict:
        case "not_met":
            return "not_met", declared.reason
        case "met" | "undetermined":
            return (
                "undetermined",
                f"{declared.reason} It should also be measured, which this version cannot do.",
            )
        case _:
            return "not_collected", f"This version cannot measure it. {declared.reason}"


def _speaking(
    requirement: Requirement,
    judged: tuple[CriterionJudgement, ...],
    declared: Declared,
    evidence: Evidence,
) -> tuple[EvidenceId, ...]:
    """Return the ids of all observations that speak to the requirement, in the evidence's order."""
    read = {reading.evidence for j in judged for reading in j.readings}
    exhibits = {str(e) for e in declared.exhibits}
    return tuple(
        o.id
        for o in evidence.observations
        if o.probe in requirement.probes or o.id in read or str(o.subject) in exhibits
    )


def _to_do(
    requirement: Requirement,
    judged: Sequence[CriterionJudgement],
    declared: Declared,
    verdict: Verdict,
) -> list[str]:
    """Return what to hand in, fix or measure so that the verdict can change."""
    if verdict == "met":
        return []
    advice = [text for j in judged for text in _criterion_advice(j)]
    if requirement.probes and not judged:
        advice.append(_CLAIM if requirement.of_claims else _FIX)
    by_statement = requirement.automation != "measured" or requirement.of_claims
    if declared.verdict != "met" and (by_statement or not requirement.probes):
        if not declared.exhibits:
            advice += [f"Hand in: {item.rstrip('.')}." for item in requirement.hand_in]
        if by_statement:
            advice.append(
                "A named person must sign for the document; the signature names its SHA-256 digest."
            )
    if requirement.automation != "declared" and not requirement.probes:
        advice.append("This version cannot measure it: what is handed in must be judged outside this tool.")
    return advice


def _criterion_advice(judgement: CriterionJudgement) -> list[str]:
    """Return what would settle or change the verdict on one criterion."""
    match judgement.verdict:
        case "not_met":
            return [f"Criterion {judgement.criterion} is missed: mend what it measures and test again."]
        case "not_collected":
            return [f"Criterion {judgement.criterion}: {judgement.reason}"]
        case "undetermined":
            more = [r.more_needed for r in judgement.readings if r.more_needed is not None]
            if more:
                return [
                    f"Criterion {judgement.criterion}: about {max(more):,} more cases in the smallest group "
                    "would settle it, if the estimate stayed the same."
                ]
            return [f"Criterion {judgement.criterion}: {judgement.reason}"]
        case _:
            return []

"""Judge: plan x evidence -> one finding for every requirement. Pure: no clock, no chance, no files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from conformity.judge.basis import basis
from conformity.judge.beforehand import FIX, fixed_beforehand, withheld
from conformity.judge.criteria import judge_criterion, mend
from conformity.judge.declared import judge_declared
from conformity.judge.exhibits import with_dates
from conformity.judge.locked import Locked
from conformity.judge.parts import Given, Part
from conformity.judge.special_data import special_data_parts
from conformity.judge.staleness import stale, still_met, still_signed
from conformity.judge.verdicts import worst
from conformity.model.base import EvidenceId, Sha256
from conformity.model.criteria_lock import CriteriaLock
from conformity.model.evidence import Evidence
from conformity.model.finding import CriterionJudgement, Declared, Finding, Verdict
from conformity.model.manifest import Criterion, Manifest
from conformity.model.nonconformity import Previous
from conformity.model.plan import Plan, PlannedRequirement
from conformity.model.requirement import Requirement

_ALL_ELSEWHERE = (
    "It should also be measured, which this tool cannot do: a person must judge what was handed in "
    "outside this tool."
)
_REST_ELSEWHERE = (
    "The rest should also be measured, which this tool cannot do: a person must judge what was handed in "
    "outside this tool."
)
_CANNOT = "This tool cannot measure it."
_CANNOT_WHOLLY = "This tool cannot measure all of it."
_JUDGE_ELSEWHERE = "This tool cannot measure it: what is handed in must be judged outside this tool."
_JUDGE_REST_ELSEWHERE = (
    "This tool cannot measure all of it: what is handed in must be judged outside this tool."
)
_CLAIM = "State the level in the instructions for use and name it as a criterion with `claimed_in`."


def judge(
    manifest: Manifest,
    plan: Plan,
    evidence: Evidence,
    today: date,
    lock: CriteriaLock | None = None,
    before: Previous | None = None,
    now: Mapping[str, Sha256] | None = None,
) -> tuple[Finding, ...]:
    """Return a finding for every requirement of the plan, in its order.

    Args:
        manifest: what the provider declared.
        plan: the requirements and probes.
        evidence: what was observed.
        today: the day of the judgement.
        lock: the lock of the bounds that the manifest names; without it no bound of such a manifest counts.
        before: the version before, with its lock and what was altered since.
        now: digests of subjects and exhibits as they are now, where they were looked at again since.
    """
    old = stale(manifest, evidence, today, now)
    locked = Locked(
        named=manifest.criteria_lock is not None,
        lock=lock,
        before=before.criteria_lock_sha256 if before else None,
        altered=frozenset(before.altered_bounds if before else ()),
    )
    produced = {s.id: s.produced_on for s in manifest.subjects}
    dated = {exhibit.id: exhibit.dated for exhibit in manifest.exhibits}
    criteria = {
        c.id: still_met(
            judge_criterion(
                c,
                produced[c.subject],
                plan.probes,
                evidence,
                stated_on=dated[c.claimed_in] if c.claimed_in else None,
                locked=locked,
            ),
            c,
            old,
        )
        for c in manifest.criteria
    }
    gone = {
        bound.id: still_met(judge_criterion(bound, None, plan.probes, evidence, locked=locked), bound, old)
        for bound in locked.held()
        if bound.id not in criteria
    }
    given = Given(manifest, evidence, criteria, today, locked, gone)
    findings = []
    for item in plan.requirements:
        judged = tuple(criteria[c.id] for c in manifest.criteria if item.requirement.id in c.requirements)
        signed = judge_declared(item.requirement.id, manifest, evidence, today)
        declared = with_dates(item.requirement, still_signed(signed, manifest, old), manifest)
        findings.append(_finding(item, judged, declared, given))
    return tuple(findings)


def _finding(
    item: PlannedRequirement, judged: tuple[CriterionJudgement, ...], declared: Declared, given: Given
) -> Finding:
    """Return the finding on one requirement."""
    requirement = item.requirement
    if item.applies == "no":
        return Finding(
            requirement=requirement.id,
            verdict="not_applicable",
            reason=" ".join([item.reason, *_misplaced(requirement, judged, given)]),
            measured=judged,
        )
    parts = _parts(requirement, judged, declared, given)
    verdict = worst(part.verdict for part in parts)
    unsure = [item.reason] if item.applies == "unknown" else []
    asked = [step for part in parts for step in part.to_do]
    advice = [*unsure, *asked, *_to_do(requirement, judged, declared, verdict, given)]
    return Finding(
        requirement=requirement.id,
        verdict=verdict,
        reason=" ".join(dict.fromkeys(p.reason for p in parts if p.shown or p.verdict == verdict)),
        basis=basis(requirement, judged, declared, given),
        measured=judged,
        declared=declared,
        evidence=_speaking(requirement, judged, declared, given.evidence),
        to_do=tuple(dict.fromkeys(advice)),
    )


def _misplaced(
    requirement: Requirement, judged: tuple[CriterionJudgement, ...], given: Given
) -> Iterator[str]:
    """Yield what was declared for a requirement that does not apply, and what became of it."""
    words = {"not_met": "missed", "not_collected": "not collected"}
    for j in judged:
        verdict = words.get(j.verdict, j.verdict)
        yield f"Criterion {j.criterion} was fixed for it all the same; it is {verdict}."
    if _is_on_special_data(requirement) and given.manifest.special_category_use:
        yield "The manifest names such data all the same (`special_category_use`)."


def _is_on_special_data(requirement: Requirement) -> bool:
    """Tell whether a rule on special-category data is part of the judgement."""
    return requirement.rule is not None and requirement.rule.startswith("special_data")


def _parts(
    requirement: Requirement, judged: tuple[CriterionJudgement, ...], declared: Declared, given: Given
) -> list[Part]:
    """Return what must hold for the requirement, each part with its verdict and reason.

    ``measured`` rows need a criterion, ``declared`` rows a sign-off, ``partly`` rows both. So do rows that
    ask for a level to be stated: that the document states it is for a person to sign. A row that
    could be measured at least in part, but for which there is no probe, is never met by a statement. A
    ``rule`` adds its parts; the one on Art. 9(8) stands in place of the bounds, of which it judges the dates.
    """
    signed = Part(declared.verdict, declared.reason)
    if requirement.rule == "fixed_beforehand":
        return [*fixed_beforehand(given), signed]
    parts = [_criterion_part(requirement, j, given) for j in judged]
    parts += withheld(requirement.id, given)
    if requirement.rule:
        parts += special_data_parts(requirement.rule, requirement.id, given)
    if not judged and requirement.probes:
        parts.append(_without_criterion(requirement, given.evidence))
    if requirement.automation != "declared" and not requirement.probes:
        kept = parts if requirement.rule else [part for part in parts if part.verdict == "not_met"]
        return [*kept, _without_probe(requirement, declared)]
    if requirement.automation == "measured" and not requirement.of_claims:
        return parts
    return [*parts, signed]


def _criterion_part(requirement: Requirement, judgement: CriterionJudgement, given: Given) -> Part:
    """Return what a criterion contributes; a number that does not speak to the requirement cannot meet it."""
    name = judgement.criterion
    read = {reading.evidence for reading in judgement.readings}
    probes = {o.probe for o in given.evidence.observations if o.id in read}
    if judgement.verdict == "met" and not probes <= set(requirement.probes):
        return Part(
            "undetermined",
            f"Criterion {name} is kept, but does not speak to this requirement. A criterion on what is "
            "measured for it would.",
        )
    claims = {c.id for c in given.manifest.criteria if c.claimed_in}
    if judgement.verdict == "met" and requirement.of_claims and name not in claims:
        return Part(
            "undetermined",
            f"Criterion {name} is kept, but it names no document that states the level to deployers "
            "(`claimed_in`).",
        )
    return Part(judgement.verdict, f"Criterion {name}: {judgement.reason}")


def _without_criterion(requirement: Requirement, evidence: Evidence) -> Part:
    """Return what can be said when probes speak to a requirement but no bound was fixed."""
    speaking = [o for o in evidence.observations if o.probe in requirement.probes]
    if any(o.outcome == "measured" for o in speaking):
        if requirement.of_claims:
            reason = "Measured, but no level stated to deployers is named to hold it against (`claimed_in`)."
        else:
            reason = "Measured, but no criterion was fixed beforehand that could settle it (Art. 9(8))."
        return Part("undetermined", reason)
    if speaking:
        return Part("not_collected", f"Not measured: {speaking[0].reason}")
    return Part("not_collected", "No subject was handed in that could be measured.")


def _without_probe(requirement: Requirement, declared: Declared) -> Part:
    """Return what can be said of a measurable requirement that this version cannot measure, or not wholly."""
    match declared.verdict:
        case "not_met":
            return Part("not_met", declared.reason)
        case "met" | "undetermined":
            rest = _REST_ELSEWHERE if requirement.rule else _ALL_ELSEWHERE
            return Part("undetermined", f"{declared.reason} {rest}")
        case _:
            none = _CANNOT_WHOLLY if requirement.rule else _CANNOT
            return Part("not_collected", f"{none} {declared.reason}")


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
    given: Given,
) -> list[str]:
    """Return what to hand in, fix or measure so that the verdict can change."""
    if verdict == "met":
        return []
    # Where dates are judged, only a plain miss of a bound is worth a step; the rest stands with the dates.
    by_dates = requirement.rule == "fixed_beforehand"
    bounds = {criterion.id: criterion for criterion in given.manifest.criteria}
    counted = [j for j in judged if j.verdict == "not_met" or not by_dates]
    advice = [text for j in counted for text in _criterion_advice(j, bounds[j.criterion])]
    if requirement.probes and not judged and not requirement.rule:
        advice.append(_CLAIM if requirement.of_claims else FIX)
    by_statement = requirement.automation != "measured" or requirement.of_claims
    if declared.verdict != "met" and (by_statement or not requirement.probes):
        advice += _declared_advice(requirement, declared, given.manifest, by_statement=by_statement)
    if requirement.automation != "declared" and not requirement.probes:
        advice.append(_JUDGE_REST_ELSEWHERE if requirement.rule else _JUDGE_ELSEWHERE)
    return advice


def _declared_advice(
    requirement: Requirement, declared: Declared, manifest: Manifest, *, by_statement: bool
) -> list[str]:
    """Return what to hand in, check or sign; after a refusal, what to deal with instead of signing."""
    if declared.verdict == "not_met":
        signed = [one for one in manifest.sign_offs if one.id in declared.sign_offs]
        refusing = [one.by.name for one in signed if one.stance == "denies"]
        return [
            f"Deal with what {person} refused; then have the document judged again." for person in refusing
        ]
    advice = []
    if not declared.exhibits:
        advice += [f"Hand in: {item.rstrip('.')}." for item in requirement.hand_in]
    elif not declared.sign_offs:
        advice += [f"Check that what is handed in holds: {item}" for item in requirement.hand_in]
    if by_statement:
        advice.append("A named person must sign for the document; the signature names its SHA-256 digest.")
    return advice


def _criterion_advice(judgement: CriterionJudgement, criterion: Criterion) -> list[str]:
    """Return what would settle or change the verdict on one criterion."""
    match judgement.verdict:
        case "not_met":
            return [f"Criterion {judgement.criterion} is missed: {mend(criterion)}; then test again."]
        case "not_collected":
            return [f"Criterion {judgement.criterion}: {judgement.reason}"]
        case "undetermined":
            told = [(r.more_needed, r.reason) for r in judgement.readings if r.more_needed is not None]
            reason = max(told)[1] if told else judgement.reason
            return [f"Criterion {judgement.criterion}: {reason}"]
        case _:
            return []

"""The register of non-conformities: from findings, the provider's undertakings, and the version before.

Pure. An entry is opened by a finding that is missed, or that is not settled although a declaration of
conformity needs it, or by the provider. It is closed by a later finding that is ``met``, and by nothing else:
an entry that is gone without evidence stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conformity.judge.blocking import MISSED, gap_rule, severity
from conformity.model.assessment import Assessment
from conformity.model.base import NonConformityId, RequirementId
from conformity.model.finding import Finding
from conformity.model.manifest import Manifest
from conformity.model.nonconformity import Closure, Correction, NonConformity
from conformity.model.plan import Plan, PlannedRequirement

_GONE = (
    "It was open in the version before, and nothing handed in since shows that it is dealt with; it stays "
    "open until a finding is met."
)
_LISTED = "The provider lists it. It stays open for as long as that is so."


@dataclass(frozen=True)
class Judged:
    """A run that was judged: everything the register follows from."""

    manifest: Manifest
    """What the provider declared."""
    plan: Plan
    """What was looked at."""
    findings: tuple[Finding, ...]
    """One for every requirement of the plan."""
    evidence_sha256: str
    """Digest of the evidence."""
    today: date
    """The day of the judgement."""


def register(now: Judged, before: Assessment | None = None) -> tuple[NonConformity, ...]:
    """Return the register: what was in it before, carried on, then what is new, in the order of the plan.

    Args:
        now: the run.
        before: the version before; None for the first, or when it was not handed in.
    """
    findings = {finding.requirement: finding for finding in now.findings}
    fresh = {entry.requirement: entry for entry in _found(now)}
    earlier = kept(before) if before is not None else ()
    carried = [_carried(entry, fresh, findings, now) for entry in earlier]
    standing = {entry.requirement for entry in carried if entry.state == "open"}
    new = [entry for entry in fresh.values() if entry.requirement not in standing and _is_new(entry, earlier)]
    return (*carried, *(_numbered(entry, earlier) for entry in new))


def kept(assessment: Assessment) -> tuple[NonConformity, ...]:
    """Return the register of an assessment; made from its findings where none was kept yet."""
    if assessment.non_conformities is not None:
        return assessment.non_conformities
    return register(judged(assessment))


def with_register(assessment: Assessment) -> Assessment:
    """Return the assessment with its register, made from its findings where none was kept yet."""
    return assessment.model_copy(update={"non_conformities": kept(assessment)})


def judged(assessment: Assessment) -> Judged:
    """Return what the register of an assessment follows from."""
    return Judged(
        assessment.manifest,
        assessment.plan,
        assessment.findings,
        assessment.evidence_sha256,
        assessment.assessed_at.date(),
    )


def _found(now: Judged) -> Iterator[NonConformity]:
    """Yield an entry for every requirement that is missed, blocks, or is listed by the provider."""
    plans = {item.requirement.id: item for item in now.plan.requirements}
    listed = {one.requirement: one for one in now.manifest.non_conformities}
    for finding in now.findings:
        item = plans[finding.requirement]
        correction = listed.get(finding.requirement)
        gap = gap_rule(item, finding, now.plan.as_of)
        if finding.verdict == "not_met":
            yield _entry("missed", MISSED, True, item, finding, correction, now)
        elif finding.verdict in ("undetermined", "not_collected") and gap is not None:
            yield _entry("gap", *gap, item, finding, correction, now)
        elif correction is not None:
            applies = finding.verdict != "not_applicable"
            yield _entry("declared", _LISTED, applies, item, finding, correction, now)


def _entry(
    kind: str,
    rule: str,
    blocks: bool,
    item: PlannedRequirement,
    finding: Finding,
    correction: Correction | None,
    now: Judged,
) -> NonConformity:
    """Return an open entry, as if it were found for the first time."""
    grade, why = severity(item.requirement.article, finding.verdict)
    if correction is not None and correction.severity is not None:
        why = f"{correction.severity.capitalize()}: so graded by the provider. The tool's rule: {why}"
        grade = correction.severity
    return NonConformity.model_validate(
        {
            "id": f"NC-{finding.requirement}",
            "requirement": finding.requirement,
            "kind": kind,
            "verdict": finding.verdict,
            "reason": finding.reason,
            "blocks": blocks,
            "rule": rule,
            "severity": grade,
            "severity_rule": why,
            **_plan_of(finding, correction, now.manifest),
            "opened_on": now.today,
            "opened_in": now.manifest.edition.version,
        }
    )


def _plan_of(finding: Finding, correction: Correction | None, manifest: Manifest) -> Mapping[str, object]:
    """Return who mends it, how and until when: as the provider says, or as far as it can be told."""
    if correction is not None:
        return {
            "owner": correction.owner,
            "corrective_action": correction.corrective_action,
            "planned": True,
            "due": correction.due,
            "remarks": correction.remarks,
        }
    return {
        "owner": _owner(finding, manifest),
        "corrective_action": _proposal(finding),
        "planned": False,
        "due": None,
    }


def _proposal(finding: Finding) -> str:
    """Return what the finding asks for, as one text."""
    return " ".join(finding.to_do) or "Settle what the finding leaves open, then assess again."


def _owner(finding: Finding, manifest: Manifest) -> str | None:
    """Return who fixed the bounds or signed what keeps the finding from being met; None when nobody did."""
    owners = {criterion.id: criterion.owner for criterion in manifest.criteria}
    names = [owners[one.criterion] for one in finding.measured if one.verdict != "met"]
    if not names and finding.declared is not None:
        signed = {one.id: one.by for one in manifest.sign_offs}
        names = [f"{signed[i].name}, {signed[i].function}" for i in finding.declared.sign_offs]
    return "; ".join(dict.fromkeys(names))[:500] or None


def _carried(
    entry: NonConformity,
    fresh: Mapping[RequirementId, NonConformity],
    findings: Mapping[RequirementId, Finding],
    now: Judged,
) -> NonConformity:
    """Return an entry of the version before as it stands now."""
    if entry.state == "closed":
        return entry
    again = fresh.get(entry.requirement)
    finding = findings.get(entry.requirement)
    if finding is not None and finding.verdict == "met" and _may_close(entry, again):
        return _closed(entry, finding, now)
    if again is None:
        verdict = finding.verdict if finding is not None else "not_collected"
        blocks = verdict != "not_applicable"
        return entry.model_copy(update={"verdict": verdict, "reason": _GONE, "blocks": blocks})
    kept_plan = entry.planned and not again.planned
    plan_fields = ("owner", "corrective_action", "planned", "due", "remarks", "severity", "severity_rule")
    held = {name: getattr(entry, name) for name in plan_fields} if kept_plan else {}
    same = {"id": entry.id, "opened_on": entry.opened_on, "opened_in": entry.opened_in}
    return again.model_copy(update={**held, **same})


def _may_close(entry: NonConformity, again: NonConformity | None) -> bool:
    """Tell whether a finding that is met closes the entry; not one that the provider still lists."""
    return again is None or entry.kind != "declared"


def _closed(entry: NonConformity, finding: Finding, now: Judged) -> NonConformity:
    """Return the entry closed by what the finding rests on."""
    declared = finding.declared
    closure = Closure(
        on=now.today,
        reason=finding.reason,
        evidence=finding.evidence,
        sign_offs=declared.sign_offs if declared else (),
        exhibits=declared.exhibits if declared else (),
        evidence_sha256=now.evidence_sha256,
    )
    changes = {"state": "closed", "verdict": finding.verdict, "blocks": False, "closure": closure}
    return entry.model_copy(update=changes)


def _is_new(entry: NonConformity, earlier: Sequence[NonConformity]) -> bool:
    """Tell whether an entry is to be opened; a listing that speaks of an earlier one opens nothing."""
    return entry.kind != "declared" or all(one.requirement != entry.requirement for one in earlier)


def _numbered(entry: NonConformity, earlier: Sequence[NonConformity]) -> NonConformity:
    """Return the entry with a number, where the requirement had one before."""
    count = sum(one.requirement == entry.requirement for one in earlier)
    number = f".{count + 1}" if count else ""
    return entry.model_copy(update={"id": NonConformityId(f"{entry.id}{number}")})

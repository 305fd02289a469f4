"""A small complete system, of which a declaration can be prepared, and its pack on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conformity.archive.pack import write_pack
from conformity.compose.material import Material
from conformity.judge import judge
from conformity.judge.nonconformities import with_register
from conformity.model.base import canonical_json
from conformity.model.finding import Finding
from conformity.model.requirement import Requirement
from tests.support.assessments import TODAY, examined, exhibit, record, sign_off, table
from tests.support.composed import material

SIGNING: dict[str, Any] = {
    "signatory": "Specimen signatory",
    "function": "Managing director (specimen)",
    "place": "Specimen Town",
    "type": "CL-1",
    "personal_data": "yes",
}


def settled(finding: Finding) -> Finding:
    """Return a finding that is met, unless the requirement does not concern the system."""
    if finding.verdict == "not_applicable":
        return finding
    return Finding(requirement=finding.requirement, verdict="met", reason="Met for this test.")


def complete(*, kind: str = "credit", **changes: Any) -> Material:
    """Return the records of a system that meets everything asked of it, with somebody to sign.

    Args:
        kind: a kind of system.
        changes: fields of the manifest.
    """
    made = material("declaration", kind=kind, **{"declaration": SIGNING, "subjects": (table(),), **changes})
    findings = tuple(settled(one) for one in made.assessment.findings)
    assessment = with_register(made.assessment.model_copy(update={"findings": findings}))
    return Material(assessment, made.evidence, made.law)


def signed(**changes: Any) -> Material:
    """Return the records of a system whose findings follow from its records, with nothing left open.

    Its plan holds Art. 47(1) and the requirements that a signature alone meets, and each is signed.

    Args:
        changes: fields of the manifest.
    """
    rows = material("declaration").assessment.plan.requirements
    held = [one for one in rows if one.requirement.id == "art47.1" or _by_signature(one.requirement)]
    fields: dict[str, Any] = {
        "declaration": SIGNING,
        "subjects": (table(),),
        "exhibits": (exhibit(covers=[one.requirement.id for one in held]),),
        "sign_offs": (sign_off(requirements=[one.requirement.id for one in held]),),
        **changes,
    }
    made = material("declaration", records=(record("test"), record("record")), seen=(examined(),), **fields)
    known = made.assessment
    plan = known.plan.model_copy(update={"requirements": tuple(held)})
    findings = judge(known.manifest, plan, made.evidence, TODAY)
    judged = known.model_copy(update={"plan": plan, "findings": findings})
    return registered(Material(judged, made.evidence, made.law))


def _by_signature(row: Requirement) -> bool:
    """Tell whether a signature alone meets a requirement."""
    return row.automation == "declared" and not row.probes and row.rule is None


def registered(made: Material) -> Material:
    """Return the records with the register that follows from their findings."""
    return Material(with_register(made.assessment), made.evidence, made.law)


def packed(made: Material, folder: Path) -> Path:
    """Write the records as a pack, with the list of their digests, and return its folder."""
    record = made.assessment.model_dump_json().encode()
    write_pack(folder, {"assessment.json": record, "evidence.json": canonical_json(made.evidence)})
    return folder

"""Whether the records of a pack can be read, are those of this law, and lead to what the pack says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from conformity import __version__
from conformity.archive.standalone.told import Told
from conformity.catalog.load import LAW
from conformity.errors import ConformityError, IntegrityError, ManifestError
from conformity.intake.lock import LOCKED_MANIFEST, lock_manifest
from conformity.intake.manifest import parse_manifest
from conformity.judge.nonconformities import judged, register
from conformity.model.assessment import Assessment
from conformity.model.base import Value, sha256_of
from conformity.model.declaration import Declaration
from conformity.model.document import Document
from conformity.model.evidence import Evidence
from conformity.model.faults import first_fault
from conformity.model.plan import Plan
from conformity.model.tally import Tally
from conformity.pipeline.packs import Pack
from conformity.pipeline.rejudging import check_judged, unregistered
from conformity.plan import make_plan

TOOL = f"conformity {__version__}"
"""What this version calls itself in records."""

_COMMENT = re.compile(rb"  # sha256:[0-9a-f]{64}(?=[\r\n]|\Z)")
_HEADING = re.compile(rb"\A(\xef\xbb\xbf)?(?:# sha256:[0-9a-f]{64}  [^\r\n]*\n)+")


def readable(files: Mapping[str, bytes]) -> Told:
    """Tell whether each record fits its schema."""
    models: dict[str, type[Value]] = {
        "assessment.json": Assessment,
        "evidence.json": Evidence,
        # In a set of documents it is one of the documents.
        "declaration.json": Document if "documents.json" in files else Declaration,
    }
    faults = []
    for name, content in files.items():
        model = Tally if name.startswith("tallies/") else models.get(name)
        fault = _fault(model, content) if model is not None else None
        if fault is not None:
            faults.append(f"{name} does not fit its schema: {fault}")
    return Told(tuple(faults))


def _fault(model: type[Value], content: bytes) -> str | None:
    """Return where a record does not fit its schema; None when it does."""
    try:
        model.model_validate_json(content)
    except ValidationError as error:
        return str(first_fault(error))
    return None


def pack_of(folder: Path, files: Mapping[str, bytes]) -> Pack | None:
    """Return the records of a pack from bytes that were read before; None when they cannot be read."""
    judged_bytes, seen = files.get("assessment.json"), files.get("evidence.json")
    if judged_bytes is None or seen is None:
        return None
    try:
        assessment = Assessment.model_validate_json(judged_bytes)
        evidence = Evidence.model_validate_json(seen)
    except ValidationError:
        return None
    return Pack(folder, assessment, evidence, sha256_of(judged_bytes))


def law_told(assessment: Assessment) -> Told:
    """Tell whether requirements and plan are those to which the catalogue here leads."""
    plan = assessment.plan
    if plan.law != LAW:
        return Told(unknown=(f"It was made from another text of the law: {plan.law}. Here is: {LAW}.",))
    if assessment.tool != TOOL:
        return Told(unknown=(f"It was made by {assessment.tool}; the catalogue of {TOOL} may be another.",))
    try:
        again = make_plan(assessment.manifest, plan.as_of, plan.depth or "full")
    except ConformityError as error:
        return Told((f"No plan follows from its manifest: {error.message}",))
    return Told(tuple(_plan_faults(plan, again)), seen=(f"{len(plan.requirements)} requirements of {LAW}.",))


def _plan_faults(plan: Plan, again: Plan) -> list[str]:
    """Return how a plan is not the one that follows from its manifest and the law."""
    due = {one.requirement.id: one for one in again.requirements}
    held = {one.requirement.id: one for one in plan.requirements}
    faults = [
        f"The requirement {name} is not as the catalogue has it, or not as it applies to this system."
        for name in due.keys() | held.keys()
        if due.get(name) != held.get(name)
    ]
    if not faults and [one.requirement.id for one in plan.requirements] != list(due):
        faults.append("The requirements are not in the order of the law.")
    if plan.classification != again.classification:
        faults.append("The classification is not the one to which the answers in the manifest lead.")
    if plan.probes != again.probes:
        faults.append("The probes are not those of this version.")
    if [(one.id, one.probe, one.subject) for one in plan.steps] != [
        (one.id, one.probe, one.subject) for one in again.steps
    ]:
        faults.append("The steps are not those that the manifest asks for.")
    return sorted(faults)


def findings_told(pack: Pack, before: Assessment | None = None) -> Told:
    """Tell whether findings and register are those to which the records lead.

    Args:
        pack: the records.
        before: the version before, where it is at hand.
    """
    assessment = pack.assessment
    try:
        check_judged(pack)
    except IntegrityError:
        text = "The findings are not those to which manifest, plan and evidence lead."
        if assessment.tool == TOOL:
            return Told((text,))
        return Told(unknown=(f"{text} It was made by {assessment.tool}, which may judge otherwise.",))
    except (LookupError, ValueError, TypeError, ArithmeticError):
        return Told(("The plan and the evidence do not fit together, so nothing can be judged from them.",))
    seen = (f"{len(assessment.findings)} findings follow from the records.",)
    if assessment.non_conformities is None:
        return Told(seen=(*seen, "It holds no register of non-conformities."))
    missing = [
        f"{one.id} follows from the findings and is not in the register." for one in unregistered(assessment)
    ]
    if assessment.previous is not None and before is None:
        unknown = "The register carries on that of the version before, which is not here to be compared."
        return Told(tuple(missing), (unknown,), seen)
    if assessment.tool == TOOL and register(judged(assessment), before) != assessment.non_conformities:
        missing.append("The register is not the one that follows from the findings and the version before.")
    return Told(tuple(missing), seen=seen)


def manifest_told(pack: Pack, files: Mapping[str, bytes]) -> Told:
    """Tell whether the manifest beside the records is the one that was assessed, with the digests found."""
    content = files.get(LOCKED_MANIFEST)
    if content is None:
        return Told((f"{LOCKED_MANIFEST} is missing.",))
    assessment = pack.assessment
    digests = {str(one.id): one.sha256 for one in pack.evidence.subjects if one.sha256}
    for raw in (_COMMENT.sub(b"", content), _HEADING.sub(lambda found: found[1] or b"", content), content):
        if sha256_of(raw) != assessment.manifest_sha256:
            continue
        try:
            loaded = parse_manifest(raw, name=LOCKED_MANIFEST, folder=Path("/"))
        except ManifestError:
            return Told((f"{LOCKED_MANIFEST} cannot be read as a manifest.",))
        if loaded.manifest != assessment.manifest:
            return Told((f"{LOCKED_MANIFEST} says other things than the manifest in assessment.json.",))
        if lock_manifest(loaded, digests) != content:
            return Told((f"{LOCKED_MANIFEST} does not name the digests that the evidence names.",))
        return Told(seen=(f"{LOCKED_MANIFEST} is the manifest that was assessed.",))
    return Told((f"{LOCKED_MANIFEST} is not the manifest whose digest assessment.json names.",))

"""Say in short what an assessment came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from conformity.intake.placeholders import placeholders
from conformity.judge import gate
from conformity.model.assessment import Assessment
from conformity.model.base import sha256_of
from conformity.model.summary import AssessmentSummary, OpenPoint, VerdictCounts, WrittenFile


def summarise(assessment: Assessment, folder: Path, files: Mapping[str, bytes]) -> AssessmentSummary:
    """Return the assessment in short."""
    rows = {item.requirement.id: item.requirement for item in assessment.plan.requirements}
    order = ("not_met", "undetermined", "not_collected")
    open_findings = sorted(
        (f for f in assessment.findings if f.verdict in order), key=lambda f: order.index(f.verdict)
    )
    system = assessment.manifest.system
    classification = assessment.plan.classification
    unfilled = [f"{field} still holds a placeholder." for field in placeholders(assessment.manifest)]
    return AssessmentSummary(
        system=f"{system.name} {system.version}",
        assessment_version=assessment.manifest.edition.version,
        assessment_sha256=sha256_of(files["assessment.json"]),
        outcome=classification.outcome,
        classification=classification.summary,
        counts=VerdictCounts.model_validate(Counter(f.verdict for f in assessment.findings)),
        open_points=tuple(
            OpenPoint(
                requirement=f.requirement,
                ref=rows[f.requirement].ref,
                title=rows[f.requirement].title,
                verdict=f.verdict,
                reason=f.reason,
                to_do=f.to_do,
            )
            for f in open_findings
        ),
        missing_information=(*classification.missing, *unfilled),
        gate=gate(assessment.findings, classification.outcome),
        left_out=assessment.plan.left_out,
        pack=str(folder),
        files=tuple(
            WrittenFile(name=name, path=str(folder / name), size_bytes=len(content))
            for name, content in sorted(files.items())
        ),
    )

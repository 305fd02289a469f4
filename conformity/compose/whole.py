"""Put a document together: its sections, whether it is asked for, and from which assessment it is."""

from __future__ import annotations

from conformity.compose.material import Material
from conformity.model.base import Sha256
from conformity.model.document import About, Document, Section, Standing


def document(material: Material, sections: tuple[Section, ...], assessment_sha256: Sha256) -> Document:
    """Return the document that these sections make.

    Args:
        material: the records and the law's side.
        sections: its parts.
        assessment_sha256: digest of the bytes of ``assessment.json``.
    """
    law = material.law
    return Document(
        id=law.id,
        title=law.title,
        ref=law.ref,
        purpose=law.purpose,
        standing=standing(material),
        about=_about(material, assessment_sha256),
        sections=sections,
    )


def standing(material: Material) -> Standing:
    """Return whether the law asks this system, in this role, for the document.

    A requirement that surely binds outweighs one that is open, and that one outweighs any that does not.
    """
    if not material.law.requirements:
        return Standing(
            state="informative",
            reason="No provision asks for this document as such; it shows what the others rest on.",
        )
    rows = [material.planned[one] for one in material.law.requirements if one in material.planned]
    for row in sorted((row for row in rows if row.applies == "yes"), key=lambda row: str(row.duty_from)):
        return Standing(state="required", reason=row.reason, since=row.duty_from)
    for row in rows:
        if row.applies == "unknown":
            return Standing(state="cannot_tell", reason=row.reason, since=row.duty_from)
    reason = rows[0].reason if rows else "The plan of this assessment does not hold the provision."
    return Standing(state="not_required" if rows else "cannot_tell", reason=reason)


def _about(material: Material, assessment_sha256: Sha256) -> About:
    """Return from which assessment the document is."""
    manifest, assessment = material.manifest, material.assessment
    return About(
        system=manifest.system.name,
        system_version=manifest.system.version,
        provider=manifest.provider.name,
        role=manifest.role,
        edition=manifest.edition.version,
        assessed_at=assessment.assessed_at,
        as_of=assessment.plan.as_of,
        law=assessment.plan.law,
        tool=assessment.tool,
        assessment_sha256=assessment_sha256,
        evidence_sha256=assessment.evidence_sha256,
    )

"""The assessment: the whole, versioned; every document is a view of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conformity.model.base import Instant, Line, Sha256, Value
from conformity.model.criteria_lock import CriteriaLock
from conformity.model.finding import Finding
from conformity.model.manifest import Manifest
from conformity.model.nonconformity import NonConformity, Previous
from conformity.model.plan import Plan


class Assessment(Value):
    """Manifest, plan, evidence digest and findings."""

    assessment_schema: Literal["conformity/assessment/v1"] = "conformity/assessment/v1"
    """Format of this record; readers refuse newer ones."""
    tool: Line
    """Name and version of the tool."""
    assessed_at: Instant
    """When it was judged."""
    manifest: Manifest
    """What the provider declared."""
    criteria_lock: Annotated[CriteriaLock | None, Field(exclude_if=lambda value: value is None)] = None
    """The lock of the bounds that the manifest names; none where it names none."""
    manifest_sha256: Sha256
    """Digest of the manifest file's bytes."""
    plan: Plan
    """What was looked at."""
    evidence_sha256: Sha256
    """Digest of the canonical JSON of the evidence."""
    findings: tuple[Finding, ...]
    """One for every requirement in the plan, in its order."""
    previous: Annotated[Previous | None, Field(exclude_if=lambda value: value is None)] = None
    """The version before this one, from which the register was carried on; none when none was handed in."""
    non_conformities: Annotated[
        tuple[NonConformity, ...] | None, Field(exclude_if=lambda value: value is None)
    ] = None
    """The register of non-conformities; none in records from before it was kept."""

    @property
    def follows(self) -> Sha256 | None:
        """Digest of the version before, which was handed in or is named in the manifest; none at first."""
        return self.previous.sha256 if self.previous else self.manifest.edition.previous

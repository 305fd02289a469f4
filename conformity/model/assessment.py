"""The assessment: the whole, versioned; every document is a view of it."""

from __future__ import annotations

from typing import Literal

from conformity.model.base import Instant, Line, Sha256, Value
from conformity.model.finding import Finding
from conformity.model.manifest import Manifest
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
    manifest_sha256: Sha256
    """Digest of the manifest file's bytes."""
    plan: Plan
    """What was looked at."""
    evidence_sha256: Sha256
    """Digest of the canonical JSON of the evidence."""
    findings: tuple[Finding, ...]
    """One for every requirement in the plan, in its order."""

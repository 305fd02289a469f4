"""What documents are composed from, in small: a system, its plan from the real catalogue, its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from conformity.catalog.documents import document_law
from conformity.compose.material import Material
from conformity.judge import judge
from conformity.model.assessment import Assessment
from conformity.model.base import digest_of
from conformity.model.document import Block, Cell, Document, Facts, Item, Points, Section, Table
from conformity.model.evidence import Observation, SubjectRecord
from conformity.model.manifest import Manifest, Role
from conformity.model.plan import Plan
from conformity.plan import make_plan
from tests.support.assessments import RUN, TODAY, evidence, record
from tests.support.systems import BIOMETRIC, CREDIT, IN_SCOPE, MEDICAL, ORDINARY, Said, system

KINDS: dict[str, Mapping[str, Said]] = {
    "credit": CREDIT,
    "medical": MEDICAL,
    "biometric": BIOMETRIC,
    "biometric with a body": {**BIOMETRIC, "harmonised_standards_applied": "no"},
    "ordinary": ORDINARY,
    "open": IN_SCOPE,
}
"""Answers of systems of many kinds."""

Key = tuple[str, Role]


@cache
def _planned(key: Key) -> tuple[Manifest, Plan]:
    """Return the manifest and plan of a kind of system, from the real catalogue."""
    manifest = system(KINDS[key[0]], role=key[1])
    return manifest, make_plan(manifest, TODAY, "full")


def material(
    document: str,
    *,
    kind: str = "credit",
    role: Role = "provider",
    seen: tuple[Observation, ...] = (),
    records: tuple[SubjectRecord, ...] = (record("test"),),
    **changes: Any,
) -> Material:
    """Return what a document is composed from.

    Args:
        document: the document's id.
        kind: a key of :data:`KINDS`.
        role: in which role the assessment is made.
        seen: the observations.
        records: what was found of subjects and exhibits.
        changes: fields of the manifest.
    """
    manifest, plan = _planned((kind, role))
    plain = {**manifest.model_dump(), **changes}
    changed = Manifest.model_validate(plain)
    found = evidence(*seen, subjects=records)
    assessment = Assessment(
        tool="conformity 0.0.0",
        assessed_at=RUN,
        manifest=changed,
        manifest_sha256=digest_of(changed),
        plan=plan,
        evidence_sha256=digest_of(found),
        findings=judge(changed, plan, found, TODAY),
    )
    return Material(assessment, found, document_law(document))


def small(made: Material) -> Material:
    """Return the records with one in ten of the requirements, and with those that the system names."""
    known = made.assessment
    named = known.manifest.model_dump_json()
    held = tuple(
        row
        for number, row in enumerate(known.plan.requirements)
        if number % 10 == 0 or f'"{row.requirement.id}"' in named
    )
    plan = known.plan.model_copy(update={"requirements": held})
    findings = judge(known.manifest, plan, made.evidence, TODAY)
    return Material(known.model_copy(update={"plan": plan, "findings": findings}), made.evidence, made.law)


def items(sections: tuple[Section, ...]) -> dict[str, Item]:
    """Return all items of a document by id."""
    return {item.id: item for section in sections for item in section.items}


def blocks_of(document: Document | tuple[Section, ...]) -> Iterator[Block]:
    """Yield every block of a document."""
    sections = document.sections if isinstance(document, Document) else document
    for section in sections:
        yield from section.content
        for item in section.items:
            yield from item.content


def cells_of(block: Block) -> Iterator[Cell]:
    """Yield every cell of a block."""
    if isinstance(block, Points):
        yield from block.points
    elif isinstance(block, Facts):
        yield from (one.value for one in block.facts)
    elif isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row.cells)


def texts_of(document: Document | tuple[Section, ...]) -> str:
    """Return all texts of cells, one a line."""
    return "\n".join(cell.text for block in blocks_of(document) for cell in cells_of(block))

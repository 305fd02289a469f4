"""Fill an item of a document from findings, measurements, exhibits and sign-offs, or name what is missing.

The invariant: an item is ``filled`` only if every requirement that it serves and that concerns the system is
met, or its composer says that the records alone fill it. Leaving something out never fills an item.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformity.catalog.rows import ItemLaw
from conformity.compose.material import Material
from conformity.compose.speaking import declared_blocks, measured_blocks
from conformity.compose.words import VERDICTS, fact, facts, told
from conformity.model.document import Block, Cell, Item, ItemStatus
from conformity.model.finding import Finding


def fill(
    material: Material,
    row: ItemLaw,
    content: Sequence[Block] = (),
    *,
    status: ItemStatus | None = None,
    open: Sequence[str] = (),
    reason: str | None = None,
    measured: bool = True,
) -> Item:
    """Return an item with what the records hold for it.

    Args:
        material: the records.
        row: the law's side of the item.
        content: what the composer adds, such as facts of the manifest; it comes first.
        status: the status, where the composer knows it; derived from the findings when not given.
        open: what is missing besides what the findings ask for.
        reason: why it has this status, for an item whose composer knows.
        measured: whether what was measured for its requirements is named; not where ``content`` does.
    """
    concerned = [one for one in row.requirements if _concerns(material, one)]
    if row.requirements and not concerned and status is None:
        return _set_aside(material, row)
    findings = [material.findings[one] for one in concerned if one in material.findings]
    spoken = [
        *content,
        *_verdicts(material, findings),
        *(measured_blocks(material, findings) if measured else ()),
        *declared_blocks(material, findings),
    ]
    missing = tuple(dict.fromkeys([*open, *(step for one in findings for step in one.to_do)]))
    found = status or derived_status(findings, has_content=bool(content), open=bool(open))
    return Item(
        id=row.id,
        ref=row.ref,
        title=row.title,
        asks=row.asks,
        status=found,
        reason=reason,
        owner=owner_of(material, row, findings),
        content=tuple(spoken),
        open=() if found in ("filled", "not_applicable") else missing,
        requirements=row.requirements,
        evidence=tuple(dict.fromkeys(e for one in findings for e in one.evidence)),
        exhibits=tuple(dict.fromkeys(e for one in findings if one.declared for e in one.declared.exhibits)),
    )


def derived_status(findings: Sequence[Finding], *, has_content: bool, open: bool) -> ItemStatus:
    """Return how far findings and other content fill an item.

    Args:
        findings: those on the requirements that it serves and that concern the system.
        has_content: whether the composer adds something.
        open: whether the composer knows of something missing.
    """
    if findings and all(one.verdict == "met" for one in findings) and not open:
        return "filled"
    if has_content or any(_speaks(one) for one in findings):
        return "partly"
    return "missing"


def owner_of(material: Material, row: ItemLaw, findings: Sequence[Finding]) -> Cell:
    """Return who answers for an item: who fixed a bound or signed for it, else whom the law names, if any."""
    named = [
        *(
            material.criteria[judged.criterion].owner
            for one in findings
            for judged in one.measured
            if judged.criterion in material.criteria
        ),
        *(
            f"{signed.by.name}, {signed.by.function}"
            for one in findings
            if one.declared
            for name in one.declared.sign_offs
            if (signed := material.sign_offs.get(name)) is not None
        ),
    ]
    if named:
        return Cell(text="; ".join(dict.fromkeys(named)), origin="provider")
    if row.owner == "The provider":
        return told("Nobody is named (the provider answers)")
    return told(row.owner)


def _concerns(material: Material, requirement_id: str) -> bool:
    """Tell whether a requirement concerns the system, or may."""
    planned = material.planned.get(requirement_id)
    return planned is None or planned.applies != "no"


def _set_aside(material: Material, row: ItemLaw) -> Item:
    """Return an item none of whose requirements concerns the system."""
    return Item(
        id=row.id,
        ref=row.ref,
        title=row.title,
        asks=row.asks,
        status="not_applicable",
        reason=material.planned[row.requirements[0]].reason,
        requirements=row.requirements,
    )


def _speaks(finding: Finding) -> bool:
    """Tell whether anything was measured or handed in for a requirement."""
    return bool(finding.evidence or finding.measured or (finding.declared and finding.declared.exhibits))


def _verdicts(material: Material, findings: Sequence[Finding]) -> list[Block]:
    """Return the verdict on each requirement, with its reason; nothing where nothing was looked at."""
    told_of = [
        fact(
            f"Finding on {material.planned[one.requirement].requirement.ref}"
            if one.requirement in material.planned
            else f"Finding on {one.requirement}",
            told(f"{VERDICTS[one.verdict]}. {one.reason}"),
        )
        for one in findings
    ]
    return [facts(*told_of)] if told_of else []

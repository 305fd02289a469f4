"""The document ``special_category_data``: the conditions of Art. 4a and the evidence for each."""

from __future__ import annotations

from conformity.compose.catalogued import items_for, sections_of
from conformity.compose.material import Material
from conformity.compose.words import quote, quoted, recorded, said, table, told
from conformity.model.document import Block, Cell, Section
from conformity.model.manifest import SpecialCategoryUse

_CONDITIONS = ("art4a.1", "art4a.1.a", "art4a.1.b", "art4a.1.c", "art4a.1.d", "art4a.1.e", "art4a.1.f")


def compose(material: Material) -> tuple[Section, ...]:
    """Return what is declared, and the findings on each condition."""
    return sections_of(
        material,
        {
            "conditions": items_for(material, "conditions", _CONDITIONS),
            "others": items_for(material, "others", ("art4a.2",)),
        },
        {"use": _declared(material)},
    )


def _declared(material: Material) -> list[Block]:
    """Return each use as the manifest declares it, with its days and reason."""
    uses = material.manifest.special_category_use
    if not uses:
        return [said("The manifest declares no use of special categories (`special_category_use`).")]
    heads = ["Table", "Columns", "To be deleted by", "Bias corrected on", "Deleted on", "Found"]
    rows = [_use(material, one) for one in uses]
    reasons: list[Block] = []
    for one in uses:
        reasons += [said(f"Why {one.subject} holds them:"), quote(one.why_needed)]
    return [table(heads, rows, title="Uses", widths=[22, 18, 15, 15, 14]), *reasons]


def _use(material: Material, use: SpecialCategoryUse) -> tuple[Cell, ...]:
    """Return one use as a row; whether the table is there is told by its digest."""
    record = material.records.get(str(use.subject))
    there = record is not None and record.sha256 is not None
    return (
        quoted(material.title_of(use.subject)),
        quoted(", ".join(use.columns)),
        recorded(use.due),
        recorded(use.bias_corrected_on),
        recorded(use.deleted_on),
        told("Still there at the assessment." if there else "Not found at the assessment."),
    )

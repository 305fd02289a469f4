"""The document ``registration``: the entries of Annex VIII that the role and the path of Art. 49 call for."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.catalog.load import annex_iii_points, annex_viii_fields
from conformity.catalog.rows import AnnexField, AnnexIIIPoint
from conformity.compose.catalogued import row_of_field, sections_of
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.register_entries import MAKERS
from conformity.compose.words import fact, facts, said, table, told
from conformity.model.document import Block, Item, Section

_SECTIONS = {"a": ("A", "art49.1"), "b": ("B", "art49.2"), "c": ("C", "art49.3")}
_REGISTERS = {
    "eu_database_public": "The public section of the EU database (Art. 49(1), Art. 71).",
    "eu_database_secure_section": "The secure section of the EU database, not public (Art. 49(4)).",
    "eu_database_secure_section_if_law_enforcement": (
        "The secure section of the EU database where it is used for law enforcement, migration, asylum or "
        "border control (Art. 49(4)); else the public section (Art. 49(1))."
    ),
    "national_level": "A register at national level (Art. 49(5)); not the EU database.",
}
_SECURE = {
    "A": ("1", "2", "3", "4", "5", "7", "10"),
    "B": ("1", "2", "3", "4", "5", "8"),
    "C": ("1", "2", "3"),
}
"""What the secure section takes (Art. 49(4)), without the deleted point B(9) that it still names."""

_NO_FIELD = "The manifest has no place for it; the person who registers enters it."


def compose(material: Material) -> tuple[Section, ...]:
    """Return the register, and the entries of the sections that concern this system and role."""
    sections = [one for one, (_, row) in _SECTIONS.items() if _applies(material, row)]
    points = points_of(material)
    items = {one: [_entry(material, one, field, points) for field in _fields(one)] for one in sections}
    return sections_of(material, items, {"path": _path(material, points, bool(sections))})


def points_of(material: Material) -> tuple[AnnexIIIPoint, ...]:
    """Return the points of Annex III that the classification names with a yes."""
    steps = material.assessment.plan.classification.steps
    named = {point for step in steps if step.answer == "yes" for point in step.points}
    return tuple(point for point in annex_iii_points() if point.id in named)


def _applies(material: Material, requirement_id: str) -> bool:
    """Tell whether a path of Art. 49 concerns this system and role, or may."""
    return any(
        row.requirement.id == requirement_id and row.applies != "no"
        for row in material.assessment.plan.requirements
    )


def _fields(section: str) -> tuple[AnnexField, ...]:
    """Return the fields of one section of Annex VIII that still stand."""
    start = f"annexVIII.{_SECTIONS[section][0]}."
    return tuple(one for one in annex_viii_fields() if one.id.startswith(start) and one.status == "in_force")


def _path(material: Material, points: Sequence[AnnexIIIPoint], any_section: bool) -> list[Block]:
    """Return in which register the system is entered, for each point of Annex III."""
    rows = [(told(f"{one.ref}. {one.title}"), told(_REGISTERS[one.registration])) for one in points]
    blocks: list[Block] = []
    if rows:
        blocks.append(table(["Use", "Register"], rows, widths=[35]))
    if not any_section:
        blocks.append(said("Art. 49 asks for no entry of this system by this role in the EU database."))
    reasons = [
        fact(item.requirement.ref, told(item.reason))
        for item in material.assessment.plan.requirements
        if item.requirement.id in ("art49.1", "art49.2", "art49.3")
    ]
    return [*blocks, facts(*reasons)] if reasons else blocks


def _entry(material: Material, section: str, field: AnnexField, points: Sequence[AnnexIIIPoint]) -> Item:
    """Return one entry of the register."""
    owner = "The deployer" if section == "c" else "The provider"
    maker = MAKERS.get(field.id)
    content, status, asked = maker(material) if maker else ([], "missing", _NO_FIELD)
    shown = fact("Who can read it", told(_readers(field, points)))
    notes = [said(field.note)] if field.note else []
    return fill(
        material,
        row_of_field(field, section, owner),
        [*content, facts(shown), *notes],
        status=status,
        open=[asked] if asked else [],
    )


def _readers(field: AnnexField, points: Sequence[AnnexIIIPoint]) -> str:
    """Return whether the public can read an entry, by the register in which the system stands."""
    # Point 2 has no entry in the EU database (Art. 49(5)); an entry there is for another point or Art. 6(3).
    registers = {one.registration for one in points} - {"national_level"} or {"eu_database_public"}
    letter, number = field.id.split(".")[1:3]
    secure = "not the public" if number in _SECURE[letter] else "nobody, since it is not taken"
    if registers == {"eu_database_public"}:
        return "The public (Art. 71)."
    if registers == {"eu_database_secure_section"}:
        return f"In the secure section, {secure} (Art. 49(4))."
    return f"In the public section, the public (Art. 71); in the secure section, {secure} (Art. 49(4))."

"""Items in the words of the catalogue: requirements, and fields of Annex V and VIII; and their sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformity.catalog.load import requirement
from conformity.catalog.rows import AnnexField, ItemLaw
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.words import said
from conformity.model.document import Block, Item, Section


def sections_of(
    material: Material,
    items: Mapping[str, Sequence[Item]],
    content: Mapping[str, Sequence[Block]] | None = None,
) -> tuple[Section, ...]:
    """Return the sections of a document in the order of the law's side, without those that hold nothing.

    Args:
        material: the records and the law's side.
        items: the items of each section, by its id.
        content: what stands before them, by its id.
    """
    before = content or {}
    return tuple(
        Section(
            id=one.id,
            title=one.title,
            ref=one.ref,
            intro=one.intro,
            content=tuple(before.get(one.id, ())),
            items=tuple(items.get(one.id, ())),
        )
        for one in material.law.sections
        if items.get(one.id) or before.get(one.id)
    )


def row_of(requirement_id: str, section: str, owner: str = "The provider") -> ItemLaw:
    """Return the law's side of an item that is a row of the catalogue.

    Args:
        requirement_id: the row.
        section: the section it stands in.
        owner: who fills it in when nobody is named.
    """
    row = requirement(requirement_id)
    return ItemLaw(
        id=row.id,
        ref=row.ref,
        title=row.title,
        asks=row.obligation,
        section=section,
        requirements=(row.id,),
        owner=owner,
        note=row.note,
    )


def row_of_field(field: AnnexField, section: str, owner: str = "The provider") -> ItemLaw:
    """Return the law's side of an item that is a field of Annex V or VIII."""
    return ItemLaw(
        id=field.id,
        ref=field.ref,
        title=field.title,
        asks=field.content,
        section=section,
        owner=owner,
        note=field.note,
    )


def items_for(
    material: Material,
    section: str,
    ids: Sequence[str],
    content: Mapping[str, Sequence[Block]] | None = None,
    owner: str = "The provider",
    open: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Item, ...]:
    """Return items for rows of the catalogue: what the findings say of each, after what the composer adds.

    What the catalogue notes of a row stands first, where the row concerns the system; it fills nothing.

    Args:
        material: the records.
        section: the section they stand in.
        ids: the rows.
        content: what the composer adds, by row; figures are its own there, so that none stands twice.
        owner: who fills them in when nobody is named.
        open: what is missing besides what the findings ask for, by row.
    """
    added, missing = content or {}, open or {}
    made = []
    for one in ids:
        row = row_of(one, section, owner)
        filled = fill(material, row, added.get(one, ()), open=missing.get(one, ()), measured=one not in added)
        made.append(_noted(filled, row))
    return tuple(made)


def _noted(item: Item, row: ItemLaw) -> Item:
    """Return an item with the note of its row before its content."""
    if row.note is None or item.status == "not_applicable":
        return item
    return item.model_copy(update={"content": (said(row.note), *item.content)})

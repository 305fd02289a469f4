"""Build the sections of a document in the order of the law's side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformity.catalog.rows import ItemLaw
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.model.document import Block, Item, Section

Maker = Callable[[Material, ItemLaw], Item]
"""What fills one item."""


def parts(
    material: Material,
    makers: Mapping[str, Maker],
    contents: Mapping[str, Sequence[Block]] | None = None,
) -> tuple[Section, ...]:
    """Return all sections of the document with their items filled.

    Args:
        material: the records and the law's side.
        makers: what fills an item, by its id; :func:`fill` alone where there is none.
        contents: what stands in a section before its items, by the section's id.
    """
    return tuple(
        Section(
            id=section.id,
            title=section.title,
            ref=section.ref,
            intro=section.intro,
            content=tuple((contents or {}).get(section.id, ())),
            items=tuple(
                makers[row.id](material, row) if row.id in makers else fill(material, row)
                for row in material.rows_of(section.id)
            ),
        )
        for section in material.law.sections
    )

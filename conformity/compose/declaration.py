"""The document ``declaration``: the eight items of Annex V, and what stands in the way of a signature."""

from __future__ import annotations

from collections.abc import Sequence

from conformity.catalog.load import annex_v_fields
from conformity.compose.catalogued import row_of_field, sections_of
from conformity.compose.items import fill
from conformity.compose.material import Material
from conformity.compose.norms import presumption_blocks
from conformity.compose.obstacles import besides, blocking, obstacles
from conformity.compose.words import fact, facts, quoted, recorded, said, table, told
from conformity.model.declaration import Signing
from conformity.model.document import Block, Fact, Facts, Item, ItemStatus, Paragraph, Points, Section, Table
from conformity.model.subject import ModelSubject

_ACT = "Regulation (EU) 2024/1689, as amended by Regulation (EU) 2026/1744"
_NAME_STANDARDS = "Declare the standards applied in `standards`, or state on signing that there are none."
_FILL_IN = "Fill in `declaration` in the manifest."
_SIGN = "The person named signs, by hand or electronically, and dates it (Art. 47(1), Annex V(8))."


def compose(material: Material) -> tuple[Section, ...]:
    """Return what stands in the way of a signature, and the eight items."""
    makers = (_system, _provider, _responsibility, _conformity, _data, _standards, _body, _signature)
    items = [make(material, number) for number, make in enumerate(makers, 1)]
    return sections_of(material, {"items": items}, {"before": _obstacles(material)})


def _obstacles(material: Material) -> list[Block]:
    """Return what stands in the way; the entries of the register as a number, since they have a document."""
    waiting = len(blocking(material.assessment))
    points = [*besides(material.assessment)]
    if waiting:
        points.append(
            f"{waiting} open entries of the register of non-conformities block it; the document of that name "
            "lists them."
        )
    return [Points(points=tuple(told(one) for one in points))] if points else []


def _item(
    material: Material,
    number: int,
    content: Sequence[Block],
    status: ItemStatus,
    *open: str,
    reason: str | None = None,
) -> Item:
    """Return one item of Annex V."""
    row = row_of_field(annex_v_fields()[number - 1], "items")
    return fill(material, row, content, status=status, open=open, reason=reason)


def _system(material: Material, number: int) -> Item:
    """Return Annex V(1): name, type, and digests of the system's parts and of what it was assessed with."""
    system, signing = material.manifest.system, material.manifest.declaration
    known = [fact("Name", quoted(system.name)), fact("Version", quoted(system.version))]
    if signing is not None:
        known.insert(1, fact("Type", quoted(signing.type)))
    content: list[Block] = [facts(*known)]
    content += _digests(material, "Part of the system that was assessed", parts=True)
    content += _digests(material, "Assessed with", parts=False)
    if signing is None:
        return _item(material, number, content, "partly", _FILL_IN)
    return _item(material, number, content, "filled")


def _digests(material: Material, head: str, *, parts: bool) -> list[Block]:
    """Return the names and digests of the system's parts, its models, or of the other subjects."""
    chosen = [one for one in material.manifest.subjects if isinstance(one, ModelSubject) is parts]
    found = [(one.title, material.records.get(str(one.id))) for one in chosen]
    rows = [
        (quoted(title), recorded(one.sha256.removeprefix("sha256:")))
        for title, one in found
        if one and one.sha256
    ]
    return [table([head, "SHA-256"], rows, widths=[34])] if rows else []


def _provider(material: Material, number: int) -> Item:
    """Return Annex V(2): who the provider is, or the representative."""
    provider, signing = material.manifest.provider, material.manifest.declaration
    known = [fact("Provider", quoted(provider.name)), fact("Address", quoted(provider.address))]
    if signing is not None and signing.authorised_representative is not None:
        known.append(fact("Authorised representative", quoted(signing.authorised_representative)))
    return _item(material, number, [facts(*known)], "filled")


def _responsibility(material: Material, number: int) -> Item:
    """Return Annex V(3): on whose responsibility it is issued."""
    name = material.manifest.provider.name
    return _stated(material, number, f"The declaration is issued under the sole responsibility of {name}.")


def _conformity(material: Material, number: int) -> Item:
    """Return Annex V(4): that the system conforms; nobody but the person who signs can say so."""
    system = material.manifest.system
    text = f"{system.name}, version {system.version}, is in conformity with {_ACT}."
    signing = material.manifest.declaration
    laws = signing.other_union_law if signing is not None else ()
    return _stated(material, number, text, *(f"It is in conformity with {law}." for law in laws))


def _data(material: Material, number: int) -> Item:
    """Return Annex V(5): data protection, where personal data are processed."""
    signing = material.manifest.declaration
    if signing is not None and signing.personal_data == "no":
        reason = "The provider says that the system processes no personal data."
        return _item(material, number, [], "not_applicable", reason=reason)
    text = (
        "Where the system processes personal data, it is in conformity with Regulations (EU) 2016/679 and "
        "(EU) 2018/1725 and Directive (EU) 2016/680."
    )
    return _stated(material, number, text)


def _stated(material: Material, number: int, *statements: str) -> Item:
    """Return an item that only the person who signs can state; withheld while something stands in the way."""
    signing = material.manifest.declaration
    if signing is None or obstacles(material.assessment):
        return _item(
            material,
            number,
            [],
            "for_a_person",
            *([_FILL_IN] if signing is None else []),
            reason="The statement is not prepared while a point of the first section stands.",
        )
    content = [said(f"By signing, {signing.signatory} states: {text}") for text in statements]
    return _item(material, number, content, "for_a_person")


def _standards(material: Material, number: int) -> Item:
    """Return Annex V(6): on which harmonised standards or common specifications it rests."""
    if declared := material.manifest.standards:
        return _item(material, number, presumption_blocks(declared), "filled")
    text = "None is declared, so no presumption of conformity is claimed (Art. 40(1), Art. 41(3))."
    status: ItemStatus = "missing" if material.manifest.declaration is None else "for_a_person"
    return _item(material, number, [said(text)], status, _NAME_STANDARDS)


def _body(material: Material, number: int) -> Item:
    """Return Annex V(7): the notified body, where one took part."""
    signing, route = material.manifest.declaration, material.assessment.plan.classification.route
    body = signing.notified_body if signing is not None else None
    if body is not None:
        known = (
            fact("Notified body", quoted(body.name)),
            fact("Number", quoted(body.number)),
            fact("Procedure", quoted(body.procedure)),
            fact("Certificate", quoted(body.certificate)),
        )
        return _item(material, number, [facts(*known)], "filled")
    if route.procedure in ("annex_vii", "sectoral", "cannot_tell"):
        open_point = "Name the notified body in `declaration.notified_body`, where one took part."
        return _item(material, number, [], "missing", open_point, reason=route.reason)
    return _item(material, number, [], "not_applicable", reason=f"{route.reason} ({route.ref})")


def _signature(material: Material, number: int) -> Item:
    """Return Annex V(8): place, date, and who signs for whom; the signature itself is left to them."""
    signing = material.manifest.declaration
    if signing is None:
        return _item(material, number, [], "missing", _FILL_IN)
    return _item(material, number, [facts(*_block(signing, material))], "for_a_person", _SIGN)


def _block(signing: Signing, material: Material) -> list[Fact]:
    """Return the lines above which a person signs."""
    return [
        fact("Place", quoted(signing.place)),
        fact("Date", recorded(signing.date) if signing.date else told("To be filled in on signing.")),
        fact("Name", quoted(signing.signatory)),
        fact("Function", quoted(signing.function)),
        fact("On behalf of", quoted(signing.on_behalf_of or material.manifest.provider.name)),
        fact("Signature", told("To be given by the person named; the tool gives none.")),
    ]


def in_words(item: Item) -> tuple[str, ...]:
    """Return what an item of the declaration says, line by line: its content, or else why it has none."""
    lines = [line for block in item.content for line in _lines(block)]
    return tuple(lines or [item.reason or item.title])


def _lines(block: Block) -> list[str]:
    """Return the lines of a block; only the kinds that this document uses have any."""
    match block:
        case Paragraph():
            return [block.text]
        case Facts():
            return [f"{one.name}: {one.value.text}" for one in block.facts]
        case Table():
            return [": ".join(cell.text for cell in row.cells) for row in block.rows]
        case _:
            return []

"""Documents: what internal control or a notified body works with, as values before they are rendered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from conformity.model.base import (
    CriterionId,
    EvidenceId,
    ExhibitId,
    Instant,
    Line,
    MetricId,
    Prose,
    RequirementId,
    Sha256,
    Value,
)
from conformity.model.finding import Verdict
from conformity.model.manifest import Role

Anchor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""The name of a place inside a document, unique in it."""

Origin = Literal["tool", "provider", "record"]
"""Whose words a text is: the tool's, which may be translated; the provider's, word for word; or something
that is copied as it stands, such as an id, a digest or a date."""

ItemStatus = Literal["filled", "partly", "missing", "not_applicable", "for_a_person"]
"""How far an item is filled: wholly; in part, and ``open`` says what is missing; not at all; it does not
concern this system in this role; or only a person may fill it in, such as a signature."""


class Link(Value):
    """Words that lead to another place in the same document."""

    text: Line
    """The words."""
    to: Anchor
    """The place: the id of a row, or of an item with ``i-`` or a section with ``s-`` before it."""


class Cell(Value):
    """A piece of text: a cell of a table, or the value of a fact."""

    text: str = ""
    """The text; empty where there are only links, or nothing."""
    origin: Origin = "tool"
    """Whose words they are."""
    links: tuple[Link, ...] = ()
    """Where to go from here."""


class Paragraph(Value):
    """A sentence or several."""

    kind: Literal["paragraph"] = "paragraph"
    """Says that this is a paragraph."""
    text: Prose
    """The text."""
    origin: Origin = "tool"
    """Whose words they are."""


class Points(Value):
    """A list of short texts."""

    kind: Literal["points"] = "points"
    """Says that this is a list."""
    title: Line | None = None
    """What they are."""
    points: Annotated[tuple[Cell, ...], Field(min_length=1)]
    """The texts."""


class Fact(Value):
    """A name and what stands for it."""

    name: Line
    """The name, in the tool's words."""
    value: Cell
    """What stands for it."""


class Facts(Value):
    """Names and values."""

    kind: Literal["facts"] = "facts"
    """Says that these are facts."""
    facts: Annotated[tuple[Fact, ...], Field(min_length=1)]
    """The facts."""


class Row(Value):
    """One row of a table."""

    id: Anchor | None = None
    """Its place, when something leads to it."""
    cells: Annotated[tuple[Cell, ...], Field(min_length=1)]
    """The cells, as many as there are columns."""


class Table(Value):
    """Rows under heads."""

    kind: Literal["table"] = "table"
    """Says that this is a table."""
    title: Line | None = None
    """What it shows."""
    columns: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The heads, in the tool's words."""
    widths: tuple[int, ...] = ()
    """The share of each column but the last, in percent; empty for equal ones."""
    rows: tuple[Row, ...]
    """The rows."""


class MeasuredRow(Value):
    """One measurement, named; what of it may be shown is decided when it is rendered."""

    evidence: EvidenceId
    """The observation."""
    metric: MetricId
    """The metric."""
    by: tuple[str, ...] = ()
    """The columns that form groups."""
    group: tuple[str, ...] = ()
    """The group."""
    criterion: CriterionId | None = None
    """The criterion that bounds it."""
    verdict: Verdict | None = None
    """On which side of the bound it lies."""


class Measured(Value):
    """Measurements with interval, cases, bound and verdict; never written down by a composer itself."""

    kind: Literal["measured"] = "measured"
    """Says that these are measurements."""
    title: Line | None = None
    """What they have in common."""
    rows: Annotated[tuple[MeasuredRow, ...], Field(min_length=1)]
    """The measurements."""


Block = Annotated[Paragraph | Points | Facts | Table | Measured, Field(discriminator="kind")]
"""One piece of content."""


class Item(Value):
    """One thing that the law asks a document to hold, and what there is for it."""

    id: Anchor
    """Its place; unique in the document."""
    ref: Line
    """The citation."""
    title: Line
    """A short name."""
    asks: Prose
    """What is asked, in our own words."""
    status: ItemStatus
    """How far it is filled."""
    reason: Prose | None = None
    """Why it has this status, where that is not plain."""
    owner: Cell | None = None
    """Who has to fill what is open: a named person where one is declared, else a role."""
    content: tuple[Block, ...] = ()
    """What there is."""
    open: tuple[Prose, ...] = ()
    """What is missing, piece by piece."""
    requirements: tuple[RequirementId, ...] = ()
    """The requirements that it serves."""
    evidence: tuple[EvidenceId, ...] = ()
    """The observations that it rests on."""
    exhibits: tuple[ExhibitId, ...] = ()
    """The exhibits that it rests on."""


class Section(Value):
    """A part of a document."""

    id: Anchor
    """Its place; unique in the document."""
    title: Line
    """Its name."""
    ref: Line | None = None
    """The citation, when it has one of its own."""
    intro: Prose | None = None
    """What a reader must know first."""
    content: tuple[Block, ...] = ()
    """What stands before the items."""
    items: tuple[Item, ...] = ()
    """The items."""


class Standing(Value):
    """Whether the law asks this system, in this role, for the document."""

    state: Literal["required", "not_required", "cannot_tell", "informative"]
    """Whether it is asked for; ``informative`` where no provision asks for it as such."""
    reason: Prose
    """Why."""
    since: date | None = None
    """The day from which it is asked for, when there is one."""


class About(Value):
    """Which assessment a document is made from."""

    system: Line
    """Trade name of the system."""
    system_version: Line
    """Its version."""
    provider: Line
    """Who answers for it."""
    role: Role
    """The role in which the assessment is made."""
    edition: Line
    """Version of the assessment."""
    assessed_at: Instant
    """When it was judged."""
    as_of: date
    """The day whose law was applied."""
    law: Line
    """The text of the Act."""
    tool: Line
    """Name and version of the tool."""
    assessment_sha256: Sha256
    """Digest of ``assessment.json``."""
    evidence_sha256: Sha256
    """Digest of the evidence."""


class Document(Value):
    """One document of the set."""

    document_schema: Literal["conformity/document/v1"] = "conformity/document/v1"
    """Format of this record; readers refuse newer ones."""
    id: Anchor
    """A short name, unique in the set."""
    title: Line
    """Its title."""
    ref: Line
    """The provision that asks for it, or that it serves."""
    purpose: Prose
    """What it is for and what it is not."""
    standing: Standing
    """Whether the law asks for it."""
    about: About
    """Which assessment it is made from."""
    sections: tuple[Section, ...]
    """Its parts."""

    @property
    def items(self) -> tuple[Item, ...]:
        """Return all items, in order."""
        return tuple(item for section in self.sections for item in section.items)


class DocumentInShort(Value):
    """A document of a set, in short."""

    id: Anchor
    """Its name in the set."""
    title: Line
    """Its title."""
    ref: Line
    """The provision."""
    standing: Standing
    """Whether the law asks for it."""
    items: dict[ItemStatus, int]
    """How many items have which status."""


class DocumentSet(Value):
    """A set of documents that was written."""

    folder: Line
    """Where it is."""
    system: Line
    """Name and version of the system."""
    assessment_sha256: Sha256
    """Digest of the assessment that it is made from."""
    documents: tuple[DocumentInShort, ...]
    """The documents, in order."""
    files: tuple[Line, ...]
    """The files in the folder."""


def in_short(document: Document) -> DocumentInShort:
    """Return a document without its content, with how many of its items have which status."""
    found = [item.status for item in document.items]
    return DocumentInShort(
        id=document.id,
        title=document.title,
        ref=document.ref,
        standing=document.standing,
        items={status: found.count(status) for status in sorted(set(found))},
    )

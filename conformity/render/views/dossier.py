"""A document of the set, made ready for its template: measurements resolved, long tables cut, words found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformity.model.document import (
    Block,
    Document,
    Item,
    ItemStatus,
    Measured,
    Section,
    Table,
)
from conformity.render.views.context import Context
from conformity.render.views.dossier_figures import measured_tables
from conformity.render.views.dossier_guard import guarded

MOST_ROWS = 60
"""Rows of one table; a longer one is cut into several, so that laying it out stays bounded."""

_SHORT = 16
"""Lines of the list of contents that leave room for more on its page."""

STATUS_ICONS: dict[ItemStatus, str] = {
    "filled": "●",
    "partly": "◐",
    "missing": "○",
    "not_applicable": "–",
    "for_a_person": "▢",
}
"""Marks of the statuses, told apart without colour."""


@dataclass(frozen=True)
class Count:
    """How many items have a status."""

    status: ItemStatus
    """The status."""
    icon: str
    """Its mark."""
    word: str
    """Its name."""
    n: str
    """How many."""


@dataclass(frozen=True)
class DossierView:
    """What the template of a document prints besides the document itself."""

    document: Document
    """The document, resolved."""
    language: str
    """BCP 47 tag."""
    title: str
    """Title of the file."""
    running: str
    """Head of every page."""
    foot: str
    """Foot of every page."""
    created: str
    """When the assessment was judged, ISO 8601."""
    standing: str
    """Whether the document is asked for, in words."""
    since: str
    """From when, or empty."""
    assessed: str
    """When it was judged, in words."""
    as_of: str
    """The day of law, in words."""
    role: str
    """The role, in words."""
    counts: tuple[Count, ...]
    """How many items have which status; only those that occur."""
    icons: dict[ItemStatus, str]
    """Marks of the statuses."""
    short: bool
    """Whether the list of contents leaves room on its page for the first section."""


@dataclass(frozen=True)
class CardView:
    """One document in the list of the set."""

    document: Document
    """The document."""
    standing: str
    """Whether it is asked for, in words."""
    counts: tuple[Count, ...]
    """How many items have which status."""
    files: tuple[tuple[str, str], ...]
    """Name of the format and of the file."""


def view_of(document: Document, context: Context) -> DossierView:
    """Return a resolved document with everything its template prints around it."""
    words, about, locale = context.words["dossier"], document.about, context.locale
    since = document.standing.since
    return DossierView(
        document=document,
        language=locale.code,
        title=words["file_title"].format(title=document.title, system=about.system),
        running=words["running"].format(
            title=document.title, system=about.system, version=about.system_version
        ),
        foot=words["foot"].format(digest=about.assessment_sha256),
        created=f"{about.assessed_at:%Y-%m-%dT%H:%M:%S}Z",
        standing=words["standing"][document.standing.state],
        since=words["since"].format(day=locale.day(since)) if since else "",
        assessed=locale.moment(about.assessed_at),
        as_of=locale.day(about.as_of),
        role=context.words["role"][about.role],
        counts=_counts(document, context),
        icons=STATUS_ICONS,
        short=len(document.sections) + len(document.items) <= _SHORT,
    )


def card_of(document: Document, context: Context, formats: Sequence[str]) -> CardView:
    """Return a document as the list of the set shows it."""
    return CardView(
        document=document,
        standing=context.words["dossier"]["standing"][document.standing.state],
        counts=_counts(document, context),
        files=tuple((name.upper(), f"{document.id}.{name}") for name in formats),
    )


def resolved(document: Document, context: Context) -> Document:
    """Return a document that shows only what may be shown: measurements as tables, and tables that are short.

    A document that is to be translated is guarded before; see :func:`~.dossier_guard.guarded`.
    """
    sections = tuple(_section(section, context) for section in guarded(document, context).sections)
    return document.model_copy(update={"sections": sections})


def _counts(document: Document, context: Context) -> tuple[Count, ...]:
    """Return how many items have which status."""
    found = Counter(item.status for item in document.items)
    names = context.words["dossier"]["status"]
    return tuple(
        Count(status, icon, names[status], context.locale.integer(found[status]))
        for status, icon in STATUS_ICONS.items()
        if status in found
    )


def _section(section: Section, context: Context) -> Section:
    """Return a section with its blocks resolved."""
    items = tuple(_item(item, context) for item in section.items)
    return section.model_copy(update={"content": _blocks(section.content, context), "items": items})


def _item(item: Item, context: Context) -> Item:
    """Return an item with its blocks resolved."""
    return item.model_copy(update={"content": _blocks(item.content, context)})


def _blocks(blocks: Sequence[Block], context: Context) -> tuple[Block, ...]:
    """Return blocks, measurements as tables and long tables cut."""
    made: list[Block] = []
    for block in blocks:
        shown = measured_tables(block, context) if isinstance(block, Measured) else (block,)
        for one in shown:
            made.extend(_cut(one, context) if isinstance(one, Table) else [one])
    return tuple(made)


def _cut(table: Table, context: Context) -> Iterator[Table]:
    """Yield a table in parts of at most :data:`MOST_ROWS` rows, each told which rows it holds."""
    if len(table.rows) <= MOST_ROWS:
        yield table
        return
    words = context.words["dossier"]
    for start in range(0, len(table.rows), MOST_ROWS):
        part = table.rows[start : start + MOST_ROWS]
        told = words["rows"].format(first=start + 1, last=start + len(part), total=len(table.rows))
        title = f"{table.title.rstrip('.')}: {told}" if table.title else told
        yield table.model_copy(update={"rows": part, "title": title})

"""Short ways to write content, each telling whose words they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from conformity.model.document import Cell, Fact, Facts, Link, Paragraph, Row, Table
from conformity.model.finding import Verdict

VERDICTS: Mapping[Verdict, str] = {
    "met": "Met",
    "not_met": "Not met",
    "undetermined": "Undetermined",
    "not_collected": "Not collected",
    "not_applicable": "Not applicable",
}
"""Names of the verdicts."""


def told(text: str, *links: Link) -> Cell:
    """Return a text in the tool's words, which may be translated."""
    return Cell(text=text, links=links)


def quoted(text: str) -> Cell:
    """Return the provider's words, as they are."""
    return Cell(text=text, origin="provider")


def recorded(text: str | date | int | None) -> Cell:
    """Return an id, digest, date or number as it stands in the record; nothing for None."""
    return Cell(text="" if text is None else str(text), origin="record")


def linked(*links: Link) -> Cell:
    """Return a cell of links alone."""
    return Cell(links=links)


def fact(name: str, value: Cell) -> Fact:
    """Return a name and what stands for it."""
    return Fact(name=name, value=value)


def facts(*several: Fact) -> Facts:
    """Return names and values."""
    return Facts(facts=several)


def said(text: str) -> Paragraph:
    """Return a paragraph in the tool's words."""
    return Paragraph(text=text)


def quote(text: str) -> Paragraph:
    """Return a paragraph in the provider's words."""
    return Paragraph(text=text, origin="provider")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell] | Row],
    *,
    title: str | None = None,
    widths: Sequence[int] = (),
) -> Table:
    """Return rows under heads; a row that something leads to is given as a :class:`Row` with its place."""
    made = tuple(row if isinstance(row, Row) else Row(cells=tuple(row)) for row in rows)
    return Table(title=title, columns=tuple(columns), widths=tuple(widths), rows=made)

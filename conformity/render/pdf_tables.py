"""The headings of tables in the tags of a PDF: what each heads, and which are none after a break of pages.

WeasyPrint tags the part of a table on each page as a table of its own. Where one row is left on a page, the
headings of its columns and of the row outnumber its data: a reader by ear would hear more names than content.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

_GROUPS = ("/THead", "/TBody", "/TFoot")

_MOST_HEADINGS = 3
"""Rows of headings alone that a table may have."""


def head_tables(objects: Sequence[Any]) -> None:
    """Say of every heading what it heads, and make data of the row headings that outnumber data.

    Source: ISO 14289-1:2014, 7.5; ISO 32000-1:2008, 14.8.5.7.
    """
    for thing in objects:
        if isinstance(thing, dict) and thing.get("S") == "/Table":
            _head(thing, objects)


def _head(table: Any, objects: Sequence[Any]) -> None:
    """Complete the headings of one table."""
    groups = [group for group in _kids(table, objects) if group["S"] in _GROUPS]
    head = [row for group in groups if group["S"] == "/THead" for row in _kids(group, objects)]
    body = [row for group in groups if group["S"] != "/THead" for row in _kids(group, objects)]
    rows = [list(_kids(row, objects)) for row in body]
    columns = [cell for row in head for cell in _kids(row, objects)]
    for cells, scope in (columns, "/Column"), ([cell for row in rows for cell in row], "/Row"):
        for cell in cells:
            if cell["S"] == "/TH":
                cell["A"]["Scope"] = scope
    if columns:
        for cell in _outnumbering(columns, rows):
            _make_data(cell, rows)


def _outnumbering(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Return the headings below the head of a table that are too many."""
    headings = [cell for row in rows for cell in row if cell["S"] == "/TH"]
    if len(columns) + len(headings) > sum(map(len, rows)) - len(headings):
        return headings
    alone = [row for row in rows if all(cell["S"] == "/TH" for cell in row)]
    return [cell for row in alone for cell in row] if len(alone) >= _MOST_HEADINGS else []


def _make_data(heading: Any, rows: Sequence[Sequence[Any]]) -> None:
    """Turn a heading into a cell of data; no other cell names it as its heading any more."""
    heading["S"] = "/TD"
    del heading["A"]["Scope"]
    gone = heading.pop("ID").data
    for cell in (cell for row in rows for cell in row):
        if "Headers" in cell["A"]:
            cell["A"]["Headers"][:] = [one for one in cell["A"]["Headers"] if one.data != gone]


def _kids(parent: Any, objects: Sequence[Any]) -> Iterator[Any]:
    """Yield the elements right below another one; a reference is a text such as ``12 0 R``."""
    for kid in parent["K"]:
        yield objects[int(kid.split()[0])]

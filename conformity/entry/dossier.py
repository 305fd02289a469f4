"""Print on a terminal which documents were written and what is missing in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from conformity.entry.plain import plain

if TYPE_CHECKING:
    from conformity.model.document import DocumentSet

_WORDS = {
    "filled": "filled",
    "partly": "in part",
    "missing": "missing",
    "for_a_person": "for a person",
    "not_applicable": "not applicable",
}
_STANDING = {
    "required": "asked for",
    "not_required": "not asked for",
    "cannot_tell": "open",
    "informative": "for information",
}


def print_documents(written: DocumentSet) -> None:
    """Print every document with how many of its items are filled, and where the set is."""
    click.echo(click.style(plain(written.system), bold=True))
    for one in written.documents:
        counts = ", ".join(f"{one.items[key]} {word}" for key, word in _WORDS.items() if key in one.items)
        click.echo(f"  {one.id:<26}{_STANDING[one.standing.state]:<17}{counts}")
    click.echo(f"\nDocuments: {plain(written.folder)}")

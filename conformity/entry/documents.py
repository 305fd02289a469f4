"""``conformity documents``: write the document set of an assessment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, formats_option, json_option, language_option
from conformity.entry.plain import plain
from conformity.entry.stale import warn
from conformity.entry.terminal import print_result

if TYPE_CHECKING:
    from conformity.model.document import DocumentSet

_STATES = {
    "filled": "filled",
    "partly": "in part",
    "missing": "missing",
    "for_a_person": "for a person",
    "not_applicable": "not applicable",
}
"""How an item of a document stands, in words."""
_STANDING = {
    "required": "asked for",
    "not_required": "not asked for",
    "cannot_tell": "open",
    "informative": "for information",
}
"""Whether the law asks for a document, in words."""


@click.command(
    short_help="Write the document set of an assessment.",
    epilog=examples(
        "conformity documents reports/scorer --only limits --formats html",
    ),
)
@click.argument("pack", type=PATH)
@click.option("-o", "--output", type=PATH, help="The set's folder; PACK-documents when not given.")
@formats_option("html,pdf,json")
@click.option("--only", multiple=True, metavar="ID", help="One document of the set; may be repeated.")
@language_option
@json_option
def documents(
    pack: Path, output: Path | None, formats: tuple[str, ...], only: tuple[str, ...], lang: str, as_json: bool
) -> None:
    """Write the documents that the Act works with, filled from the assessment in the folder PACK."""
    from conformity.pipeline.composing import write_documents
    from conformity.settings import load_settings

    written = write_documents(
        pack, output, formats=formats, ids=only, language=lang, settings=load_settings()
    )
    print_result(written, print_documents, as_json=as_json)
    warn(pack)


def print_documents(written: DocumentSet) -> None:
    """Print every document with how many of its items are filled, and where the set is."""
    click.echo(click.style(plain(written.system), bold=True))
    for one in written.documents:
        counts = ", ".join(f"{one.items[key]} {word}" for key, word in _STATES.items() if key in one.items)
        click.echo(f"  {one.id:<26}{_STANDING[one.standing.state]:<17}{counts}")
    click.echo(f"\nDocuments: {plain(written.folder)}")

"""The command that prepares the EU declaration of conformity, or tells what stands in the way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from conformity.model.declaration import DeclarationOutcome

_PATH = click.Path(path_type=Path)


@click.command(short_help="Prepare the EU declaration of conformity for signature.")
@click.argument("pack", type=_PATH)
@click.option("-o", "--output", type=_PATH, help="The declaration's folder; PACK-declaration when not given.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def declare(pack: Path, output: Path | None, as_json: bool) -> None:
    """Prepare the declaration of conformity (Art. 47, Annex V) from the assessment in the folder PACK.

    It is prepared for the person whom the manifest names, who signs it or does not; nothing is signed here.
    While anything stands in the way, all of it is listed, nothing is written, and the exit code is 1.
    """
    from conformity.entry.clock import now
    from conformity.entry.terminal import print_json
    from conformity.pipeline.declaring import declare as run
    from conformity.settings import load_settings

    outcome = run(pack, output, now(), load_settings())
    if as_json:
        print_json(outcome)
    else:
        _print(outcome)
    if outcome.refusals:
        sys.exit(1)


def _print(outcome: DeclarationOutcome) -> None:
    """Print where the declaration lies, or what stands in the way."""
    from conformity.entry.plain import plain

    if outcome.refusals:
        click.echo(f"No declaration was prepared; {len(outcome.refusals)} points stand in the way:", err=True)
        for one in outcome.refusals:
            click.echo(f"  {plain(one)}", err=True)
        return
    click.echo(f"Declaration: {plain(outcome.folder or '')}")
    for name in outcome.files:
        click.echo(f"  {plain(name)}")
    click.echo(f"Prepared for the signature of {plain(outcome.signatory or '')}; it is not signed.")

"""The command that prepares the EU declaration of conformity, or tells what stands in the way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import now
from conformity.entry.options import PATH, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result

if TYPE_CHECKING:
    from conformity.model.declaration import DeclarationOutcome


@click.command(
    short_help="Prepare the EU declaration of conformity for signature.",
    epilog=examples(
        "conformity declare reports/scorer",
    ),
)
@click.argument("pack", type=PATH)
@click.option("-o", "--output", type=PATH, help="The declaration's folder; PACK-declaration when not given.")
@json_option
def declare(pack: Path, output: Path | None, as_json: bool) -> None:
    """Prepare the declaration of conformity (Art. 47, Annex V) from the assessment in the folder PACK.

    It is prepared for the person whom the manifest names, who signs it or does not; nothing is signed here.
    While anything stands in the way, all of it is listed, nothing is written, and the exit code is 1.
    """
    from conformity.pipeline.declaring import declare as run
    from conformity.settings import load_settings

    outcome = run(pack, output, now(), load_settings())
    print_result(outcome, _print, as_json=as_json)
    if outcome.refusals:
        sys.exit(1)


def _print(outcome: DeclarationOutcome) -> None:
    """Print where the declaration lies, or what stands in the way."""
    if outcome.refusals:
        click.echo(f"No declaration was prepared; {len(outcome.refusals)} points stand in the way:", err=True)
        for one in outcome.refusals:
            click.echo(f"  {plain(one)}", err=True)
        return
    click.echo(f"Declaration: {plain(outcome.folder or '')}")
    for name in outcome.files:
        click.echo(f"  {plain(name)}")
    click.echo(f"Prepared for the signature of {plain(outcome.signatory or '')}; it is not signed.")

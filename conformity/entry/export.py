"""The command that writes what a pack holds as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, formats_option, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result
from conformity.render import EXPORTS

if TYPE_CHECKING:
    from conformity.model.export import Exported

_STANDARD_OUTPUT = Path("-")


@click.command(
    short_help="Write a pack as OSCAL, SARIF, JUnit and the like.",
    epilog=examples(
        "conformity export reports/scorer",
        "conformity export reports/scorer --formats sarif,junit -o out",
        "conformity export reports/scorer --formats md -o - >> summary.md",
    ),
)
@click.argument("pack", type=PATH)
@click.option(
    "-o",
    "--output",
    type=PATH,
    help="The folder of the files; PACK-exports when not given. A dash puts one format on standard output.",
)
@formats_option(",".join(EXPORTS))
@json_option
def export(pack: Path, output: Path | None, formats: tuple[str, ...], as_json: bool) -> None:
    """Write the assessment in the folder PACK for other programs; the pack itself is not touched.

    \b
    oscal       OSCAL assessment results
    poam        OSCAL plan of action and milestones
    mlbom       CycloneDX bill of materials with a card of the model
    sarif       SARIF, for code hosts
    junit       JUnit XML, for build servers
    md          a summary in Markdown
    model-card  a model card in Markdown
    """  # noqa: D301 (the mark is one of click)
    from conformity.pipeline.exporting import export as run
    from conformity.pipeline.exporting import export_one
    from conformity.settings import load_settings

    if output == _STANDARD_OUTPUT:
        click.echo(export_one(pack, formats=formats, settings=load_settings()), nl=False)
        return
    written = run(pack, output, formats=formats, settings=load_settings())
    print_result(written, _print, as_json=as_json)


def _print(written: Exported) -> None:
    """Print what was written, and where."""
    click.echo(click.style(plain(written.made.system), bold=True))
    for one in written.made.files:
        click.echo(f"  {one.format:<11} {plain(one.name):<30} {one.size_bytes:>9,} B")
    click.echo(f"\nExports: {plain(written.folder)}")

"""``conformity sbom``: a bill of materials of packages and models."""

from __future__ import annotations

from pathlib import Path

import click

from conformity.entry.options import PATH, examples


@click.command(
    short_help="Write a bill of materials of packages and models.",
    epilog=examples(
        "conformity sbom requirements.lock --name Scorer > sbom.json",
    ),
)
@click.argument("software", type=PATH)
@click.option("--name", required=True, help="What the system is called.")
@click.option("--edition", help="The system's version.")
@click.option("--model", "models", type=PATH, multiple=True, help="A model file or folder; may be repeated.")
def sbom(software: Path, name: str, edition: str | None, models: tuple[Path, ...]) -> None:
    """Write a CycloneDX bill of the packages in a lock file or folder, and of models, on standard output."""
    from conformity.pipeline.materials import write_bill
    from conformity.settings import load_settings

    click.echo(write_bill(software, name, edition, models, load_settings()), nl=False)

"""``conformity init``: profile data and draft a commented manifest."""

from __future__ import annotations

from pathlib import Path

import click

from conformity.entry.options import PATH, examples
from conformity.entry.terminal import write_text


@click.command(
    short_help="Profile data and draft a commented manifest.",
    epilog=examples(
        "conformity init train.csv test.csv -o conformity.yaml",
    ),
)
@click.argument("data", nargs=-1, required=True, type=PATH)
@click.option("-o", "--output", type=PATH, help="Where to write; standard output when not given.")
@click.option("--force", is_flag=True, help="Replace the output file if it exists.")
def init(data: tuple[Path, ...], output: Path | None, force: bool) -> None:
    """Profile DATA and draft a commented manifest; every guess is marked as one."""
    from conformity.pipeline.drafting import draft_manifest
    from conformity.settings import load_settings

    drafted = draft_manifest(data, output, load_settings())
    write_text(drafted.text, output, force=force)

"""The command that tells what of a pack still holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import day, now
from conformity.entry.options import PATH, as_of_option, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformity.model.reproduction import Staleness


@click.command(
    short_help="Tell what of a pack is too old, or has changed since.",
    epilog=examples(
        "conformity stale reports/scorer",
        "conformity stale reports/scorer --data . --as-of 2027-12-02",
    ),
)
@click.argument("pack", type=PATH)
@click.option("--data", type=PATH, help="The folder of the manifest: files are held against their digests.")
@as_of_option("The day to tell it for")
@json_option
def stale(pack: Path, data: Path | None, as_of: str | None, as_json: bool) -> None:
    """Tell which evidence in the folder PACK no longer holds, and which verdicts fall with it.

    Evidence is stale when it is older than a limit of the manifest (`age_limits`), when what it was made
    with is another now (`made_with`), or, with --data, when its file has changed. Exit code 4 when anything
    is stale or a verdict is another one then.
    """
    from conformity.pipeline.aging import staleness
    from conformity.settings import load_settings

    found = staleness(pack, data, day(as_of, now()), load_settings())
    print_result(found, _print, as_json=as_json)
    if found.stale or found.verdicts:
        sys.exit(4)


def _print(found: Staleness) -> None:
    """Print what still holds, and each thing that does not."""
    click.echo(wrap(f"{found.pack}, judged on {found.assessed_on}, as of {found.as_of}:"))
    click.echo(f"{len(found.stale):6d}  stale: too old, changed, or made with something that changed since")
    click.echo(f"{len(found.verdicts):6d}  verdicts that are other ones on that day")
    if not found.limits:
        click.echo(wrap("The manifest sets no age limit (age_limits): age alone makes nothing stale."))
    if not found.subjects:
        click.echo(wrap("Files were not held against their digests; --data does that."))
    for text in _listed(found):
        click.echo(wrap(text, "  ", "    "))


def _listed(found: Staleness) -> Iterator[str]:
    """Yield what is stale, what cannot be told, and the verdicts that fall."""
    for one in found.stale:
        yield f"{one.id}: {one.reason}"
    for subject in found.subjects:
        if subject.state in ("not_found", "not_read"):
            yield f"{subject.id}: cannot tell; {subject.reason or 'its file is not there.'}"
    for verdict in found.verdicts:
        yield f"{verdict.requirement}: {verdict.recorded}, then {verdict.now}. {verdict.reason}"


def warn(pack: Path) -> None:
    """Tell on standard error when a pack, from which something is made, no longer holds today."""
    from conformity.pipeline.aging import lost_in
    from conformity.settings import load_settings

    today = now().date()
    if found := lost_in(pack, today, load_settings()):
        names = ", ".join(str(one.requirement) for one in found[:5])
        text = f"Warning: {len(found)} requirements were met and are not on {today} ({names})."
        click.echo(plain(f"{text} The pack is stale; `conformity stale` tells why."), err=True)

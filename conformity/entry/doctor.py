"""``conformity doctor``: what this machine can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import click

from conformity.entry.options import examples, isolation_options, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result

if TYPE_CHECKING:
    from conformity.entry.options import Apart
    from conformity.model.machine import IsolationFound, MachineReport


@click.command(
    short_help="What this machine can do: how workers are kept apart.",
    epilog=examples(
        "conformity doctor --isolation process",
    ),
)
@isolation_options
@json_option
def doctor(as_json: bool, **apart: Unpack[Apart]) -> None:
    """Try every way to keep workers apart on this machine, and tell what each gives and what is missing."""
    from conformity.pipeline.examining import examine_machine
    from conformity.settings import load_settings

    print_result(examine_machine(load_settings(**apart)), _print, as_json=as_json)


def _print(report: MachineReport) -> None:
    """Print what a machine can do: each way to keep workers apart, what held, and what is missing."""
    click.echo(plain(report.platform))
    click.echo(click.style(plain(f"Workers are kept apart by: {report.chosen}"), bold=True))
    for found in report.isolations:
        click.echo()
        _print_isolation(found)


def _print_isolation(found: IsolationFound) -> None:
    """Print what one way gives."""
    mark = click.style("✓", fg="green") if found.usable else click.style("✖", fg="red")
    time = f"  ({found.took_ms} ms with the start of Python)" if found.took_ms is not None else ""
    click.echo(f"{mark} {click.style(found.name, bold=True)}{time}")
    if found.reason is not None:
        click.echo(f"    {plain(found.reason)}")
    if found.seen is not None:
        for line in found.seen.guarantees:
            click.echo(f"    + {plain(line)}")
        for line in found.seen.gaps:
            click.echo(f"    - {plain(line)}")

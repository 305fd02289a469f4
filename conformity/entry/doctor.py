"""Options by which workers are kept apart, and what ``conformity doctor`` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from conformity.entry.plain import plain

if TYPE_CHECKING:
    from conformity.model.machine import IsolationFound, MachineReport
    from conformity.settings import IsolationChoice, IsolationLevel

_Command = TypeVar("_Command", bound=Callable[..., Any])
_WAYS = ("sandlock", "bubblewrap", "container", "process")


class Apart(TypedDict):
    """What the options say; None leaves it to the variables."""

    isolation: IsolationChoice | None
    """How workers are kept apart."""
    require_isolation: IsolationLevel | None
    """The weakest isolation that will do."""
    trust_model: bool | None
    """Whether a model may be run where files are not confined."""


def isolation_options(command: _Command) -> _Command:
    """Add the options to a command that starts workers; it is handed an :class:`Apart`."""
    options = (
        click.option(
            "--isolation",
            type=click.Choice(["auto", *_WAYS]),
            help="How workers are kept apart; CONFORMITY_ISOLATION or auto when not given.",
        ),
        click.option(
            "--require-isolation",
            type=click.Choice(_WAYS),
            help="The weakest isolation that will do; exit code 69, and nothing opened, if there is none.",
        ),
        click.option(
            "--i-trust-this-model",
            "trust_model",
            is_flag=True,
            default=None,
            help="Run a model even where workers can read this user's files.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def print_machine(report: MachineReport) -> None:
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

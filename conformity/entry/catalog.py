"""``conformity catalog``: requirements, kinds of systems, and the metrics that criteria can be fixed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import day, now
from conformity.entry.options import as_of_option, examples, json_option
from conformity.entry.terminal import print_result, wrap

if TYPE_CHECKING:
    from conformity.catalog.profiles import Profile, ProfileResult
    from conformity.model.probe import ProbeSpec
    from conformity.model.requirement import Requirement


@click.command(
    short_help="List the requirements, or explain one.",
    epilog=examples(
        "conformity catalog art10.2.f",
        "conformity catalog --metrics",
    ),
)
@click.argument("id", required=False, metavar="[ID]")
@click.option("--metrics", is_flag=True, help="List the metrics on which criteria can be fixed.")
@click.option("--profiles", is_flag=True, help="List the kinds of systems that --profile knows.")
@click.option("--profile", metavar="NAME", help="List what this kind of system must meet, and from when.")
@as_of_option("The day whose law applies")
@json_option
def catalog(
    id: str | None, metrics: bool, profiles: bool, profile: str | None, as_of: str | None, as_json: bool
) -> None:
    """List the requirements, or explain the one called ID."""
    from conformity.pipeline import knowing

    if profile:
        found = knowing.requirements_of_profile(profile, day(as_of, now()))
        print_result(found, _print_profile, as_json=as_json)
    elif profiles:
        print_result(knowing.list_profiles(), _print_profiles, as_json=as_json)
    elif metrics:
        print_result(knowing.list_probes(), _print_metrics, as_json=as_json)
    elif id is None:
        print_result(knowing.list_requirements(), _print_requirements, as_json=as_json)
    else:
        print_result(knowing.explain_requirement(id), _print_requirement, as_json=as_json)


def _print_requirements(rows: Sequence[Requirement]) -> None:
    """Print one line a requirement."""
    for row in rows:
        click.echo(f"{row.id:<28}{row.automation:<10}{row.title}")


def _print_requirement(row: Requirement) -> None:
    """Print everything the catalogue says about one requirement."""
    click.echo(click.style(f"{row.ref}: {row.title}", bold=True))
    click.echo(wrap(row.obligation))
    click.echo(f"\nBinds: {', '.join(row.addressees)}. Status: {row.status}.")
    for start in row.applies_from:
        note = f" ({start.note})" if start.note else ""
        click.echo(f"Applies from {start.on} [{start.regime}]{note}")
    if row.conditions:
        click.echo(f"Only if: {', '.join(row.conditions)}")
    click.echo(f"A tool can: {row.automation}")
    for need in row.evidence:
        click.echo(wrap(f"{need.kind}: {need.item}", "  "))
    if row.probes:
        click.echo(f"Probes: {', '.join(row.probes)}")
    for item in row.hand_in:
        click.echo(wrap(f"Hand in: {item}", "  "))
    if row.note:
        click.echo(wrap(f"Note: {row.note}"))


def _print_metrics(probes: Sequence[ProbeSpec]) -> None:
    """Print the metrics of all probes."""
    for probe in probes:
        click.echo(click.style(probe.id, bold=True) + f"  {probe.question}")
        for metric in probe.metrics:
            click.echo(f"  {metric.id:<34}{metric.per:<10}{metric.unit:<10}better: {metric.better}")


def _print_profiles(profiles: Sequence[Profile]) -> None:
    """Print one line a kind of system."""
    for one in profiles:
        click.echo(f"{one.id:<34}{one.title} [{one.ref}]")


def _print_profile(found: ProfileResult) -> None:
    """Print what a kind of system must meet, one line a requirement, with the day from which it binds."""
    click.echo(click.style(f"{found.profile.title} [{found.profile.ref}]", bold=True))
    click.echo(found.classification.summary)
    for one in found.requirements:
        click.echo(f"{one.requirement.id:<28}from {one.duty_from}   {one.requirement.title}")
    click.echo(
        f"{len(found.requirements)} requirements. Those that depend on further facts of a system are not "
        "among them; its manifest shows which."
    )

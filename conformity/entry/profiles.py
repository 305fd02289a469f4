"""Print kinds of systems, and what each of them must meet."""

from __future__ import annotations

import click

from conformity.entry.clock import day, now
from conformity.entry.terminal import print_json
from conformity.pipeline.knowing import list_profiles, requirements_of_profile


def print_profiles(*, as_json: bool) -> None:
    """Print one line a profile."""
    if as_json:
        print_json(list_profiles())
        return
    for one in list_profiles():
        click.echo(f"{one.id:<34}{one.title} [{one.ref}]")


def print_profile(name: str, as_of: str | None, *, as_json: bool) -> None:
    """Print what a kind of system must meet, one line a requirement, with the day from which it binds.

    Args:
        name: the profile.
        as_of: the day whose law applies, as YYYY-MM-DD; today when not given.
        as_json: whether to print all that is known as JSON.
    """
    found = requirements_of_profile(name, day(as_of, now()))
    if as_json:
        print_json(found)
        return
    click.echo(click.style(f"{found.profile.title} [{found.profile.ref}]", bold=True))
    click.echo(found.classification.summary)
    for one in found.requirements:
        click.echo(f"{one.requirement.id:<28}from {one.duty_from}   {one.requirement.title}")
    click.echo(
        f"{len(found.requirements)} requirements. Those that depend on further facts of a system are not "
        "among them; its manifest shows which."
    )

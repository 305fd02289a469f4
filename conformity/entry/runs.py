"""``conformity runs``: the runs that were asked for on this machine, one of them, or its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import data_option, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformity.model.run import Run, RunEvent


@click.command(
    short_help="List the runs of servers on this machine, show or cancel one.",
    epilog=examples("conformity runs --json", "conformity runs run-0123456789abcdef --cancel"),
)
@click.argument("run_id", required=False)
@click.option("--cancel", is_flag=True, help="Stop the run; what it has not published is removed.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Most runs listed."
)
@data_option
@click.option("--owner", default="local", show_default=True, help="Whose runs; those of a server's caller.")
@json_option
def runs(run_id: str | None, cancel: bool, limit: int, data: Path | None, owner: str, as_json: bool) -> None:
    """List the runs that servers on this machine were asked for, or show or cancel the one called RUN_ID."""
    from conformity.entry.jobs.choose import open_engine
    from conformity.errors import PathError
    from conformity.settings import load_settings

    if cancel and run_id is None:
        raise click.UsageError("--cancel needs the name of a run.")
    settings = load_settings()
    if data is not None:
        settings = replace(settings, data=data.absolute())
    if settings.database_url is None and not settings.data_folder.is_dir():
        raise PathError(f"There are no runs in {settings.data_folder}; name their folder with --data.")
    engine = open_engine(settings, workers=0)
    try:
        if run_id is None:
            _print_list(engine.runs(owner=owner, limit=limit), as_json=as_json)
            return
        run = engine.cancel(run_id, owner=owner) if cancel else engine.get(run_id, owner=owner)
        _print_one(run, engine.events(run_id, owner=owner), as_json=as_json)
    finally:
        engine.close()


def _print_list(found: Sequence[Run], *, as_json: bool) -> None:
    """Print runs, a line each."""
    if as_json:
        print_json(found)
        return
    for run in found:
        click.echo(f"{run.id}  {run.status:<9}  {run.asked_at:%Y-%m-%d %H:%M:%S}  {run.request.kind}")


def _print_one(run: Run, events: Sequence[RunEvent], *, as_json: bool) -> None:
    """Print a run and what happened to it."""
    if as_json:
        print_json(run)
        return
    click.echo(
        f"{run.id}: {run.status}, {run.request.kind} asked for at {run.asked_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    for event in events:
        told = "" if event.message is None else f": {plain(event.message)}"
        click.echo(f"  {event.at:%H:%M:%S}  {event.status}, {event.stage}{told}")
    if run.failure is not None:
        click.echo(f"  {plain(run.failure.message)}")
    if run.status == "succeeded":
        click.echo(f"  {run.folder}")

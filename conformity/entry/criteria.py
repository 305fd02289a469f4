"""``conformity criteria``: lock bounds before a test, check them, and propose some from a set of defaults."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import now
from conformity.entry.options import PATH, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result

if TYPE_CHECKING:
    from conformity.catalog.default_criteria import DefaultSet
    from conformity.pipeline.locking import LockReport

_WORDS = {
    "locked": "locked since {since}",
    "changed": "changed after it was locked: {changed}",
    "not_locked": "not in the lock",
    "left_out": "in the lock, and not in the manifest",
}
"""How a bound stands to its lock, in words."""


@click.group(short_help="Lock bounds before a test, check them, propose some.")
def criteria() -> None:
    """Lock the bounds of a manifest before a test, check them against the lock, and propose some."""


@criteria.command("lock", short_help="Lock the bounds of a manifest.")
@click.argument("manifest", type=PATH)
@click.option("--replace", is_flag=True, help="Replace a lock that differs; the old one is kept in the new.")
@json_option
def lock(manifest: Path, replace: bool, as_json: bool) -> None:
    """Write the lock of MANIFEST's bounds beside it, with their digests and the time."""
    from conformity.pipeline.locking import lock_criteria
    from conformity.settings import load_settings

    report = lock_criteria(manifest, now(), load_settings(), replace=replace)
    print_result(report, _print, as_json=as_json)


@criteria.command("check", short_help="Hold the bounds of a manifest against their lock.")
@click.argument("manifest", type=PATH)
@json_option
def check(manifest: Path, as_json: bool) -> None:
    """Tell how the bounds of MANIFEST stand to their lock; exit with 5 where one is not as it was locked."""
    from conformity.errors import IntegrityError
    from conformity.pipeline.locking import check_criteria
    from conformity.settings import load_settings

    report = check_criteria(manifest, load_settings())
    print_result(report, _print, as_json=as_json)
    if not report.holds:
        sys.exit(IntegrityError.exit_code)


@criteria.command("defaults", short_help="Propose bounds from a named set, none of them law.")
@click.argument("manifest", type=PATH, required=False)
@click.option("--set", "name", metavar="ID", help="The set; the latest when not given.")
@json_option
def defaults(manifest: Path | None, name: str | None, as_json: bool) -> None:
    """Print criteria for MANIFEST from a named set of defaults, none of them law.

    Without MANIFEST, list the sets.
    """
    from conformity.pipeline.defaulting import list_defaults, propose_criteria
    from conformity.settings import load_settings

    if manifest is not None:
        click.echo(propose_criteria(manifest, name, now(), load_settings()), nl=False)
    else:
        print_result(list_defaults(), _print_sets, as_json=as_json)


def _print(report: LockReport) -> None:
    """Print a lock: the time, the digest, every bound, and what a lock does and does not show."""
    done = "Written" if report.written else "Unchanged"
    click.echo(f"{done}: {plain(report.lock)}")
    click.echo(f"Locked at {report.locked_at:%Y-%m-%d %H:%M:%S} UTC, digest {report.sha256}")
    for bound in report.bounds:
        since = f"{bound.locked_at:%Y-%m-%d %H:%M} UTC" if bound.locked_at else ""
        words = _WORDS[bound.state].format(since=since, changed=", ".join(bound.changed))
        click.echo(f"  {plain(bound.criterion)}: {words}")
    if report.given_up:
        click.echo(f"Changed or given up since an earlier lock: {plain(', '.join(report.given_up))}")
    if not report.named:
        name = Path(report.lock).name
        click.echo(f"The manifest does not name it yet: add `criteria_lock: {plain(name)}`.")
    click.echo(
        "The time is that of this machine's clock. Commit the file, or have the digest time-stamped, to "
        "show it to others."
    )


def _print_sets(sets: tuple[DefaultSet, ...]) -> None:
    """Print the sets of default bounds, each bound with its reason and source."""
    for one in sets:
        click.echo(f"{one.id} ({one.dated}): {one.title}. {one.statement}")
        for bound in one.bounds:
            words = [f"at least {bound.at_least:g}"] if bound.at_least is not None else []
            words += [f"at most {bound.at_most:g}"] if bound.at_most is not None else []
            click.echo(f"  {bound.metric}: {' and '.join(words)}. {bound.reason} Source: {bound.source}.")

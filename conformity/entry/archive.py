"""``conformity archive``, ``log`` and ``show``: keep every version in the provider's own repository."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import day, now
from conformity.entry.options import PATH, as_of_option, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result, wrap

if TYPE_CHECKING:
    from conformity.model.archive import ArchivedVersion, ArchiveLog, ArchiveOutcome, Kept

_REPO = click.option("--repo", type=PATH, required=True, metavar="DIR", help="The archive's folder.")


@click.command(
    short_help="Keep a pack in a git repository, chained to the last.",
    epilog=examples(
        "conformity archive reports/scorer --repo ../archive",
        "conformity archive reports/scorer --repo ../archive --push",
    ),
)
@click.argument("pack", type=PATH)
@_REPO
@click.option(
    "--sign-key",
    type=PATH,
    envvar="CONFORMITY_SIGN_KEY",
    metavar="FILE",
    help="SSH key that signs the commit and its tag; CONFORMITY_SIGN_KEY, or user.signingkey in DIR.",
)
@click.option("--without-tallies", is_flag=True, help="Leave the tallies out; their digests stay.")
@click.option("--first", is_flag=True, help="Begin with this version, though it names one before.")
@click.option("--push", is_flag=True, help="Push afterwards; never by force.")
@click.option("--remote", default="origin", show_default=True, help="Where --push pushes to.")
@json_option
def archive(
    pack: Path,
    repo: Path,
    sign_key: Path | None,
    without_tallies: bool,
    first: bool,
    push: bool,
    remote: str,
    as_json: bool,
) -> None:
    """Add the assessment in the folder PACK to the archive DIR, which is made when it is not there.

    Nothing in an archive is ever changed: a version comes in as a whole, in one commit, and names the digest
    of the one before. The same pack again changes nothing; another pack of the same version is refused.
    """
    from conformity.pipeline.archiving import archive as run
    from conformity.settings import load_settings

    outcome = run(
        pack,
        repo,
        now(),
        load_settings(),
        key=sign_key,
        tallies=not without_tallies,
        first=first,
        remote=remote if push else None,
    )
    print_result(outcome, _print_outcome, as_json=as_json)


@click.command(
    short_help="List the versions in an archive.",
    epilog=examples("conformity log --repo ../archive --due"),
)
@_REPO
@click.argument("system", required=False)
@click.option("--due", is_flag=True, help="Only versions that need not be kept any more; nothing is deleted.")
@as_of_option("The day to tell it for")
@json_option
def log(repo: Path, system: str | None, due: bool, as_of: str | None, as_json: bool) -> None:
    """List the versions in the archive DIR, or those of SYSTEM, and until when each must be kept."""
    from conformity.pipeline.archiving import list_archive
    from conformity.settings import load_settings

    found = list_archive(repo, day(as_of, now()), load_settings(), system=system, due=due)
    print_result(found, partial(_print_log, due=due), as_json=as_json)


@click.command(
    short_help="Show an archived version and its files.",
    epilog=examples("conformity show --repo ../archive scorer 1.0.0"),
)
@_REPO
@click.argument("system")
@click.argument("version", required=False)
@as_of_option("The day to tell it for")
@json_option
def show(repo: Path, system: str, version: str | None, as_of: str | None, as_json: bool) -> None:
    """Show what the archive DIR holds of SYSTEM: its last version, or VERSION."""
    from conformity.pipeline.archiving import show_version
    from conformity.settings import load_settings

    found = show_version(repo, day(as_of, now()), load_settings(), system=system, version=version)
    print_result(found, _print_version, as_json=as_json)


def _print_outcome(outcome: ArchiveOutcome) -> None:
    """Print where a version lies, the head of the chain, and what a person should know."""
    entry = outcome.entry
    done = "Archived" if outcome.state == "archived" else "Already there"
    click.echo(f"{done}: {plain(entry.path)}")
    click.echo(f"  entry {entry.sequence} of the archive, whose digest is\n  {outcome.entry_sha256}")
    if outcome.state == "archived":
        click.echo(f"  commit {outcome.commit}, {'signed' if outcome.signed else 'not signed'}")
        click.echo("  Keep that digest elsewhere: it stands for this version and all before it.")
    if outcome.pushed_to:
        click.echo(f"  pushed to {plain(outcome.pushed_to)}")
    click.echo(wrap(_until(entry.retain_until, entry.retain_because)))
    for notice in outcome.notices:
        click.echo(wrap(notice), err=True)


def _print_log(found: ArchiveLog, *, due: bool) -> None:
    """Print one line a version, in columns."""
    if not found.versions:
        click.echo(
            "Nothing is due: every version must still be kept, or no day is known." if due else "None."
        )
        return
    width = max(6, *(len(one.entry.system) for one in found.versions))
    click.echo(f"{'no.':>4}  {'system':<{width}}  {'version':<9} {'assessed':<11} {'keep until':<11} tallies")
    for one in found.versions:
        entry = one.entry
        until = str(one.keep_until or "not known") + (" (due)" if one.due else "")
        click.echo(
            f"{entry.sequence:>4}  {plain(entry.system):<{width}}  {entry.version:<9} "
            f"{entry.assessed_at:%Y-%m-%d}  {until:<11} {entry.tallies}"
        )
    click.echo(f"\nHead of the chain:\n  {found.head}")
    if due:
        click.echo(
            wrap(
                "These may leave the archive as far as Art. 18(1) goes; other law or a pending case may ask "
                "for more. Nothing was deleted."
            )
        )


def _print_version(found: ArchivedVersion) -> None:
    """Print what is known of a version, and its files."""
    one: Kept = found.version
    entry = one.entry
    click.echo(click.style(plain(f"{entry.name} {entry.system_version}, {entry.provider}"), bold=True))
    click.echo(f"Assessment {entry.version}, entry {entry.sequence} of the archive")
    click.echo(f"In     {plain(entry.path)}")
    click.echo(
        f"Assessed {entry.assessed_at:%Y-%m-%d %H:%M}, archived {entry.archived_at:%Y-%m-%d %H:%M} UTC"
    )
    click.echo(f"Pack   {entry.pack_sha256}")
    click.echo(f"Entry  {found.entry_sha256}")
    click.echo(f"After  {entry.previous_version or 'nothing: the first version of this system'}")
    statement = "there; `conformity verify` checks it" if entry.statement else "none"
    click.echo(f"Signed statement: {statement}. Tallies: {entry.tallies}.")
    click.echo(wrap(_until(one.keep_until, one.because)))
    click.echo()
    for file in (file for file in found.files if "/" not in file.name):
        click.echo(f"  {plain(file.name):<26}{_stored(file.stored, file.size_bytes):>16}")
    below = [file for file in found.files if "/" in file.name]
    if below:
        withheld = sum(file.stored == "withheld" for file in below)
        click.echo(f"  and {len(below)} files in folders" + (f", {withheld} withheld" if withheld else ""))


def _stored(how: str, size_bytes: int | None) -> str:
    """Return how a file is kept, with its size."""
    return f"{size_bytes:,} B" if how == "here" else ("in Git LFS" if how == "pointer" else "withheld")


def _until(until: object, because: str) -> str:
    """Return until when something must be kept, and why."""
    return f"Keep until {until}. {because}" if until else because

"""The command that verifies what this tool wrote, and writes out the verifier that needs no installation."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result, progress_bar, wrap
from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.model.verification import Verification

_SAID = {"passed": "passed", "failed": "FAILED", "cannot_tell": "cannot tell"}
_HEAD = r"sha256:[0-9a-f]{64}"


@click.command(
    short_help="Verify a pack, an archive or a report, offline.",
    epilog=examples(
        "conformity verify reports/scorer --key provider.pub.pem",
        "conformity verify report.pdf",
        "conformity verify ../archive --head sha256:... --signers allowed_signers",
    ),
)
@click.argument("path", type=PATH, required=False)
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=PATH,
    help="A trusted public key or certificate, PEM; may be repeated.",
)
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    type=PATH,
    help="A trusted authority's certificate, PEM, for seals and time-stamps; may be repeated.",
)
@click.option(
    "--head", metavar="DIGEST", help="Digest of the last line of an archive's index, kept elsewhere."
)
@click.option("--signers", type=PATH, help="SSH keys that may sign an archive's commits (allowed_signers).")
@click.option("--render", is_flag=True, help="Render PDFs again too, and compare; takes seconds.")
@json_option
@click.option("--write-standalone", type=PATH, metavar="FILE", help="Write the stand-alone verifier there.")
@click.option("--standalone-digest", is_flag=True, help="Print the digest of the stand-alone verifier.")
def verify(
    path: Path | None,
    keys: tuple[Path, ...],
    authorities: tuple[Path, ...],
    head: str | None,
    signers: Path | None,
    render: bool,
    as_json: bool,
    write_standalone: Path | None,
    standalone_digest: bool,
) -> None:
    """Verify what lies at PATH in numbered steps, each passed, failed, or not to be told, with the reason.

    PATH is a pack, an archive, a declaration, a set of documents, a redacted copy, or a report in PDF.
    Nothing is fetched, written or executed. What cannot be told is never passed: without a key that you
    trust (--key), nobody can tell who made the files. Exit code 5 when anything failed.
    """
    from conformity.pipeline.verifying import hand_out
    from conformity.pipeline.verifying import verify as run
    from conformity.settings import load_settings

    if write_standalone is not None or standalone_digest:
        click.echo(hand_out(write_standalone, load_settings()))
        return
    if path is None:
        raise UsageError("Name what to verify: a pack, an archive, or a report in PDF.")
    _check_head(head)
    with progress_bar() as on_progress:
        result = run(
            path,
            load_settings(),
            keys=keys,
            authorities=authorities,
            head=head,
            signers=signers,
            pages=render,
            on_progress=on_progress,
        )
    print_result(result, _print, as_json=as_json)
    if result.failed:
        sys.exit(5)


def _check_head(head: str | None) -> None:
    """Check that what was given as the digest of a line is one.

    Raises:
        UsageError: it is none.
    """
    if head is not None and re.fullmatch(_HEAD, head) is None:
        raise UsageError(
            "--head is no digest; write sha256: and 64 hex digits, as `conformity log` prints it."
        )


def _print(result: Verification) -> None:
    """Print the steps as a table of 80 columns, and how many ended in which way."""
    click.echo(f"{plain(result.place)}: {result.kind}" + (f"\n{result.sha256}" if result.sha256 else ""))
    for step in result.steps:
        click.echo(f"{step.number:>2}  {_SAID[step.outcome]:<11}  {step.title}")
        for text in (*step.faults, *step.unknown, *step.seen):
            click.echo(wrap(text, " " * 17 + "- ", " " * 19))
    failed, untold = result.count("failed"), result.count("cannot_tell")
    click.echo(
        f"{failed} failed, {untold} could not be told, {result.count('passed')} passed."
        + (" What could not be told is not passed." if untold else "")
    )

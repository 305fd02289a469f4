"""``conformity redact`` and ``conformity disclose``: a public copy of a pack, and proof of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.options import PATH, examples, formats_option, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_json, print_result
from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.model.redaction import RedactionOutcome


@click.command(
    short_help="Write a public copy of a pack, without what you withhold.",
    epilog=examples(
        "conformity redact reports/scorer -o public",
        "conformity redact reports/scorer -o public --names --columns",
    ),
)
@click.argument("pack", type=PATH)
@click.option("-o", "--output", type=PATH, required=True, help="The copy's folder.")
@click.option("--names", is_flag=True, help="Leave out names of people and e-mail addresses too.")
@click.option("--columns", is_flag=True, help="Give columns other names.")
@click.option("--hide-digest", is_flag=True, help="Commit to the full pack, and do not name its digest.")
@click.option("--evidence", is_flag=True, help="Keep evidence.json: exact counts, of small groups too.")
@formats_option("html,pdf")
@json_option
def redact(
    pack: Path,
    output: Path,
    names: bool,
    columns: bool,
    hide_digest: bool,
    evidence: bool,
    formats: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a copy of PACK for the public: without evidence, tallies, paths, and what its redactions name.

    Verdicts and numbers stay as they are; where a text is left out, the copy says so. A key is
    written beside the copy: with it you can prove later what stood at a place. Keep it, never publish it.
    """
    from conformity.pipeline.redacting import redact as run
    from conformity.settings import load_settings

    outcome = run(
        pack,
        output,
        load_settings(),
        names=names,
        columns=columns,
        hide_digest=hide_digest,
        evidence=evidence,
        formats=formats,
    )
    print_result(outcome, _print, as_json=as_json)


@click.command(
    short_help="Prove, or check, what a redacted copy leaves out.",
    epilog=examples(
        "conformity disclose public --key public-redaction-key.json \\",
        "  assessment.json#/manifest/criteria/0/reason",
        "conformity disclose public --check disclosure.json",
    ),
)
@click.argument("copy", type=PATH)
@click.argument("place", required=False)
@click.option("--key", type=PATH, help="The key that was written beside the copy: reveal the text at PLACE.")
@click.option("--check", type=PATH, help="A disclosure: check it against the copy.")
def disclose(copy: Path, place: str | None, key: Path | None, check: Path | None) -> None:
    """Print the proof of one text that the redacted COPY leaves out at PLACE, or check such a proof.

    The proof is JSON on standard output. A proof that does not fit the copy leads to exit code 5.
    """
    from conformity.pipeline.disclosing import check_disclosure, reveal
    from conformity.settings import load_settings

    if (key is None) == (check is None) or (key is None) != (place is None):
        raise UsageError("Give PLACE with --key to reveal a text, or --check alone to check a disclosure.")
    if check is not None:
        field = check_disclosure(copy, check, load_settings()).field
        click.echo(f"{plain(field.file)}#{plain(field.place)} held: {plain(str(field.value))}")
        return
    assert key is not None
    assert place is not None
    print_json(reveal(copy, key, place, load_settings()))


def _print(outcome: RedactionOutcome) -> None:
    """Print where the copy and the key are, and how much was left out."""
    click.echo(f"Redacted copy: {plain(outcome.folder)}")
    for name in outcome.files:
        click.echo(f"  {plain(name)}")
    click.echo(f"Texts withheld: {outcome.fields}. Columns with another name: {outcome.columns}.")
    click.echo(f"Key: {plain(outcome.key)}. Keep it, and do not publish it.")

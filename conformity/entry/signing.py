"""The commands that sign a folder, and that make and show keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.entry.clock import now
from conformity.entry.key_options import Given, key_options, long_term, seal_key, signer
from conformity.entry.options import PATH, examples, json_option
from conformity.entry.plain import plain
from conformity.entry.terminal import print_result

if TYPE_CHECKING:
    from typing import Unpack

    from conformity.model.signing import KeyTold, SigningOutcome


@click.command(
    short_help="Sign a pack, and seal its PDF.",
    epilog=examples(
        "conformity sign reports/scorer --key seal.key",
        "conformity sign reports/scorer --key seal.key --seal seal.p12 \\",
        "  --timestamp https://tsa.example",
    ),
)
@click.argument("pack", type=PATH)
@key_options
@click.option("--replace", is_flag=True, help="Put a new signature in the place of an earlier one.")
@json_option
def sign(pack: Path, replace: bool, as_json: bool, **given: Unpack[Given]) -> None:
    """Sign the folder PACK: a pack, a declaration, a set of documents or a redacted copy.

    The folder is checked, its PDFs are sealed when a key for that is given, and a statement over all of its
    files is signed. A signature says that the files are those that were signed; it is no declaration of
    conformity (Art. 47), and a key without a certificate is a development key, of no legal value.
    """
    from conformity.entry.sigstore import publish
    from conformity.pipeline.signing import Proofs, sign_folder
    from conformity.settings import load_settings

    if given["sigstore"]:
        publish(pack, given)
        return
    who = signer(given)
    proofs = Proofs(seal_key(given, who), long_term(given), given["timestamp"])
    outcome = sign_folder(pack, who, now(), load_settings(), proofs=proofs, replace=replace)
    print_result(outcome, _print, as_json=as_json)


@click.group(short_help="Make and show keys.")
def keys() -> None:
    """Make development keys, and show what a key is known by."""


@keys.command("new", short_help="Make a development key.")
@click.option(
    "-o", "--output", type=PATH, required=True, help="The file; the public key gets .pub behind it."
)
@click.option(
    "--algorithm",
    type=click.Choice(["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384"]),
    default="ed25519",
    show_default=True,
    help="The kind of key.",
)
@click.option("--passphrase-file", type=PATH, help="File with the passphrase; else it is asked for.")
@json_option
def new(output: Path, algorithm: str, passphrase_file: Path | None, as_json: bool) -> None:
    """Make an encrypted private key, and beside it the public one, to try signing with.

    It is a development key: nobody certifies whose it is, so its signatures are of no legal value. The
    passphrase comes from CONFORMITY_KEY_PASSPHRASE, a file or the terminal, never from an argument.
    """
    from conformity.entry.passphrases import new_passphrase
    from conformity.pipeline.keys import make_key
    from conformity.settings import load_settings

    root = load_settings().root
    told = make_key(output, algorithm, new_passphrase(passphrase_file), root)
    print_result(told, _print_key, as_json=as_json)


@keys.command("show", short_help="Show what a key is known by.")
@click.argument("file", type=PATH)
@click.option("--passphrase-file", type=PATH, help="File with the passphrase of a private key.")
@json_option
def show(file: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Show the id of the key in FILE, a PEM file with a public or private key or certificates."""
    from conformity.entry.passphrases import key_passphrase
    from conformity.pipeline.keys import tell_key

    told = tell_key(file, lambda: key_passphrase(file, passphrase_file))
    print_result(told, _print_key, as_json=as_json)


def _print(outcome: SigningOutcome) -> None:
    """Print what was signed, with which key, and what that is worth."""
    from conformity.archive.signing.public import NO_LEGAL_VALUE

    by = outcome.signed_by
    click.echo(f"Signed: {plain(outcome.folder)} ({outcome.kind}, {outcome.files} files)")
    click.echo(f"  pack  {outcome.pack_sha256}")
    click.echo(f"  key   {by.keyid}")
    click.echo(f"        {by.algorithm}, in a {by.place}" + ("" if by.development else "; " + _CERTIFIED))
    for one in outcome.pdfs:
        if one.seal is not None:
            click.echo(f"  seal  {plain(one.name)}: {one.seal.level}, {plain(one.seal.subject)}")
            click.echo(f"        certificate by {plain(one.seal.issuer)}")
    if outcome.stamped_at is not None:
        stamped = outcome.stamped_at.isoformat().replace("+00:00", "Z")
        click.echo(f"  time  {stamped}, by {plain(outcome.stamped_by or '')}")
    if by.development:
        click.echo(f"The statement is signed with a {NO_LEGAL_VALUE}.")
    if any(one.seal is not None and one.seal.development for one in outcome.pdfs):
        click.echo(f"The PDF is sealed with a {NO_LEGAL_VALUE}.")


_CERTIFIED = "certified, which is not checked here"


def _print_key(told: KeyTold) -> None:
    """Print what a key is known by."""
    from conformity.archive.signing.public import NO_LEGAL_VALUE

    click.echo(f"{plain(told.file)}: {told.algorithm}")
    click.echo(f"  {told.keyid}")
    if told.subject is not None:
        click.echo(f"  certificate of {plain(told.subject)}, issued by {plain(told.issuer or '')}")
    if told.development:
        click.echo(f"This is a {NO_LEGAL_VALUE}.")
    click.echo(told.public, nl=False)

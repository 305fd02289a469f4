"""Options that say who signs and what is added, and what they come to."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from conformity.entry.options import PATH
from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.archive.signing.keys import Signer
    from conformity.archive.signing.seal import LongTerm
    from conformity.archive.signing.seal_keys import SealKey

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Given(TypedDict):
    """What the options were given."""

    key: Path | None
    command: str | None
    pkcs11: str | None
    public: Path | None
    certificate: Path | None
    passphrase_file: Path | None
    seal: Path | None
    seal_same: bool
    seal_passphrase_file: Path | None
    timestamp: str | None
    long_term: bool
    trust: tuple[Path, ...]
    crl: tuple[Path, ...]
    sigstore: bool
    publish: bool


_OPTIONS = (
    click.option("--key", type=PATH, help="Private key that signs: Ed25519 or ECDSA, in PEM."),
    click.option("--command", metavar="CMD", help="Program that signs its standard input; needs --public."),
    click.option("--pkcs11", metavar="URI", help="Key in a token, as pkcs11:...?module-path=LIBRARY."),
    click.option("--public", type=PATH, help="Public key or certificate of --command, in PEM."),
    click.option("--certificate", type=PATH, help="Certificates of the key and its issuers, in PEM."),
    click.option("--passphrase-file", type=PATH, help="File with the passphrase of --key."),
    click.option("--seal", type=PATH, help="PKCS#12, or PEM with certificate, that seals the PDFs."),
    click.option("--seal-same", is_flag=True, help="Seal the PDFs with the key that signs."),
    click.option("--seal-passphrase-file", type=PATH, help="File with the passphrase of --seal."),
    click.option(
        "--timestamp", metavar="URL", help="Time-stamp server (RFC 3161) to ask; none when not given."
    ),
    click.option("--long-term", is_flag=True, help="Seal for archives (B-LTA); needs --trust, --crl."),
    click.option("--trust", type=PATH, multiple=True, help="Root certificates, in PEM; may be repeated."),
    click.option(
        "--crl", type=PATH, multiple=True, help="Lists of revoked certificates, PEM or DER; may be repeated."
    ),
    click.option("--sigstore", is_flag=True, help="Sign with Sigstore, which publishes that you did."),
    click.option(
        "--i-publish-to-a-public-log", "publish", is_flag=True, help="Agree that Sigstore publishes it."
    ),
)


def key_options(command: _Command) -> _Command:
    """Return a command with the options that say who signs."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def signer(given: Given) -> Signer:
    """Return the signer that the options name.

    Raises:
        UsageError: they name none, or several.
        ConformityError: the key cannot be used.
    """
    from conformity.archive.signing.command import CommandSigner
    from conformity.archive.signing.keys import load_private
    from conformity.archive.signing.public import load_public, read_key_file, with_certificates
    from conformity.entry.passphrases import key_passphrase

    named = [name for name in ("key", "command", "pkcs11") if given[name]]
    if len(named) != 1:
        raise UsageError("Name one key that signs: with --key FILE, --command CMD or --pkcs11 URI.")
    chain = read_key_file(given["certificate"]) if given["certificate"] else b""
    if given["key"]:
        found = load_private(given["key"], key_passphrase(given["key"], given["passphrase_file"]))
        public = with_certificates(found.public, chain, str(given["certificate"]))
        return type(found)(found.key, public)
    if given["pkcs11"]:
        return _token(given["pkcs11"], chain)
    place = given["public"] or given["certificate"]
    if place is None:
        raise UsageError("Name the public key of the command, or its certificate, with --public FILE.")
    public = with_certificates(load_public(place), chain, str(given["certificate"]))
    return CommandSigner(_words(given["command"] or ""), public)


def _words(command: str) -> tuple[str, ...]:
    """Return a command as program and arguments.

    Raises:
        UsageError: a quotation mark is left open.
    """
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"What stands after --command cannot be split ({error}); quote it.") from error


def _token(uri: str, chain: bytes) -> Signer:
    """Return the signer whose key lies in a token.

    Raises:
        ConformityError: the token cannot be used.
    """
    from conformity.archive.signing.optional import check_tokens
    from conformity.archive.signing.pkcs11 import parse_uri, token_signer
    from conformity.entry.passphrases import token_pin

    check_tokens()
    found = parse_uri(uri)
    return token_signer(found, token_pin(found.pin_file).decode("utf-8", "replace"), chain)


def seal_key(given: Given, who: Signer) -> SealKey | None:
    """Return the key that seals PDFs; None when none is named.

    Raises:
        UsageError: two are named.
        ConformityError: it cannot be used, or the library is not installed.
    """
    from conformity.archive.signing.optional import check_sealing
    from conformity.archive.signing.seal_keys import load_seal_key, seal_key_of
    from conformity.entry.passphrases import seal_passphrase

    if given["seal"] is None and not given["seal_same"]:
        if given["long_term"]:
            raise UsageError("--long-term is about the seal; name what seals with --seal FILE.")
        return None
    check_sealing("Seals")
    if given["seal"] is None:
        return seal_key_of(who)
    if given["seal_same"]:
        raise UsageError("Choose --seal FILE or --seal-same, not both.")
    return load_seal_key(given["seal"], seal_passphrase(given["seal"], given["seal_passphrase_file"]))


def long_term(given: Given) -> LongTerm | None:
    """Return what seals hold for long archiving; None when that is not asked for.

    Raises:
        UsageError: a certificate or a list is missing or cannot be read.
    """
    from conformity.archive.signing.public import certificates_in, read_key_file
    from conformity.archive.signing.revoked import read_revoked
    from conformity.archive.signing.seal import LongTerm

    if not given["long_term"]:
        return None
    if not given["trust"] or not given["crl"]:
        raise UsageError(
            "--long-term needs the root certificates (--trust) and lists of revoked ones (--crl)."
        )
    roots = [one for file in given["trust"] for one in certificates_in(read_key_file(file), str(file))]
    return LongTerm(tuple(roots), tuple(read_revoked(file) for file in given["crl"]))

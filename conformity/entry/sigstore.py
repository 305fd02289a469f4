"""Signing with Sigstore: only for those who say that they want it published."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformity.errors import UsageError

if TYPE_CHECKING:
    from conformity.entry.key_options import Given

_OTHERS = ("key", "command", "pkcs11", "seal", "seal_same", "timestamp", "long_term")


def publish(pack: Path, given: Given) -> None:
    """Sign the statement of a signed folder with Sigstore, and print where the bundle lies.

    Raises:
        UsageError: it was not agreed to, there is no identity, or the folder is not signed yet.
        ConformityError: the library is not installed, or the folder cannot be used.
    """
    from conformity.entry.plain import plain
    from conformity.pipeline.publishing import publish_statement
    from conformity.settings import load_settings

    if not given["publish"]:
        raise UsageError(
            "Sigstore writes into a public log, for good, who signed and when; add "
            "--i-publish-to-a-public-log if you want that."
        )
    if any(given[name] for name in _OTHERS):  # type: ignore[literal-required] # names of options
        raise UsageError(
            "--sigstore signs what is signed already; sign with a key first, and then with --sigstore alone."
        )
    token = os.environ.get("CONFORMITY_SIGSTORE_TOKEN")
    if not token:
        raise UsageError("Give the OpenID Connect token of whoever signs in CONFORMITY_SIGSTORE_TOKEN.")
    click.echo(f"Sigstore: {plain(str(publish_statement(pack, token, load_settings())))}")

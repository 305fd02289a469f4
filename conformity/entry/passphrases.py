"""Passphrases: from a variable, a file or the terminal, never from an argument, which others can read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from conformity.errors import PathError, UsageError

_MOST_BYTES = 4096


def key_passphrase(key: Path, file: Path | None) -> bytes | None:
    """Return the passphrase of a private key; None when the key is not encrypted.

    Raises:
        PathError: a file cannot be read.
        UsageError: it is nowhere to be had.
    """
    from conformity.archive.signing.keys import needs_passphrase

    if not needs_passphrase(key):
        return None
    return secret("CONFORMITY_KEY_PASSPHRASE", file, "--passphrase-file", f"Passphrase of {key}")


def seal_passphrase(seal: Path, file: Path | None) -> bytes | None:
    """Return the passphrase of a file that seals; None for a PEM file that is not encrypted.

    Raises:
        PathError: a file cannot be read.
        UsageError: it is nowhere to be had.
    """
    from conformity.archive.signing.keys import needs_passphrase
    from conformity.archive.signing.public import read_key_file

    if b"-----BEGIN " in read_key_file(seal)[:_MOST_BYTES] and not needs_passphrase(seal):
        return None
    return secret("CONFORMITY_SEAL_PASSPHRASE", file, "--seal-passphrase-file", f"Passphrase of {seal}")


def token_pin(file: Path | None) -> bytes:
    """Return the PIN of a token.

    Raises:
        PathError: the file cannot be read.
        UsageError: it is nowhere to be had.
    """
    return secret("CONFORMITY_TOKEN_PIN", file, "pin-source", "PIN of the token")


def new_passphrase(file: Path | None) -> bytes:
    """Return the passphrase for a new key; at a terminal it is asked for twice.

    Raises:
        PathError: the file cannot be read.
        UsageError: it is nowhere to be had.
    """
    return secret(
        "CONFORMITY_KEY_PASSPHRASE", file, "--passphrase-file", "Passphrase of the new key", twice=True
    )


def secret(variable: str, file: Path | None, option: str, question: str, *, twice: bool = False) -> bytes:
    """Return a secret: from a file, a variable or the terminal, in this order.

    Args:
        variable: the variable of the environment.
        file: the file, if one was named; the end of its line is no part of the secret.
        option: how a file is named, for an error.
        question: what is asked at a terminal.
        twice: whether it has to be typed twice there.

    Raises:
        PathError: the file cannot be read.
        UsageError: it is nowhere to be had, or empty.
    """
    if file is not None:
        found = _of_file(file)
    elif variable in os.environ:
        found = os.environ[variable].encode()
    elif sys.stdin.isatty():
        typed: str = click.prompt(
            question, hide_input=True, confirmation_prompt=twice, default="", show_default=False, err=True
        )
        found = typed.encode()
    else:
        raise UsageError(f"{question} is needed; give it in {variable}, with {option}, or at a terminal.")
    if not found:
        raise UsageError(f"{question} is empty; choose one.")
    return found


def _of_file(file: Path) -> bytes:
    """Return what stands in a file, without the end of the line.

    Raises:
        PathError: it cannot be read, or holds more than a secret.
    """
    try:
        with file.open("rb") as stream:
            found = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PathError(
            f"{file} cannot be read ({error.strerror}); name a file that you may read."
        ) from error
    if len(found) > _MOST_BYTES:
        raise PathError(f"{file} holds more than a passphrase; name the right file.")
    return found.rstrip(b"\r\n")

"""Private keys: who signs; Ed25519 and ECDSA in PEM files, with or without certificates."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from conformity.archive.signing.public import (
    KINDS,
    PublicKey,
    hash_of,
    public_key,
    read_key_file,
    with_certificates,
)
from conformity.errors import PathError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    Private = Ed25519PrivateKey | EllipticCurvePrivateKey

KeyPlace = Literal["file", "token", "command"]
"""Where a private key is kept: a file, a PKCS#11 token, or behind a program that signs."""

_ENCRYPTED = b"-----BEGIN %b-----" % b"ENCRYPTED PRIVATE KEY"


class Signer(Protocol):
    """Something that signs bytes under a known public key."""

    @property
    def public(self) -> PublicKey:
        """The public key, with its certificates if there are any."""

    @property
    def place(self) -> KeyPlace:
        """Where the private key is kept."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``: raw for Ed25519, DER for ECDSA."""


@dataclass(frozen=True)
class FileSigner:
    """A private key that was read from a file."""

    key: Private
    """The private key."""
    public: PublicKey
    """The public key, with its certificates if there are any."""
    place: KeyPlace = "file"
    """Where it is kept."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``; the same data always give the same one.

        Source:
            RFC 8032 (Ed25519); RFC 6979 (ECDSA without chance).
        """
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(hash_of(self.public.algorithm), deterministic_signing=True))


def needs_passphrase(path: Path) -> bool:
    """Tell whether the private key in a file is encrypted.

    Raises:
        PathError: the file cannot be read.
    """
    return _ENCRYPTED in read_key_file(path)


def load_private(path: Path, passphrase: bytes | None) -> FileSigner:
    """Return the signer whose private key lies in a PEM file, with the certificates that follow it there.

    Args:
        path: the file.
        passphrase: what the key is encrypted with; None for a key that is not.

    Raises:
        PathError: the file cannot be read, or others can read a key in it that is not encrypted.
        UsageError: it holds no private key that signs here, or the passphrase is wrong or missing.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = read_key_file(path)
    encrypted = _ENCRYPTED in content
    if not encrypted and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise PathError(
            f"The key {path} is not encrypted, and others than its owner can read or change it; "
            f"run `chmod 600 {path}`, or encrypt it."
        )
    if encrypted and not passphrase:
        raise UsageError(
            f"The key {path} is encrypted; give its passphrase in CONFORMITY_KEY_PASSPHRASE, "
            "with --passphrase-file, or at a terminal."
        )
    try:
        key = load_pem_private_key(content, passphrase if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = "or the passphrase is wrong" if encrypted else "in PEM"
        raise UsageError(
            f"{path} holds no private key that can be read, {why}; name an Ed25519 or ECDSA key "
            "(P-256, P-384) as PKCS#8 in PEM."
        ) from error
    return signer_of(key, content, str(path))


def signer_of(key: object, pem: bytes = b"", where: str = "The key") -> FileSigner:
    """Return the signer of a private key.

    Args:
        key: a private key of ``cryptography``.
        pem: text in which certificates of the key may stand.
        where: what to call it in an error.

    Raises:
        UsageError: it is of a kind that does not sign here, or the certificates are of another key.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise UsageError(f"{where} is of a kind that does not sign here; {KINDS}")
    return FileSigner(key, with_certificates(public_key(key.public_key(), where), pem, where))

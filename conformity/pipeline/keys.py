"""Make a development key, and tell what a key is known by."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from conformity.archive.signing.keys import FileSigner, load_private, signer_of
from conformity.archive.signing.public import (
    NO_LEGAL_VALUE,
    PublicKey,
    certificate,
    load_public,
    read_key_file,
)
from conformity.errors import PathError, UsageError
from conformity.model.signing import KeyTold
from conformity.pipeline.shared import check_output

_HEAD: Final = f"conformity: {NO_LEGAL_VALUE}\n"
_PRIVATE: Final = b" PRIVATE KEY-----"


def make_key(file: Path, algorithm: str, passphrase: bytes, root: Path | None = None) -> KeyTold:
    """Write a new private key, encrypted, and the public one beside it; return what it is known by.

    Nobody certifies whose it is, so it is a development key, and both files say so before the key itself.

    Args:
        file: where; the public key gets ``.pub`` behind the name. Nothing is overwritten.
        algorithm: the kind of key.
        passphrase: what encrypts it.
        root: the folder that nothing may leave; None for any place.

    Raises:
        PathError: a file is there already, lies outside the root, or cannot be written.
        UsageError: there is no passphrase.
    """
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    check_output(file.absolute(), root)
    if not passphrase:
        raise UsageError("A key is kept encrypted; choose a passphrase.")
    signer = _made(algorithm)
    pem = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    public = file.with_name(file.name + ".pub")
    for place in (file, public):
        if os.path.lexists(place):
            raise PathError(f"{place} is there already; choose another name, since keys are not overwritten.")
    _write(file, _HEAD.encode() + pem, 0o600)
    _write(public, (_HEAD + signer.public.pem).encode(), 0o644)
    return _told(file, signer.public)


def tell_key(file: Path, passphrase: Callable[[], bytes | None]) -> KeyTold:
    """Return what a key is known by.

    Args:
        file: PEM with a public key, a private key or certificates.
        passphrase: returns the passphrase of a private key; asked for only then.

    Raises:
        PathError: the file cannot be read.
        UsageError: it holds no key that signs here, or the passphrase is wrong.
    """
    content = read_key_file(file)
    if _PRIVATE in content:
        return _told(file, load_private(file, passphrase()).public)
    return _told(file, load_public(file))


def _made(algorithm: str) -> FileSigner:
    """Return a new key of a kind."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if algorithm == "ed25519":
        return signer_of(ed25519.Ed25519PrivateKey.generate())
    curve = ec.SECP256R1() if algorithm == "ecdsa-p256-sha256" else ec.SECP384R1()
    return signer_of(ec.generate_private_key(curve))


def _write(file: Path, content: bytes, mode: int) -> None:
    """Write a new file that only some may read.

    Raises:
        PathError: it cannot be written, or is there by now.
    """
    try:
        with open(file, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise PathError(f"{file} could not be written ({error.strerror}); choose another place.") from error


def _told(file: Path, public: PublicKey) -> KeyTold:
    """Return what a key is known by."""
    first = certificate(public.certificates[0]) if public.certificates else None
    return KeyTold(
        file=str(file),
        keyid=public.keyid,
        algorithm=public.algorithm,
        development=public.development,
        subject=first.subject.rfc4514_string() if first else None,
        issuer=first.issuer.rfc4514_string() if first else None,
        public=public.pem,
    )

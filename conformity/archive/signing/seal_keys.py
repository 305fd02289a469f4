"""Keys that seal PDFs: a PKCS#12 file, PEM with a certificate, or whatever signs the statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conformity.archive.signing.keys import Signer, load_private, signer_of
from conformity.archive.signing.public import certificate, is_chain, read_key_file
from conformity.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_PEM: Final = b"-----BEGIN "
_LEAST_RSA: Final = 2048
_SMALL_SIGNATURE: Final = 128
_HASHES: Final = {
    "ed25519": ("sha512", "ed25519"),
    "ecdsa-p256-sha256": ("sha256", "sha256_ecdsa"),
    "ecdsa-p384-sha384": ("sha384", "sha384_ecdsa"),
}


@dataclass(frozen=True)
class SealKey:
    """A private key with certificates that seals PDFs."""

    certificates: tuple[bytes, ...]
    """In DER: that of the key first, then those of its issuers."""
    digest: str
    """The hash of what is sealed."""
    mechanism: str
    """How the key signs, in the words of CMS."""
    size: int
    """The most bytes of a signature."""
    sign: Callable[[bytes], bytes]
    """Return the signature over some bytes."""

    @property
    def development(self) -> bool:
        """Whether no certificate is shown that somebody else issued, with that of the issuer."""
        return not is_chain(self.certificates)


def load_seal_key(path: Path, passphrase: bytes | None) -> SealKey:
    """Return the key and certificates in a PKCS#12 file, or in PEM.

    Args:
        path: the file.
        passphrase: what it is encrypted with; None when it is not.

    Raises:
        PathError: the file cannot be read, or others can read a key in it that is not encrypted.
        UsageError: it holds no key with a certificate that seals here, or the passphrase is wrong.
    """
    content = read_key_file(path)
    if _PEM in content[:4096]:
        return seal_key_of(load_private(path, passphrase), str(path))
    return _of_pkcs12(content, passphrase, str(path))


def seal_key_of(signer: Signer, where: str = "The key") -> SealKey:
    """Return the key that signs statements as one that seals; it has to have a certificate.

    Raises:
        UsageError: it has none.
    """
    if not signer.public.certificates:
        raise UsageError(
            f"{where} comes without a certificate, and a PDF is sealed with one; add its certificate and "
            "those of its issuers in PEM, or name a PKCS#12 file."
        )
    digest, mechanism = _HASHES[signer.public.algorithm]
    return SealKey(signer.public.certificates, digest, mechanism, _SMALL_SIGNATURE, signer.sign)


def _of_pkcs12(content: bytes, passphrase: bytes | None, where: str) -> SealKey:
    """Return the key in a PKCS#12 file.

    Raises:
        UsageError: there is none that seals here, or the passphrase is wrong.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        found = load_pkcs12(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"{where} cannot be read as PKCS#12, or its passphrase is wrong or missing; give the passphrase "
            "in CONFORMITY_SEAL_PASSPHRASE, with --seal-passphrase-file, or at a terminal."
        ) from error
    if found.key is None or found.cert is None:
        raise UsageError(f"{where} holds no private key with its certificate; name a PKCS#12 file with both.")
    others = [one.certificate.public_bytes(Encoding.DER) for one in found.additional_certs]
    chain = _in_order(found.cert.certificate.public_bytes(Encoding.DER), others)
    if isinstance(found.key, RSAPrivateKey):
        return _of_rsa(found.key, chain, where)
    pem = b"".join(certificate(one).public_bytes(Encoding.PEM) for one in chain)
    return seal_key_of(signer_of(found.key, pem, where), where)


def _of_rsa(key: RSAPrivateKey, chain: tuple[bytes, ...], where: str) -> SealKey:
    """Return an RSA key as one that seals.

    Raises:
        UsageError: it is too short to be trusted.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    if key.key_size < _LEAST_RSA:
        raise UsageError(f"{where} holds an RSA key of {key.key_size} bits; use one of {_LEAST_RSA} or more.")
    return SealKey(
        chain,
        "sha256",
        "sha256_rsa",
        key.key_size // 8,
        lambda data: key.sign(data, PKCS1v15(), hashes.SHA256()),
    )


def _in_order(first: bytes, others: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return a certificate and those that certify it, each issued by the next; others are left out."""
    chain = [first]
    while True:
        following = [one for one in others if one not in chain and is_chain((chain[-1], one))]
        if not following:
            return tuple(chain)
        chain.append(following[0])

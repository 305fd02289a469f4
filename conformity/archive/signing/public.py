"""Public keys: who is trusted; Ed25519 and ECDSA, alone or in certificates."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NewType, cast

from conformity.errors import PathError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

    Public = Ed25519PublicKey | EllipticCurvePublicKey

KeyId = NewType("KeyId", str)
"""``sha256:`` and the 64 hex digits of the SHA-256 digest of a public key (DER, SubjectPublicKeyInfo)."""

Algorithm = Literal["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384"]
"""How a key signs."""

NO_LEGAL_VALUE: Final = "development key, no legal value"
"""What is said of every signature by a key for which no issued certificate is shown."""

KINDS: Final = "use Ed25519 or ECDSA on P-256 or P-384."
"""What keys have to be."""

_MOST_BYTES = 1024 * 1024
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class PublicKey:
    """A public key, with what certifies it."""

    spki: bytes
    """The key as SubjectPublicKeyInfo in DER."""
    algorithm: Algorithm
    """How signatures of it are made."""
    certificates: tuple[bytes, ...] = ()
    """Certificates in DER: first that of the key, then those of its issuers; empty for a bare key."""

    @property
    def keyid(self) -> KeyId:
        """The id of the key."""
        return KeyId("sha256:" + hashlib.sha256(self.spki).hexdigest())

    @property
    def development(self) -> bool:
        """Whether no certificate is shown that somebody else issued for the key, with that of the issuer.

        What marks a development key is that nothing speaks for it. So the mark cannot be lost: whoever leaves
        something out gets a development key.
        """
        return not is_chain(self.certificates)

    @property
    def pem(self) -> str:
        """The bare key as PEM."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return _public_of(self.spki).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def has_signed(self, signature: bytes, data: bytes) -> bool:
        """Tell whether ``signature`` is one of this key over ``data``."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        key = _public_of(self.spki)
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, data)
            else:
                key.verify(signature, data, ec.ECDSA(hash_of(self.algorithm)))
        except InvalidSignature:
            return False
        return True


def load_public(path: Path | bytes) -> PublicKey:
    """Return the public key in a PEM file, or of the first certificate in it.

    Args:
        path: the file, or its bytes.

    Raises:
        PathError: the file cannot be read.
        UsageError: it holds no public key or certificate of a kind that signs here.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = path if isinstance(path, bytes) else read_key_file(path)
    where = "What was given as a public key" if isinstance(path, bytes) else str(path)
    if _CERTIFICATE in content:
        first = certificates_in(content, where)[0]
        return with_certificates(public_key(certificate(first).public_key(), where), content, where)
    try:
        key = load_pem_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{where} holds no public key or certificate in PEM; {KINDS}") from error
    return public_key(key, where)


def with_certificates(public: PublicKey, pem: bytes, where: str) -> PublicKey:
    """Return a public key with the certificates in PEM text; the key alone where there are none.

    Raises:
        UsageError: the first certificate is of another key.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if _CERTIFICATE not in pem:
        return public
    chain = certificates_in(pem, where)
    certified = certificate(chain[0]).public_key()
    if certified.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != public.spki:
        raise UsageError(f"{where}: the first certificate is of another key; put that of the key first.")
    return PublicKey(public.spki, public.algorithm, chain)


def certificates_in(pem: bytes, where: str) -> tuple[bytes, ...]:
    """Return the certificates in PEM text, in DER.

    Raises:
        UsageError: one cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        found = x509.load_pem_x509_certificates(pem)
        return tuple(one.public_bytes(Encoding.DER) for one in found)
    except ValueError as error:
        raise UsageError(f"{where} holds no certificate in PEM that can be read; take it anew.") from error


def public_key(key: object, where: str) -> PublicKey:
    """Return a public key of ``cryptography`` as ours.

    Raises:
        UsageError: it is of a kind that does not sign here.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    algorithm: Algorithm | None = None
    if isinstance(key, ed25519.Ed25519PublicKey):
        algorithm = "ed25519"
    elif isinstance(key, ec.EllipticCurvePublicKey):
        curves: dict[str, Algorithm] = {"secp256r1": "ecdsa-p256-sha256", "secp384r1": "ecdsa-p384-sha384"}
        algorithm = curves.get(key.curve.name)
    if algorithm is None:
        raise UsageError(f"{where} is of a kind that does not sign here; {KINDS}")
    assert isinstance(key, ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey)
    return PublicKey(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), algorithm)


def _public_of(spki: bytes) -> Public:
    """Return the key of ``cryptography`` in DER that was read before."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return cast("Public", load_der_public_key(spki))


def hash_of(algorithm: Algorithm) -> HashAlgorithm:
    """Return the hash with which an ECDSA key signs."""
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA384() if algorithm == "ecdsa-p384-sha384" else hashes.SHA256()


def certificate(der: bytes) -> Certificate:
    """Return a certificate that was read before."""
    from cryptography import x509

    return x509.load_der_x509_certificate(der)


def key_digest(der: bytes) -> KeyId:
    """Return the id of the key in a certificate, of any kind."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    spki = certificate(der).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return KeyId("sha256:" + hashlib.sha256(spki).hexdigest())


def is_chain(certificates: tuple[bytes, ...]) -> bool:
    """Tell whether each certificate is issued by the next, and the first by another key than its own.

    Whether the last one is anybody's to trust is for whoever reads it.
    """
    from cryptography.exceptions import InvalidSignature

    chain = [certificate(one) for one in certificates]
    if len(chain) < 2 or chain[0].public_key() == chain[1].public_key():
        return False
    try:
        for one, issuer in pairwise(chain):
            one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def read_key_file(path: Path) -> bytes:
    """Return the bytes of a file that holds a key.

    Raises:
        PathError: it cannot be read, or is far larger than any key.
    """
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            raise PathError(f"{path} is no file with a key; name a PEM file.")
        return path.read_bytes()
    except OSError as error:
        raise PathError(
            f"The key {path} cannot be read ({error.strerror or error}); name a file that you may read."
        ) from error

"""Keys and certificates for tests: made once a run, with fixed dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from conformity.archive.signing.keys import FileSigner, signer_of

FROM = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2126, 1, 1, tzinfo=UTC)
PASSPHRASE = b"correct horse"


@cache
def edwards(name: str = "a") -> FileSigner:
    """Return a signer with an Ed25519 key; the same for the same name."""
    return signer_of(ed25519.Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")))


@cache
def elliptic(curve: str = "p256") -> FileSigner:
    """Return a signer with an ECDSA key."""
    return signer_of(ec.derive_private_key(20261123, ec.SECP256R1() if curve == "p256" else ec.SECP384R1()))


@dataclass(frozen=True)
class Certified:
    """A key with its certificate and that of its issuer."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    @property
    def chain(self) -> bytes:
        """Both certificates in PEM."""
        return self.certificate.public_bytes(Encoding.PEM) + self.issuer.public_bytes(Encoding.PEM)

    def p12(self, folder: Path, passphrase: bytes = PASSPHRASE) -> Path:
        """Write a PKCS#12 file and return it."""
        # Few rounds: a test need not hold out against a guess.
        lock = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(1000)
            .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
            .build(passphrase)
        )
        file = folder / "seal.p12"
        file.write_bytes(
            pkcs12.serialize_key_and_certificates(b"seal", self.key, self.certificate, [self.issuer], lock)
        )
        return file


@cache
def certified(name: str = "Specimen seal", usage: str = "sign") -> Certified:
    """Return a key with a certificate that a specimen authority issued."""
    root = ec.derive_private_key(7, ec.SECP256R1())
    key = ec.derive_private_key(11 + len(name), ec.SECP256R1())
    issuer = _certificate("Specimen authority", root, "Specimen authority", root, "ca")
    return Certified(key, _certificate(name, key, "Specimen authority", root, usage), issuer)


@cache
def issued_by_itself() -> Certified:
    """Return a key with a certificate that it issued itself."""
    key = ec.derive_private_key(5, ec.SECP256R1())
    own = _certificate("Nobody", key, "Nobody", key, "sign")
    return Certified(key, own, own)


@cache
def plain() -> x509.Certificate:
    """Return a certificate of the specimen authority without any extension."""
    root = ec.derive_private_key(7, ec.SECP256R1())
    key = ec.derive_private_key(13, ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(_name("Plain"))
        .issuer_name(_name("Specimen authority"))
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
    )
    return made.sign(root, hashes.SHA256(), ecdsa_deterministic=True)


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    usage: str,
) -> x509.Certificate:
    """Return a certificate for signing, time-stamping (``tsa``) or issuing (``ca``)."""
    ca = usage == "ca"
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(1000 + len(subject))
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .add_extension(_usage(ca=ca), critical=True)
    )
    if usage == "tsa":
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = made.add_extension(stamping, critical=True)
    return made.sign(by, hashes.SHA256(), ecdsa_deterministic=True)


@cache
def crl() -> bytes:
    """Return the specimen authority's list of revoked certificates, in DER: an empty one."""
    root = ec.derive_private_key(7, ec.SECP256R1())
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name("Specimen authority"))
        .last_update(FROM)
        .next_update(UNTIL)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    return made.sign(root, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


def _usage(*, ca: bool) -> x509.KeyUsage:
    """Return what a key may be used for."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    """Return a name with one part."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def write_key(folder: Path, signer: FileSigner, passphrase: bytes | None = None, mode: int = 0o600) -> Path:
    """Write a private key as PKCS#8 in PEM and return the file."""
    lock = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    file = folder / "key.pem"
    file.write_bytes(signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
    file.chmod(mode)
    return file

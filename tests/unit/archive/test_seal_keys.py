"""Keys that seal: PKCS#12 or PEM, with a certificate, of a kind that is strong enough."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from conformity.archive.signing.keys import signer_of
from conformity.archive.signing.optional import check_sealing, check_sigstore, check_tokens
from conformity.archive.signing.revoked import read_revoked
from conformity.archive.signing.seal import seal_pdf
from conformity.archive.signing.seal_check import check_seal
from conformity.archive.signing.seal_keys import load_seal_key, seal_key_of
from conformity.errors import MissingLibraryError, PathError, UsageError
from tests.support.keys import (
    FROM,
    PASSPHRASE,
    UNTIL,
    certified,
    crl,
    edwards,
    issued_by_itself,
    plain,
    write_key,
)
from tests.support.small_pdf import small_pdf

MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_pkcs12_file_is_read_with_its_chain_in_order(tmp_path: Path) -> None:
    key = load_seal_key(certified().p12(tmp_path), PASSPHRASE)
    assert [one for one in key.certificates] == [
        certified().certificate.public_bytes(Encoding.DER),
        certified().issuer.public_bytes(Encoding.DER),
    ]
    assert (key.mechanism, key.digest, key.development) == ("sha256_ecdsa", "sha256", False)


@pytest.mark.parametrize("passphrase", [None, b"wrong"])
def test_a_wrong_passphrase_is_told(passphrase: bytes | None, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="CONFORMITY_SEAL_PASSPHRASE"):
        load_seal_key(certified().p12(tmp_path), passphrase)


def test_pem_with_certificates_seals_too(tmp_path: Path) -> None:
    file = write_key(tmp_path, signer_of(certified().key))
    with pytest.raises(UsageError, match="comes without a certificate"):
        load_seal_key(file, None)
    file.write_bytes(file.read_bytes() + certified().chain)
    assert (
        load_seal_key(file, None).certificates
        == load_seal_key(certified().p12(tmp_path), PASSPHRASE).certificates
    )


def _p12(
    folder: Path, key: pkcs12.PKCS12PrivateKeyTypes | None, certificate: x509.Certificate | None
) -> Path:
    """Write a PKCS#12 file without a passphrase."""
    file = folder / "other.p12"
    others = [plain(), issued_by_itself().certificate]
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, certificate, others, NoEncryption()))
    return file


def _own(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey) -> x509.Certificate:
    """Return a certificate that a key issues itself."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Own")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(FROM).not_valid_after(UNTIL)
    return made.sign(key, hashes.SHA256())


def test_an_rsa_key_of_a_trust_service_seals(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    found = load_seal_key(_p12(tmp_path, key, _own(key)), None)
    assert (found.mechanism, len(found.certificates)) == ("sha256_rsa", 1)
    seal = check_seal(seal_pdf(small_pdf(), found, MOMENT))
    assert seal is not None
    assert (seal.facts.subject, seal.facts.development) == ("CN=Own", True)


def test_an_rsa_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 1024)
    with pytest.raises(UsageError, match="an RSA key of 1024 bits"):
        load_seal_key(_p12(tmp_path, key, _own(key)), None)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(UsageError, match="does not sign here"):
        load_seal_key(_p12(tmp_path, key, _own(key)), None)


def test_a_file_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no private key with its certificate"):
        load_seal_key(_p12(tmp_path, None, certified().certificate), None)
    (tmp_path / "x").write_bytes(b"no PKCS#12")
    with pytest.raises(UsageError, match="cannot be read as PKCS#12"):
        load_seal_key(tmp_path / "x", None)


def test_ed25519_seals_with_the_hash_that_cms_asks_for() -> None:
    """RFC 8419, section 2.3: SHA-512 with Ed25519."""
    own = signer_of(certified().key, certified().chain)
    assert seal_key_of(own).digest == "sha256"
    with pytest.raises(UsageError, match="comes without a certificate"):
        seal_key_of(edwards())


def test_lists_of_revoked_certificates_are_read(tmp_path: Path) -> None:
    der, pem = tmp_path / "der", tmp_path / "pem"
    der.write_bytes(crl())
    pem.write_bytes(x509.load_der_x509_crl(crl()).public_bytes(Encoding.PEM))
    assert read_revoked(der) == read_revoked(pem) == crl()
    der.write_bytes(b"none")
    with pytest.raises(UsageError, match="no list of revoked certificates"):
        read_revoked(der)
    with pytest.raises(PathError):
        read_revoked(tmp_path / "missing")


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformity.archive.signing.optional.find_spec", lambda _: None)
    checks = (
        (partial(check_sealing, "Seals"), "seal"),
        (check_tokens, "pkcs11"),
        (check_sigstore, "sigstore"),
    )
    for check, extra in checks:
        with pytest.raises(MissingLibraryError, match=rf"need .* install `conformity\[{extra}\]`") as told:
            check()
        assert told.value.exit_code == 69


def test_what_is_installed_is_found() -> None:
    check_sealing("Seals")

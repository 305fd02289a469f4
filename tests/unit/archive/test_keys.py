"""Keys are read from files, refused where they are of no use, and marked where nothing speaks for them."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from conformity.archive.signing.keys import FileSigner, load_private, needs_passphrase, signer_of
from conformity.archive.signing.public import PublicKey, load_public, with_certificates
from conformity.errors import PathError, UsageError
from tests.support.keys import (
    PASSPHRASE,
    Certified,
    certified,
    edwards,
    elliptic,
    issued_by_itself,
    write_key,
)

ALGORITHMS = {"ed25519": edwards(), "ecdsa-p256-sha256": elliptic(), "ecdsa-p384-sha384": elliptic("p384")}


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE], ids=["bare", "encrypted"])
def test_a_key_is_read_back_from_its_file(name: str, passphrase: bytes | None, tmp_path: Path) -> None:
    signer = ALGORITHMS[name]
    file = write_key(tmp_path, signer, passphrase)
    assert needs_passphrase(file) == (passphrase is not None)
    read = load_private(file, passphrase)
    assert (read.public.algorithm, read.public.keyid, read.place) == (name, signer.public.keyid, "file")
    assert read.sign(b"data") == signer.sign(b"data")
    assert load_public(signer.public.pem.encode()).has_signed(read.sign(b"data"), b"data")


def test_the_id_of_a_key_is_the_digest_of_its_der() -> None:
    """Known answer: the key of RFC 8410, section 10.1 and its SubjectPublicKeyInfo, hashed by hashlib."""
    pem = (
        b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        b"-----END PUBLIC KEY-----\n"
    )
    der = bytes.fromhex(
        "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
    )
    assert load_public(pem).keyid == "sha256:" + hashlib.sha256(der).hexdigest()


def test_openssl_finds_the_signature_good(tmp_path: Path) -> None:
    """A verifier that shares no code with us: ``openssl dgst``."""
    signer = elliptic()
    (tmp_path / "key.pub").write_text(signer.public.pem)
    (tmp_path / "data").write_bytes(b"data")
    (tmp_path / "sig").write_bytes(signer.sign(b"data"))
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pub", "-signature", "sig", "data"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Verified OK\n")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_bare_key_that_others_can_reach_is_refused(mode: int, tmp_path: Path) -> None:
    file = write_key(tmp_path, edwards(), mode=mode)
    with pytest.raises(PathError, match="chmod 600"):
        load_private(file, None)


def test_an_encrypted_key_may_be_readable_for_others(tmp_path: Path) -> None:
    file = write_key(tmp_path, edwards(), PASSPHRASE, mode=0o644)
    assert load_private(file, PASSPHRASE).public.keyid == edwards().public.keyid


def test_an_encrypted_key_needs_its_passphrase(tmp_path: Path) -> None:
    file = write_key(tmp_path, edwards(), PASSPHRASE)
    with pytest.raises(UsageError, match="CONFORMITY_KEY_PASSPHRASE"):
        load_private(file, None)
    with pytest.raises(UsageError, match="passphrase is wrong"):
        load_private(file, b"wrong")


def test_a_passphrase_that_is_not_needed_does_no_harm(tmp_path: Path) -> None:
    assert load_private(write_key(tmp_path, edwards()), PASSPHRASE).public.keyid == edwards().public.keyid


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("hello")
    file.chmod(0o600)
    with pytest.raises(UsageError, match="no private key that can be read, in PEM"):
        load_private(file, None)
    with pytest.raises(UsageError, match="no public key or certificate"):
        load_public(file)


OTHER_KINDS: dict[str, Callable[[], Any]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 1024),
    "ed448": ed448.Ed448PrivateKey.generate,
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
    "dsa": lambda: dsa.generate_private_key(1024),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_keys_of_other_kinds_are_refused(kind: str, tmp_path: Path) -> None:
    key = OTHER_KINDS[kind]()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    with pytest.raises(UsageError, match="does not sign here"):
        load_private(file, None)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(UsageError, match="does not sign here"):
        load_public(public)


def test_a_file_that_cannot_be_a_key_is_not_read(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * (1024 * 1024 + 1))
    for place in (tmp_path, tmp_path / "none", large):
        with pytest.raises(PathError, match="no file with a key"):
            needs_passphrase(place)
    with pytest.raises(PathError, match="cannot be read"):
        needs_passphrase(tmp_path / ("x" * 300))


def _signer(made: Certified, pem: bytes) -> FileSigner:
    """Return the signer of a certified key, with certificates."""
    return signer_of(made.key, pem)


def test_what_nobody_else_certifies_is_a_development_key() -> None:
    made, alone = certified(), issued_by_itself()
    leaf = made.certificate.public_bytes(Encoding.PEM)
    root = made.issuer.public_bytes(Encoding.PEM)
    own = alone.certificate.public_bytes(Encoding.PEM)
    assert _signer(made, b"").public.development
    assert _signer(made, leaf).public.development, "the issuer is not shown"
    assert _signer(made, leaf + own).public.development, "somebody else is shown as the issuer"
    assert _signer(alone, own).public.development
    assert _signer(alone, own + own).public.development, "the issuer has the same key"
    assert not _signer(made, leaf + root).public.development


def test_certificates_stand_in_the_file_of_the_key_or_instead_of_the_public_one(tmp_path: Path) -> None:
    made = certified()
    file = write_key(tmp_path, signer_of(made.key))
    file.write_bytes(file.read_bytes() + made.chain)
    read = load_private(file, None)
    assert not read.public.development
    assert load_public(made.chain) == read.public
    assert len(read.public.certificates) == 2


def test_certificates_of_another_key_are_refused() -> None:
    with pytest.raises(UsageError, match="of another key"):
        signer_of(edwards().key, certified().chain)


def test_a_broken_certificate_is_refused() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    with pytest.raises(UsageError, match="no certificate in PEM that can be read"):
        with_certificates(edwards().public, broken, "x")
    with pytest.raises(UsageError, match="no certificate in PEM that can be read"):
        load_public(broken)


def test_a_public_key_is_written_as_pem_and_read_again() -> None:
    for signer in ALGORITHMS.values():
        public = signer.public
        assert load_public(public.pem.encode()) == PublicKey(public.spki, public.algorithm)
        assert load_der_public_key(public.spki) == signer.key.public_key()

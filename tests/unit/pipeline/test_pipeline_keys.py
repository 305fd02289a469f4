"""Development keys are made encrypted, never over others, and marked; bundles are laid beside a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformity.archive.signing import sigstore
from conformity.archive.signing.dsse import PAYLOAD_TYPE, sign, write_envelope
from conformity.archive.signing.keys import load_private, signer_of
from conformity.archive.signing.public import load_public
from conformity.archive.sums import ENVELOPE
from conformity.errors import IntegrityError, PathError, UsageError
from conformity.pipeline.keys import make_key, tell_key
from conformity.pipeline.publishing import publish_statement
from conformity.settings import Settings
from tests.support.keys import PASSPHRASE, certified, edwards, write_key

MARK = "conformity: development key, no legal value\n"


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256-sha256", "ecdsa-p384-sha384"])
def test_a_key_is_made_encrypted_and_marked(algorithm: str, tmp_path: Path) -> None:
    file = tmp_path / "seal.key"
    told = make_key(file, algorithm, PASSPHRASE)
    assert (told.algorithm, told.development, told.subject) == (algorithm, True, None)
    assert file.stat().st_mode & 0o777 == 0o600
    for name, kind in (("seal.key", "ENCRYPTED PRIVATE"), ("seal.key.pub", "PUBLIC")):
        assert (tmp_path / name).read_text().startswith(f"{MARK}-----BEGIN {kind} KEY-----\n")
    assert (
        load_private(file, PASSPHRASE).public.keyid
        == load_public(tmp_path / "seal.key.pub").keyid
        == told.keyid
    )
    assert load_private(file, PASSPHRASE).public.development


def test_the_mark_is_not_lost_with_the_words(tmp_path: Path) -> None:
    """What marks a key is that nobody certifies it; a text before it can be cut off, and changes nothing."""
    make_key(tmp_path / "k", "ed25519", PASSPHRASE)
    public = (tmp_path / "k.pub").read_text().removeprefix(MARK)
    assert load_public(public.encode()).development


@pytest.mark.parametrize("name", ["k", "k.pub"])
def test_a_key_is_not_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(PathError, match="is there already"):
        make_key(tmp_path / "k", "ed25519", PASSPHRASE)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_key_needs_a_passphrase_and_a_place(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="kept encrypted"):
        make_key(tmp_path / "k", "ed25519", b"")
    with pytest.raises(PathError, match="could not be written"):
        make_key(tmp_path / "none" / "k", "ed25519", PASSPHRASE)


def test_a_key_is_not_made_outside_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for place in (tmp_path / "k", root / ".." / "k"):
        with pytest.raises(PathError, match="does not lie inside"):
            make_key(place, "ed25519", PASSPHRASE, root)
    make_key(root / "k", "ed25519", PASSPHRASE, root)
    assert sorted(file.name for file in root.iterdir()) == ["k", "k.pub"]
    assert [file.name for file in tmp_path.iterdir()] == ["root"]


def test_what_a_key_is_known_by_is_told(tmp_path: Path) -> None:
    asked: list[str] = []

    def passphrase() -> bytes:
        asked.append("passphrase")
        return PASSPHRASE

    private = write_key(tmp_path, edwards(), PASSPHRASE)
    assert tell_key(private, passphrase).keyid == edwards().public.keyid
    chain = tmp_path / "chain.pem"
    chain.write_bytes(certified().chain)
    told = tell_key(chain, passphrase)
    assert (told.subject, told.issuer) == ("CN=Specimen seal", "CN=Specimen authority")
    assert (told.development, told.keyid) == (False, signer_of(certified().key).public.keyid)
    assert told.public == signer_of(certified().key).public.pem
    assert asked == ["passphrase"]


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """Return a folder with a signed envelope."""
    (tmp_path / "pack").mkdir()
    envelope = write_envelope(sign(b"statement", PAYLOAD_TYPE, edwards()))
    (tmp_path / "pack" / ENVELOPE).write_bytes(envelope)
    return tmp_path / "pack"


def test_a_bundle_is_laid_beside_the_pack(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bytes, str]] = []

    def public(statement: bytes, identity: str) -> bytes:
        asked.append((statement, identity))
        return b"bundle"

    monkeypatch.setattr(sigstore, "sign_publicly", public)
    place = publish_statement(signed, "token", Settings())
    assert (place.name, place.read_bytes()) == ("pack.sigstore.json", b"bundle")
    assert asked == [(b"statement", "token")]
    with pytest.raises(PathError, match="is there already"):
        publish_statement(signed, "token", Settings())


def test_a_bundle_that_cannot_be_written_is_told(signed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def public(*_: object) -> bytes:
        signed.with_name("pack.sigstore.json").mkdir()
        return b"bundle"

    monkeypatch.setattr(sigstore, "sign_publicly", public)
    with pytest.raises(PathError, match="could not be written"):
        publish_statement(signed, "token", Settings())


def test_what_is_not_signed_is_not_published(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"x")
    with pytest.raises(UsageError, match="is not signed; sign it with a key first"):
        publish_statement(tmp_path, "token", Settings())


def test_a_token_that_is_none_goes_nowhere() -> None:
    """The identity is read before anybody is asked: no connection is opened (the guard of the tests sees)."""
    with pytest.raises(UsageError, match="Sigstore did not sign"):
        sigstore.sign_publicly(b"{}", "no token")


def test_a_statement_is_signed_publicly_by_who_the_token_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """The public service stands behind a stand-in here: it needs the network and an identity."""
    asked: list[object] = []

    class Service:
        """Stand for the service, its trust and its signer."""

        def __enter__(self) -> Service:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def signer(self, token: object) -> Service:
            asked.append(token)
            return self

        def sign_dsse(self, statement: object) -> Service:
            asked.append(statement)
            return self

        def to_json(self) -> str:
            return "{}"

    monkeypatch.setattr("sigstore.oidc.IdentityToken", lambda token: token)
    monkeypatch.setattr("sigstore.models.ClientTrustConfig.production", lambda: None)
    monkeypatch.setattr("sigstore.sign.SigningContext.from_trust_config", lambda _: Service())
    monkeypatch.setattr("sigstore.dsse.Statement", lambda content: content)
    assert sigstore.sign_publicly(b"statement", "token") == b"{}"
    assert asked == ["token", b"statement"]


class Verifier:
    """Stand for Sigstore's verifier, which needs the roots of the public service."""

    def __init__(self, kind: str, payload: bytes) -> None:
        """Remember what is in the bundle."""
        self._answer = (kind, payload)

    def verify_dsse(self, _bundle: object, _policy: object) -> tuple[str, bytes]:
        """Return what is in the bundle."""
        return self._answer


def test_a_bundle_that_is_none_is_refused() -> None:
    with pytest.raises(IntegrityError, match="does not hold for me@example"):
        sigstore.check_bundle(b"{}", b"statement", "me@example", "https://issuer", verifier=Verifier("", b""))


@pytest.mark.parametrize(
    ("kind", "payload", "good"),
    [
        (PAYLOAD_TYPE, b"statement", True),
        (PAYLOAD_TYPE, b"other", False),
        ("text/plain", b"statement", False),
    ],
)
def test_a_bundle_is_over_the_statement_or_refused(
    kind: str, payload: bytes, good: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigstore.models.Bundle.from_json", lambda _: object())
    verifier = Verifier(kind, payload)
    if good:
        sigstore.check_bundle(b"", b"statement", "me", "https://issuer", verifier=verifier)
        return
    with pytest.raises(IntegrityError, match="over another statement"):
        sigstore.check_bundle(b"", b"statement", "me", "https://issuer", verifier=verifier)

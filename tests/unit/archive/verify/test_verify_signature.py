"""Who signed a folder, as what, and over which files; and what cannot be told of it without a key."""

from __future__ import annotations

import itertools
import sys

import pytest

from conformity.archive.signing.dsse import PAYLOAD_TYPE, sign, write_envelope
from conformity.archive.signing.keys import FileSigner
from conformity.archive.signing.statement import statement_bytes, statement_of
from conformity.archive.standalone.envelope import signature_told as alone_told
from conformity.archive.standalone.steps import named
from conformity.archive.standalone.told import NO_VALUE, Told
from conformity.archive.sums import sums_of
from conformity.archive.verify.signature import signature_told
from conformity.model.base import canonical_json
from conformity.model.statement import SignedBy, StatementKind
from tests.support.keys import certified, edwards, elliptic
from tests.support.statements import FILES, SIGNED_BY, SUMMED, predicate

KINDS: tuple[StatementKind, ...] = ("assessment", "declaration", "documents", "redacted-copy")


def _by(signer: FileSigner, **changes: object) -> SignedBy:
    """Return what a statement says of its signer."""
    fields = {
        "keyid": signer.public.keyid,
        "algorithm": signer.public.algorithm,
        "public_key": signer.public.pem,
    }
    return SIGNED_BY.model_copy(update={**fields, **changes})


def _envelope(signer: FileSigner, kind: StatementKind = "assessment", by: SignedBy | None = None) -> bytes:
    """Return a signed statement over the files of tests."""
    said = predicate(kind, signed_by=by or _by(signer))
    payload = statement_bytes(statement_of(kind, SUMMED, said))
    return write_envelope(sign(payload, PAYLOAD_TYPE, signer))


def _both(envelope: bytes | None, *keys: FileSigner, kind: StatementKind = "assessment") -> tuple[Told, Told]:
    """Return what ours tells, and what the stand-alone verifier tells."""
    ours = signature_told(envelope, kind, SUMMED, [one.public for one in keys])
    pems = [one.public.pem.encode() for one in keys]
    return ours, alone_told(envelope, sums_of(FILES), SUMMED, kind, pems)


def _outcome(told: tuple[Told, Told]) -> str:
    """Return how both end, which has to be in the same way."""
    assert told[0].outcome() == told[1].outcome(), told
    return told[0].outcome()


@pytest.mark.parametrize(
    "signer", [edwards(), elliptic("p256"), elliptic("p384")], ids=lambda one: one.public.algorithm
)
def test_a_signature_passes_with_the_key_and_cannot_be_told_without(signer: FileSigner) -> None:
    envelope = _envelope(signer)
    assert _outcome(_both(envelope, signer)) == "passed"
    assert _outcome(_both(envelope, edwards("z"), signer)) == "passed"
    assert _outcome(_both(envelope)) == "cannot_tell"
    assert _outcome(_both(envelope, edwards("z"))) == "failed"


def test_without_a_statement_nothing_passes() -> None:
    assert _outcome(_both(None)) == "cannot_tell"
    assert _outcome(_both(None, edwards())) == "failed"


@pytest.mark.parametrize(("kind", "expected"), list(itertools.product(KINDS, KINDS)))
def test_a_signature_over_one_kind_is_none_over_another(kind: StatementKind, expected: StatementKind) -> None:
    told = _both(_envelope(edwards(), kind), edwards(), kind=expected)
    assert _outcome(told) == ("passed" if kind == expected else "failed")


def test_the_key_in_the_statement_has_to_be_the_one_that_signed() -> None:
    other = edwards("z")
    assert _outcome(_both(_envelope(edwards(), by=_by(edwards(), public_key=other.public.pem)))) == "failed"
    broken = "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n"
    assert _outcome(_both(_envelope(edwards(), by=_by(edwards(), public_key=broken)))) == "failed"
    assert _outcome(_both(_envelope(other, by=_by(edwards())))) == "failed"


def test_a_statement_without_the_key_is_not_held_against_it() -> None:
    envelope = _envelope(edwards(), by=_by(edwards(), public_key=None))
    ours, alone = _both(envelope)
    assert _outcome((ours, alone)) == "cannot_tell"
    assert "its signature was not checked" in str(ours.unknown)
    assert _outcome(_both(envelope, edwards())) == "passed"


def test_a_certificate_is_a_key_too() -> None:
    by = certified()
    told = alone_told(_envelope(edwards()), sums_of(FILES), SUMMED, "assessment", [by.chain])
    assert "None of the keys that were given" in str(told.faults)


def test_what_is_no_key_is_told_by_the_stand_alone_verifier() -> None:
    for pem in (b"x", b"-----BEGIN CERTIFICATE-----\nx"):
        told = alone_told(_envelope(edwards()), sums_of(FILES), SUMMED, "assessment", [pem])
        assert "A key is no Ed25519 or ECDSA public key" in str(told.faults)


@pytest.mark.parametrize(
    "payload",
    [b"x", b"[]", b"{}", b'{"_type":"x"}', b'{ "_type": "https://in-toto.io/Statement/v1"}'],
)
def test_what_is_no_statement_does_not_verify(payload: bytes) -> None:
    assert _outcome(_both(write_envelope(sign(payload, PAYLOAD_TYPE, edwards())), edwards())) == "failed"


def test_a_payload_of_another_type_does_not_verify() -> None:
    payload = statement_bytes(
        statement_of("assessment", SUMMED, predicate("assessment", signed_by=_by(edwards())))
    )
    assert _outcome(_both(write_envelope(sign(payload, "text/plain", edwards())), edwards())) == "failed"


def test_a_statement_that_says_two_things_of_its_purpose_does_not_verify() -> None:
    plain = statement_of("assessment", SUMMED, predicate("assessment", signed_by=_by(edwards()))).model_dump(
        mode="json"
    )
    plain["predicateType"] = "urn:conformity-report:declaration:v1"
    envelope = write_envelope(sign(canonical_json(plain), PAYLOAD_TYPE, edwards()))
    assert _outcome(_both(envelope, edwards())) == "failed"
    plain["predicate"]["kind"] = "declaration"
    assert _outcome(_both(envelope, edwards(), kind="declaration")) == "failed"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"payload":1}', b"\xff", b'{"payload":"\xc3\xa4"}']
)
def test_what_is_no_envelope_does_not_verify(content: bytes) -> None:
    assert _outcome(_both(content)) == "failed"


def test_a_signature_that_does_not_fit_does_not_verify() -> None:
    good = _envelope(edwards())
    at = good.rindex(b'"sig":"') + 12
    for keys in ((), (edwards(),)):
        assert (
            _outcome(_both(good[:at] + (b"A" if good[at : at + 1] != b"A" else b"B") + good[at + 1 :], *keys))
            == "failed"
        )


def test_a_statement_in_another_form_does_not_verify() -> None:
    """What the model fills in would be signed for without standing there."""
    plain = statement_of("assessment", SUMMED, predicate("assessment", signed_by=_by(edwards()))).model_dump(
        mode="json"
    )
    del plain["predicate"]["meaning"]
    envelope = write_envelope(sign(canonical_json(plain), PAYLOAD_TYPE, edwards()))
    assert signature_told(envelope, "assessment", SUMMED, [edwards().public]).outcome() == "failed"


def test_without_the_library_signatures_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    envelope = _envelope(edwards())
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.serialization", None)
    told = alone_told(envelope, sums_of(FILES), SUMMED, "assessment", [])
    assert "`cryptography` is not installed" in str(told.unknown)


def test_a_key_of_another_kind_is_none() -> None:
    from cryptography.hazmat.primitives.asymmetric import ed448
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ed448.Ed448PrivateKey.generate().public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    told = alone_told(_envelope(edwards()), sums_of(FILES), SUMMED, "assessment", [pem])
    assert "A key is no Ed25519 or ECDSA public key" in str(told.faults)


def test_the_mark_of_a_development_key_cannot_be_left_out() -> None:
    """What marks it is that nothing speaks for it, not what the signer calls it."""
    bare = _both(_envelope(edwards(), by=_by(edwards(), development=False)), edwards())
    assert _outcome(bare) == "passed"
    assert all(NO_VALUE in told.seen for told in bare)
    of_another = (certified().chain.decode(),)
    by = _by(edwards(), development=False, certificates=of_another)
    ours, alone = _both(_envelope(edwards(), by=by), edwards())
    assert NO_VALUE in ours.seen
    assert "The signer shows certificates for the key, which are not looked at here." in alone.seen
    assert "Signed at 2026-11-23T09:00:00Z, as the signer says." in alone.seen


def test_of_many_versions_the_mark_of_a_development_key_is_kept() -> None:
    told = named("systems/a/1", Told(seen=("4 files are signed for.", NO_VALUE)))
    assert told.seen == (f"systems/a/1: {NO_VALUE}",)
